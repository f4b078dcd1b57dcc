"""Both sides of a comparison with blocks opened to all pods, to find changes that need a block to match pods.

A comparison reads blocks as addresses outside the cluster. Where one end of a connection between pods is open by a
block alone, it calls the connection closed whatever changes at the other end. So such changes are looked for once
more, with the blocks of egress as peers that are all pods, then with those of ingress. What a block itself opens and
closes is a row about the block already, so only changes at the other end count.
"""

from collections.abc import Iterator
from dataclasses import replace

from netpolc.analysis.blocks_as_pods import blocks_as_pods
from netpolc.analysis.permission_change import Change
from netpolc.analysis.semantic_diff import Comparison
from netpolc.changes.model import Side
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import ANY_POD, Direction


def with_opened_blocks(
    before: Side, after: Side, pods: Addresses
) -> Iterator[tuple[Direction, tuple[Side, Side]]]:
    """The two sides for each direction in which one has blocks, if the other end of connections may differ.

    `pods` are the addresses that blocks may match.
    """
    for direction in Direction:
        if before.tiers == after.tiers and _are_alike(before, after, direction.other):
            continue
        opened = _opened(before, direction, pods), _opened(after, direction, pods)
        if any(side is not own for side, own in zip(opened, (before, after), strict=True)):
            yield direction, opened


def at_other_end(comparison: Comparison, direction: Direction) -> Comparison:
    """The changes at the other end of what the blocks of a direction permit."""

    def is_wanted(change: Change) -> bool:
        allow = change.allow(direction)
        return (
            change.closed.direction is not direction and allow is not None and allow.peer == ANY_POD
        )

    return replace(
        comparison,
        gained=tuple(filter(is_wanted, comparison.gained)),
        lost=tuple(filter(is_wanted, comparison.lost)),
    )


def _are_alike(before: Side, after: Side, direction: Direction) -> bool:
    """Whether all policies of a direction are the same on both sides, and what is known of namespaces."""
    facts_before, facts_after = (
        {
            name: (policies.labels, policies.complete, policies.of(direction))
            for name, policies in side.policies.namespaces.items()
        }
        for side in (before, after)
    )
    return facts_before == facts_after


def _opened(side: Side, direction: Direction, pods: Addresses) -> Side:
    """The side with its blocks of a direction opened to all pods too; the same side if it has none."""
    opened = blocks_as_pods(side.policies, direction, pods.meets)
    return side if opened is side.policies else replace(side, policies=opened)
