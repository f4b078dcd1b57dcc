"""Words in the place of a port that are not names of ports.

`db <- api:udp` permits TCP to the container port that is called `udp`, and `db <- api:any` to the port that
is called `any`; hardly any pod has one. What was meant is `*/udp`, or `*`.
"""

from collections.abc import Iterable, Iterator

from netpolc.diagnostics import Diagnostic, Fix, Label, Rule, Severity
from netpolc.kube.inventory import Inventory
from netpolc.kube.ports import Protocol, Traffic
from netpolc.lints.everyday_word import word_for_every
from netpolc.lints.written_peer import placed, written_connection
from netpolc.provenance import Origin
from netpolc.source import Span
from netpolc.syntax.parts import NamePort

PROTOCOL_AS_PORT_NAME = Rule(code="NP615", name="protocol-as-port-name", severity=Severity.WARNING)

_PROTOCOLS = frozenset({"tcp", "udp", "sctp", "icmp"})
_EVERY_PORT = frozenset({"all", "any", "anything", "every", "everything"})
_WORDS = _PROTOCOLS | _EVERY_PORT


def port_words(
    origin: Origin, traffic: Iterable[Traffic], inventory: Inventory
) -> Iterator[Diagnostic]:
    """Report the ports of a statement that are such words, unless a container really has a port of the name.

    Args:
        origin: the statement.
        traffic: what it permits, or claims about, with each of its peers.
        inventory: the known workloads.
    """
    names = {port.name for ports in traffic for port in ports.named} & _WORDS
    if names:
        names -= {port.name for workload in inventory.workloads for port in workload.ports}
    if names:
        for name, protocol, span in _places(origin, names):
            yield _finding(name, protocol, span)


def _places(origin: Origin, names: Iterable[str]) -> Iterator[tuple[str, Protocol, Span]]:
    """The ports of a statement that have one of the names."""
    connection = written_connection(origin)
    for written in () if connection is None else connection.peers:
        for port in written.ports or ():
            if isinstance(port, NamePort) and port.name in names:
                yield port.name, port.protocol, placed(port.span, origin)


def _finding(name: str, protocol: Protocol, span: Span) -> Diagnostic:
    label = f"permits only container ports that are called `{name}`"
    if name in _EVERY_PORT:
        instead = "*" if protocol is Protocol.TCP else f"*/{protocol.value.lower()}"
        return word_for_every(
            f"`{name}` is treated as the name of a port, not as every port",
            Label(span, label),
            instead,
            "; without ports a peer has every port of every protocol",
        )
    advice = f"write `*/{name}`"
    if name == "icmp":
        advice = "leave it out: network policies do not cover ICMP"
    return Diagnostic(
        rule=PROTOCOL_AS_PORT_NAME,
        message=f"`{name}` is a protocol, not the name of a port",
        label=Label(span, label),
        help=advice,
        fixes=() if name == "icmp" else (Fix(span=span, replacement=f"*/{name}"),),
    )
