"""Compare the flows of a log with the intents: missing arrows, and arrows without flows.

Only what was forwarded, between ends that a policy can name, in a direction that the log
is certain of, becomes a proposal. Everything else that was seen is shown apart and says
why: nothing is left out silently, and nothing is opened because it was tried.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from datetime import datetime
from enum import Enum

from netpolc.analysis.query import PodEnd
from netpolc.flowlogs.aggregate import FlowKind, Seen, Tally
from netpolc.flowlogs.flows import EPHEMERAL, AddressParty, Entity, Party, PodParty, ServiceParty
from netpolc.flowlogs.node_ends import NodeEnds, addresses_of_all
from netpolc.flowlogs.permitted import Comparison, Permitted, end_of, traffic_of
from netpolc.flowlogs.special_ends import is_special
from netpolc.flowlogs.unused_arrows import Unseen, unseen
from netpolc.flowlogs.vocabulary import Called, Intents, Names
from netpolc.kube.dns import BUILT_IN_DNS
from netpolc.kube.inventory import AddressOf, Inventory
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.ports import MAX_PORT, Protocol
from netpolc.kube.selectors import Selector
from netpolc.manifest.manifest_set import UnreadPolicy
from netpolc.passes.decompile.build_nodes import braces
from netpolc.provenance import StatementKind
from netpolc.values import frozen


class FlowClass(Enum):
    """The class of a kind of flow: whether the intents permit it, or why no arrow is proposed for it."""

    PERMITTED = "permitted"
    MISSING = "missing"
    """Forwarded, not permitted by the intents, and proposed."""
    UNSURE = "unsure"
    """Whether the intents permit it hangs on labels or port names that the log does not show."""
    DOUBTFUL = "doubtful"
    """Perhaps a reply: to a client's port, or from a called port, and nothing says who began."""
    NAMELESS = "nameless"
    """One end is a pod that no label tells from others, or only the address of one is known."""
    ENTITY = "entity"
    """One end is neither a pod nor an address outside the cluster."""
    NODE = "node"
    """One end has a node's address: whether policies are about it depends on the network plugin."""
    SPECIAL = "special"
    """One end is an address that is not a peer's, such as a loopback or multicast one."""
    GUARDED = "guarded"
    """A cluster-wide policy denies it, or may."""
    DROPPED = "dropped"
    """Never forwarded."""


@frozen(kw_only=True)
class ClassifiedFlow:
    """A kind of flow with its class. `opened` are the ends at which it is missing, or may be for a node."""

    kind: FlowKind
    seen: Seen
    flow_class: FlowClass
    opened: tuple[Direction, ...] = ()
    permitted: bool = False


@frozen(kw_only=True)
class Opening:
    """One end that must let a kind of flow through: the subject there, and the other end."""

    namespace: str
    direction: Direction
    subject: Called
    peer: Party
    flow: ClassifiedFlow


@frozen(kw_only=True)
class ClassifiedLog:
    """The classified flows of a log, and the ends that need arrows.

    `new` are namespaces without policies that are to be closed, `open` those that are left alone, and
    `unread` the policies of other kinds that may be about the flows and are not counted.
    """

    lines: int
    overflow: int
    bad: int
    left: Mapping[str, int]
    flows: tuple[ClassifiedFlow, ...]
    openings: tuple[Opening, ...]
    unseen: tuple[Unseen, ...]
    new: frozenset[str]
    open: tuple[str, ...]
    unread: tuple[UnreadPolicy, ...] = ()
    first: datetime | None = None
    last: datetime | None = None
    names: Names = field(compare=False)
    nodes: NodeEnds = field(compare=False)

    def of(self, flow_class: FlowClass) -> tuple[ClassifiedFlow, ...]:
        """The flows of a class."""
        return tuple(classified for classified in self.flows if classified.flow_class is flow_class)


def classify(
    tally: Tally,
    intents: Intents,
    inventory: Inventory,
    *,
    new: bool,
    egress: bool,
    platform: bool = False,
) -> ClassifiedLog:
    """Compare what was seen with what is permitted.

    Args:
        tally: a log, added up.
        intents: what there is; it may be nothing.
        inventory: known workloads, for the numbers of named ports.
        new: whether namespaces that no policy speaks for are to be closed.
        egress: whether their senders' end is, too.
        platform: whether namespaces of the platform are among them.

    Returns:
        The classified log, in an order that does not depend on the log's.
    """
    tally.leave_out_replies()
    parties = {end for kind in tally.kinds for end in (kind.sender, kind.receiver)}
    kinds = _in_order(tally.kinds, parties)
    names = Names(intents, (end for end in parties if isinstance(end, PodParty)))
    comparison = Comparison(intents, names, inventory, new=new, egress=egress, platform=platform)
    nodes = NodeEnds(intents.program.addresses, inventory, names)
    classifier = _Classifier(intents, names, comparison, inventory, nodes, tally.possible_replies())
    flows = [classifier.classify(kind, seen) for kind, seen in kinds]
    openings = [opening for classified in flows for opening in classifier.openings(classified)]
    passed = tuple(
        classified.kind for classified in flows if classified.flow_class is not FlowClass.DROPPED
    )
    namespaces = {end.namespace for end in parties if isinstance(end, PodParty | ServiceParty)}
    closed = frozenset(filter(comparison.is_new, namespaces))
    times = [time for _, seen in kinds for time in (seen.first, seen.last) if time is not None]
    return ClassifiedLog(
        lines=tally.lines,
        overflow=tally.overflow,
        bad=tally.bad,
        left=dict(sorted(tally.left.items())),
        flows=tuple(flows),
        openings=tuple(openings),
        unseen=unseen(intents, names, passed),
        new=closed,
        open=tuple(sorted(namespaces - intents.policies.namespaces.keys() - closed)),
        unread=tuple(
            policy
            for policy in intents.tiers.unread
            if not policy.namespace or policy.namespace in namespaces
        ),
        first=min(times, default=None),
        last=max(times, default=None),
        names=names,
        nodes=nodes,
    )


def _in_order(
    kinds: Mapping[FlowKind, Seen], parties: Iterable[Party]
) -> list[tuple[FlowKind, Seen]]:
    """Kinds of flows by receiver, sender, protocol and port."""
    rank = {party: number for number, party in enumerate(sorted(parties, key=party_key))}
    protocols = {
        protocol: number for number, protocol in enumerate(sorted(Protocol, key=lambda p: p.value))
    }

    def place(item: tuple[FlowKind, Seen]) -> int:
        kind, _ = item
        number = rank[kind.receiver] * len(rank) + rank[kind.sender]
        number = number * len(protocols) + protocols[kind.protocol]
        return (number * (MAX_PORT + 1) + kind.port) * 2 + kind.certain

    return sorted(kinds.items(), key=place)


def party_key(party: Party) -> tuple[object, ...]:
    """A key that orders parties: pods by namespace, addresses, the rest."""
    match party:
        case PodParty():
            labels = party.labels, party.namespace_labels
            return (0, party.namespace, 0, "", labels, party.complete)
        case ServiceParty():
            return (0, party.namespace, 1, party.service)
        case AddressParty():
            return (1, party.address.version, int(party.address))
        case Entity():
            return (2, party.name)


class _Classifier:
    """Decides, kind by kind."""

    def __init__(
        self,
        intents: Intents,
        names: Names,
        comparison: Comparison,
        inventory: Inventory,
        nodes: NodeEnds,
        possible_replies: frozenset[FlowKind],
    ) -> None:
        self._intents, self._names, self._comparison = intents, names, comparison
        self._nodes = nodes
        self._possible_replies = possible_replies
        self._services = addresses_of_all(
            a for service in inventory.services for a in service.addresses
        )
        self._inside = addresses_of_all(
            own.addresses for own in inventory.addresses if own.of is AddressOf.PODS
        )
        self._sets_dns = intents.sets_for_all(StatementKind.DNS)
        self._subjects: dict[tuple[Party, Direction], Called | None] = {}

    def classify(self, kind: FlowKind, seen: Seen) -> ClassifiedFlow:
        """The class of a kind of flow."""
        if isinstance(kind.sender, Entity) or isinstance(kind.receiver, Entity):
            return ClassifiedFlow(
                kind=kind, seen=seen, flow_class=_or_dropped(seen, FlowClass.ENTITY)
            )
        if self._nodes.are_among(kind):
            return self._with_node(kind, seen)
        answers = {d: self._comparison.end_permits(kind, d) for d in Direction}
        permitted = all(answer is Permitted.YES for answer in answers.values())
        opened = tuple(d for d, answer in answers.items() if answer is Permitted.NO)
        sure = Permitted.UNSURE not in answers.values()
        flow_class = self._of(kind, opened if sure else (), permitted=permitted)
        proposed = opened if flow_class is FlowClass.MISSING else ()
        if (permitted or proposed) and self._comparison.may_be_denied(kind, proposed):
            flow_class, permitted, proposed = FlowClass.GUARDED, False, ()
        return ClassifiedFlow(
            kind=kind,
            seen=seen,
            flow_class=_or_dropped(seen, flow_class),
            opened=proposed,
            permitted=permitted,
        )

    def _with_node(self, kind: FlowKind, seen: Seen) -> ClassifiedFlow:
        """The class of a kind of flow from or to a node, which no arrow surely opens."""
        ends = {Direction.INGRESS: kind.receiver, Direction.EGRESS: kind.sender}
        opened = tuple(
            direction
            for direction, own in ends.items()
            if self._nodes.of(own) is None
            and not self._comparison.end_permits_nodes(kind, direction)
        )
        if not opened:
            guarded = self._comparison.may_be_denied(kind)
            flow_class = FlowClass.GUARDED if guarded else FlowClass.PERMITTED
        elif any(self._is_nameless(own) for own in ends.values()):
            flow_class, opened = FlowClass.NAMELESS, ()
        else:
            flow_class = FlowClass.DOUBTFUL if self._may_be_reply(kind) else FlowClass.NODE
        return ClassifiedFlow(
            kind=kind,
            seen=seen,
            flow_class=_or_dropped(seen, flow_class),
            opened=opened if flow_class is FlowClass.NODE else (),
            permitted=flow_class is FlowClass.PERMITTED,
        )

    def openings(self, classified: ClassifiedFlow) -> Iterator[Opening]:
        """The ends that must let a missing kind of flow through."""
        if classified.flow_class is not FlowClass.MISSING:
            return
        kind = classified.kind
        for direction in self._spoken(classified):
            own, peer = kind.receiver, kind.sender
            if direction is Direction.EGRESS:
                own, peer = peer, own
                if self._is_given(own, peer, kind):
                    continue
            assert isinstance(own, PodParty | ServiceParty)
            subject = self._subject(own, direction)
            assert subject is not None
            yield Opening(
                namespace=own.namespace,
                direction=direction,
                subject=subject,
                peer=peer,
                flow=classified,
            )

    def _is_given(self, sender: Party, receiver: Party, kind: FlowKind) -> bool:
        """Whether the built-in dns rule already permits this."""
        assert isinstance(sender, PodParty | ServiceParty)
        if self._sets_dns or not isinstance(receiver, PodParty | ServiceParty):
            return False
        called = self._names.called(receiver)
        return (
            self._comparison.is_new(sender.namespace)
            and called is not None
            and any(
                Pods(Selector.namespace(receiver.namespace), called.pods) == grant.peer
                and traffic_of(kind) <= grant.traffic
                for grant in BUILT_IN_DNS
            )
        )

    def _of(self, kind: FlowKind, opened: tuple[Direction, ...], *, permitted: bool) -> FlowClass:
        if permitted:
            return FlowClass.PERMITTED
        if self._is_inside(kind.sender) or self._is_inside(kind.receiver):
            return FlowClass.ENTITY
        if self._is_nameless(kind.sender) or self._is_nameless(kind.receiver):
            return FlowClass.NAMELESS
        if is_special(kind):
            return FlowClass.SPECIAL
        if self._may_be_reply(kind):
            return FlowClass.DOUBTFUL
        owners = {Direction.INGRESS: kind.receiver, Direction.EGRESS: kind.sender}
        subjects = [self._subject(owners[direction], direction) for direction in opened]
        return FlowClass.MISSING if opened and all(subjects) else FlowClass.UNSURE

    def _may_be_reply(self, kind: FlowKind) -> bool:
        return (not kind.certain and kind.port >= EPHEMERAL) or kind in self._possible_replies

    def _is_inside(self, party: Party) -> bool:
        """Whether it is the address of a Service, which no block matches for certain."""
        return isinstance(party, AddressParty) and (
            party.address in self._intents.program.addresses.services
            or party.address in self._services
        )

    def _is_nameless(self, party: Party) -> bool:
        if isinstance(party, AddressParty):
            stated = self._intents.program.addresses.pods
            return party.address in stated or party.address in self._inside
        return isinstance(party, PodParty | ServiceParty) and self._names.called(party) is None

    def _spoken(self, classified: ClassifiedFlow) -> tuple[Direction, ...]:
        """The ends that need an arrow: inside a namespace one opens both, if it mirrors."""
        sender, receiver = classified.kind.sender, classified.kind.receiver
        both = len(classified.opened) == len(Direction)
        inside = (
            isinstance(sender, PodParty | ServiceParty)
            and isinstance(receiver, PodParty | ServiceParty)
            and sender.namespace == receiver.namespace
        )
        if both and inside and self._names.mirrors(getattr(sender, "namespace", "")):
            return (Direction.INGRESS,)
        return classified.opened

    def _subject(self, party: Party, direction: Direction) -> Called | None:
        """The subject selector, narrowed so that no open pod becomes isolated."""
        key = party, direction
        if key not in self._subjects:
            self._subjects[key] = self._narrowed(party, direction)
        return self._subjects[key]

    def _narrowed(self, party: Party, direction: Direction) -> Called | None:
        assert isinstance(party, PodParty | ServiceParty)
        called = self._names.called(party)
        if called is None or party.namespace not in self._intents.policies.namespaces:
            return called

        def around(pods: Selector) -> list[Selector]:
            return self._comparison.subjects_around(pods, party.namespace, direction)

        if around(called.pods):
            return called
        end = end_of(party, self._names)
        assert isinstance(end, PodEnd)
        narrow = sorted(around(end.pods), key=Selector.sort_key)
        if not narrow:
            return None
        pods = called.pods & narrow[0]
        return Called(pods=pods, test=braces(pods))


def _or_dropped(seen: Seen, flow_class: FlowClass) -> FlowClass:
    return flow_class if seen.passed else FlowClass.DROPPED


def namespaces_of(openings: Iterable[Opening]) -> list[str]:
    """The namespaces that must say something, in order."""
    return sorted({opening.namespace for opening in openings})
