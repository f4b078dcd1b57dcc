"""The classes of workloads that may send to a workload, with the permitted traffic.

In: classes under one reading of what is unknown. Both ends decide, each by its allows, or by
tiers before and after them. Where blocks and networks match pods, their addresses decide too: both are of one IP
version, and no two pods have the same.
"""

from collections.abc import Iterator, Mapping
from functools import partial, reduce
from itertools import product
from operator import or_
from typing import TypeAlias

from netpolc.analysis.address_groups import are_one_address
from netpolc.analysis.port_encoding import with_numbers
from netpolc.analysis.query import container_ports
from netpolc.analysis.tier_fold import TierFold
from netpolc.analysis.workload_classes import WorkloadClass, WorkloadClasses
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Direction
from netpolc.kube.ports import EVERY_PORT, NamedPort, Traffic
from netpolc.sets import IntervalSet

_NOTHING = Traffic()
_VERSIONS = (4, 6)
_Ports: TypeAlias = Mapping[NamedPort, frozenset[int]]
_Listed: TypeAlias = tuple[Traffic | None, Traffic | None]
"""What the allows of a sender and of a receiver list; None where an end is open."""


def permitted_senders(
    classes: WorkloadClasses, receiver: WorkloadClass, workload: Workload
) -> Iterator[tuple[WorkloadClass, Traffic]]:
    """The classes that may send to a workload of a class, in their order, and what they may send."""
    ports = container_ports(workload)
    entering = _entering(classes, receiver, ports)
    if classes.view.tiers is not None:
        yield from _by_tiers(classes, receiver, ports, entering)
        return
    # From the end that names the fewer: an open receiver is asked about by its senders.
    leaving = classes.leaving_to(receiver.number) if entering is None else {}
    for number in sorted(leaving if entering is None else entering):
        sender = classes.all[number]
        if classes.tells_addresses(sender, receiver):
            traffic = _by_address(classes, sender, receiver, ports)
        elif entering is None:
            traffic = with_numbers(leaving[number], ports)
        elif sender.egress is None:
            traffic = entering[number]
        else:
            traffic = _common(
                entering[number], with_numbers(_leaving(classes, sender, receiver), ports)
            )
        if traffic:
            yield sender, traffic


def _by_tiers(
    classes: WorkloadClasses,
    receiver: WorkloadClass,
    ports: _Ports,
    entering: Mapping[int, Traffic] | None,
) -> Iterator[tuple[WorkloadClass, Traffic]]:
    """The same where tiers decide before and after the allows, so that every class may send.

    Classes that no allow names have the same traffic if no rule tells them apart: one is asked about.
    """
    closed = None if entering is None else _NOTHING
    leaving = classes.listed_to(receiver.number)
    permitted: dict[int, Traffic] = {}
    for alike in classes.alike_by_tiers:
        workload_class = alike[0]
        listed = None if workload_class.egress is None else _NOTHING, closed
        if classes.tells_addresses(workload_class, receiver):
            traffic = _by_address(classes, workload_class, receiver, ports, listed)
        else:
            traffic = _permitted(classes, workload_class, receiver, ports, listed)
        if traffic:
            permitted.update((sender.number, traffic) for sender in alike)
    for number in {*(entering or ()), *leaving}:
        sender = classes.all[number]
        if classes.tells_addresses(sender, receiver):
            permitted[number] = _by_address(classes, sender, receiver, ports)
        else:
            listed = (
                None if sender.egress is None else leaving.get(number, _NOTHING),
                closed if entering is None else entering.get(number, closed),
            )
            permitted[number] = _permitted(classes, sender, receiver, ports, listed)
    yield from (
        (classes.all[number], permitted[number])
        for number in sorted(permitted)
        if permitted[number]
    )


def _by_address(
    classes: WorkloadClasses,
    sender: WorkloadClass,
    receiver: WorkloadClass,
    ports: _Ports,
    listed: _Listed | None = None,
) -> Traffic:
    """The traffic permitted for some addresses of the pods; where the reading permits least, for all.

    `listed` is what allows list beside blocks, if that is known.
    """
    out, into = (
        classes.blocks_of(sender, Direction.EGRESS),
        classes.blocks_of(receiver, Direction.INGRESS),
    )
    if listed is None:
        listed = (
            classes.listed(sender, Direction.EGRESS, receiver),
            classes.listed(receiver, Direction.INGRESS, sender),
        )
    kinds = classes.tier_kinds
    hosts = sender.is_on_host, receiver.is_on_host
    key = (
        *(kinds[sender.number], kinds[receiver.number], frozenset(ports.items())),
        *(listed, out, into, hosts),
    )
    known = classes.permitted.get(key)
    if known is not None:
        return known
    traffics = []
    for version in _VERSIONS:
        receivers = classes.by_address(out, receiver, version)
        senders = classes.by_address(into, sender, version)
        for (there, sent), (here, received) in product(receivers, senders):
            # Pods on the host's network of one node share its address.
            if all(hosts) or not are_one_address(here, there):
                every = _with(listed[0], sent), _with(listed[1], received)
                at = _addresses(version, there), _addresses(version, here)
                traffics.append(_permitted(classes, sender, receiver, ports, every, at))
    combined = reduce(or_ if classes.view.most else _common, traffics) if traffics else _NOTHING
    classes.permitted[key] = combined
    return combined


def _with(listed: Traffic | None, more: Traffic) -> Traffic | None:
    return None if listed is None else listed | more


def _addresses(version: int, numbers: IntervalSet | None) -> Addresses | None:
    """The addresses of an IP version; None where they do not matter."""
    if numbers is None:
        return None
    return Addresses(v4=numbers) if version == 4 else Addresses(v6=numbers)  # noqa: PLR2004


def _permitted(
    classes: WorkloadClasses,
    sender: WorkloadClass,
    receiver: WorkloadClass,
    ports: _Ports,
    listed: _Listed,
    at: tuple[Addresses | None, Addresses | None] = (None, None),
) -> Traffic:
    """The traffic that both ends permit, tiers included; `at` are addresses of the receiver and the sender."""
    kinds = classes.tier_kinds
    key = kinds[sender.number], kinds[receiver.number], frozenset(ports.items()), listed, at
    known = classes.permitted.get(key)
    if known is not None:
        return known
    ends = (
        (Direction.EGRESS, sender, receiver, at[0], listed[0]),
        (Direction.INGRESS, receiver, sender, at[1], listed[1]),
    )
    traffics = []
    for direction, pod, other, addresses, by_policies in ends:
        permitted = EVERY_PORT if by_policies is None else with_numbers(by_policies, ports)
        if classes.view.tiers is not None:
            matches = partial(classes.rule_matches, pod=pod, other=other, at=addresses)
            tiers, groups = classes.view.tiers, classes.groups_about(pod)
            fold = TierFold(reading=tiers, groups=groups, matches=matches, ports=ports)
            permitted = fold.permitted(direction, by_policies)
        traffics.append(permitted)
    known = classes.permitted[key] = _common(*traffics)
    return known


def _entering(
    classes: WorkloadClasses, receiver: WorkloadClass, ports: _Ports
) -> dict[int, Traffic] | None:
    """The traffic that the receiver's end permits to each class of senders; None if it is open."""
    if receiver.ingress is None:
        return None
    by_senders: dict[frozenset[int], Traffic] = {}
    for peer, listed in receiver.ingress:
        traffic = with_numbers(listed, ports)
        senders = classes.meant(peer, receiver.namespace)
        first = by_senders.get(senders)
        by_senders[senders] = traffic if first is None else first | traffic
    permitted: dict[int, Traffic] = {}
    for senders in sorted(by_senders, key=len, reverse=True):
        traffic = by_senders[senders]
        if not permitted:
            permitted = dict.fromkeys(senders, traffic)
            continue
        for number in senders:
            first = permitted.get(number)
            permitted[number] = traffic if first is None else first | traffic
    return permitted


def _leaving(classes: WorkloadClasses, sender: WorkloadClass, receiver: WorkloadClass) -> Traffic:
    """The traffic that a closed sender's end permits to a class of receivers, port names included."""
    traffic = Traffic()
    for peer, listed in sender.egress or ():
        if receiver.number in classes.meant(peer, sender.namespace):
            traffic |= listed
    return traffic


def _common(traffic: Traffic, other: Traffic) -> Traffic:
    if traffic.is_everything or traffic == other:
        return other
    if other.is_everything:
        return traffic
    return Traffic(
        tcp=traffic.tcp & other.tcp, udp=traffic.udp & other.udp, sctp=traffic.sctp & other.sctp
    )
