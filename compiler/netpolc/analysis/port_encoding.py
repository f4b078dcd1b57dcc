"""Traffic as one set of numbers, and what names of ports do to it.

Each port of each protocol gets a number on one line, so that traffic is a single
variable of a box. A named port has a number too, but only the receiving pod knows it.
How traffic with names is read depends on the question that is asked, so there are
several readings here; each turns `Traffic` into boxes over the line.

- `free`: the exact one. Whether the port of the connection bears a name at its receiver
  is one more variable for each name. Names do not exclude each other: a pod may give one
  port two names. So a search that finds nothing has found that nothing is possible,
  whatever numbers the names have.
- `surely`: the elements of the line that the traffic has whatever the numbers are. A
  name itself is an element ("the port called metrics"), in the traffic if it is listed
  or if its protocol is open on every port.
- `possibly`: the elements that it has for some numbers.
- `numbered`: numbers alone, as if no pod gave its ports names.
- `resolved`: the numbers of one receiver that is known, in place of the names.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from netpolc.kube.ports import ALL_PORTS, PROTOCOLS, NamedPort, Protocol, Traffic
from netpolc.sets import IntervalSet
from netpolc.sets.boxes import Box
from netpolc.sets.value_set import PRESENT
from netpolc.values import frozen

TRAFFIC = ("traffic", "")
NAME = "port name"
_SPAN = 1 << 16
_FIRST_NAME = len(PROTOCOLS) * _SPAN

Reading: TypeAlias = Callable[[Traffic], tuple[Box, ...]]


@frozen(kw_only=True, eq=False)
class Readings:
    """The readings of traffic: of connections that surely have it, and that possibly have it.

    Rules of tiers that meet none of the boxes `near` can be left out; None leaves out none.
    """

    sure: Reading
    possibly: Reading
    near: Sequence[Box] | None = None


class PortLine:
    """The line for some named ports. Readings are remembered for as long as it lives."""

    __slots__ = ("_kept", "names")

    def __init__(self, names: Iterable[NamedPort] = ()) -> None:
        self.names = tuple(sorted(set(names)))
        self._kept: dict[tuple[str, int], tuple[Traffic, tuple[Box, ...]]] = {}

    def free(self, traffic: Traffic) -> tuple[Box, ...]:
        """The traffic, with a variable for each name."""
        return self._remembered("free", traffic, _free)

    def surely(self, traffic: Traffic) -> tuple[Box, ...]:
        """The ports that the traffic has for all numbers of the names."""
        return self._remembered("surely", traffic, self._surely)

    def possibly(self, traffic: Traffic) -> tuple[Box, ...]:
        """The ports that the traffic has for some numbers of the names."""
        return self._remembered("possibly", traffic, self._possibly)

    def numbered(self, traffic: Traffic) -> tuple[Box, ...]:
        """The traffic's numbers."""
        return self._remembered("numbered", traffic, lambda t: _on_line(line_numbers(t)))

    def resolved(self, ports: Mapping[NamedPort, frozenset[int]]) -> Reading:
        """The reading for a receiver whose names have these numbers."""
        return lambda traffic: _on_line(line_numbers(with_numbers(traffic, ports)))

    def traffic(self, elements: IntervalSet) -> Traffic:
        """The traffic that elements of the line represent."""
        named = [name for i, name in enumerate(self.names) if _FIRST_NAME + i in elements]
        ranges = [
            (protocol, low - base, high - base)
            for base, protocol in _bases()
            for low, high in (elements & IntervalSet(((base + 1, base + _SPAN - 1),))).ranges
        ]
        return Traffic.of(ranges, named)

    def element(self, number: int) -> tuple[Protocol, int] | NamedPort:
        """The protocol and port, or the name, that one element represents."""
        if number >= _FIRST_NAME:
            return self.names[number - _FIRST_NAME]
        return PROTOCOLS[number // _SPAN], number % _SPAN

    def _remembered(
        self, reading: str, traffic: Traffic, read: Callable[[Traffic], tuple[Box, ...]]
    ) -> tuple[Box, ...]:
        # By identity: hashing traffic costs as much as reading it. The entry holds the
        # traffic, so its identity is not used again.
        key = (reading, id(traffic))
        kept = self._kept.get(key)
        if kept is None:
            kept = self._kept[key] = (traffic, read(traffic))
        return kept[1]

    def _surely(self, traffic: Traffic) -> tuple[Box, ...]:
        return self._with_names(
            line_numbers(traffic),
            lambda n: n in traffic.named or traffic.numbers(n.protocol) == ALL_PORTS,
        )

    def _possibly(self, traffic: Traffic) -> tuple[Box, ...]:
        open_ended = {name.protocol for name in traffic.named}
        numbers = line_numbers(traffic) | IntervalSet.of(
            *((base + 1, base + _SPAN - 1) for base, p in _bases() if p in open_ended)
        )
        return self._with_names(
            numbers, lambda n: n.protocol in open_ended or bool(traffic.numbers(n.protocol))
        )

    def _with_names(
        self, numbers: IntervalSet, has: Callable[[NamedPort], bool]
    ) -> tuple[Box, ...]:
        places = ((_FIRST_NAME + i,) * 2 for i, name in enumerate(self.names) if has(name))
        return _on_line(numbers | IntervalSet.of(*places))


def name_variable(name: NamedPort) -> tuple[str, str]:
    """The variable that says whether the port of a connection bears the name."""
    return NAME, f"{name.protocol.value}/{name.name}"


def with_numbers(traffic: Traffic, ports: Mapping[NamedPort, frozenset[int]]) -> Traffic:
    """The traffic with each name replaced by its numbers; a name that has none admits nothing."""
    if not traffic.named:
        return traffic
    ranges = [
        (protocol, low, high)
        for protocol in PROTOCOLS
        for low, high in traffic.numbers(protocol).ranges
    ]
    ranges += [
        (name.protocol, number, number)
        for name in traffic.named
        for number in ports.get(name, frozenset())
    ]
    return Traffic.of(ranges)


def _free(traffic: Traffic) -> tuple[Box, ...]:
    named: list[Box] = []
    for name in sorted(traffic.named):
        base = PROTOCOLS.index(name.protocol) * _SPAN
        every = IntervalSet(((base + 1, base + _SPAN - 1),))
        named.append({TRAFFIC: every, name_variable(name): PRESENT})
    return (*_on_line(line_numbers(traffic)), *named)


def _on_line(elements: IntervalSet) -> tuple[Box, ...]:
    return ({TRAFFIC: elements},) if elements else ()


def line_numbers(traffic: Traffic) -> IntervalSet:
    """The numbered ports of traffic, on the line."""
    return IntervalSet(
        tuple(
            (base + low, base + high)
            for base, protocol in _bases()
            for low, high in traffic.numbers(protocol).ranges
        )
    )


def _bases() -> Iterable[tuple[int, Protocol]]:
    return ((i * _SPAN, protocol) for i, protocol in enumerate(PROTOCOLS))
