"""The traffic that two ends permit together, if ports are known only by name.

Each end lists numbers and names. A port that both list by number is carried, and so is
one that both list by the same name, or one by name and the other by every port of the
protocol. The rest depends on the receiver: a port listed here by name and there by
numbers is carried if the number of the name is among them.
"""

from collections.abc import Iterator

from netpolc.kube.ports import ALL_PORTS, EVERY_PORT, PROTOCOLS, NamedPort, Protocol, Traffic
from netpolc.sets import IntervalSet
from netpolc.values import frozen


@frozen
class Depending:
    """A port is carried if it bears all of these names, none of others, and has one of these numbers."""

    names: frozenset[NamedPort]
    numbers: IntervalSet = ALL_PORTS
    without: frozenset[NamedPort] = frozenset()


@frozen
class Carried:
    """Traffic that is carried whatever numbers the names have, and what depends on them."""

    traffic: Traffic
    depending: tuple[Depending, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything may be carried."""
        return bool(self.traffic) or bool(self.depending)


NOTHING_CARRIED = Carried(Traffic())
EVERYTHING_CARRIED = Carried(EVERY_PORT)


def common(traffic: Traffic, other: Traffic) -> Carried:
    """The traffic that both ends permit."""
    if traffic == other or other.is_everything:
        return Carried(traffic)
    if traffic.is_everything:
        return Carried(other)
    ranges = [
        (protocol, low, high)
        for protocol in PROTOCOLS
        for low, high in (traffic.numbers(protocol) & other.numbers(protocol)).ranges
    ]
    named = [
        name
        for name in traffic.named | other.named
        if _surely(traffic, name) and _surely(other, name)
    ]
    sure = Traffic.of(ranges, named)
    doubtful = dict.fromkeys(
        d for d in (*_some(traffic, other), *_some(other, traffic), *_pairs(traffic, other))
    )
    return Carried(sure, tuple(d for d in doubtful if _adds(d, sure)))


def beyond(wide: Traffic, narrow: Traffic) -> Traffic:
    """The ports and the names of the first that the second lacks."""
    every = wide | narrow  # Without the names that numbers make redundant.
    return Traffic(
        tcp=wide.tcp - narrow.tcp,
        udp=wide.udp - narrow.udp,
        sctp=wide.sctp - narrow.sctp,
        named=every.named - narrow.named,
    )


def limited(carried: Carried, traffic: Traffic) -> Carried:
    """The part of carried traffic that is in the traffic of a query."""
    if traffic.is_everything:
        return carried
    within = common(carried.traffic, traffic)
    doubtful = list(within.depending)
    for depending in carried.depending:
        protocol = next(iter(depending.names)).protocol
        if numbers := depending.numbers & traffic.numbers(protocol):
            doubtful.append(Depending(depending.names, numbers))
        doubtful += [
            Depending(depending.names | {name}, depending.numbers)
            for name in sorted(traffic.named)
            if name.protocol is protocol
        ]
    return Carried(
        within.traffic, tuple(d for d in dict.fromkeys(doubtful) if _adds(d, within.traffic))
    )


def _surely(traffic: Traffic, name: NamedPort) -> bool:
    return name in traffic.named or traffic.numbers(name.protocol) == ALL_PORTS


def _some(traffic: Traffic, other: Traffic) -> Iterator[Depending]:
    """Ports that one lists by name and the other by number."""
    for name in sorted(traffic.named):
        if numbers := other.numbers(name.protocol):
            yield Depending(frozenset((name,)), numbers)


def _pairs(traffic: Traffic, other: Traffic) -> Iterator[Depending]:
    """Ports that each lists by another name."""
    for mine in sorted(traffic.named):
        for theirs in sorted(other.named):
            if mine != theirs and mine.protocol is theirs.protocol:
                yield Depending(frozenset((mine, theirs)))


def _adds(doubtful: Depending, sure: Traffic) -> bool:
    """Whether it is not carried anyway."""
    if doubtful.names & sure.named:
        return False
    protocol = next(iter(doubtful.names)).protocol
    return not doubtful.numbers <= sure.numbers(protocol)


def may_share_ports(traffic: Traffic, other: Traffic) -> bool:
    """Whether traffic may have a port in common; a named port may have any number."""
    return any(_possible(traffic, each) & _possible(other, each) for each in PROTOCOLS)


def _possible(traffic: Traffic, protocol: Protocol) -> IntervalSet:
    """The numbers that the traffic may have: all, where it has a named port."""
    if any(port.protocol is protocol for port in traffic.named):
        return ALL_PORTS
    return traffic.numbers(protocol)
