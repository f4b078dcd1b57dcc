"""What a written list of ports is as traffic."""

from netpolc.kube.ports import EVERY_PORT, NamedPort, Protocol, Traffic
from netpolc.remembered import one_while_used
from netpolc.syntax.parts import NumberPort, Port


def traffic(ports: tuple[Port, ...] | None) -> Traffic:
    """The traffic of written ports; none written is every port of every protocol."""
    if ports is None:
        return EVERY_PORT
    if len(ports) == 1 and isinstance(first := ports[0], NumberPort):  # As most of them are.
        return traffic_of(((first.protocol, first.first, first.last),))
    return traffic_of(
        tuple(
            (port.protocol, port.first, port.last)
            if isinstance(port, NumberPort)
            else NamedPort(port.protocol, port.name)
            for port in ports
        )
    )


@one_while_used
def traffic_of(ports: tuple[tuple[Protocol, int, int] | NamedPort, ...]) -> Traffic:
    """The traffic of ranges and names; an organisation writes some hundred, each a hundred times."""
    return Traffic.of(
        (port for port in ports if not isinstance(port, NamedPort)),
        (port for port in ports if isinstance(port, NamedPort)),
    )
