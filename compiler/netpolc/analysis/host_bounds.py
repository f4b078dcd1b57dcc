"""The bounds of questions about known workloads on the host's network.

The API does not define what policies do to such a pod. So in the reading that permits least, the policies about it
apply and no selector of the other end matches it; in the one that permits most, no policy applies to it and selectors
match it. Where blocks match pods, they match it by the address of its node. Cluster-wide policies do not
apply to it; their addresses may be that of its node.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from netpolc.analysis.block_reading import (
    EVERY_ADDRESS,
    AddressParts,
    BlockReading,
    blocks_of,
    readings,
)
from netpolc.analysis.bounds import Bounds, tier_readings
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.query import EVERY_POD, EndOfQuestion, PodEnd, Question
from netpolc.analysis.symbolic_case import END, RECEIVER, SENDER
from netpolc.analysis.three_valued import pinned, workloads_in
from netpolc.analysis.tiers import NO_TIERS, Domains, Networks, Nodes, TierPeer, Tiers
from netpolc.analysis.unknown_facts import HostNetwork
from netpolc.ir.model import Allow, Policies, PolicySet
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import ANY_POD, Anyone, BlockScope, Direction, Outside, Pods
from netpolc.kube.selectors import EVERYTHING
from netpolc.program.model import ClusterAddresses
from netpolc.sets import IntervalSet
from netpolc.values import frozen

_ENDS = (SENDER, RECEIVER)


@frozen(kw_only=True, eq=False)
class HostQuestion:
    """A question about pods on the host's network at some ends, and the bounds that decide it.

    `is_possible`: it is asked about them only if blocks match pods, which is unknown or not so. `is_from_host`: a
    host named by its labels sends to pods, of which its own node always reaches those that it runs.
    """

    bounds: Bounds
    question: Question
    is_possible: bool
    is_from_host: bool


def without_hosts(inventory: Inventory) -> Inventory:
    """The workloads with networks of their own, and nothing else."""
    return Inventory(workloads=tuple(w for w in inventory.workloads if not w.host_network))


def host_questions(
    bounds: Bounds, question: Question, inventory: Inventory, ends: Iterable[str] = _ENDS
) -> Iterator[HostQuestion]:
    """The parts of a question that are about known workloads on the host's network at some ends."""
    hosts = Inventory(workloads=tuple(w for w in inventory.workloads if w.host_network))
    if not hosts.workloads:
        return
    found: dict[str, list[tuple[Workload, ...]]] = {
        end: _alike(_hosts_in(end_of(question, end), bounds, hosts)) if end in ends else []
        for end in _ENDS
    }
    for choice in product(*((None, *found[end]) for end in _ENDS)):
        chosen = {end: alike for end, alike in zip(_ENDS, choice, strict=True) if alike}
        if not chosen or any(end not in chosen and is_host(end_of(question, end)) for end in _ENDS):
            continue
        facts = (HostNetwork(str(workload)) for alike in chosen.values() for workload in alike)
        unknown = tuple(dict.fromkeys(facts))
        block = next(filter(None, (_addresses(end_of(question, end)) for end in _ENDS)), None)
        is_to_pods = isinstance(question.receiver, PodEnd)
        for each in _bounds(bounds, frozenset(chosen), block):
            for asked in _placed(each, question, chosen):
                yield HostQuestion(
                    bounds=replace(each, hosts=unknown),
                    question=asked,
                    is_possible=block is not None and bounds.stated.blocks is not BlockScope.ALL,
                    is_from_host=SENDER in chosen and block is None and is_to_pods,
                )


def is_host(end: EndOfQuestion) -> bool:
    """Whether an end is known workloads on the host's network alone."""
    if not isinstance(end, PodEnd):
        return False
    return end.on_host or (end.workload is not None and end.workload.host_network)


def _hosts_in(end: EndOfQuestion, bounds: Bounds, hosts: Inventory) -> Iterator[Workload]:
    """The workloads on the host's network that an end may mean."""
    return workloads_in(EVERY_POD if _addresses(end) is not None else end, bounds.least, hosts)


def _alike(workloads: Iterable[Workload]) -> list[tuple[Workload, ...]]:
    """The workloads of which everything that decides is equal, together."""
    grouped: dict[object, list[Workload]] = {}
    for each in workloads:
        labels = tuple(sorted(each.labels.items()))
        grouped.setdefault((each.namespace, labels, each.varying, each.ports), []).append(each)
    return list(map(tuple, grouped.values()))


def end_of(question: Question, end: str) -> EndOfQuestion:
    """The sender or the receiver of a question."""
    return question.sender if end == SENDER else question.receiver


def _addresses(end: EndOfQuestion) -> Addresses | None:
    return end.addresses if isinstance(end, PodEnd) else None


def _placed(
    bounds: Bounds, question: Question, hosts: Mapping[str, tuple[Workload, ...]]
) -> Iterator[Question]:
    """A question with the addresses that the pods of its ends may have, if these decide."""
    stated = {end: _stated_addresses(bounds.stated, question, hosts, end) for end in _ENDS}
    parts = bounds.most.parts or bounds.least.parts
    ends = (_with_addresses(end_of(question, end), stated[end], parts) for end in _ENDS)
    for sender, receiver in product(*ends):
        asked = replace(question, sender=sender, receiver=receiver)
        for end, alike in hosts.items():
            asked = pinned(asked, end, alike[0])
        yield asked


def _stated_addresses(
    stated: ClusterAddresses, question: Question, hosts: Mapping[str, object], end: str
) -> Addresses:
    """The addresses that pods of an end may have in connections with the other end."""
    if end not in hosts:
        return stated.pods or EVERY_ADDRESS
    other = RECEIVER if end == SENDER else SENDER
    is_of_block = _addresses(end_of(question, end)) is not None
    if is_of_block and other not in hosts and isinstance(end_of(question, other), PodEnd):
        return nodes_facing_pods(stated)
    return stated.nodes or EVERY_ADDRESS


def _with_addresses(
    end: EndOfQuestion, stated: Addresses, parts: AddressParts | None
) -> list[EndOfQuestion]:
    """An end with addresses among those that its pods may have."""
    if not isinstance(end, PodEnd):
        return [end]
    pods, inside = end.pods, stated
    if end.addresses is not None:
        pods = EVERYTHING
        inside = Addresses(v4=end.addresses.v4 & stated.v4, v6=end.addresses.v6 & stated.v6)
    if parts is None:
        return [replace(end, pods=pods)] if inside else []
    return [replace(end, pods=pods & by_address) for by_address in parts.selectors(inside)]


def _bounds(bounds: Bounds, hosts: frozenset[str], block: Addresses | None) -> tuple[Bounds, ...]:
    """The bounds of questions with pods on the host's network at these ends; worked out once.

    A question about pods with addresses in a block is asked where blocks match pods, if that is unknown.
    """
    if block is None:
        around = bounds
    else:
        scope = bounds.stated.blocks or BlockScope.ALL
        listed = tuple(dict.fromkeys((*bounds.listed, block)))
        around = replace(bounds, stated=replace(bounds.stated, blocks=scope), listed=listed)
    key = hosts, around.stated.blocks, around.listed
    known = bounds.of_hosts.get(key)
    if known is None:
        directions = [direction for direction, end in END.items() if end in hosts]
        is_one = len(directions) == 1
        work = _of_two_hosts(around) if not is_one else (_of_one(around, *directions),)
        known = bounds.of_hosts[key] = tuple(work)
    return known


def _of_one(bounds: Bounds, direction: Direction) -> Bounds:
    """The bounds where the pod that a direction is about is on the host's network."""
    policies = bounds.least.policies[PolicyVersion.ONLY]
    reading = bounds.least.tiers[PolicyVersion.ONLY]
    tiers = NO_TIERS if reading is None else rules_naming_hosts(reading.tiers, direction.other)
    lowest, highest = tier_readings(tiers, bounds.stated)
    narrow, wide = (_with_nodes(each, bounds.stated) for each in readings(bounds.stated))
    # Both readings tell the same parts of addresses apart, so that a question means the same in both.
    cutting = (*bounds.listed, *blocks_of((policies,)), bounds.stated.pods, bounds.stated.nodes)
    missing = _missing_hosts(policies, direction.other)
    around = policies.of(direction.other)
    return Bounds(
        Cluster(missing, blocks=narrow, listed=cutting, tiers=(lowest,)),
        Cluster(around, blocks=wide, listed=cutting, tiers=(highest,)),
        stated=bounds.stated,
    )


def _of_two_hosts(bounds: Bounds) -> Iterator[Bounds]:
    """The bounds where both pods are on the host's network, for each IP version of the addresses of nodes.

    They may share the address of a node. That matters only where nodes have one address of a version: other
    addresses of the one pod decide as well, whatever address the other has.
    """
    policies = bounds.least.policies[PolicyVersion.ONLY]
    reading, _ = readings(bounds.stated)
    for version in (4, 6):
        nodes = (bounds.stated.nodes or EVERY_ADDRESS).of_version(version)
        if not nodes:
            continue
        stated = replace(bounds.stated, nodes=nodes)
        if reading.pods is None or nodes.numbers(version).count() == 1:
            least = Cluster(with_allows(policies, for_everybody(nodes, stated.blocks)))
        else:
            missing = _missing_hosts(policies, *Direction)
            blocks = replace(reading, pods=nodes)
            least = Cluster(missing, blocks=blocks, listed=bounds.listed)
        yield Bounds(least, Cluster(policies.of()), stated=stated)


def _missing_hosts(policies: Policies, *directions: Direction) -> Policies:
    """Policies whose selectors of peers match nothing in some directions."""

    def kept(allow: Allow) -> Iterator[Allow]:
        if allow.direction not in directions or not isinstance(allow.peer, Pods):
            yield allow

    return with_allows(policies, kept)


def _with_nodes(reading: BlockReading, stated: ClusterAddresses) -> BlockReading:
    """A reading in which blocks that match pods match the addresses of nodes."""
    if reading.pods is None:
        return reading
    addresses = stated.pods | stated.nodes if stated.pods and stated.nodes else EVERY_ADDRESS
    return replace(reading, pods=addresses)


def nodes_facing_pods(stated: ClusterAddresses) -> Addresses:
    """The addresses of nodes in connections with other pods: of an IP version that these have, and not their only one."""
    return _facing(stated.nodes, stated.pods)


def pods_facing_nodes(stated: ClusterAddresses) -> Addresses:
    """The addresses of pods in connections with nodes: of an IP version that these have, and not their only one."""
    return _facing(stated.pods, stated.nodes)


def _facing(near: Addresses, far: Addresses) -> Addresses:
    """The addresses of the near ends of connections; where none are stated, an end may have every address."""

    def facing(version: int) -> IntervalSet:
        here = (near or EVERY_ADDRESS).numbers(version)
        there = (far or EVERY_ADDRESS).numbers(version)
        return here if there.count() > 1 else here - there if there else there

    return Addresses(v4=facing(4), v6=facing(6))


def for_everybody(nodes: Addresses, scope: BlockScope | None) -> Callable[[Allow], Iterator[Allow]]:
    """What is left of an allow if its peer is on the host's network and may have any address of these nodes."""

    def kept(allow: Allow) -> Iterator[Allow]:
        match allow.peer:
            case Anyone():
                yield allow
            case Outside(addresses) if scope is BlockScope.ALL and nodes <= addresses:
                yield replace(allow, peer=ANY_POD)

    return kept


def with_allows(policies: Policies, read: Callable[[Allow], Iterator[Allow]]) -> Policies:
    """Policies in which each allow is replaced by others."""

    def changed(policy_set: PolicySet) -> PolicySet:
        subjects = (
            replace(
                subject,
                allows=tuple(new for allow in subject.allows for new in read(allow)),
                distinct=False,
            )
            for subject in policy_set.subjects
        )
        return replace(policy_set, subjects=tuple(subjects))

    return Policies({name: changed(each) for name, each in policies.namespaces.items()})


def rules_naming_hosts(tiers: Tiers, direction: Direction) -> Tiers:
    """The rules of a direction that may be about a peer on the host's network."""

    def named(peers: tuple[TierPeer, ...]) -> Iterator[TierPeer]:
        for peer in peers:
            if isinstance(peer, Networks | Nodes | Domains):
                # Each may have the address of the pod's node, as the addresses of a domain name may.
                yield Domains(())
            elif not isinstance(peer, Pods):
                yield peer

    rules = (
        replace(rule, peers=tuple(named(rule.peers)))
        for rule in tiers.rules
        if rule.direction is direction
    )
    return replace(tiers, rules=tuple(rule for rule in rules if rule.peers))
