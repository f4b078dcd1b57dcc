"""Mark the changes that depend on unknown facts.

A block that opens or closes may match pods and nodes as well, what policies do to pods on the
host's network is not defined, and a policy of a kind that is not read may permit or deny the same.
Such an entry is right for everything else; it is marked. So is an entry about pods that a block on
the other side may match, because that side may permit the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from netpolc.analysis.block_reading import EVERY_ADDRESS, unsettled
from netpolc.analysis.connection_sets import EndClass, PodClass
from netpolc.analysis.unknown_facts import HostNetwork, UnknownFact
from netpolc.changes.blocks_between_pods import BlocksBetweenPods
from netpolc.changes.model import Effect, Entry, Side


def mark_undecided(entries: Iterable[Entry], before: Side, after: Side) -> Iterator[Entry]:
    """The entries with the unknown facts that each depends on, on either side."""
    old, new = BlocksBetweenPods(before), BlocksBetweenPods(after)
    for entry in entries:
        opened = entry.effect is Effect.OPENED
        permitting, blocks = (after, old) if opened else (before, new)
        facts = dict.fromkeys(
            fact
            for connections in entry.connections
            for fact in (
                *_facts(connections.sender, permitting),
                *_facts(connections.receiver, permitting),
                *blocks.facts(connections),
            )
        )
        yield replace(entry, undecided=tuple(facts)) if facts else entry


def _facts(end: EndClass, side: Side) -> Iterator[UnknownFact]:
    if not isinstance(end, PodClass):
        if end != EVERY_ADDRESS:
            yield from unsettled(end, side.program.addresses)
        return
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
