"""Mark the changes that depend on unknown facts.

A block that opens or closes may match pods and nodes as well, what policies do to pods on the
host's network is not defined, and a policy of a kind that is not read may permit or deny the same.
Such a change is right for everything else; it is marked. So is a change about pods that a block on
the other side may match, because that side may permit the same. Where that side surely permits it, nothing changes.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeVar

from netpolc.analysis.block_reading import EVERY_ADDRESS, matching_of, readings, unsettled
from netpolc.analysis.connection_sets import Connections, PodClass
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.unknown_facts import HostNetwork, UnknownFact
from netpolc.changes.blocks_between_pods import BlocksBetweenPods
from netpolc.changes.model import Effect, Entry, Side, TierChange
from netpolc.kube.cidr import Addresses
from netpolc.program.model import ClusterAddresses

_Change = TypeVar("_Change", Entry, TierChange)


def stated_addresses(before: Side, after: Side) -> ClusterAddresses:
    """What is stated of the cluster's addresses: by the second side, or the first if the second has no intents.

    So stating a fact is not a change of policies.
    """
    program = after.program
    if program.namespaces or program.addresses != ClusterAddresses():
        return program.addresses
    return before.program.addresses


class UndecidedMarks:
    """Marks the changes between two sides."""

    def __init__(self, before: Side, after: Side) -> None:
        """Take both sides."""
        self._sides = before, after
        self._stated = stated_addresses(before, after)
        self.pods = readings(self._stated)[1].pods or Addresses()
        """The addresses of pods that blocks may match; none if they match no pods."""

    def mark(self, changes: Iterable[_Change]) -> Iterator[_Change]:
        """The changes with the unknown facts that each depends on, on either side.

        Without changes between pods that blocks permit on both sides.
        """
        every = tuple(changes)
        closing = self._blocks(every, lambda effect: effect.permitting.other)
        for change in every:
            blocks = closing[change.effect]
            if not _is_in_all(change, blocks):
                yield self._marked(change, is_doubtful=_is_in_some(change, blocks))

    def mark_by_blocks(self, changes: Iterable[_Change]) -> Iterator[_Change]:
        """Mark changes between pods that blocks alone may permit, and leave out those that no block permits."""
        every = tuple(changes)
        permitting = self._blocks(every, lambda effect: effect.permitting)
        closing = self._blocks(every, lambda effect: effect.permitting.other)
        for change in every:
            more, less = permitting[change.effect], closing[change.effect]
            if _is_in_some(change, more) and not _is_in_all(change, less):
                is_certain = _is_in_all(change, more) and not _is_in_some(change, less)
                yield self._marked(change, is_doubtful=not is_certain)

    def _blocks(
        self, changes: Iterable[_Change], side_of: Callable[[Effect], PolicyVersion]
    ) -> dict[Effect, BlocksBetweenPods]:
        """The blocks of the side that permits, or closes, the changes of each effect."""
        asked: dict[Effect, list[Connections]] = {effect: [] for effect in Effect}
        for change in changes:
            asked[change.effect] += change.connections
        return {
            effect: BlocksBetweenPods(self._sides[side_of(effect)], self._stated, connections)
            for effect, connections in asked.items()
        }

    def _marked(self, change: _Change, *, is_doubtful: bool) -> _Change:
        facts = dict.fromkeys((*change.undecided, *self._facts(change)))
        if is_doubtful:
            facts[matching_of(Addresses(), self._stated)] = None
        return replace(change, undecided=tuple(facts)) if facts else change

    def _facts(self, change: _Change) -> Iterator[UnknownFact]:
        """The facts about the ends of a change, on the side that permits it."""
        side = self._sides[change.effect.permitting]
        for end in (end for some in change.connections for end in (some.sender, some.receiver)):
            if isinstance(end, PodClass):
                yield from _facts_about_pods(end, side)
            elif end != EVERY_ADDRESS and (isinstance(change, Entry) or change.by_blocks):
                yield from unsettled(end, self._stated)


def _is_in_some(change: _Change, blocks: BlocksBetweenPods) -> bool:
    """Whether blocks may permit some of a change."""
    return any(map(blocks.may_permit, change.connections))


def _is_in_all(change: _Change, blocks: BlocksBetweenPods) -> bool:
    """Whether blocks surely permit all of a change."""
    return bool(change.connections) and all(map(blocks.surely_permit, change.connections))


def _facts_about_pods(end: PodClass, side: Side) -> Iterator[UnknownFact]:
    for workload in side.inventory.workloads:
        if (
            workload.host_network
            and workload.namespace in end.names
            and workload.may_match(end.pods)
        ):
            yield HostNetwork(str(workload))
    yield from (
        policy
        for policy in side.tiers.unread
        if not policy.namespace or policy.namespace in end.names
    )
