"""What two ends carry together, for every way to name one port."""

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from netpolc.analysis.port_intersection import Carried, common, limited
from netpolc.kube.ports import EVERY_PORT, NamedPort, Protocol, Traffic

NAMES = tuple(NamedPort(Protocol.TCP, name) for name in ("http", "metrics", "admin"))
PORTS = (80, 81, 443)
ranges = st.lists(
    st.sampled_from([(80, 80), (80, 81), (81, 81), (1, 65535)]).map(lambda p: (Protocol.TCP, *p)),
    max_size=1,
)
traffic = st.builds(Traffic.of, ranges, st.lists(st.sampled_from(NAMES), max_size=2)) | st.just(
    EVERY_PORT
)


def carries(found: Carried, port: int, names: frozenset[NamedPort]) -> bool:
    return has(found.traffic, port, names) or any(
        d.names <= names and port in d.numbers for d in found.depending
    )


def has(listed: Traffic, port: int, names: frozenset[NamedPort]) -> bool:
    return port in listed.tcp or bool(listed.named & names)


@given(traffic, traffic, traffic)
def test_both_ends_must_list_a_port(one: Traffic, other: Traffic, asked: Traffic) -> None:
    both, part = common(one, other), limited(common(one, other), asked)
    for names in chain.from_iterable(combinations(NAMES, n) for n in range(4)):
        borne = frozenset(names)
        for port in PORTS:
            wanted = has(one, port, borne) and has(other, port, borne)
            assert carries(both, port, borne) == wanted
            assert carries(part, port, borne) == (wanted and has(asked, port, borne))


@given(traffic, traffic)
def test_nothing_is_said_to_depend_that_is_carried_anyway(one: Traffic, other: Traffic) -> None:
    found = common(one, other)
    for doubtful in found.depending:
        assert not doubtful.names & found.traffic.named
        assert not doubtful.numbers <= found.traffic.tcp
