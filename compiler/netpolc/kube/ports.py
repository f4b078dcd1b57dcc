"""Traffic: which ports of which protocols, by number and by name.

NetworkPolicy knows TCP, UDP and SCTP, ports 1 to 65535, ranges, and names that each
receiving pod resolves for itself (API reference, NetworkPolicyPort). A rule without
ports admits every port of every protocol.
"""

from collections.abc import Iterable
from enum import Enum

from netpolc.sets import IntervalSet
from netpolc.values import Keyed, frozen

MAX_PORT = 65535


class Protocol(Enum):
    """A transport protocol, by its name in the API."""

    TCP = "TCP"
    UDP = "UDP"
    SCTP = "SCTP"

    __hash__ = object.__hash__  # Members are single; Enum's own hashes the name each time.

    def __lt__(self, other: "Protocol") -> bool:
        """The order in which the API documents them: TCP, UDP, SCTP."""
        return PROTOCOLS.index(self) < PROTOCOLS.index(other)


PROTOCOLS = (Protocol.TCP, Protocol.UDP, Protocol.SCTP)
ALL_PORTS = IntervalSet(((1, MAX_PORT),))
NO_PORTS = IntervalSet()


@frozen(order=True)
class NamedPort:
    """A container port's name and protocol; its number differs from pod to pod."""

    protocol: Protocol
    name: str


@frozen(interned=True)
class Traffic(Keyed):
    """A set of ports of each protocol, and names of ports. Make one with `of` or `|`.

    A name whose protocol is open on every port says nothing more and is not kept.
    """

    tcp: IntervalSet = NO_PORTS
    udp: IntervalSet = NO_PORTS
    sctp: IntervalSet = NO_PORTS
    named: frozenset[NamedPort] = frozenset()

    @classmethod
    def of(
        cls,
        numbers: Iterable[tuple[Protocol, int, int]] = (),
        named: Iterable[NamedPort] = (),
    ) -> "Traffic":
        """The traffic of (protocol, first, last) ranges and of names."""
        ranges: dict[Protocol, list[tuple[int, int]]] = {p: [] for p in PROTOCOLS}
        for protocol, first, last in numbers:
            ranges[protocol].append((first, last))
        sets = {protocol: IntervalSet.of(*pairs) for protocol, pairs in ranges.items()}
        return cls(
            sets[Protocol.TCP],
            sets[Protocol.UDP],
            sets[Protocol.SCTP],
            frozenset(port for port in named if sets[port.protocol] != ALL_PORTS),
        )

    def numbers(self, protocol: Protocol) -> IntervalSet:
        """The numbered ports of a protocol."""
        if protocol is Protocol.TCP:
            return self.tcp
        return self.udp if protocol is Protocol.UDP else self.sctp

    @property
    def is_everything(self) -> bool:
        """Whether every port of every protocol is in it."""
        return self == EVERY_PORT

    def __bool__(self) -> bool:
        """Whether anything is in it."""
        return self is not NO_TRAFFIC  # There is one object for each meaning.

    def __or__(self, other: "Traffic") -> "Traffic":
        """The union."""
        if self == other:
            return self
        sets = {p: self.numbers(p) | other.numbers(p) for p in PROTOCOLS}
        return Traffic(
            tcp=sets[Protocol.TCP],
            udp=sets[Protocol.UDP],
            sctp=sets[Protocol.SCTP],
            named=frozenset(
                port for port in self.named | other.named if sets[port.protocol] != ALL_PORTS
            ),
        )

    def __le__(self, other: "Traffic") -> bool:
        """Whether the other surely has everything of this, whatever numbers the names mean."""
        if self is other:
            return True
        return all(self.numbers(p) <= other.numbers(p) for p in PROTOCOLS) and all(
            port in other.named or other.numbers(port.protocol) == ALL_PORTS for port in self.named
        )

    def shares_numbers(self, other: "Traffic") -> bool:
        """Whether some numbered port is in both."""
        return any(not self.numbers(p).isdisjoint(other.numbers(p)) for p in PROTOCOLS)

    def sort_key(self) -> tuple[object, ...]:
        """A key that orders traffic the same way on every machine."""
        try:
            return self._key
        except AttributeError:
            key = (
                tuple(self.numbers(p).ranges for p in PROTOCOLS),
                sorted((PROTOCOLS.index(port.protocol), port.name) for port in self.named),
            )
            object.__setattr__(self, "_key", key)
            return key


NO_TRAFFIC = Traffic()
EVERY_PORT = Traffic(tcp=ALL_PORTS, udp=ALL_PORTS, sctp=ALL_PORTS)
