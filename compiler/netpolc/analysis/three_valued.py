"""Yes, no, or it depends: questions put to the search until the answer is sure.

Where policies or the question name ports, what is permitted depends on numbers that
only receiving pods know. A claim about connections is then

- refuted, when some connection contradicts it whatever the numbers are, or when a known
  workload, whose numbers are known, contradicts it;
- proved, when none contradicts it for any numbers;
- otherwise it depends on them.

The last search of the three is exact. The first is exact for one end; where several
ranges of ports must be added up at both ends before a name is certain to be covered, it
may miss it, and the answer is "depends" instead of "refuted": never a wrong one.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

from netpolc.analysis.block_reading import AddressParts
from netpolc.analysis.connection_sets import interval
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import TRAFFIC, PortLine, Reading, name_variable
from netpolc.analysis.query import (
    AddressEnd,
    EndOfQuestion,
    PodEnd,
    Question,
    container_ports,
    of_workload,
)
from netpolc.analysis.search import Blocked, Permitted, blocked, permitted
from netpolc.analysis.symbolic_case import OTHER_END, RECEIVER, Case, boxes
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction
from netpolc.kube.ports import NamedPort, Traffic
from netpolc.kube.selectors import Selector
from netpolc.sets.boxes import Box
from netpolc.values import frozen

Search: TypeAlias = Callable[[Question, Reading, Reading], Iterator[Permitted | Blocked]]
"""A question, how to read its traffic, how to read traffic that speaks against a contradiction."""


@frozen(kw_only=True, eq=False)
class Contradiction:
    """A connection that contradicts a claim; `sure` when no unknown number could change that."""

    found: Permitted | Blocked
    sure: bool


@frozen
class Listed:
    """Connections that a claim excuses: with this peer of the subject, on this traffic."""

    peer: EndOfQuestion
    traffic: Traffic


def line_of(cluster: Cluster, traffic: Iterable[Traffic]) -> PortLine:
    """The line for the ports that the policies and some traffic name."""
    return PortLine(cluster.ports.union(*(t.named for t in traffic)))


def find_permitted(
    cluster: Cluster,
    line: PortLine,
    question: Question,
    *,
    inventory: Inventory,
    direction: Direction = Direction.INGRESS,
    listed: tuple[Listed, ...] = (),
) -> Contradiction | None:
    """A connection of the question that is permitted and not among the listed ones."""

    def search(asked: Question, reading: Reading, excusing: Reading) -> Iterator[Permitted]:
        def avoiding(case: Case) -> Iterator[Box]:
            return excused(case, direction, listed, excusing, cluster.parts)

        return permitted(
            cluster,
            asked,
            asked=reading,
            granted=reading,
            refused=excusing,
            avoiding=avoiding,
        )

    tiers = any(reading is not None for reading in cluster.tiers)
    return _decided(line, question, search, inventory, against=bool(listed) or tiers)


def find_blocked(
    cluster: Cluster, line: PortLine, question: Question, *, inventory: Inventory
) -> Contradiction | None:
    """A connection of the question that is not permitted."""

    def search(asked: Question, reading: Reading, excusing: Reading) -> Iterator[Blocked]:
        return blocked(cluster, asked, asked=reading, granted=excusing)

    return _decided(line, question, search, inventory, against=True)


def excused(
    case: Case,
    direction: Direction,
    listed: Iterable[Listed],
    reading: Reading,
    parts: AddressParts | None = None,
) -> Iterator[Box]:
    """The boxes of listed connections in a case, the subject's own part left out."""
    end = OTHER_END[direction]
    for entry in listed:
        if parts is not None and isinstance(entry.peer, AddressEnd) and case.place(end):
            candidates = [case.pods(end, pods) for pods in parts.selectors(entry.peer.addresses)]
        else:
            candidates = [case.end(end, entry.peer, PolicyVersion.ONLY)]
        for box in boxes(candidates):
            yield from ({**box, **traffic} for traffic in reading(entry.traffic))


def workloads_in(end: EndOfQuestion, cluster: Cluster, inventory: Inventory) -> Iterator[Workload]:
    """The known workloads whose pods an end of a question surely or possibly includes."""
    if isinstance(end, AddressEnd):
        return
    name = end.namespaces.namespace_name
    near = inventory.workloads if name is None else inventory.matching(name, end.pods)
    for workload in near:
        place = cluster.anywhere.named(workload.namespace)
        inside = end.workload in (None, workload) and workload.may_match(end.pods)
        rest = place.left(end.namespaces, PolicyVersion.ONLY) if inside else None
        if rest is None:
            continue
        if all(key != METADATA_NAME or workload.namespace in names for key, names in rest):
            yield workload


def pinned(question: Question, end: str, workload: Workload) -> Question:
    """The question with the pods of one workload at an end, as far as they are asked about."""
    asked = question.receiver if end == RECEIVER else question.sender
    pods = of_workload(workload)
    if isinstance(asked, PodEnd):
        pods = PodEnd(
            asked.namespaces & Selector.namespace(workload.namespace), asked.pods, workload
        )
    if end == RECEIVER:
        return Question(sender=question.sender, receiver=pods, traffic=question.traffic)
    return Question(sender=pods, receiver=question.receiver, traffic=question.traffic)


def reading_for(line: PortLine, question: Question) -> Reading | None:
    """The one reading of a question whose receiver's ports are all known; None if they are not."""
    match question.receiver:
        case AddressEnd():
            return line.numbered
        case PodEnd(workload=None):
            return None
        case PodEnd(workload=workload):
            return line.resolved(container_ports(workload)) if workload else None


def _decided(
    line: PortLine, question: Question, search: Search, inventory: Inventory, *, against: bool
) -> Contradiction | None:
    """`against`: whether traffic that speaks against a contradiction is read separately."""
    known = reading_for(line, question)
    if known is not None or not line.names:
        reading = known or line.numbered
        return _first(search(question, reading, reading), sure=True)
    sure = _first(search(question, line.surely, line.possibly), sure=True)
    if sure is None and against:
        # A name covers one number of a pod: among more numbers than names, one has none.
        many = (
            piece
            for piece in search(question, line.numbered, line.numbered)
            if interval(piece.box, TRAFFIC).count() > len(line.names)
        )
        sure = _first(many, sure=True)
    doubtful = None if sure else _first(search(question, line.free, line.free), sure=False)
    if doubtful is None:
        return sure
    return _known_case(line, question, search, inventory) or doubtful


def _known_case(
    line: PortLine, question: Question, search: Search, inventory: Inventory
) -> Contradiction | None:
    for workload in inventory.workloads:
        asked = pinned(question, RECEIVER, workload)
        reading = reading_for(line, asked)
        if reading is not None and (
            contradiction := _first(search(asked, reading, reading), sure=True)
        ):
            return contradiction
    return None


def _first(pieces: Iterator[Permitted | Blocked], *, sure: bool) -> Contradiction | None:
    first = next(pieces, None)
    return None if first is None else Contradiction(found=first, sure=sure)


def names_behind(contradiction: Contradiction, line: PortLine) -> tuple[NamedPort, ...]:
    """The names of ports whose numbers decide a contradiction that is not sure."""
    return tuple(n for n in line.names if name_variable(n) in contradiction.found.box)
