"""Classes of connections as boxes of a subject's frame, and back."""

from netpolc.analysis.connection_sets import Connections, PodClass
from netpolc.changes.subject_view import Frame, named_ports, proper, traffic_of
from netpolc.kube.peers import Direction
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.kube.selectors import Selector
from netpolc.sets import ValueSet

HTTP = NamedPort(Protocol.SCTP, "http")
BOTH = Traffic.of([(Protocol.TCP, 80, 80), (Protocol.SCTP, 80, 80)])
FRAME = Frame("shop", Direction.INGRESS)


def pods(*names: str, app: str) -> PodClass:
    return PodClass(names=ValueSet.among(*names), pods=Selector.labels({"app": app}))


def connections(*names: str, same: bool, called: frozenset[NamedPort] = frozenset()) -> Connections:
    return Connections(
        sender=pods(*names, app="api"),
        receiver=pods("shop", app="db"),
        traffic=BOTH,
        same_namespace=same,
        called=called,
    )


def test_a_class_is_found_again() -> None:
    for one in (connections("shop", same=True), connections("pay", "ops", same=False)):
        (box,) = FRAME.boxes(one)
        assert list(FRAME.connections(box)) == [one]


def test_a_port_bears_no_name_of_another_protocol() -> None:
    (box,) = FRAME.boxes(connections("pay", same=False, called=frozenset((HTTP,))))
    assert traffic_of(box) == Traffic.of([(Protocol.SCTP, 80, 80)])
    (plain,) = FRAME.boxes(connections("pay", same=False))
    assert list(proper(plain)) == [plain]
    name = {v: a for v, a in box.items() if v not in plain}
    (left,) = proper({**plain, **name})
    assert traffic_of(left) == Traffic.of([(Protocol.SCTP, 80, 80)])
    assert [port for port, _ in named_ports(left)] == [HTTP]
    without = {v: ~a for v, a in name.items() if isinstance(a, ValueSet)}
    found = {
        traffic_of(one): [p for p, _ in named_ports(one)] for one in proper({**plain, **without})
    }
    assert found == {
        Traffic.of([(Protocol.SCTP, 80, 80)]): [HTTP],
        Traffic.of([(Protocol.TCP, 80, 80)]): [],
    }
