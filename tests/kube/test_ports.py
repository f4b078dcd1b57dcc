"""Traffic by number and by name."""

from netpolc.kube.ports import NamedPort, Protocol, Traffic

EVERY_TCP = Traffic.of([(Protocol.TCP, 1, 65535)])
HTTP, DNS = NamedPort(Protocol.TCP, "http"), NamedPort(Protocol.UDP, "dns")


def test_a_union_has_no_name_whose_protocol_is_open_on_every_port() -> None:
    names = Traffic.of(named=[HTTP, DNS])
    assert (EVERY_TCP | names).named == {DNS}
    assert (Traffic.of([(Protocol.TCP, 1, 80)]) | names).named == {HTTP, DNS}
    halves = Traffic.of([(Protocol.TCP, 1, 80)], [HTTP]) | Traffic.of([(Protocol.TCP, 81, 65535)])
    assert halves == EVERY_TCP
