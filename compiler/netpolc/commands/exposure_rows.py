"""The rows of `netpolc list --exposure`: what workloads are open to beyond the given ones.

Where blocks match pods, or may match them, they match unknown pods too: such a pod may have any address
that pods have.
"""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from functools import cache, reduce
from operator import or_

from netpolc.analysis.block_reading import EVERY_ADDRESS
from netpolc.analysis.connection_openers import opened_by
from netpolc.analysis.exposure import Exposed, Exposures
from netpolc.analysis.named_ends import ConnectionEnd
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.port_intersection import beyond, common
from netpolc.analysis.tiers import TierReading, Tiers
from netpolc.analysis.unknown_facts import HostNetwork, UnknownFact
from netpolc.commands.end_names import EndNames
from netpolc.commands.list_clusters import list_clusters
from netpolc.commands.listed import NOTHING, Listed, unknown_ports, with_possible
from netpolc.commands.pipeline import Compilation
from netpolc.ir.model import Allow, Policies, PolicySet
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Anyone, BlockScope, Direction, Outside, Pods
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import EVERYTHING
from netpolc.manifest.tier_model import Action
from netpolc.program.model import ClusterAddresses

_ANY_POD = Pods(EVERYTHING, EVERYTHING)


def exposure_rows(known: Compilation) -> Iterator[Listed]:
    """What each workload is open to beyond the workloads given, by classes of unknown pods."""
    clusters = list_clusters(known)
    workloads = known.inventory.workloads
    rows = list(_exposed(known, clusters.certain, workloads))
    places = {_classes_of(row): number for number, row in enumerate(rows)}
    is_same = clusters.possible is clusters.certain
    more = () if is_same else _exposed(known, clusters.possible, workloads, facts=clusters.facts)
    for row in (*more, *_exposed_hosts(known)):
        place = places.setdefault(_classes_of(row), len(rows))
        if place == len(rows):
            rows.append(row)
        else:
            rows[place] = with_possible(rows[place], row)
    yield from rows


def _exposed_hosts(known: Compilation) -> Iterator[Listed]:
    """The rows of workloads on the host's network where no policy applies to them.

    Whether one does is not defined. The policies of the pods at the other end apply all the same.
    """
    hosts = [workload for workload in known.inventory.workloads if workload.host_network]
    if not hosts:
        return
    policies = _matching_hosts(known.whole, known.program.addresses)
    for direction in Direction:
        cluster = Cluster(
            _of_direction(policies, direction.other), tiers=(_accepting(known, direction.other),)
        )
        for host in hosts:
            yield from _exposed(known, cluster, (host,), (direction,), (HostNetwork(str(host)),))


def _classes_of(row: Listed) -> Hashable:
    """A key that is equal for rows about the same classes."""
    return tuple(str(end) if isinstance(end, Workload) else end for end in row.ends)


def _matching_hosts(policies: Policies, stated: ClusterAddresses) -> Policies:
    """The policies, their blocks with the nodes' addresses as peers that pods on the host's network are."""
    if stated.blocks is BlockScope.OUTSIDE:
        return policies

    def is_node(allow: Allow) -> bool:
        peer = allow.peer
        return isinstance(peer, Outside) and (
            not stated.nodes or peer.addresses.meets(stated.nodes)
        )

    def opened(policy_set: PolicySet) -> PolicySet:
        subjects = (
            replace(
                subject,
                allows=(
                    *subject.allows,
                    *(replace(allow, peer=_ANY_POD) for allow in subject.allows if is_node(allow)),
                ),
                distinct=False,
            )
            for subject in policy_set.subjects
        )
        return replace(policy_set, subjects=tuple(subjects))

    return Policies({name: opened(each) for name, each in policies.namespaces.items()})


def _of_direction(policies: Policies, direction: Direction) -> Policies:
    """The policies of one direction alone."""
    return Policies(
        {
            name: replace(each, subjects=tuple(each.of(direction)))
            for name, each in policies.namespaces.items()
        }
    )


def _accepting(known: Compilation, direction: Direction) -> TierReading | None:
    """The rules of tiers that accept in one direction: others may not match a peer on the host's network."""
    rules = [
        rule
        for rule in known.tiers.rules
        if rule.direction is direction and rule.action is Action.ACCEPT
    ]
    if not rules:
        return None
    nodes = known.program.addresses.nodes or EVERY_ADDRESS
    return TierReading(Tiers.of(rules), most=True, pods=nodes, nodes=nodes)


def _exposed(
    known: Compilation,
    cluster: Cluster,
    workloads: Iterable[Workload],
    directions: Iterable[Direction] = Direction,
    facts: tuple[UnknownFact, ...] = (),
) -> Iterator[Listed]:
    """The rows of one reading; those of a reading that depends on facts are only possible."""
    text = cache(EndNames(known.program, known.whole.namespaces).of)
    exposures = Exposures(cluster)
    has_tiers = bool(known.tiers)
    for workload in workloads:
        for direction in directions:
            for exposed in exposures.of(workload, direction):
                other = text(exposed.peer)
                certain = _certain(exposed, direction, workload, has_tiers=has_tiers)
                own = (HostNetwork(str(workload)),) if certain != exposed.carried.traffic else ()
                every = exposed.carried.traffic | exposed.possible
                certain = NOTHING if facts else certain
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
                    unknown=unknown_ports(exposed.carried),
                    facts=tuple(dict.fromkeys((*facts, *exposed.facts, *own))),
                    exposure=True,
                    opened_by=opened_by(exposed),
                )


def _certain(
    exposed: Exposed, direction: Direction, workload: Workload, *, has_tiers: bool
) -> Traffic:
    """What is certain of a row, as policies may not match a peer on the host's network."""
    carried = exposed.carried.traffic
    if not workload.host_network:
        return carried
    if has_tiers:
        return NOTHING
    openers = exposed.egress if direction is Direction.INGRESS else exposed.ingress
    if openers is None:
        return carried
    to_anyone = [
        opener.traffic
        for opener in openers
        if isinstance(opener, Allow) and isinstance(opener.peer, Anyone)
    ]
    return common(carried, reduce(or_, to_anyone, NOTHING)).traffic
