"""One case of a question: the places of its ends, and whether they share a namespace.

Everything else becomes a box.

The variables of a box are the label keys of the two pods and of their namespaces, an
address, the port, and the names that a port may bear. Two pods of one namespace share
its labels, so in the case `same` there is one set of namespace variables; in the other
case the two names differ. A policy's own namespace is then no variable at all: it is
the other end's namespace in the first case and not in the second. Two pods also share
the IP version of their connection, and no two have the same address.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from netpolc.analysis.address_line import on_line
from netpolc.analysis.block_reading import (
    ADDRESS_LABELS,
    BLOCKS_MATCH_PODS,
    IP_VERSION,
    IP_VERSIONS,
    MADE_UP_LABELS,
    AddressParts,
)
from netpolc.analysis.namespace_partition import Facts, NamespaceClass
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.port_encoding import Reading
from netpolc.analysis.query import EVERY_ADDRESS, AddressEnd, EndOfQuestion, Question
from netpolc.analysis.tiers import TierReading
from netpolc.kube.inventory import Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Outside, Peer
from netpolc.kube.selectors import Selector
from netpolc.sets import ValueSet
from netpolc.sets.boxes import ANYTHING, Box, Possibilities, Variable, meet
from netpolc.sets.value_set import EVERY, PRESENT
from netpolc.values import frozen

SENDER, RECEIVER = "sender", "receiver"
NAMESPACE = "namespace"
NAMESPACES = {SENDER: "sender's namespace", RECEIVER: "receiver's namespace"}
ADDRESS = ("address", "")
VERSION = ("connection", IP_VERSION)
_OF_CONNECTIONS: Mapping[str, Variable] = {
    IP_VERSION: VERSION,
    BLOCKS_MATCH_PODS: ("connection", BLOCKS_MATCH_PODS),
}
"""The variables that both pods of a connection share, by the made-up labels for them."""
_FREE = Facts({})
_FREE_ADDRESSES = dict.fromkeys(MADE_UP_LABELS, EVERY)
MADE_UP: Collection[Variable] = frozenset(
    (
        *_OF_CONNECTIONS.values(),
        *((end, label) for end in (SENDER, RECEIVER) for label in ADDRESS_LABELS.values()),
    )
)
"""The variables of the addresses of pods, and of whether blocks match them."""
END = {Direction.INGRESS: RECEIVER, Direction.EGRESS: SENDER}
OTHER_END = {Direction.INGRESS: SENDER, Direction.EGRESS: RECEIVER}


@frozen(kw_only=True, eq=False)
class Case:
    """The places of the ends, None for addresses, and the workloads that the pods are of.

    `parts` are those of the addresses that pods may have, None where addresses decide nothing; `tiers` are
    those of each side.
    """

    sender: NamespaceClass | None
    receiver: NamespaceClass | None
    same: bool = False
    sender_workload: Workload | None = None
    receiver_workload: Workload | None = None
    parts: AddressParts | None = None
    tiers: tuple[TierReading | None, ...] = (None,)

    def place(self, end: str) -> NamespaceClass | None:
        """The place of an end."""
        return self.sender if end == SENDER else self.receiver

    def workload(self, end: str) -> Workload | None:
        """The known workload at an end."""
        return self.sender_workload if end == SENDER else self.receiver_workload

    def pod(self, end: str) -> Facts:
        """The known labels of an end."""
        workload = self.workload(end)
        if workload is None:
            return _FREE
        varying = {label.key: PRESENT if label.always else EVERY for label in workload.varying}
        return Facts(workload.labels, complete=True, varying={**varying, **_FREE_ADDRESSES})

    def slot(self, end: str) -> str:
        """The first part of the variables of an end's namespace."""
        return NAMESPACE if self.same else NAMESPACES[end]

    def pods(self, end: str, selector: Selector) -> Box | None:
        """The box of an end's pods; None where they cannot be."""
        if self.place(end) is None:
            return None
        rest = self.pod(end).left(selector)
        if rest is None:
            return None
        return {_OF_CONNECTIONS.get(key, (end, key)): allowed for key, allowed in rest}

    def namespaces(self, end: str, selector: Selector, side: PolicyVersion) -> Box | None:
        """The box of an end's namespace; None where it cannot be."""
        place = self.place(end)
        rest = None if place is None else place.left(selector, side)
        if rest is None:
            return None
        slot = self.slot(end)
        return {(slot, key): allowed for key, allowed in rest}

    def peer(self, direction: Direction, peer: Peer, side: PolicyVersion) -> Box | None:
        """The box of the peer of a policy in this direction; None where it cannot match."""
        end = OTHER_END[direction]
        match peer:
            case Anyone():
                return ANYTHING
            case Outside(addresses):
                return {ADDRESS: on_line(addresses)} if self.place(end) is None else None
            case _ if peer.namespaces is None:
                return self.pods(end, peer.pods) if self.same else None
            case _:
                where = self.namespaces(end, peer.namespaces, side)
                pods = None if where is None else self.pods(end, peer.pods)
                return None if where is None or pods is None else {**where, **pods}

    def subject(self, direction: Direction, subject: Selector) -> Box | None:
        """The box of the subject of a policy in this direction."""
        return self.pods(END[direction], subject)

    def asked(self, question: Question, side: PolicyVersion, reading: Reading) -> Iterator[Box]:
        """The boxes of the question in this case."""
        where = self.frame()
        for end, asked in ((SENDER, question.sender), (RECEIVER, question.receiver)):
            box = None if where is None else self.end(end, asked, side)
            where = None if where is None or box is None else meet(where, box)
        if where is not None:
            yield from ({**where, **traffic} for traffic in reading(question.traffic))

    def is_apart(self, box: Box) -> bool:
        """Whether two pods of a box can differ: in the names of different namespaces, and in address."""
        if self.sender is None or self.receiver is None:
            return True
        if not self.same:
            names, others = (names_of(box, NAMESPACES[end]) for end in (SENDER, RECEIVER))
            if names == others and names.single is not None:
                return False
        return self.parts is None or bool(self.versions_of(self.parts, box))

    def versions_of(self, parts: AddressParts, box: Box) -> tuple[int, ...]:
        """The IP versions that a connection between pods in a box can be of."""
        possible = box.get(VERSION, parts.versions)
        return tuple(
            version
            for version, value in IP_VERSIONS.items()
            if possible & value and not _share_an_address(parts, version, box)
        )

    def frame(self) -> Box | None:
        """The names and addresses that the ends can have; None if there are none."""
        here, there = self.sender, self.receiver
        frame: dict[Variable, Possibilities] = {}
        if here is None or there is None:
            frame[ADDRESS] = on_line(EVERY_ADDRESS.addresses)
        elif self.parts is not None and not self.parts.versions.is_full:
            frame[VERSION] = self.parts.versions
        if self.same and here is not None and there is not None:
            names = here.names & there.names
            return {**frame, (NAMESPACE, METADATA_NAME): names} if names else None
        for end, place, other in ((SENDER, here, there), (RECEIVER, there, here)):
            if place is not None:
                taken = () if other is None or other.only_name is None else (other.only_name,)
                names = place.names - ValueSet.among(*taken)
                if not names:
                    return None
                frame[NAMESPACES[end], METADATA_NAME] = names
        return frame

    def end(self, end: str, asked: EndOfQuestion, side: PolicyVersion) -> Box | None:
        """The box of an end that is asked about; None where it cannot be."""
        if isinstance(asked, AddressEnd):
            return {ADDRESS: on_line(asked.addresses)} if self.place(end) is None else None
        where = self.namespaces(end, asked.namespaces, side)
        pods = self.pods(end, asked.pods)
        if where is None or pods is None:
            return None
        # Labels that no pod of a workload lacks limit what is left when others are avoided.
        varying = self.pod(end).varying.items()
        certain: Box = {(end, key): allowed for key, allowed in varying if not allowed.absent}
        return {**where, **certain, **pods}


def names_of(box: Box, slot: str) -> ValueSet:
    """The names that a box leaves to the namespace of an end."""
    names = box[slot, METADATA_NAME]
    if not isinstance(names, ValueSet):
        raise TypeError(slot)
    return names


def _share_an_address(parts: AddressParts, version: int, box: Box) -> bool:
    """Whether a box leaves one address of a version to both pods together."""
    here, there = (box.get((end, ADDRESS_LABELS[version]), EVERY) for end in (SENDER, RECEIVER))
    if not isinstance(here, ValueSet) or not isinstance(there, ValueSet):
        raise TypeError(version)
    return parts.is_one_address(version, here | there)


def labels_of(box: Box, slot: str) -> list[tuple[str, ValueSet]]:
    """The selector of a box for one set of labels."""
    return [
        (variable[1], allowed)
        for variable, allowed in box.items()
        if isinstance(variable, tuple) and variable[0] == slot and isinstance(allowed, ValueSet)
    ]


def boxes(candidates: Iterable[Box | None]) -> list[Box]:
    """The boxes among the candidates, without None."""
    return [box for box in candidates if box is not None]
