"""The words that intents are written in: labels, names of services and of groups, dns.

What a bare name means is a convention that a namespace keeps: `app` here,
`app.kubernetes.io/name` there. The convention is found from the data, by the key that
most selectors of the namespace ask for alone, and only what it cannot say is declared.
A name must mean one thing wherever it is seen, so the names of all namespaces are known
before the first group is named.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from netpolc.kube.dns import BUILT_IN_DNS
from netpolc.kube.inventory import Workload
from netpolc.kube.label_conventions import DEFAULT_LABEL, NAME_KEYS, name_rank
from netpolc.kube.peers import Direction, Grant, Peer, Pods, peer_sort_key
from netpolc.kube.selectors import Selector
from netpolc.kube.service_names import candidates, chosen, is_usable
from netpolc.passes.decompile.groups import Group, groups
from netpolc.passes.decompile.minimise import StatementPlan
from netpolc.passes.decompile.options import Style
from netpolc.passes.decompile.policy_lines import Line, dns_of
from netpolc.values import frozen

_OFTEN = 3
_BUILT_IN = frozenset(BUILT_IN_DNS)


@frozen(kw_only=True)
class Words:
    """The words of one namespace: the convention's key, and the pods that are declared."""

    label: str
    services: Mapping[Selector, str] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()

    def name(self, pods: Selector) -> str | None:
        """The bare name that means pods, if one does."""
        if pods in self.services:
            return self.services[pods]
        name = conventional(pods, self.label)
        return None if name is None or name in self.declared or name in self.meant else name

    @property
    def meant(self) -> frozenset[str]:
        """The names that are declared here, so that the convention does not say what they mean."""
        return frozenset(self.services.values())


@frozen(kw_only=True)
class Vocabulary:
    """The words of a whole program.

    `label` is the key of namespaces that say nothing, `dns` what the cluster section sets,
    None where it sets nothing. `groups` are those of the namespaces, and of the cluster
    section under the empty name.
    """

    label: str
    dns: tuple[Grant, ...] | None
    namespaces: Mapping[str, Words]
    groups: Mapping[str, tuple[Group, ...]]

    def words(self, namespace: str) -> Words:
        """The words of a namespace, of the program or not."""
        return self.namespaces.get(namespace) or Words(label=self.label)


def vocabulary(program: Iterable[StatementPlan], style: Style) -> Vocabulary:
    """The words for what the namespaces of a program say: labels, services, groups, dns."""
    listed = list(program)
    used = {plan.namespace: _Uses(plan) for plan in listed}
    labels = {name: uses.label() for name, uses in used.items()}
    label = _cluster_label(labels.values())
    workloads: dict[str, list[Workload]] = {}
    for workload in style.workloads:
        workloads.setdefault(workload.namespace, []).append(workload)
    namespaces = {
        name: uses.words(labels[name] or label, workloads.get(name, ()), style.declared)
        for name, uses in used.items()
    }
    taken = {name for words in namespaces.values() for name in words.services.values()}
    taken |= {name for plan in listed for name in _possible_names(plan, namespaces, label)}
    dns = _cluster_dns(listed)
    return Vocabulary(
        label=label,
        dns=dns,
        namespaces=namespaces,
        groups=groups(listed, dns or BUILT_IN_DNS, taken),
    )


def conventional(pods: Selector, label: str) -> str | None:
    """The name that a label convention gives pods, if it does."""
    labels = pods.exact_labels()
    if labels is None or list(labels) != [label] or not is_usable(labels[label]):
        return None
    return labels[label]


def peers_of(lines: Iterable[Line]) -> Iterable[Peer]:
    """Every peer of some lines, as often as it is written."""
    return (grant.peer for line in lines for rule in line.rules for grant in rule.grants)


class _Uses:
    """Count the lines of a namespace that mention its own pods."""

    def __init__(self, plan: StatementPlan) -> None:
        self._policies: dict[Selector, list[str]] = {}
        self._often: Counter[Selector] = Counter()
        for line in plan.lines:
            self._policies.setdefault(line.subject, []).append(line.policy.name)
            self._often[line.subject] += 1
        for peer in (*peers_of(plan.lines), *(grant.peer for grant in plan.dns or ())):
            if isinstance(peer, Pods) and peer.namespaces is None:
                self._often[peer.pods] += 1

    def label(self) -> str | None:
        """The key of most of the selectors that ask for one label alone; None without any."""
        keys: Counter[str] = Counter()
        for pods in self._often:
            labels = pods.exact_labels() or {}
            if len(labels) == 1:
                ((key, value),) = labels.items()
                keys[key] += is_usable(value) and (key in NAME_KEYS or key.endswith("/name"))
        used = [key for key, often in keys.items() if often]
        return min(used, key=lambda key: (-keys[key], name_rank(key), key), default=None)

    def words(self, label: str, workloads: Iterable[Workload], declared: frozenset[str]) -> Words:
        """The names that the pods go by."""
        services: dict[Selector, str] = {}
        taken = {name for pods in self._often if (name := conventional(pods, label))}
        shared = self._shared()
        for pods in self._often:
            name = conventional(pods, label)
            if name is not None:
                if name in declared:
                    services[pods] = name
            elif self._deserves_a_name(pods):
                policies = self._policies.get(pods, ())
                names = candidates(pods, workloads, policies, shared=shared)
                services[pods] = chosen(names, taken)
                taken.add(services[pods])
        return Words(label=label, services=services, declared=declared)

    def _shared(self) -> set[str]:
        """The values that several selectors ask for: they tell none of them from the others."""
        often = Counter(
            (key, value)
            for pods in self._often
            for key, value in (pods.exact_labels() or {}).items()
        )
        return {value for (_, value), number in often.items() if number > 1}

    def _deserves_a_name(self, pods: Selector) -> bool:
        if not pods.requirements:
            return False
        if pods.exact_labels() is None:
            return self._often[pods] >= _OFTEN
        return pods in self._policies or self._often[pods] > 1


def _cluster_label(labels: Iterable[str | None]) -> str:
    """The key to state for the whole cluster: that of most namespaces, if there are several."""
    often = Counter(label for label in labels if label is not None)
    if often.total() < 2:  # noqa: PLR2004 - one namespace states its own
        return DEFAULT_LABEL
    return min(often, key=lambda key: (-often[key], name_rank(key), key))


def _cluster_dns(program: Iterable[StatementPlan]) -> tuple[Grant, ...] | None:
    """The best value of the `dns` setting: the name services that most subjects are opened to.

    None where that is the built-in value, or where no more than one statement would use it.
    """
    often: Counter[frozenset[Grant]] = Counter()
    for plan in program:
        if plan.dns:
            often[frozenset(plan.dns)] += 1
            continue
        for line in plan.lines:
            if line.direction is Direction.EGRESS and (asked := dns_of(line)):
                often[asked] += 1
    usual = max(often, key=lambda grants: (often[grants], _dns_key(grants)), default=None)
    if usual is None or often[usual] < 2 or usual == _BUILT_IN:  # noqa: PLR2004 - used twice
        return None
    if any(isinstance(g.peer, Pods) and g.peer.namespaces is None for g in usual):
        return None
    return tuple(sorted(usual, key=_grant_key))


def _grant_key(grant: Grant) -> tuple[object, ...]:
    return peer_sort_key(grant.peer), grant.traffic.sort_key()


def _dns_key(grants: frozenset[Grant]) -> tuple[object, ...]:
    return grants == _BUILT_IN, sorted(map(_grant_key, grants))


def _possible_names(
    plan: StatementPlan, namespaces: Mapping[str, Words], label: str
) -> Iterator[str]:
    """The names that a namespace's lines may use without declaring them, here or elsewhere.

    A value next to others could be a name too: `app in (a, b)` is written `a, b`.
    """
    used = [(plan.namespace, line.subject) for line in plan.lines]
    for peer in (*peers_of(plan.lines), *(grant.peer for grant in plan.dns or ())):
        if isinstance(peer, Pods):
            home = peer.namespaces.only_namespace_name if peer.namespaces else plan.namespace
            used.append((home or "", peer.pods))
    for home, pods in used:
        words = namespaces.get(home)
        for key, allowed in pods.requirements:
            if key == (words.label if words else label):
                yield from allowed.values
