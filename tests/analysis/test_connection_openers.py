"""What is named as opening a connection does open it, alone, and nothing else does."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.block_reading import readings
from netpolc.analysis.connection_list import Row, connections
from netpolc.analysis.connection_openers import ConnectionOpeners
from netpolc.ir.model import Allow, Policies, PolicySet
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import BlockScope, Direction
from netpolc.program.model import ClusterAddresses
from netpolc.provenance import Origin, Role, source_of
from tests.graph.test_graph import inventories
from tests.properties.strategies import policies
from tests.tries import tries

OUTSIDE = ClusterAddresses(blocks=BlockScope.OUTSIDE)


def numbered(some: Policies) -> Policies:
    """The policies, each allow with an origin of its own."""
    numbers = iter(range(10_000))

    def named(allow: Allow) -> Allow:
        number = next(numbers)
        origin = Origin(
            path="a", line=number, source=source_of(Role.ARROW, str(number)), role=Role.ARROW
        )
        return replace(allow, origins=(origin,))

    return changed(some, lambda allows: tuple(map(named, allows)))


def changed(some: Policies, change: Callable[[tuple[Allow, ...]], tuple[Allow, ...]]) -> Policies:
    """The policies with other allows for the same subjects, and no unknown labels of namespaces."""

    def of(one: PolicySet) -> PolicySet:
        subjects = (replace(s, allows=change(s.allows), distinct=False) for s in one.subjects)
        return replace(one, subjects=tuple(subjects), complete=True)

    return Policies({name: of(one) for name, one in some.namespaces.items()})


def keeping(
    some: Policies, lines: frozenset[int], direction: Direction, *, named: bool
) -> Policies:
    """The policies with only the named allows of a direction, or with all but these."""

    def kept(allows: tuple[Allow, ...]) -> tuple[Allow, ...]:
        return tuple(
            allow
            for allow in allows
            if allow.direction is not direction or (allow.origins[0].line in lines) is named
        )

    return changed(some, kept)


def same_ends(rows: Iterator[Row], row: Row) -> list[Row]:
    """The rows between the same ends."""
    return [one for one in rows if (one.sender, one.receiver) == (row.sender, row.receiver)]


def test_the_reading_of_blocks_is_that_of_the_list() -> None:
    assert readings(OUTSIDE)[1].pods is None


@settings(max_examples=tries(60), deadline=None)
@given(policies(), inventories, st.data())
def test_what_opens_a_connection_is_named(
    some: Policies, inventory: Inventory, data: st.DataObject
) -> None:
    whole = numbered(some)
    rows = [
        row
        for row in connections(whole, inventory)
        if isinstance(row.sender, Workload) and isinstance(row.receiver, Workload)
    ]
    if not rows:
        return
    row = data.draw(st.sampled_from(rows))
    opened = ConnectionOpeners(whole, OUTSIDE).of(row.sender, row.receiver, row.traffic)
    for direction, origins in zip((Direction.EGRESS, Direction.INGRESS), opened, strict=True):
        if origins is None:
            nothing = keeping(whole, frozenset(), direction, named=True)
            assert same_ends(connections(nothing, inventory), row) == [row]
            continue
        lines = frozenset(origin.line for origin in origins)
        alone = keeping(whole, lines, direction, named=True)
        assert same_ends(connections(alone, inventory), row) == [row]
        for line in lines:
            single = keeping(whole, frozenset({line}), direction, named=True)
            assert same_ends(connections(single, inventory), row)
        without = keeping(whole, lines, direction, named=False)
        assert same_ends(connections(without, inventory), row) == []
