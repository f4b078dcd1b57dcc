"""Enumerate only the cases of a query that can match.

A question about all namespaces has a case for each pair of places. Most pairs need no
look: the allows of a closed receiver, chosen by subject, say which namespaces can be at
the other end, and only those are cases.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from netpolc.analysis.closed_by_tiers import ClosedByTiers
from netpolc.analysis.namespace_partition import Cluster, NamespaceClass, NamespaceClasses
from netpolc.analysis.policy_index import PolicyIndex
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import Reading
from netpolc.analysis.query import AddressEnd, EndOfQuestion, PodEnd, Question
from netpolc.analysis.symbolic_case import END, OTHER_END, RECEIVER, Case, boxes
from netpolc.analysis.tiers import TierRule
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.selectors import Selector
from netpolc.manifest.tier_model import Action
from netpolc.sets import ValueSet
from netpolc.sets.boxes import Box

_FEW = 4
"""So many senders are looked at one by one, without asking whether tiers close a receiver to all of them."""


def cases(
    cluster: Cluster,
    question: Question,
    side: PolicyVersion,
    receivers: "Chosen | None" = None,
    closed: ClosedByTiers | None = None,
) -> Iterator[Case]:
    """The cases of a question in which the receiver's end may permit something.

    `closed` tells which receivers tiers close, where somebody asks for what they permit as well.
    """
    sender, receiver = question.sender, question.receiver
    near = _near(cluster.senders, sender, side)
    if isinstance(receiver, AddressEnd):
        for place in near if isinstance(sender, PodEnd) else ():
            yield case_of(cluster, question, place, None)
        return
    chosen = Chosen(receiver, sender) if receivers is None else receivers

    @cache
    def order() -> Mapping[NamespaceClass | None, int]:
        return {place: number for number, place in enumerate(near)}

    closed = closed if isinstance(sender, PodEnd) and len(near) > _FEW else None
    for there in cluster.receivers.near(receiver.namespaces, side):
        if closed is not None and closed.always(there):
            continue
        policies = there.sides[side]
        accepting = cluster.rules_about(there, Direction.INGRESS, Action.ACCEPT, side)
        senders: Iterable[NamespaceClass | None] = near
        if policies is not None and policies.always_closed is not None:
            senders = listed_senders(cluster.senders, order(), policies, chosen, accepting)
        elif closed is not None and closed.while_open(there):
            senders = listed_senders(cluster.senders, order(), policies, chosen, accepting)
            senders = sorted(senders, key=order().__getitem__)
        for here in senders:
            for same in sameness(here, there):
                yield case_of(cluster, question, here, there, same=same)


def listed_senders(
    senders: NamespaceClasses,
    near: Mapping[NamespaceClass | None, int],
    side: PolicyIndex | None,
    chosen: "Chosen",
    accepting: Iterable[TierRule],
) -> Iterable[NamespaceClass | None]:
    """The senders' places that some opening of the receiver, which is closed, may admit."""
    if None in near:
        return near
    names: dict[str, None] = {}
    for rule in accepting:
        for peer in rule.peers:
            pods = peer.namespaces if isinstance(peer, Pods) else None
            listed_names = None if pods is None else pods.namespace_names
            if listed_names is None:
                return near
            names.update(dict.fromkeys(sorted(listed_names)))
    for listed_names in () if side is None else (side.names[index] for index in chosen.of(side)):
        if listed_names is None:
            return near
        names.update(dict.fromkeys(sorted(listed_names)))
    return [p for p in dict.fromkeys(map(senders.named, names)) if p in near]


class Chosen:
    """The allows and isolations that concern one end of a question; worked out once for each side.

    Where the other end is given, allows that surely are not about it are left out.
    """

    __slots__ = ("_closing", "_found", "_other", "end")

    def __init__(self, end: EndOfQuestion, other: EndOfQuestion | None = None) -> None:
        self.end, self._other = end, other
        self._found: dict[PolicyIndex, dict[int, None]] = {}
        self._closing: dict[PolicyIndex, tuple[Box, ...]] = {}

    def of(self, side: PolicyIndex) -> Mapping[int, None]:
        """The allows whose subject may be among the pods asked about, by index."""
        chosen = self._found.get(side)
        if chosen is None:
            chosen = self._found[side] = dict.fromkeys(_chosen(side, self.end, self._other))
        return chosen

    def about(
        self,
        case: Case,
        direction: Direction,
        side: PolicyVersion,
        names: ValueSet | None = None,
    ) -> Iterable[int]:
        """The allows that may concern the other end of a case too.

        `names` are those that the other end's namespace can have, if they are known more exactly.
        """
        place, other = case.place(END[direction]), case.place(OTHER_END[direction])
        here = None if place is None else place.sides[side]
        if here is None:
            return ()
        mine = self.of(here)
        if other is not None:
            pod = case.workload(OTHER_END[direction])
            if pod is not None:
                return [index for index in here.toward_pod(pod) if index in mine]
            return here.toward(names or other.names, mine)
        fewer, more = sorted((mine, here.outside), key=len)
        return sorted(index for index in fewer if index in more)

    def closing(self, case: Case, direction: Direction, side: PolicyVersion) -> tuple[Box, ...]:
        """The boxes of the pods of this end that isolations close."""
        place = case.place(END[direction])
        here = None if place is None else place.sides[side]
        if here is None:
            return ()
        closing_boxes = self._closing.get(here)
        if closing_boxes is None:
            near = _isolated(here, self.end)
            closing_boxes = tuple(boxes(case.subject(direction, pods) for pods in near))
            self._closing[here] = closing_boxes
        return closing_boxes


def exists(
    cluster: Cluster, question: Question, asked: Reading, side: PolicyVersion = PolicyVersion.ONLY
) -> bool:
    """Whether any connection that could exist is asked about."""
    return any(
        next(case.asked(question, side, asked), None) is not None
        for here in _near(cluster.anywhere, question.sender, side)
        for there in _near(cluster.anywhere, question.receiver, side)
        for same in sameness(here, there)
        for case in (case_of(cluster, question, here, there, same=same),)
    )


def end_cases(
    cluster: Cluster, question: Question, direction: Direction, side: PolicyVersion
) -> Iterator[Case]:
    """The cases for one end alone: the other end's policies do not matter, only its facts."""
    own = asked_end(question, direction)
    other = question.sender if direction is Direction.INGRESS else question.receiver
    if isinstance(own, AddressEnd):
        return
    places = cluster.receivers if direction is Direction.INGRESS else cluster.senders
    far = _near(cluster.anywhere, other, side)
    for here in places.near(own.namespaces, side):
        closes = cluster.rules_about(here, direction, Action.DENY, side)
        for there in far if here.sides[side] is not None or closes else ():
            ends = (there, here) if direction is Direction.INGRESS else (here, there)
            for same in sameness(there, here):
                yield case_of(cluster, question, *ends, same=same)


def _near(
    places: NamespaceClasses, end: EndOfQuestion, side: PolicyVersion
) -> tuple[NamespaceClass | None, ...]:
    """The places that an end can be in; None for addresses."""
    return places.near(end.namespaces, side) if isinstance(end, PodEnd) else (None,)


def case_of(
    cluster: Cluster,
    question: Question,
    sender: NamespaceClass | None,
    receiver: NamespaceClass | None,
    *,
    same: bool = False,
) -> Case:
    """The case of a question whose ends are in two places."""
    return Case(
        sender=sender,
        receiver=receiver,
        same=same,
        sender_workload=_workload(question.sender),
        receiver_workload=_workload(question.receiver),
        parts=cluster.addresses,
        tiers=cluster.tiers,
    )


def _workload(end: EndOfQuestion) -> Workload | None:
    return end.workload if isinstance(end, PodEnd) else None


def sameness(here: NamespaceClass | None, there: NamespaceClass | None) -> tuple[bool, ...]:
    """Whether pods of two places can be in the same namespace, and in different ones."""
    if here is None or there is None:
        return (False,)
    meets = not here.names.isdisjoint(there.names)
    differs = here.only_name is None or here.only_name != there.only_name
    return (True, False) if meets and differs else (meets,)


def _chosen(side: PolicyIndex, end: EndOfQuestion, other: EndOfQuestion | None) -> Iterable[int]:
    if isinstance(end, AddressEnd):
        return range(len(side.allows))
    if end.workload is not None:
        return side.about_pod(end.workload)
    if isinstance(other, PodEnd):
        return side.between(end.pods, other.pods)
    return side.about(dict(end.pods.requirements))


def _isolated(side: PolicyIndex, end: EndOfQuestion) -> Iterable[Selector]:
    """The pods that subjects may close, among those of an end; the subject of all pods closes alone."""
    if side.always_closed is None and isinstance(end, PodEnd) and end.workload is not None:
        return (subject.selector for subject in side.closing_pod(end.workload))
    return side.isolated


def asked_end(question: Question, direction: Direction) -> EndOfQuestion:
    """The end of a question that a direction is about."""
    return question.receiver if END[direction] == RECEIVER else question.sender
