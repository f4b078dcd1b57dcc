"""One row of a list, as lists, pictures and reports show it."""

from dataclasses import replace
from functools import lru_cache

from netpolc.analysis.connection_list import Row, protocols
from netpolc.analysis.connection_openers import OpenedBy
from netpolc.analysis.named_ends import ConnectionEnd, NamedEnd
from netpolc.analysis.port_intersection import Carried, beyond
from netpolc.analysis.unknown_facts import UnknownFact, reason
from netpolc.kube.display import ports_of
from netpolc.kube.ports import Traffic
from netpolc.values import frozen

NOTHING = Traffic()


@frozen(kw_only=True)
class Listed:
    """One row: the ends in words, the traffic, and what of it depends on unknown facts.

    `ends` are what the words are for, the sender first. `unknown` are named ports without a number.
    `possible` is the traffic that is permitted beyond the certain one if the `facts` are so; both
    are marked with `?`. A row about a block that has facts and no such traffic may be
    about pods and nodes as well. With `exposure`, addresses are those of unknown pods.
    """

    sender: str
    receiver: str
    ends: tuple[ConnectionEnd, ConnectionEnd]
    traffic: Traffic
    unknown: tuple[str, ...] = ()
    exposure: bool = False
    possible: Traffic = NOTHING
    facts: tuple[UnknownFact, ...] = ()
    overlaps: bool = False
    """Whether other rows may say some of the same."""
    count: int = 1
    """The number of rows in this group."""
    opened_by: OpenedBy | None = None
    """The openers of both ends; None in rows about workloads (`analysis.connection_openers`)."""

    @property
    def named_ends(self) -> tuple[NamedEnd, NamedEnd]:
        """The ends by their names, the sender first."""
        sender, receiver = self.ends
        return NamedEnd(sender, self.sender), NamedEnd(receiver, self.receiver)

    @property
    def undecided(self) -> tuple[str, ...]:
        """The facts in words that follow "depends on"."""
        return tuple(map(reason, self.facts))

    @property
    def ports(self) -> str:
        """The traffic as the language writes it."""
        return _ports(self.traffic, self.possible, self.unknown, has_facts=bool(self.facts))

    @property
    def protocols(self) -> dict[str, list[list[int]]]:
        """Ranges of ports by protocol."""
        return protocols(self.traffic)

    @property
    def possible_protocols(self) -> dict[str, list[list[int]]]:
        """Ranges of ports by protocol of the traffic that depends on unknown facts."""
        return protocols(self.possible)

    @property
    def named_ports(self) -> dict[str, list[str]]:
        """Names of ports by protocol, whose numbers each receiving pod chooses."""
        return _names_of(self.traffic)

    @property
    def possible_named_ports(self) -> dict[str, list[str]]:
        """Names of ports by protocol that are permitted if unknown facts are so."""
        return _names_of(self.possible)


def _names_of(traffic: Traffic) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for port in sorted(traffic.named, key=lambda port: (port.protocol, port.name)):
        names.setdefault(port.protocol.value, []).append(port.name)
    return names


@lru_cache(maxsize=1 << 7)
def _ports(
    certain: Traffic, possible: Traffic, unknown: tuple[str, ...], *, has_facts: bool
) -> str:
    """The traffic of a row as the language writes it, once for the thousand rows that have it."""
    if possible and (certain | possible).is_everything:
        marked = ["everything else" if certain else "everything"]
    else:
        marked = ports_of(possible)
    texts = ["everything"] if certain.is_everything else ports_of(certain)
    text = ", ".join((*texts, *(f"{each}?" for each in (*marked, *unknown))))
    return f"{text} ?" if has_facts and not possible else text


def listed_row(row: Row) -> Listed:
    """The row of a list about a connection of a known workload."""
    return Listed(
        sender=str(row.sender),
        receiver=str(row.receiver),
        ends=(row.sender, row.receiver),
        traffic=row.traffic,
        possible=row.possible,
        facts=row.facts,
    )


def unknown_ports(carried: Carried) -> tuple[str, ...]:
    """The names of the ports without a number that something carried depends on."""
    return tuple(sorted({name.name for depending in carried.depending for name in depending.names}))


def with_possible(row: Listed, other: Listed) -> Listed:
    """A row with what another row about the same ends adds that is only possible."""
    more = beyond(other.possible, row.traffic | row.possible)
    if not more:
        return row
    facts = tuple(dict.fromkeys((*row.facts, *other.facts)))
    return replace(row, possible=row.possible | more, facts=facts)
