"""Every namespace that could exist, in as few groups as tell them apart.

Pods live in namespaces: those that the policies know by name, with stated labels, and
unboundedly many others, of which nothing is known and which have no policies. What a
pod may do depends on its namespace's policies, its name and its labels. So namespaces
that have no policies in a direction and the same stated facts form one `NamespaceClass`, with
the name left as a variable (where only policies ask, the same facts as far as they test them); a namespace with policies is a place of its own, and all
names that nobody knows are one place more.

Facts: the label kubernetes.io/metadata.name always equals the name. Other stated labels
are fixed; a key that nobody states is free, or absent where the labels are `complete`.

A cluster can hold two policy sets at once, old and new, to compare them. NamespaceClasses then
tell apart what differs on either side. The world is one: a label that only one side
states counts for both; where the sides contradict each other each keeps its own, as the
change of a label is what is to be compared.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import field
from functools import partial
from itertools import chain

from netpolc.analysis.block_reading import (
    OUTSIDE_ONLY,
    AddressParts,
    BlockReading,
    applied,
    blocks_of,
)
from netpolc.analysis.policy_index import IndexedNamespace, PolicyIndex
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.tested_labels import TestedLabels
from netpolc.analysis.tiers import TierReading, TierRule
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.cidr import Addresses
from netpolc.kube.name_rules import METADATA_NAME, named_labels
from netpolc.kube.peers import Direction
from netpolc.kube.ports import NamedPort
from netpolc.kube.selectors import Selector
from netpolc.manifest.tier_model import Action
from netpolc.memory import NO_MEMORY, Memory
from netpolc.sets import ValueSet
from netpolc.values import frozen


@frozen
class Facts:
    """Known labels of a pod or namespace.

    `complete` if there are no others, but for the `varying` ones: those have one of some
    values, or perhaps none, and differ from one pod to the next.
    """

    labels: Mapping[str, str]
    complete: bool = False
    varying: Mapping[str, ValueSet] = field(default_factory=dict)

    @classmethod
    def of_namespace(cls, known: PolicySet) -> "Facts":
        """The known labels of a namespace, its name included."""
        return cls(named_labels(known.labels, known.namespace), known.complete)

    def left(self, selector: Selector) -> list[tuple[str, ValueSet]] | None:
        """The requirements of a selector on free labels; None if the facts rule it out."""
        if selector.impossible:
            return None
        rest = []
        for key, allowed in selector.requirements:
            possible = self.varying.get(key)
            if possible is not None:
                if possible.isdisjoint(allowed):
                    return None
                if not possible <= allowed:
                    rest.append((key, allowed & possible))
            elif key in self.labels or self.complete:
                if self.labels.get(key) not in allowed:
                    return None
            else:
                rest.append((key, allowed))
        return rest


@frozen(eq=False)
class NamespaceClass:
    """Namespaces that are alike but for their names. `sides` and `facts`: one for each policy set.

    The facts leave the name's own label out: it is the variable `names` is about. When somebody asks
    for the sides, the names are noted in `asked`, because an answer depends on them.
    """

    names: ValueSet
    facts: tuple[Facts, ...]
    _sides: tuple[PolicyIndex | None, ...]
    asked: set[ValueSet] = field(default_factory=set)

    @property
    def sides(self) -> tuple[PolicyIndex | None, ...]:
        """The policies in one direction, None for a policy set that has none."""
        self.asked.add(self.names)
        return self._sides

    def left(self, namespaces: Selector, side: PolicyVersion) -> list[tuple[str, ValueSet]] | None:
        """The requirements of a namespace selector on name and free labels; None if impossible."""
        if namespaces.impossible:
            return None
        facts = self.facts[side]
        rest = []
        for key, allowed in namespaces.requirements:
            if key == METADATA_NAME:
                if self.names.isdisjoint(allowed):
                    return None
                rest.append((key, allowed))
            elif key in facts.labels or facts.complete:
                if facts.labels.get(key) not in allowed:
                    return None
            else:
                rest.append((key, allowed))
        return rest

    @property
    def only_name(self) -> str | None:
        """The name, when there is only one."""
        return self.names.single


class NamespaceClasses:
    """Classes that together are all namespaces, found by name."""

    __slots__ = ("_by_label", "_by_name", "_chosen", "_unknown", "all")

    def __init__(self, places: Iterable[NamespaceClass], unknown: NamespaceClass) -> None:
        self.all = (*places, unknown)
        self._unknown = unknown
        self._by_name = {name: p for p in self.all if p is not unknown for name in p.names.values}
        self._by_label: dict[str, dict[str | None, list[int]]] = {}
        self._chosen: dict[tuple[Selector, PolicyVersion], tuple[NamespaceClass, ...]] = {}

    def named(self, name: str) -> NamespaceClass:
        """The class of the namespace with this name."""
        return self._by_name.get(name, self._unknown)

    def near(self, namespaces: Selector, side: PolicyVersion) -> tuple[NamespaceClass, ...]:
        """The classes that a selector of namespaces can choose, without looking at all if it can."""
        chosen = self._chosen.get((namespaces, side))
        if chosen is None:
            names = namespaces.namespace_names
            some: Iterable[NamespaceClass]
            if names is None:
                some = self._labelled(namespaces)
            else:
                some = dict.fromkeys(self.named(n) for n in sorted(names))
            chosen = tuple(place for place in some if place.left(namespaces, side) is not None)
            self._chosen[namespaces, side] = chosen
        return chosen

    def _labelled(self, namespaces: Selector) -> Iterable[NamespaceClass]:
        """The classes that may have a label that a selector requires; all if it requires none."""
        for key, allowed in namespaces.requirements:
            if allowed.is_finite and not allowed.absent:
                table = self._table(key)
                numbers = chain.from_iterable(table.get(v, ()) for v in (*allowed.values, None))
                return (self.all[number] for number in sorted(set(numbers)))
        return self.all

    def _table(self, key: str) -> dict[str | None, list[int]]:
        """The classes by the value of a label in some policy set, and (None) by not having it in one."""
        table = self._by_label.get(key)
        if table is None:
            table = self._by_label[key] = {}
            for number, place in enumerate(self.all):
                for value in dict.fromkeys(facts.labels.get(key) for facts in place.facts):
                    table.setdefault(value, []).append(number)
        return table


class Cluster:
    """The classes of namespaces for senders, for receivers, and (`anywhere`) by facts alone.

    `known` are the names that policies speak for; `ports` all named ports that they use.
    `blocks` is how blocks are read, `parts` the ranges that distinguish pods' addresses (None where
    blocks match no pods); `listed` are blocks that claims list, which tell addresses apart as well.
    `addresses` are the parts that searches tell apart: `parts`, or where only networks of tiers match pods,
    the addresses of each IP version as a whole.
    `tiers` has the reading of each side's cluster-wide policies, None where it has none. `facts` are
    those of each known namespace, and `shape` the names of those that are closed in each direction.
    With `asked_by_policies`, questions test no label of namespaces that no policy tests: namespaces that differ
    in other labels are one class.
    `asked` notes the names of the classes whose policies were looked at.
    """

    __slots__ = (
        "addresses",
        "anywhere",
        "asked",
        "blocks",
        "facts",
        "known",
        "parts",
        "policies",
        "ports",
        "receivers",
        "senders",
        "shape",
        "tiers",
    )

    def __init__(
        self,
        *policies: Policies,
        blocks: BlockReading = OUTSIDE_ONLY,
        listed: Iterable[Addresses] = (),
        tiers: Sequence[TierReading | None] | None = None,
        asked_by_policies: bool = False,
        memory: Memory = NO_MEMORY,
    ) -> None:
        """Find the classes of some policies; those of one namespace are indexed once by a memory."""
        self.policies = policies
        self.blocks = blocks = memory.same("blocks", "", blocks)
        self.parts = None
        if blocks.pods is not None:
            cutting = (*blocks_of(policies, memory), *listed)
            cutting = memory.same("cutting blocks", "", cutting)
            work = partial(AddressParts, blocks.pods, cutting)
            parts = memory.once("address parts", "", (blocks.pods, cutting), work)
            self.parts = memory.same("parts", "", parts)
        self.tiers: tuple[TierReading | None, ...] = (None,) * len(policies)
        if tiers is not None and any(each is not None and each.tiers for each in tiers):
            self.tiers = tuple(tiers)
        self.addresses = self.parts
        if self.parts is None and (pods := _told_apart_by_version(self.tiers)):
            self.addresses = memory.same("addresses by version", "", AddressParts(pods, ()))
        policies = tuple(applied(each, blocks, self.parts, memory) for each in policies)
        names = sorted({name for each in policies for name in each.namespaces})
        self.known = frozenset(names)
        sets_by_name = {name: [each.namespaces.get(name) for each in policies] for name in names}
        facts = {name: facts_of(sets) for name, sets in sets_by_name.items()}
        self.facts = memory.same("facts", "", facts)
        indexed = {
            name: tuple(_indexed(name, number, each, memory) for number, each in enumerate(sets))
            for name, sets in sets_by_name.items()
        }
        none: tuple[PolicyIndex | None, ...] = (None,) * len(policies)
        self.asked: set[ValueSet] = set()
        sending, receiving = (
            _sides(indexed, each) for each in (Direction.EGRESS, Direction.INGRESS)
        )
        tested = TestedLabels.of(policies, self.tiers) if asked_by_policies else None
        self.anywhere, self.senders, self.receivers = (
            _places(facts, sides, none, self.asked, tested)
            for sides in (dict.fromkeys(names, none), sending, receiving)
        )
        closed = [
            {name for name, some in each.items() if some != none} for each in (sending, receiving)
        ]
        self.shape = memory.same("shape", "", closed)
        ports: frozenset[NamedPort] = frozenset().union(
            *(each.ports for some in indexed.values() for each in some if each is not None),
            *(each.tiers.ports for each in self.tiers if each is not None),
        )
        self.ports = memory.same("ports", "", ports)

    def sides(self, namespace: str) -> tuple[PolicyIndex | None, ...]:
        """The policies of one namespace: who may send to its pods, and where they may send."""
        places = (self.receivers.named(namespace), self.senders.named(namespace))
        return tuple(side for place in places for side in place.sides)

    def rules_about(
        self, place: NamespaceClass, direction: Direction, action: Action, side: PolicyVersion
    ) -> tuple[TierRule, ...]:
        """The rules with an action, of either tier, whose subject may be in a place."""
        reading = self.tiers[side]
        if reading is None:
            return ()
        return tuple(
            rule
            for rule in reading.rules.get((direction, action), ())
            if rule.subject.namespaces is not None
            and place.left(rule.subject.namespaces, side) is not None
        )


def _told_apart_by_version(tiers: Iterable[TierReading | None]) -> Addresses:
    """The addresses of pods, if networks of tiers match those of each IP version in other ways; else none."""
    for reading in tiers:
        if reading is not None and reading.tells_versions_apart:
            return reading.pods
    return Addresses()


def _indexed(
    name: str, number: int, policies: PolicySet | None, memory: Memory
) -> IndexedNamespace | None:
    if policies is None:
        return None
    work = partial(IndexedNamespace.of, policies)
    return memory.once("indexed", (name, number), (policies,), work)


def _sides(
    indexed: Mapping[str, tuple[IndexedNamespace | None, ...]], direction: Direction
) -> dict[str, tuple[PolicyIndex | None, ...]]:
    return {
        name: tuple(None if each is None else each.sides[direction] for each in some)
        for name, some in indexed.items()
    }


def facts_of(sets: Sequence[PolicySet | None]) -> tuple[Facts, ...]:
    """The facts of one namespace on each side, those of the others added where it is silent."""
    complete = any(each.complete for each in sets if each is not None)
    facts = []
    for each in sets:
        labels = {} if each is None else dict(each.labels)
        if each is None or not each.complete:
            for other in sets:
                labels = {**(other.labels if other is not None else {}), **labels}
        labels.pop(METADATA_NAME, None)
        facts.append(Facts(labels, complete))
    return tuple(facts)


def _places(
    facts: Mapping[str, tuple[Facts, ...]],
    sides: Mapping[str, tuple[PolicyIndex | None, ...]],
    none: tuple[PolicyIndex | None, ...],
    asked: set[ValueSet],
    tested: TestedLabels | None,
) -> NamespaceClasses:
    alone: list[NamespaceClass] = []
    grouped: dict[object, list[str]] = {}
    for name, here in sides.items():
        if here != none:
            alone.append(NamespaceClass(ValueSet.among(name), facts[name], here, asked))
        else:
            key = tuple((_told(f.labels, tested), f.complete) for f in facts[name])
            grouped.setdefault(key, []).append(name)
    together = (
        NamespaceClass(ValueSet.among(*names), facts[names[0]], none, asked)
        for names in grouped.values()
    )
    unknown = ValueSet(frozenset(sides), complement=True)
    return NamespaceClasses(
        (*alone, *together), NamespaceClass(unknown, (Facts({}),) * len(none), none, asked)
    )


def _told(labels: Mapping[str, str], tested: TestedLabels | None) -> Hashable:
    """What tells namespaces with these labels from others."""
    return frozenset(labels.items()) if tested is None else tested.tell(labels)
