"""`netpolc list`: rows of who may reach whom, named as people name them.

Where workloads are given, a list is about them (`analysis.listing`). Where there are
only intents, it is about the classes of pods that the intents tell apart
(`analysis.reach`), written in the words of the language.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from functools import cache, lru_cache, partial, reduce
from operator import or_

from netpolc.analysis.block_reading import EVERY_ADDRESS, unsettled
from netpolc.analysis.bounds import tier_readings
from netpolc.analysis.connection_list import AddressRange, beyond, connections, protocols
from netpolc.analysis.connection_openers import OpenedBy, origins_of
from netpolc.analysis.connection_sets import EndClass, PodClass
from netpolc.analysis.exposure import Exposed, Exposures
from netpolc.analysis.named_ends import ConnectionEnd, ConnectionFilter, NamedEnd, known_ends
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.port_intersection import Carried, common
from netpolc.analysis.possible_connections import possible_connections
from netpolc.analysis.reachability import reach
from netpolc.analysis.tier_facts import tier_facts
from netpolc.analysis.unknown_facts import BlockMatching, HostNetwork, UnknownFact, reason
from netpolc.commands.pipeline import Compilation, understand
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.io.project import Request, open_project
from netpolc.io.sources import Sources, nothing_came
from netpolc.ir.model import Allow, Policies
from netpolc.kube.cidr import Addresses, Block, cidrs_of
from netpolc.kube.display import addresses_text, pods_text, ports_of, selector_text
from netpolc.kube.inventory import Workload
from netpolc.kube.label_conventions import DEFAULT_LABEL
from netpolc.kube.peers import Anyone, Direction
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector
from netpolc.manifest.manifest_set import UnreadPolicy
from netpolc.program.model import ClusterAddresses, Program
from netpolc.sets import IntervalSet, ValueSet
from netpolc.source import SourceFile
from netpolc.values import frozen

OVERLAPPING_ROWS = Rule(code="NP754", name="overlapping-rows", severity=Severity.NOTE)
_NOTHING = Traffic()


@frozen(kw_only=True)
class Listed:
    """One row: the ends in words, the traffic, and what of it depends on unknown facts.

    `ends` are what the words are for, the sender first. `unknown` are named ports without a number.
    `possible` is the traffic that is permitted beyond the certain one if the `facts` are so; both
    are marked with `?`. A row about a block that has facts and no such traffic may be
    about pods and nodes as well.
    """

    sender: str
    receiver: str
    ends: tuple[ConnectionEnd, ConnectionEnd]
    traffic: Traffic
    unknown: tuple[str, ...] = ()
    exposure: bool = False
    possible: Traffic = _NOTHING
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


@frozen(kw_only=True)
class Listing:
    """The rows of a list, and the ends that are known, those without a row too."""

    rows: tuple[Listed, ...] = ()
    known: tuple[NamedEnd, ...] = ()

    def unknown(self, wanted: ConnectionFilter) -> Iterator[tuple[str, str]]:
        """Yield each wanted name that nothing has, with the nearest one or an empty text."""
        if wanted:
            ends = (end for row in self.rows for end in row.named_ends)
            yield from wanted.unknown((*self.known, *ends))

    def wanted(self, wanted: ConnectionFilter) -> tuple[Listed, ...]:
        """Return the rows that are wanted."""
        if not wanted:
            return self.rows
        return tuple(row for row in self.rows if wanted.wants(*row.named_ends))


@lru_cache(maxsize=1 << 14)
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


def list_connections(request: Request, *, exposure: bool = False) -> Outcome[Listing]:
    """Return the list of a project, empty where there is an error."""
    opened = open_project(request)
    project = opened.value
    before = (*opened.diagnostics, *nothing_came(project.sources))
    known = understand(project.sources, project.options, before=before)
    rows = [] if known.failed else list(listed(known, exposure=exposure))
    findings = [_overlap(project.sources)] if any(row.overlaps for row in rows) else []
    joined = _with_joined_addresses(rows)
    listing = Listing(
        rows=tuple(_with_doubtful_blocks(known, joined) if exposure else joined),
        known=tuple(known_ends(known.program, known.whole, known.inventory)),
    )
    return Outcome(listing, (*known.diagnostics, *findings))


def _overlap(sources: Sources) -> Diagnostic:
    files = (*sources.intents, *sources.manifests)
    return Diagnostic(
        rule=OVERLAPPING_ROWS,
        message="rows overlap: there are too many classes of pods to tell them apart",
        label=Label(SourceFile(files[0].path if files else "", "").whole()),
        help="give the workloads, so that the rows are about them: `netpolc list --with k8s/`",
    )


def listed(known: Compilation, *, exposure: bool) -> Iterator[Listed]:
    """The rows of everything permitted, those about workloads first.

    With `exposure`, also what each workload is open to beyond the workloads given. A row that a
    policy of a kind that is not read may be about depends on it.
    """
    rows = _rows(known, exposure=exposure)
    if not known.tiers.unread:
        yield from rows
        return
    for row in rows:
        unread = tuple(
            unread_policy
            for unread_policy in known.tiers.unread
            if _may_be_about(unread_policy, row)
        )
        yield replace(row, facts=(*row.facts, *unread)) if unread else row


def _may_be_about(policy: UnreadPolicy, row: Listed) -> bool:
    """Whether a policy that is not read may be about a pod at an end of a row."""
    return any(
        not policy.namespace
        or (
            policy.namespace == end.namespace
            if isinstance(end, Workload)
            else policy.namespace in end.names
        )
        for end in row.ends
        if isinstance(end, Workload | PodClass)
    )


def _rows(known: Compilation, *, exposure: bool) -> Iterator[Listed]:
    """The rows of policies that are read."""
    if not known.inventory.workloads:
        yield from sorted(_classes(known), key=lambda row: (row.receiver, row.sender, row.ports))
        return
    rows = (
        connections(known.whole, known.inventory, known.tiers)
        if known.closed_world
        else possible_connections(
            known.whole, known.inventory, known.program.addresses, known.tiers
        )
    )
    for row in rows:
        yield Listed(
            sender=str(row.sender),
            receiver=str(row.receiver),
            ends=(row.sender, row.receiver),
            traffic=row.traffic,
            possible=row.possible,
            facts=row.facts,
        )
    if exposure:
        yield from _exposure(known)


def _with_joined_addresses(rows: Iterable[Listed]) -> Iterator[Listed]:
    """Put the rows of a workload together that differ only in their range of addresses."""
    ranges: dict[object, list[AddressRange]] = {}
    first: dict[object, Listed] = {}
    for number, row in enumerate(rows):
        sender, receiver = row.ends
        key: object = number
        if isinstance(sender, AddressRange):
            key = "", row.receiver, row.traffic, row.possible, row.facts
            ranges.setdefault(key, []).append(sender)
        elif isinstance(receiver, AddressRange):
            key = row.sender, "", row.traffic, row.possible, row.facts
            ranges.setdefault(key, []).append(receiver)
        first.setdefault(key, row)
    for key, row in first.items():
        yield _with_addresses(row, _addresses(ranges[key])) if key in ranges else row


def _with_doubtful_blocks(known: Compilation, rows: Iterable[Listed]) -> Iterator[Listed]:
    """Mark the blocks that may match pods which are not among the workloads."""
    for row in rows:
        facts = () if known.closed_world else _block_facts(row.ends, known.program.addresses)
        yield replace(row, facts=tuple(dict.fromkeys((*row.facts, *facts))))


def _with_addresses(row: Listed, addresses: Addresses) -> Listed:
    """Return the row about these addresses instead of a range."""
    text = addresses_text(addresses, whole=True)
    if isinstance(row.ends[0], AddressRange):
        return replace(row, sender=text, ends=(addresses, row.ends[1]))
    return replace(row, receiver=text, ends=(row.ends[0], addresses))


def _addresses(ranges: Iterable[AddressRange]) -> Addresses:
    numbers = {
        version: IntervalSet.of(*((r.first, r.last) for r in ranges if r.version == version))
        for version in (4, 6)
    }
    blocks = (Block(cidr) for version in numbers for cidr in cidrs_of(numbers[version], version))
    return Addresses.of(blocks)


def _classes(known: Compilation) -> Iterator[Listed]:
    """The traffic between the classes of pods that the policies distinguish.

    Connections between two classes that no policy closes at either end are left out:
    there everything is permitted, and there is nothing to say about it.
    """
    names = _Names(known.program, known.whole.namespaces)
    certain, possible, facts = _clusters(known)
    rows = list(reach(certain))
    more = () if possible is certain else reach(possible)
    sure = {(row.sender, row.receiver, row.same_namespace, row.carried) for row in rows}
    for row in (*rows, *more):
        if row.ingress is None and row.egress is None and row.carried.traffic.is_everything:
            continue
        is_sure = (row.sender, row.receiver, row.same_namespace, row.carried) in sure
        stated = known.program.addresses
        on_blocks = _block_facts((row.sender, row.receiver), stated)
        yield Listed(
            sender=_end(row.sender, names),
            receiver=_end(row.receiver, names),
            ends=(row.sender, row.receiver),
            traffic=row.carried.traffic if is_sure else _NOTHING,
            possible=_NOTHING if is_sure else row.carried.traffic,
            unknown=_unknown(row.carried),
            overlaps=row.overlaps,
            opened_by=(origins_of(row.egress, row.carried), origins_of(row.ingress, row.carried)),
            facts=on_blocks if is_sure else (*on_blocks, *facts),
        )


def _clusters(known: Compilation) -> tuple[Cluster, Cluster, tuple[UnknownFact, ...]]:
    """The policies with tiers as what permits least and most, and the facts by which they differ."""
    least, most = tier_readings(known.tiers, known.program.addresses)
    certain = Cluster(known.whole, tiers=(least,))
    facts = () if least is None else tuple(tier_facts(least))
    return certain, Cluster(known.whole, tiers=(most,)) if facts else certain, facts


def _block_facts(
    ends: Iterable[ConnectionEnd], stated: ClusterAddresses
) -> tuple[BlockMatching, ...]:
    """What it depends on whether blocks at the ends of a row match more than addresses outside."""
    blocks = [end for end in ends if isinstance(end, Addresses) and end != EVERY_ADDRESS]
    return tuple(dict.fromkeys(fact for block in blocks for fact in unsettled(block, stated)))


def _exposure(known: Compilation) -> Iterator[Listed]:
    certain, possible, facts = _clusters(known)
    workloads = known.inventory.workloads
    readings = [(possible, workloads, facts)] if possible is not certain else []
    # Whether policies apply on the host's network is not defined, so they may as well not be there.
    readings += [
        (Cluster(_unprotected(known.whole, workload)), (workload,), (HostNetwork(str(workload)),))
        for workload in workloads
        if workload.host_network
    ]
    rows = list(_exposed(known, certain, workloads, ()))
    places = {_classes_of(row): number for number, row in enumerate(rows)}
    for row in (row for reading in readings for row in _exposed(known, *reading)):
        place = places.setdefault(_classes_of(row), len(rows))
        if place == len(rows):
            rows.append(row)
        else:
            rows[place] = _with_possible(rows[place], row)
    yield from rows


def _classes_of(row: Listed) -> Hashable:
    """A key that is equal for rows about the same classes."""
    return tuple(str(end) if isinstance(end, Workload) else end for end in row.ends)


def _with_possible(row: Listed, other: Listed) -> Listed:
    """A row with what another row about the same ends adds that is only possible."""
    more = beyond(other.possible, row.traffic | row.possible)
    if not more:
        return row
    facts = tuple(dict.fromkeys((*row.facts, *other.facts)))
    return replace(row, possible=row.possible | more, facts=facts)


def _unprotected(policies: Policies, workload: Workload) -> Policies:
    """The policies without those that are about a workload."""
    home = workload.namespace
    own = policies.namespaces.get(home)
    if own is None:
        return policies
    rest = tuple(subject for subject in own.subjects if not workload.may_match(subject.selector))
    return Policies({**policies.namespaces, home: replace(own, subjects=rest)})


def _exposed(
    known: Compilation,
    cluster: Cluster,
    workloads: Iterable[Workload],
    facts: tuple[UnknownFact, ...],
) -> Iterator[Listed]:
    """The rows of one reading; those of a reading that depends on facts are only possible."""
    names = _Names(known.program, known.whole.namespaces)
    text = cache(partial(_end, names=names))
    exposures = Exposures(cluster)
    has_tiers = bool(known.tiers)
    for workload in workloads:
        for direction in Direction:
            for exposed in exposures.of(workload, direction):
                other = text(exposed.peer)
                certain = _certain(exposed, direction, workload, has_tiers=has_tiers)
                own = (HostNetwork(str(workload)),) if certain != exposed.carried.traffic else ()
                every = exposed.carried.traffic | exposed.possible
                certain = _NOTHING if facts else certain
                pairs: list[tuple[str, ConnectionEnd]] = [
                    (other, exposed.peer),
                    (str(workload), workload),
                ]
                (sender, first), (receiver, second) = (
                    pairs if direction is Direction.INGRESS else pairs[::-1]
                )
                yield Listed(
                    sender=sender,
                    receiver=receiver,
                    ends=(first, second),
                    traffic=certain,
                    possible=beyond(every, certain),
                    unknown=_unknown(exposed.carried),
                    facts=tuple(dict.fromkeys((*facts, *exposed.facts, *own))),
                    exposure=True,
                    opened_by=(
                        origins_of(exposed.egress, exposed.carried),
                        origins_of(exposed.ingress, exposed.carried),
                    ),
                )


def _certain(
    exposed: Exposed, direction: Direction, workload: Workload, *, has_tiers: bool
) -> Traffic:
    """What is certain of a row, as policies may not match a peer on the host's network."""
    carried = exposed.carried.traffic
    if not workload.host_network:
        return carried
    if has_tiers:
        return _NOTHING
    openers = exposed.egress if direction is Direction.INGRESS else exposed.ingress
    if openers is None:
        return carried
    to_anyone = [
        opener.traffic
        for opener in openers
        if isinstance(opener, Allow) and isinstance(opener.peer, Anyone)
    ]
    return common(carried, reduce(or_, to_anyone, _NOTHING)).traffic


def _unknown(carried: Carried) -> tuple[str, ...]:
    return tuple(sorted({name.name for depending in carried.depending for name in depending.names}))


class _Names:
    """The names that the namespaces of a program have for pods.

    `namespaces` are the names of all namespaces that policies are about.
    """

    def __init__(self, program: Program, namespaces: Iterable[str]) -> None:
        self.namespaces = frozenset(namespaces)
        self._program = program
        self._found: dict[str, dict[Selector, str]] = {}

    def pods(self, end: PodClass) -> str:
        """The pods by the first name that their namespace has for them, if it has one."""
        own = self._program.namespaces.get(_only(end.names))
        if own is None:
            return pods_text(end.pods, DEFAULT_LABEL)
        if own.name not in self._found:
            names = sorted(own.services, reverse=True)
            self._found[own.name] = {own.services[name].pods: name for name in names}
        return self._found[own.name].get(end.pods) or pods_text(end.pods, own.label)


def _end(end: EndClass, names: _Names) -> str:
    if isinstance(end, Addresses):
        return addresses_text(end, whole=True)
    assert isinstance(end, PodClass)
    return f"{_namespaces(end.names, end.namespaces, names.namespaces)}/{names.pods(end)}"


def _only(names: ValueSet) -> str:
    """The one name, if there is only one; no namespace has the empty name."""
    return names.single or ""


def _namespaces(names: ValueSet, labels: Selector, known: frozenset[str]) -> str:
    """Namespaces by name, and by their labels if these matter."""
    listed_names = ", ".join(sorted(names.values))
    if not names.complement:
        found = listed_names
    elif names.values == known and len(known) > 1:
        found = "other namespaces"
    else:
        found = f"* but {listed_names}" if names.values else "*"
    return found if labels.is_everything else f"{found} {selector_text(labels)}"
