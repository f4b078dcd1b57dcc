"""Workloads of equal namespace and labels as classes, and what policies say of each class.

A list of connections would compare every workload with every other one. Those whose namespace and
labels are equal have the same policies and are peers of the same rules, so they are asked about
once, and a policy's peers are looked up by label.
"""

from collections.abc import Hashable, Iterable, Iterator
from functools import cached_property
from itertools import compress
from typing import TypeAlias

from netpolc.analysis.address_groups import AddressGroup
from netpolc.analysis.address_line import on_line
from netpolc.analysis.class_view import ClassView
from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.pod_blocks import PodBlocks
from netpolc.analysis.policy_index import PolicyIndex
from netpolc.analysis.tier_fold import TierGroups, groups_with
from netpolc.analysis.tiers import Domains, Networks, Nodes, TierPeer, TierRule
from netpolc.analysis.unknown_of_list import namespace_facts
from netpolc.analysis.whatever_the_labels import whatever_the_labels
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.label_conventions import ControllerLabel
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import IntervalSet
from netpolc.values import frozen


@frozen(eq=False)
class WorkloadClass:
    """Workloads that no policy can tell apart, and the allows of each end; None: open."""

    number: int
    workloads: tuple[Workload, ...]
    namespace: str
    ingress: "tuple[tuple[Peer, Traffic], ...] | None"
    egress: "tuple[tuple[Peer, Traffic], ...] | None"

    @property
    def is_on_host(self) -> bool:
        """Whether the pods are on the host's network."""
        return self.workloads[0].host_network

    def allows(self, direction: Direction) -> "tuple[tuple[Peer, Traffic], ...] | None":
        """The allows of one end."""
        return self.ingress if direction is Direction.INGRESS else self.egress


class WorkloadClasses:
    """The classes, and which of them a peer means; remembered for each peer."""

    def __init__(self, policies: Policies, inventory: Inventory, view: ClassView) -> None:
        self.view = view
        self.all = _classes(policies, inventory.workloads, view)
        have_hosts = any(each.is_on_host for each in self.all)
        self._pod_blocks = PodBlocks(view, have_hosts=have_hosts)
        self._with_blocks = {
            direction: frozenset(
                each.number
                for each in self.all
                if any(self._pod_blocks.decide(peer) for peer, _ in each.allows(direction) or ())
            )
            for direction in Direction
        }
        self._lists_of_blocks: dict[tuple[int, Direction], int] = {}
        self._varying: dict[tuple[str, str], list[int]] = {}
        self._namespaces: dict[str, list[int]] = {}
        self._by_label: dict[tuple[str, str, str], list[int]] = {}
        for each in self.all:
            self._namespaces.setdefault(each.namespace, []).append(each.number)
            for label, value in each.workloads[0].labels.items():
                self._by_label.setdefault((each.namespace, label, value), []).append(each.number)
            for varying in each.workloads[0].varying:
                self._varying.setdefault((each.namespace, varying.key), []).append(each.number)
        self._facts = {
            name: namespace_facts(policies, name, complete=view.plain) for name in self._namespaces
        }
        self._among: dict[tuple[Pods, int], bool | None] = {}
        self._groups_about: dict[int, TierGroups] = {}
        self._chosen: dict[_Seen, frozenset[int]] = {}
        self._by_network = tuple(
            tuple(alike)
            for is_host in (False, True)
            if (alike := [member for member in self.all if member.is_on_host is is_host])
        )
        self._chosen_by_blocks: dict[Addresses, tuple[bool, ...]] = {}
        self._of_networks: dict[tuple[bool, ...], frozenset[int]] = {}
        self._open_senders = tuple(each.number for each in self.all if each.egress is None)
        self._listing: dict[int, list[_Seen]] | None = None
        self.permitted: dict[Hashable, Traffic] = {}
        """The traffic between classes of two kinds, by what allows list (`permitted_senders`)."""
        self._listed_by: dict[_Seen, list[tuple[int, Traffic]]] = {}

    def meant(self, peer: Peer, home: str) -> frozenset[int]:
        """The classes that a peer means, by number, seen from a namespace."""
        if isinstance(peer, Outside):
            return self._meant_by_block(peer.addresses)
        seen = _seen(peer, home)
        numbers = self._chosen.get(seen)
        if numbers is None:
            numbers = self._chosen[seen] = frozenset(self._meant(peer, home))
        return numbers

    def _meant_by_block(self, addresses: Addresses) -> frozenset[int]:
        """The classes that a block means: all or none of those on one kind of network."""
        kinds = self._chosen_by_blocks.get(addresses)
        if kinds is None:
            kinds = self._chosen_by_blocks[addresses] = tuple(
                self.view.block_may_match(addresses, alike[0].workloads[0])
                for alike in self._by_network
            )
        numbers = self._of_networks.get(kinds)
        if numbers is None:
            numbers = self._of_networks[kinds] = frozenset(
                each.number for alike in compress(self._by_network, kinds) for each in alike
            )
        return numbers

    def tells_addresses(self, sender: WorkloadClass, receiver: WorkloadClass) -> bool:
        """Whether the addresses of two classes may decide about a connection between them.

        They have addresses of one IP version, and not the same. So what a block permits at one end and
        what a block permits at the other need not add up.
        """
        if self._pod_blocks.always_decide:
            return True
        into = receiver.number in self._with_blocks[Direction.INGRESS]
        out = sender.number in self._with_blocks[Direction.EGRESS]
        is_mixed = sender.is_on_host is not receiver.is_on_host
        if self.view.most and not (is_mixed and self._pod_blocks.decide_about_hosts):
            return into and out
        return into or out

    def listed(
        self, workload_class: WorkloadClass, direction: Direction, other: WorkloadClass
    ) -> Traffic | None:
        """The traffic that the allows of one end list, blocks left out; None if it is open."""
        allows = workload_class.allows(direction)
        if allows is None:
            return None
        traffic = Traffic()
        for peer, some in allows:
            if not isinstance(peer, Outside) and other.number in self.meant(
                peer, workload_class.namespace
            ):
                traffic |= some
        return traffic

    def blocks_of(self, workload_class: WorkloadClass, direction: Direction) -> int:
        """The number of the list of blocks of one end, as far as blocks match pods; equal for equal lists."""
        key = workload_class.number, direction
        number = self._lists_of_blocks.get(key)
        if number is None:
            number = self._pod_blocks.number(workload_class.allows(direction) or ())
            self._lists_of_blocks[key] = number
        return number

    def by_address(
        self, number: int, other: WorkloadClass, version: int
    ) -> tuple[AddressGroup, ...]:
        """What a list of blocks permits a class, by its addresses of an IP version."""
        return self._pod_blocks.by_address(number, other.workloads[0], version)

    def leaving_to(self, receiver: int) -> dict[int, Traffic]:
        """The traffic that senders permit to a class of receivers, port names included, without empty results."""
        return {**dict.fromkeys(self._open_senders, EVERY_PORT), **self.listed_to(receiver)}

    def listed_to(self, receiver: int) -> dict[int, Traffic]:
        """The traffic that closed senders list to a class of receivers, port names included."""
        listed: dict[int, Traffic] = {}
        for seen in self._peers_of(receiver):
            for sender, traffic in self._listed_by[seen]:
                first = listed.get(sender)
                listed[sender] = traffic if first is None else first | traffic
        return listed

    @cached_property
    def tier_kinds(self) -> tuple[int, ...]:
        """For each class a number, equal for classes that no rule of a tier tells apart."""
        rules = () if self.view.tiers is None else self.view.tiers.tiers.rules
        numbers: dict[Hashable, int] = {}
        kinds = []
        for workload_class in self.all:
            subjects = tuple(self._is_among(rule.subject, workload_class) for rule in rules)
            peers = tuple(self._is_peer(rule, workload_class) for rule in rules)
            kinds.append(numbers.setdefault((subjects, peers), len(numbers)))
        return tuple(kinds)

    @cached_property
    def alike_by_tiers(self) -> tuple[tuple[WorkloadClass, ...], ...]:
        """The classes of one kind and network, by whether they are open as senders and by the blocks that they list."""
        alike: dict[Hashable, list[WorkloadClass]] = {}
        for kind, workload_class in zip(self.tier_kinds, self.all, strict=True):
            blocks = self.blocks_of(workload_class, Direction.EGRESS)
            key = kind, workload_class.egress is None, blocks, workload_class.is_on_host
            alike.setdefault(key, []).append(workload_class)
        return tuple(map(tuple, alike.values()))

    def _peers_of(self, receiver: int) -> list["_Seen"]:
        """The peers of closed senders that mean a class; all are worked out on first use."""
        if self._listing is None:
            self._listing = {}
            for sender in self.all:
                for peer, traffic in sender.egress or ():
                    seen = _seen(peer, sender.namespace)
                    if seen not in self._listed_by:
                        for number in self.meant(peer, sender.namespace):
                            self._listing.setdefault(number, []).append(seen)
                    self._listed_by.setdefault(seen, []).append((sender.number, traffic))
        return self._listing.get(receiver, [])

    def _meant(self, peer: Anyone | Pods, home: str) -> Iterator[int]:
        match peer:
            case Anyone():
                yield from range(len(self.all))
            case Pods(namespaces, pods):
                for name in self._in(namespaces, home):
                    yield from self._with(name, pods)

    def _in(self, namespaces: Selector | None, home: str) -> Iterable[str]:
        if namespaces is None:
            return (home,) if home in self._namespaces else ()
        names: Iterable[str] = self._namespaces
        if (exact := namespaces.namespace_names) is not None:
            names = sorted(name for name in exact if name in self._namespaces)
        return (name for name in names if self._may_be(self._facts[name], namespaces))

    def groups_about(self, pod: WorkloadClass) -> TierGroups:
        """The rules of tiers; policies that are surely not about a class are left out."""
        if pod.number not in self._groups_about:
            assert self.view.tiers is not None
            self._groups_about[pod.number] = groups_with(
                self.view.tiers.groups,
                lambda rule: self._is_among(rule.subject, pod) is not False,
            )
        return self._groups_about[pod.number]

    def rule_matches(
        self,
        rule: TierRule,
        pod: WorkloadClass,
        other: "WorkloadClass | IntervalSet",
        at: Addresses | None = None,
    ) -> bool | None:
        """Whether a rule of a tier is about a class and another one, or addresses on their line.

        With `at`, the pods of the other class have one of these addresses.
        """
        subject = self._is_among(rule.subject, pod)
        if subject is False:
            return False
        peer = self._is_peer(rule, other, at)
        return peer if subject or peer is False else None

    def _is_peer(
        self, rule: TierRule, other: "WorkloadClass | IntervalSet", at: Addresses | None = None
    ) -> bool | None:
        """Whether a class, or addresses on their line, are a peer of a rule of a tier."""
        peers = [self._is_tier_peer(peer, other, at) for peer in rule.peers]
        return True if True in peers else None if None in peers else False

    def _is_tier_peer(
        self, peer: TierPeer, other: "WorkloadClass | IntervalSet", at: Addresses | None = None
    ) -> bool | None:
        reading = self.view.tiers
        assert reading is not None
        match peer, other:
            case Pods(), WorkloadClass():
                return self._is_among(peer, other)
            case Anyone(), _:
                return True
            case Networks() | Nodes() | Domains(), WorkloadClass() if self._has_node_addresses(
                other
            ):
                return None
            case Networks(addresses), WorkloadClass():
                pods = at or reading.pods
                meets = addresses.meets(pods)
                return True if meets and pods <= addresses else None if meets else False
            case Networks(addresses), IntervalSet():
                return other <= on_line(addresses)
            case Nodes(), IntervalSet():
                return None if other & on_line(reading.nodes) else False
            case Domains(), IntervalSet():
                return None
            case Domains(), _:
                return None if reading.pods else False
        return False

    def _has_node_addresses(self, workload_class: WorkloadClass) -> bool:
        """Whether pods of a class are taken to have the addresses of their nodes."""
        return workload_class.is_on_host and not self.view.plain

    def _is_among(self, pods: Pods, workload_class: WorkloadClass) -> bool | None:
        """Whether the workloads of a class are among pods of a tier's policy."""
        key = (pods, workload_class.number)
        if key not in self._among:
            workload = workload_class.workloads[0]
            left = self._facts[workload_class.namespace].left(pods.namespaces or EVERYTHING)
            matches = None if left is None else self.view.matches(pods.pods, workload)
            hidden = self._has_node_addresses(workload_class)
            self._among[key] = (
                False if left is None or matches is False or hidden else None if left else matches
            )
        return self._among[key]

    def _may_be(self, facts: Facts, namespaces: Selector) -> bool:
        """Whether a namespace with these labels is taken to be meant by a selector."""
        left = facts.left(namespaces)
        return left is not None and (self.view.most or not left)

    def _with(self, name: str, pods: Selector) -> Iterator[int]:
        near = self._namespaces[name]
        for key, allowed in pods.requirements:
            if allowed.is_finite:
                near = [
                    i
                    for v in sorted(allowed.values)
                    for i in self._by_label.get((name, key, v), ())
                ]
                near += self._varying.get((name, key), ())
                break
        for number in near:
            workload = self.all[number].workloads[0]
            if not self.view.is_hidden(workload) and self.view.selects(pods, workload):
                yield number


_Seen: TypeAlias = tuple[str, Peer]
"""A peer and the namespace that it is seen from, where that matters."""


def _seen(peer: Peer, home: str) -> _Seen:
    return (home if isinstance(peer, Pods) and peer.namespaces is None else "", peer)


_ClassKey: TypeAlias = tuple[str, tuple[tuple[str, str], ...], tuple[ControllerLabel, ...], bool]
"""The key of a class: equal for workloads that no policy tells apart."""


def _class_key(workload: Workload) -> _ClassKey:
    labels = tuple(sorted(workload.labels.items()))
    return workload.namespace, labels, workload.varying, workload.host_network


def _order(key: _ClassKey) -> tuple[object, ...]:
    return key[0], key[1], key[3], [label.pattern for label in key[2]]


def _classes(
    policies: Policies, workloads: Iterable[Workload], view: ClassView
) -> tuple[WorkloadClass, ...]:
    """The classes of workloads, numbered in their order."""
    grouped: dict[_ClassKey, list[Workload]] = {}
    for workload in workloads:
        grouped.setdefault(_class_key(workload), []).append(workload)
    sides = {
        (name, direction): PolicyIndex.of(each, direction)
        for name, each in policies.namespaces.items()
        for direction in Direction
    }
    return tuple(
        WorkloadClass(
            number,
            tuple(grouped[key]),
            key[0],
            *(
                _allows(sides.get((key[0], direction)), grouped[key][0], view)
                for direction in (Direction.INGRESS, Direction.EGRESS)
            ),
        )
        for number, key in enumerate(sorted(grouped, key=_order))
    )


def _allows(
    side: PolicyIndex | None, workload: Workload, view: ClassView
) -> tuple[tuple[Peer, Traffic], ...] | None:
    """The peers that a workload's pods list in a direction; None if they are open."""
    if side is None or view.is_open(workload):
        return None
    near = side.closing_pod(workload)
    if not any(view.closes(subject.selector, workload) for subject in near):
        return None
    allows = (side.allows[i] for i in side.about_pod(workload))
    listed = tuple((a.peer, a.traffic) for a in allows if view.selects(a.subject, workload))
    return listed if view.plain or view.most else (*listed, *whatever_the_labels(listed))
