"""`netpolc list`: rows of who may reach whom, named as people name them.

Where workloads are given, a list is about them (`analysis.listing`). Where there are
only intents, it is about the classes of pods that the intents tell apart
(`analysis.reach`), written in the words of the language.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace

from netpolc.analysis.block_reading import EVERY_ADDRESS, unsettled
from netpolc.analysis.class_rows import address_facts
from netpolc.analysis.connection_list import AddressRange, connections
from netpolc.analysis.connection_openers import opened_by
from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.named_ends import ConnectionEnd, ConnectionFilter, NamedEnd, known_ends
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.port_intersection import beyond
from netpolc.analysis.possible_connections import possible_connections
from netpolc.analysis.reachability import reach
from netpolc.analysis.unknown_facts import BlockMatching, UnknownFact
from netpolc.commands.end_names import EndNames
from netpolc.commands.exposure_rows import exposure_rows
from netpolc.commands.list_clusters import list_clusters
from netpolc.commands.listed import NOTHING, Listed, listed_row, unknown_ports, with_possible
from netpolc.commands.pipeline import Compilation, understand
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.io.project import Request, open_project
from netpolc.io.sources import Sources, nothing_came
from netpolc.kube.cidr import Addresses, Block, cidrs_of
from netpolc.kube.display import addresses_text
from netpolc.kube.inventory import Workload
from netpolc.manifest.manifest_set import UnreadPolicy
from netpolc.program.model import ClusterAddresses
from netpolc.sets import IntervalSet
from netpolc.source import SourceFile
from netpolc.values import frozen

OVERLAPPING_ROWS = Rule(code="NP754", name="overlapping-rows", severity=Severity.NOTE)


@frozen(kw_only=True)
class Listing:
    """The rows of a list, the ends that are known, those without a row too, and whether workloads are given."""

    rows: tuple[Listed, ...] = ()
    known: tuple[NamedEnd, ...] = ()
    has_workloads: bool = False

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


def list_connections(request: Request, *, exposure: bool = False) -> Outcome[Listing]:
    """Return the list of a project, empty where there is an error."""
    opened = open_project(request)
    project = opened.value
    before = (*opened.diagnostics, *nothing_came(project.sources))
    known = understand(project.sources, project.options, before=before)
    rows = [] if known.failed else list(listed(known, exposure=exposure))
    overlapping = [row for row in rows if row.overlaps]
    findings = [_overlap(project.sources, overlapping[0])] if overlapping else []
    listing = Listing(
        rows=tuple(_with_joined_addresses(rows)),
        known=tuple(known_ends(known.program, known.whole, known.inventory)),
        has_workloads=bool(known.inventory.workloads),
    )
    return Outcome(listing, (*known.diagnostics, *findings))


def _overlap(sources: Sources, row: Listed) -> Diagnostic:
    files = (*sources.intents, *sources.manifests)
    advice = (
        "read the rows of a workload together: a pod may be in several of them"
        if row.exposure
        else "give the workloads, so that the rows are about them: `netpolc list --with k8s/`"
    )
    return Diagnostic(
        rule=OVERLAPPING_ROWS,
        message="rows overlap: there are too many classes of pods to tell them apart",
        label=Label(SourceFile(files[0].path if files else "", "").whole()),
        help=advice,
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
    yield from map(listed_row, rows)
    if exposure:
        yield from exposure_rows(known)


def _with_joined_addresses(rows: Iterable[Listed]) -> Iterator[Listed]:
    """Put the rows of a workload together that differ only in their range of addresses."""
    ranges: dict[object, list[AddressRange]] = {}
    first: dict[object, Listed] = {}
    for number, row in enumerate(rows):
        sender, receiver = row.ends
        key: object = number
        if isinstance(sender, AddressRange):
            key = "", row.receiver, row.traffic, row.possible, row.facts, row.exposure
            ranges.setdefault(key, []).append(sender)
        elif isinstance(receiver, AddressRange):
            key = row.sender, "", row.traffic, row.possible, row.facts, row.exposure
            ranges.setdefault(key, []).append(receiver)
        first.setdefault(key, row)
    for key, row in first.items():
        yield _with_addresses(row, _addresses(ranges[key])) if key in ranges else row


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
    clusters = list_clusters(known)
    rows = list(_class_rows(known, clusters.certain, ()))
    places = {key: number for number, (key, _) in enumerate(rows)}
    for reading in clusters.wider:
        for key, row in _class_rows(known, reading.cluster, reading.facts):
            place = places.get(key)
            if place is None:
                rows.append((key, row))
            else:
                rows[place] = key, with_possible(rows[place][1], row)
    yield from (row for _, row in rows)


def _class_rows(
    known: Compilation, cluster: Cluster, facts: tuple[UnknownFact, ...]
) -> Iterator[tuple[Hashable, Listed]]:
    """The rows of one reading, each with a key for its ends.

    Those of a reading that depends on facts are only possible.
    """
    names = EndNames(known.program, known.whole.namespaces)
    on_addresses = address_facts(cluster)
    for row in reach(cluster, between_open=False):
        if row.ingress is None and row.egress is None and row.carried.traffic.is_everything:
            continue
        ends = row.sender, row.receiver
        certain = NOTHING if facts else row.carried.traffic
        on_ends = (
            *_block_facts(ends, known.program.addresses),
            *(on_addresses if row.possible else ()),
        )
        class_row = Listed(
            sender=names.of(row.sender),
            receiver=names.of(row.receiver),
            ends=ends,
            traffic=certain,
            possible=beyond(row.carried.traffic | row.possible, certain),
            unknown=unknown_ports(row.carried),
            overlaps=row.overlaps,
            opened_by=opened_by(row),
            facts=(*on_ends, *facts),
        )
        yield (*ends, row.same_namespace), class_row


def _block_facts(
    ends: Iterable[ConnectionEnd], stated: ClusterAddresses
) -> tuple[BlockMatching, ...]:
    """What it depends on whether blocks at the ends of a row match more than addresses outside."""
    blocks = [end for end in ends if isinstance(end, Addresses) and end != EVERY_ADDRESS]
    return tuple(dict.fromkeys(fact for block in blocks for fact in unsettled(block, stated)))
