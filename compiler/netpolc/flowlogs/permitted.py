"""Which ends of a logged connection permit it.

Each kind of flow is a question, once for each end: of all pods that are
as the log describes them, does none, some or each let it through? Where known labels decide, the answer is
looked up (`known_ends`); elsewhere it is searched for. So what is said holds
for every pod that could have made the flow, or where workloads are known for each of those. Where the answer differs from pod to pod,
or hangs on a port's name, it is "unsure", and nothing is proposed.

Cluster-wide policies are asked apart: no arrow opens what they deny (`may_be_denied`), and what the Admin
tier accepts needs no arrow.

Namespaces that no policy speaks for let everything through. Where a first set of intents
is wanted for them they are `new`, and taken as closed.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from enum import Enum
from functools import partial
from itertools import product

from netpolc.analysis.block_reading import EVERY_ADDRESS
from netpolc.analysis.bounds import tier_readings
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.query import AddressEnd, EndOfQuestion, PodEnd, Question, of_workload
from netpolc.analysis.three_valued import find_blocked, find_permitted, line_of, workloads_in
from netpolc.flowlogs.aggregate import FlowKind
from netpolc.flowlogs.differing_pods import DifferingPods
from netpolc.flowlogs.flows import AddressParty, Entity, Party
from netpolc.flowlogs.known_ends import KnownEnds
from netpolc.flowlogs.vocabulary import Intents, Names
from netpolc.ir.model import Policies, PolicySet, Subject
from netpolc.kube.cidr import BITS, Addresses, Block, Cidr
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Direction, Outside
from netpolc.kube.platform_namespaces import is_platform_namespace
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.manifest.tier_model import Action, Tier
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT


class Permitted(Enum):
    """Whether an end lets a kind of flow through."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"


class Comparison:
    """Questions about flows, to the policies that there are.

    `new` says that namespaces without policies are taken as closed, `egress` that so is
    their senders' end.
    """

    __slots__ = (
        "_accepted",
        "_accepting",
        "_anywhere",
        "_clusters",
        "_differing",
        "_egress",
        "_intents",
        "_inventory",
        "_known",
        "_names",
        "_new",
        "_platform",
        "_with_tiers",
    )

    def __init__(
        self,
        intents: Intents,
        names: Names,
        inventory: Inventory,
        *,
        new: bool,
        egress: bool,
        platform: bool = False,
    ) -> None:
        self._intents, self._names = intents, names
        self._inventory, self._new, self._egress = inventory, new, egress
        self._platform = platform
        self._known = {d: KnownEnds(intents.policies, d) for d in Direction}
        self._differing = {
            d: DifferingPods(intents.policies, d, known.subjects)
            for d, known in self._known.items()
        }
        self._anywhere = {d: KnownEnds(_for_any_address(intents.policies), d) for d in Direction}
        self._clusters: dict[Direction, Cluster] = {}
        self._accepting: dict[tuple[Direction, str], Cluster] = {}
        self._accepted = {
            rule.direction
            for rule in intents.tiers.rules
            if rule.tier is Tier.ADMIN and rule.action is Action.ACCEPT
        }
        self._with_tiers: dict[tuple[Direction, bool], Cluster | None] = {}

    def is_new(self, namespace: str) -> bool:
        """Whether nothing speaks for the namespace yet, and something is to."""
        return (
            self._new
            and namespace not in self._intents.policies.namespaces
            and (self._platform or not is_platform_namespace(namespace))
        )

    def subjects_around(
        self, pods: Selector, namespace: str, direction: Direction
    ) -> list[Selector]:
        """The selectors of the subjects of a namespace that match all of some pods."""
        subjects, index = self._known[direction].subjects.of(namespace)
        return [subjects[number].selector for number in index.supersets_of(pods)]

    def end_permits(self, kind: FlowKind, direction: Direction) -> Permitted:
        """Whether the end of a direction lets a kind of flow through, by NetworkPolicies or the Admin tier."""
        answer = self._by_policies(kind, direction)
        if answer is not Permitted.YES and self._is_accepted(kind, direction):
            return Permitted.YES
        return answer

    def end_permits_nodes(self, kind: FlowKind, direction: Direction) -> bool:
        """Whether the pods at the end of a direction surely let a node at the other end through.

        That is so where they are open or open to everybody: whether a block matches a node is unknown.
        """
        own = kind.receiver if direction is Direction.INGRESS else kind.sender
        if isinstance(own, AddressParty | Entity):
            return True
        if self.is_new(own.namespace):
            return not (self._egress or direction is Direction.INGRESS)
        anybody = AddressEnd(EVERY_ADDRESS)
        known = self._anywhere[direction]
        return known.permits(self._names.end(own), anybody, kind.protocol, kind.port) is True

    def _by_policies(self, kind: FlowKind, direction: Direction) -> Permitted:
        own = kind.receiver if direction is Direction.INGRESS else kind.sender
        if isinstance(own, AddressParty | Entity):
            return Permitted.YES
        if self.is_new(own.namespace):
            closed = self._egress or direction is Direction.INGRESS
            return Permitted.NO if closed else Permitted.YES
        other = kind.sender if direction is Direction.INGRESS else kind.receiver
        end = end_of(other, self._names)
        if end is None:
            return Permitted.UNSURE
        looked_up = self._names.end(own), end, kind.protocol, kind.port
        permits = self._known[direction].permits(*looked_up)
        if permits is not None:
            return Permitted.YES if permits else Permitted.NO
        asked = self._question(kind)
        if asked is not None and self._differing[direction].exist(*looked_up):
            narrowed = partial(self._of_labels, kind, direction)
            return self._of_workloads(self._cluster(direction), asked, narrowed)
        return self.searched(kind, direction)

    def _of_labels(self, kind: FlowKind, direction: Direction, narrowed: Question) -> Permitted:
        """The answer for a kind of flow between known workloads, looked up where their labels decide it."""
        ends = [self._by_labels(end) for end in (narrowed.receiver, narrowed.sender)]
        own, other = ends if direction is Direction.INGRESS else reversed(ends)
        assert isinstance(own, PodEnd)
        permits = self._known[direction].permits(own, other, kind.protocol, kind.port)
        if permits is None:
            return self._answer(self._cluster(direction), narrowed)
        return Permitted.YES if permits else Permitted.NO

    def _by_labels(self, end: EndOfQuestion) -> EndOfQuestion:
        """The pods of a known workload as a selector that asks for all labels they have, and for no others."""
        if isinstance(end, AddressEnd) or end.workload is None:
            return end
        varying = {label.key for label in end.workload.varying}
        labels = {
            **dict.fromkeys(self._intents.keys, ABSENT),
            **{key: ValueSet.among(value) for key, value in end.workload.labels.items()},
        }
        pods = Selector.of((key, only) for key, only in labels.items() if key not in varying)
        return PodEnd(end.namespaces, pods)

    def searched(self, kind: FlowKind, direction: Direction) -> Permitted:
        """The answer for an end in a namespace that is not new, found by the search alone."""
        asked = self._question(kind)
        return Permitted.UNSURE if asked is None else self._found(self._cluster(direction), asked)

    def _question(self, kind: FlowKind) -> Question | None:
        """A kind of flow as a question; None if an end is what no policy can name."""
        sender, receiver = (end_of(party, self._names) for party in (kind.sender, kind.receiver))
        if sender is None or receiver is None:
            return None
        return Question(sender=sender, receiver=receiver, traffic=traffic_of(kind))

    def _cluster(self, direction: Direction) -> Cluster:
        """The NetworkPolicies of one direction."""
        if direction not in self._clusters:
            self._clusters[direction] = Cluster(self._intents.policies.of(direction))
        return self._clusters[direction]

    def may_be_denied(self, kind: FlowKind, opened: Iterable[Direction] = ()) -> bool:
        """Whether cluster-wide policies deny a kind of flow to some of the pods, or may.

        At the ends that are `opened` an arrow permits it, so that the Baseline tier decides nothing there.
        """
        if not self._intents.tiers:
            return False
        asked = self._question(kind)
        if asked is None:
            return False
        wanted = frozenset(opened)
        clusters = (self._tier_cluster(d, by_arrow=d in wanted) for d in Direction)
        return any(
            cluster is not None and self._found(cluster, asked) is not Permitted.YES
            for cluster in clusters
        )

    def _is_accepted(self, kind: FlowKind, direction: Direction) -> bool:
        """Whether the Admin tier surely accepts a kind of flow, whatever NetworkPolicies say."""
        if direction not in self._accepted:
            return False
        own = kind.receiver if direction is Direction.INGRESS else kind.sender
        asked = self._question(kind)
        if isinstance(own, AddressParty | Entity) or asked is None:
            return False
        cluster = self._accepting_cluster(direction, own.namespace)
        return self._found(cluster, asked) is Permitted.YES

    def _accepting_cluster(self, direction: Direction, namespace: str) -> Cluster:
        """The Admin tier beside NetworkPolicies that close a namespace."""
        key = direction, namespace
        if key not in self._accepting:
            rules = tuple(
                rule
                for rule in self._intents.tiers.rules
                if rule.direction is direction and rule.tier is Tier.ADMIN
            )
            tiers = replace(self._intents.tiers, rules=rules)
            least, _ = tier_readings(tiers, self._intents.program.addresses)
            closed = _closing(self._intents.policies, namespace, direction)
            self._accepting[key] = Cluster(closed, tiers=(least,))
        return self._accepting[key]

    def _tier_cluster(self, direction: Direction, *, by_arrow: bool) -> Cluster | None:
        """The policies of one direction under the reading that permits least; None if no tier is about it."""
        key = direction, by_arrow
        if key not in self._with_tiers:
            rules = (
                rule
                for rule in self._intents.tiers.rules
                if rule.direction is direction and not (by_arrow and rule.tier is Tier.BASELINE)
            )
            tiers = replace(self._intents.tiers, rules=tuple(rules))
            directions = () if by_arrow else (direction,)
            policies = self._intents.policies.of(*directions)
            least, _ = tier_readings(tiers, self._intents.program.addresses)
            self._with_tiers[key] = Cluster(policies, tiers=(least,)) if tiers else None
        return self._with_tiers[key]

    def _found(self, cluster: Cluster, asked: Question) -> Permitted:
        """The answer for all pods that could exist, or else for the known workloads."""
        answer = self._answer(cluster, asked)
        return answer if answer is not Permitted.UNSURE else self._of_workloads(cluster, asked)

    def _of_workloads(
        self,
        cluster: Cluster,
        asked: Question,
        answer_to: Callable[[Question], Permitted] | None = None,
    ) -> Permitted:
        """The answer for the known workloads that the ends may be, whose labels and ports are known.

        It is asked for where not all pods that could exist have the same; by the search if nothing else answers.
        """
        ends = (asked.sender, asked.receiver)
        pods: list[list[EndOfQuestion]] = [
            [*map(of_workload, workloads_in(end, cluster, self._inventory))] for end in ends
        ]
        if not any(pods):
            return Permitted.UNSURE
        of_ends = (known or [end] for known, end in zip(pods, ends, strict=True))
        answer_to = answer_to or partial(self._answer, cluster)
        answers: set[Permitted] = set()
        for sender, receiver in product(*of_ends):
            answers.add(answer_to(replace(asked, sender=sender, receiver=receiver)))
            if len(answers) > 1:
                return Permitted.UNSURE
        return answers.pop()

    def _answer(self, cluster: Cluster, asked: Question) -> Permitted:
        line = line_of(cluster, (asked.traffic,))
        yes = find_permitted(cluster, line, asked, inventory=self._inventory)
        no = find_blocked(cluster, line, asked, inventory=self._inventory)
        if yes is not None and no is None:
            return Permitted.YES
        return Permitted.NO if yes is None and no is not None else Permitted.UNSURE


def end_of(party: Party, names: Names) -> EndOfQuestion | None:
    """A party as the end of a question; None for what no policy can name."""
    match party:
        case Entity():
            return None
        case AddressParty():
            return AddressEnd(Addresses.of([block_of(party)]))
        case _:
            return names.end(party)


def block_of(party: AddressParty) -> Block:
    """The block that is one address."""
    version = party.address.version
    return Block(Cidr(version, int(party.address), BITS[version]))


def traffic_of(kind: FlowKind) -> Traffic:
    """The one port of a kind of flow."""
    return Traffic.of([(kind.protocol, kind.port, kind.port)])


def _for_any_address(policies: Policies) -> Policies:
    """The policies without their blocks: to an address they permit what they permit to every one."""
    return Policies(
        {
            name: replace(each, subjects=tuple(map(_without_blocks, each.subjects)))
            for name, each in policies.namespaces.items()
        }
    )


def _without_blocks(subject: Subject) -> Subject:
    allows = tuple(allow for allow in subject.allows if not isinstance(allow.peer, Outside))
    return subject if len(allows) == len(subject.allows) else replace(subject, allows=allows)


def _closing(policies: Policies, namespace: str, direction: Direction) -> Policies:
    """Policies that close all pods of one namespace in a direction and open nothing anywhere."""
    labels = {name: replace(each, subjects=()) for name, each in policies.namespaces.items()}
    home = labels.get(namespace, PolicySet(namespace=namespace))
    closed = replace(home, subjects=(Subject(selector=EVERYTHING, direction=direction),))
    return Policies({**labels, namespace: closed})
