"""What is named as opening a connection does open it, alone, and nothing else does."""

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.block_reading import readings
from netpolc.analysis.connection_list import Row, connections
from netpolc.analysis.connection_openers import ConnectionOpeners
from netpolc.analysis.possible_connections import possible_connections
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import Anyone, BlockScope, Direction, Pods
from netpolc.kube.ports import NO_TRAFFIC, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
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
    """The policies with other allows for the same subjects."""

    def of(one: PolicySet) -> PolicySet:
        subjects = (replace(s, allows=change(s.allows), distinct=False) for s in one.subjects)
        return replace(one, subjects=tuple(subjects))

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


def rows_between(some: Policies, inventory: Inventory, *, plain: bool) -> list[Row]:
    """The rows between workloads, in the plain reading or with what is unknown kept apart."""
    rows = connections(some, inventory) if plain else possible_connections(some, inventory, OUTSIDE)
    return [
        row
        for row in rows
        if isinstance(row.sender, Workload) and isinstance(row.receiver, Workload)
    ]


def traffic_between(
    some: Policies, inventory: Inventory, row: Row, *, plain: bool
) -> tuple[Traffic, Traffic]:
    """The certain traffic between the ends of a row, and the possible traffic."""
    for each in rows_between(some, inventory, plain=plain):
        if (each.sender, each.receiver) == (row.sender, row.receiver):
            return each.traffic, each.possible
    return NO_TRAFFIC, NO_TRAFFIC


@settings(max_examples=tries(60), deadline=None)
@given(policies(), inventories, st.booleans(), st.data())
def test_what_opens_a_connection_is_named(
    some: Policies, inventory: Inventory, plain: bool, data: st.DataObject
) -> None:
    whole = numbered(some)
    rows = rows_between(whole, inventory, plain=plain)
    if not rows:
        return
    row = data.draw(st.sampled_from(rows))
    openers = ConnectionOpeners(whole, OUTSIDE, plain=plain)
    opened = openers.of(row.sender, row.receiver, row.traffic, row.possible)
    for direction, origins in zip((Direction.EGRESS, Direction.INGRESS), opened, strict=True):

        def left(lines: frozenset[int], *, named: bool) -> tuple[Traffic, Traffic]:
            kept = keeping(whole, lines, direction, named=named)  # noqa: B023 - called here only
            return traffic_between(kept, inventory, row, plain=plain)

        everything = row.traffic, row.possible
        if origins is None:
            assert left(frozenset(), named=True) == everything
            continue
        lines = frozenset(origin.line for origin in origins)
        assert left(lines, named=True) == everything
        for line in lines:
            assert any(left(frozenset({line}), named=True))
        assert not any(left(lines, named=False))


@settings(max_examples=tries(60), deadline=None)
@given(policies(), inventories, st.data())
def test_certain_traffic_is_opened_by_what_certainly_applies(
    some: Policies, inventory: Inventory, data: st.DataObject
) -> None:
    whole = numbered(some)
    rows = [row for row in rows_between(whole, inventory, plain=False) if row.traffic]
    if not rows:
        return
    row = data.draw(st.sampled_from(rows))
    opened = ConnectionOpeners(whole, OUTSIDE).of(row.sender, row.receiver, row.traffic)
    for direction, origins in zip((Direction.EGRESS, Direction.INGRESS), opened, strict=True):
        for origin in origins or ():
            single = keeping(whole, frozenset({origin.line}), direction, named=True)
            certain, _ = traffic_between(single, inventory, row, plain=False)
            assert certain


def test_an_allow_that_asks_for_an_unknown_label_opens_nothing_for_certain() -> None:
    """Nobody states the labels of the namespace `other`, so its `app` opens nothing that is certain."""
    to_api = Traffic.of([(Protocol.TCP, 80, 80)])
    to_everything = Traffic.of([(Protocol.TCP, 1, 100)])
    labelled = Pods(Selector.labels({"app": "db"}), EVERYTHING)
    into = Direction.INGRESS
    shop = policy_set(
        namespace="shop",
        parts=[
            Subject(selector=EVERYTHING, direction=into),
            Allow(subject=EVERYTHING, direction=into, peer=labelled, traffic=to_everything),
            Allow(subject=EVERYTHING, direction=into, peer=Anyone(), traffic=to_api),
        ],
    )
    some = numbered(Policies({"shop": shop}))
    lines = {allow.peer: allow.origins[0].line for allow in some.namespaces["shop"].allows}
    sender, receiver = (
        Workload(namespace=name, name="a", kind="Pod", labels={}) for name in ("other", "shop")
    )
    inventory = Inventory(workloads=(sender, receiver))
    (row,) = (
        row
        for row in rows_between(some, inventory, plain=False)
        if (row.sender, row.receiver) == (sender, receiver)
    )
    assert row.traffic == to_api

    def opened(certain: Traffic, possible: Traffic, *, plain: bool) -> set[int]:
        openers = ConnectionOpeners(some, OUTSIDE, plain=plain)
        _, origins = openers.of(sender, receiver, certain, possible)
        return {origin.line for origin in origins or ()}

    assert opened(row.traffic, NO_TRAFFIC, plain=False) == {lines[Anyone()]}
    assert opened(NO_TRAFFIC, row.possible, plain=False) == {lines[labelled]}
    assert opened(row.traffic, row.possible, plain=False) == {lines[Anyone()], lines[labelled]}
    assert opened(row.traffic, NO_TRAFFIC, plain=True) == {lines[Anyone()]}


def test_the_reading_of_blocks_is_that_of_the_list() -> None:
    assert readings(OUTSIDE)[1].pods is None
