"""Boxes of ports and names become traffic that has the same ports, whatever names a pod gives."""

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from netpolc.analysis.carried_traffic import carried_traffic
from netpolc.analysis.port_encoding import TRAFFIC, PortLine, line_numbers, name_variable
from netpolc.analysis.port_intersection import Carried
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.sets.boxes import Box, meet
from netpolc.sets.value_set import PRESENT

TCP, UDP = Protocol.TCP, Protocol.UDP
NAMES = (NamedPort(TCP, "http"), NamedPort(TCP, "metrics"), NamedPort(UDP, "dns"))
LINE = PortLine(NAMES)
RANGES = [(TCP, 80, 80), (TCP, 80, 81), (TCP, 1, 65535), (UDP, 80, 80), (UDP, 1, 65535)]
WORLDS = [
    (protocol, port, frozenset(names))
    for protocol in (TCP, UDP)
    for port in (80, 81, 443)
    for names in chain.from_iterable(
        combinations([n for n in NAMES if n.protocol is protocol], count) for count in range(3)
    )
]
"""The port of a connection, with the names that it has at its receiver."""


def _box(ranges: list[tuple[Protocol, int, int]], bears: list[bool | None]) -> Box:
    named: Box = {
        name_variable(name): PRESENT if has else ~PRESENT
        for name, has in zip(NAMES, bears, strict=True)
        if has is not None
    }
    return {TRAFFIC: line_numbers(Traffic.of(ranges)), **named}


boxes = st.builds(
    _box,
    st.lists(st.sampled_from(RANGES), min_size=1, max_size=2),
    st.lists(st.sampled_from([None, True, False]), min_size=3, max_size=3),
)


def _is_in(box: Box, protocol: Protocol, port: int, names: frozenset[NamedPort]) -> bool:
    number = line_numbers(Traffic.of([(protocol, port, port)]))
    world: Box = {
        TRAFFIC: number,
        **{name_variable(name): PRESENT if name in names else ~PRESENT for name in NAMES},
    }
    return meet(box, world) is not None


def _carries(carried: Carried, protocol: Protocol, port: int, names: frozenset[NamedPort]) -> bool:
    traffic = carried.traffic
    return (
        port in traffic.numbers(protocol)
        or bool(traffic.named & names)
        or any(
            next(iter(one.names | one.without)).protocol is protocol
            and one.names <= names
            and not one.without & names
            and port in one.numbers
            for one in carried.depending
        )
    )


@given(st.lists(boxes, max_size=3))
def test_the_same_ports_are_carried(drawn: list[Box]) -> None:
    carried = carried_traffic(drawn, LINE)
    for world in WORLDS:
        assert _carries(carried, *world) == any(_is_in(box, *world) for box in drawn)


@given(st.lists(boxes, max_size=3))
def test_nothing_depends_on_a_name_that_is_carried_anyway(drawn: list[Box]) -> None:
    carried = carried_traffic(drawn, LINE)
    for one in carried.depending:
        protocol = next(iter(one.names | one.without)).protocol
        assert not one.numbers <= carried.traffic.numbers(protocol)
        assert not one.names & carried.traffic.named


def test_a_name_on_every_port_is_named_and_not_made_to_depend() -> None:
    every, half = (TCP, 1, 65535), (TCP, 1, 80)
    http = frozenset({NAMES[0]})
    carried = carried_traffic([_box([every], [True, None, None])], LINE)
    assert carried == Carried(Traffic.of(named=http))
    (one,) = carried_traffic([_box([half], [True, None, None])], LINE).depending
    assert (one.names, one.without) == (http, frozenset())
