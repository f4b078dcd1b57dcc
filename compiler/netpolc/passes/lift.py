"""From NetworkPolicy objects to what they mean.

The API's own shape is full of things that are not what they look like: a missing list
of peers is everybody and an empty one too, no `policyTypes` closes ingress even where
only egress is spoken of, a port without protocol is TCP, a selector without
`namespaceSelector` is local. This is the one place that knows them all (API reference,
NetworkPolicySpec, NetworkPolicyPeer, NetworkPolicyPort); below it there are only
isolations and allows.

Every policy that `manifest.read` takes is lifted. Nothing is merged: that is
`passes.normalise`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.ir.build import policies, policy_set
from netpolc.ir.model import Allow, Policies, Subject
from netpolc.kube.cidr import Addresses, Block
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods, outside
from netpolc.kube.ports import EVERY_PORT, MAX_PORT, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.kube.selectors import selector_meant as meaning_of_labels
from netpolc.manifest import lenient_cidr
from netpolc.manifest.manifest_set import Manifests
from netpolc.manifest.manifest_set import Namespace as NamespaceFacts
from netpolc.manifest.model import (
    IPBlock,
    LabelSelector,
    NetworkPolicy,
    PolicyPeer,
    PolicyPort,
    PolicyRule,
)
from netpolc.provenance import Origin, PolicyRef, Role
from netpolc.source import Span

RULES_WITHOUT_EFFECT = Rule(code="NP440", name="rules-without-effect", severity=Severity.WARNING)

_Closed: TypeAlias = tuple[str, Selector, Direction]
_Opened: TypeAlias = tuple[Peer, Traffic]

_DIRECTIONS = {"Ingress": Direction.INGRESS, "Egress": Direction.EGRESS}


def lift(given: Sequence[NetworkPolicy], *, namespace: str = "default") -> Outcome[Policies]:
    """Lift policies to their meaning.

    Args:
        given: policies that the API would take.
        namespace: the namespace of policies whose metadata names none.

    Returns:
        A policy set for each namespace that has a policy, not yet normalised. Of the
        namespaces' labels only kubernetes.io/metadata.name is known.
    """
    return _lifted(given, (), namespace)


def lift_manifests(given: Iterable[Manifests], *, namespace: str = "default") -> Outcome[Policies]:
    """Lift the policies of manifests, with the labels of their Namespace objects.

    A namespace that has an object has exactly its labels (`complete`), and a policy set
    even if it has no policy.
    """
    files = list(given)
    return _lifted(
        [policy for manifests in files for policy in manifests.policies],
        [facts for manifests in files for facts in manifests.namespaces],
        namespace,
    )


def closed_directions(policy: NetworkPolicy) -> Iterable[Direction]:
    """The directions that a policy closes; an empty list of types is as good as none."""
    if policy.policy_types:
        return dict.fromkeys(_DIRECTIONS[name] for name in policy.policy_types)
    return (Direction.INGRESS, Direction.EGRESS) if policy.egress else (Direction.INGRESS,)


def rules_of(policy: NetworkPolicy, direction: Direction) -> tuple[PolicyRule, ...]:
    """The rules of a direction, none where there are none."""
    rules = policy.ingress if direction is Direction.INGRESS else policy.egress
    return rules or ()


def peer_meant(
    peer: PolicyPeer, selector_of: Callable[[LabelSelector], Selector] | None = None
) -> Peer:
    """Whom an entry of `from` or `to` names; `selector_of` says what selectors mean."""
    selector_of = selector_of or selector_meant
    if peer.ip_block is not None:
        return outside(_block(peer.ip_block))
    pods = EVERYTHING if peer.pod_selector is None else selector_of(peer.pod_selector)
    if peer.namespace_selector is None:
        return Pods(None, pods)
    return Pods(selector_of(peer.namespace_selector), pods)


def selector_meant(selector: LabelSelector) -> Selector:
    """The selector; all labels and expressions must hold."""
    return meaning_of_labels(
        selector.match_labels,
        (
            (expression.key, expression.operator, expression.values)
            for expression in selector.match_expressions
        ),
    )


def traffic_meant(ports: tuple[PolicyPort, ...] | None) -> Traffic:
    """The traffic of a rule; without ports it is every port of every protocol."""
    if not ports:
        return EVERY_PORT
    numbers, named = [], []
    for policy_port in ports:
        protocol = Protocol(policy_port.protocol or "TCP")
        match policy_port.port:
            case None:
                numbers.append((protocol, 1, MAX_PORT))
            case str(name):
                named.append(NamedPort(protocol, name))
            case number:
                numbers.append((protocol, number, policy_port.end_port or number))
    return Traffic.of(numbers, named)


def manifests_match(
    given: Sequence[NetworkPolicy], meant: Policies, words: "Words | None" = None
) -> bool:
    """Whether policies surely mean what policy sets mean, without building what they mean.

    Every isolation and every allow must be found in both, a block at a time. A no may also
    be a difference in form, which only lifting and normalising tells apart. This is the
    proof of a compile: it takes a seventh of the time of `lift`, `normalise` and `==`.

    Args:
        given: policies that name their namespaces.
        meant: normalised policy sets.
        words: what entries mean that were looked at before.
    """
    opened: dict[_Closed, set[_Opened]] = {}
    words = words or Words()
    for policy in given:
        subject = words.selector(policy.pod_selector)
        for direction in closed_directions(policy):
            here = opened.setdefault((policy.namespace or "", subject, direction), set())
            words.add_openings(here, rules_of(policy, direction))
    count = 0
    for namespace in meant.namespaces.values():
        count += len(namespace.subjects)
        for closed in namespace.subjects:
            there = opened.get((namespace.namespace, closed.selector, closed.direction))
            listed = {(allow.peer, allow.traffic) for allow in closed.allows}
            if there is None or (there != listed and there != _by_block(listed)):
                return False
    return count == len(opened)


def _by_block(listed: Iterable["_Opened"]) -> set["_Opened"]:
    """The peers and traffic of a subject's allows, addresses a block at a time."""
    opened: set[_Opened] = set()
    for peer, traffic in listed:
        if isinstance(peer, Outside):
            blocks = peer.addresses.blocks
            if Addresses.of(blocks) == peer.addresses:
                opened.update((outside(block), traffic) for block in blocks)
        else:
            opened.add((peer, traffic))
    return opened


def _lifted(
    given: Sequence[NetworkPolicy], facts: Iterable[NamespaceFacts], default: str
) -> Outcome[Policies]:
    findings: list[Diagnostic] = []
    labels = {namespace.name: namespace.labels for namespace in facts}
    parts: dict[str, list[Subject]] = {name: [] for name in labels}
    words = Words()
    for policy in given:
        here = parts.setdefault(policy.namespace or default, [])
        subject = words.selector(policy.pod_selector)
        for direction in closed_directions(policy):
            origins = (_origin(PolicyRef(policy.name), policy.span),)
            allows = tuple(_allows(policy, subject, direction, words))
            here.append(
                Subject(selector=subject, direction=direction, allows=allows, origins=origins)
            )
        findings += _without_effect(policy)
    sets = (
        policy_set(
            namespace=name,
            labels=labels.get(name),
            complete=name in labels,
            parts=some,
        )
        for name, some in parts.items()
    )
    return Outcome(policies(sets), tuple(findings))


def _without_effect(policy: NetworkPolicy) -> Iterator[Diagnostic]:
    closed = set(closed_directions(policy))
    for name, direction in _DIRECTIONS.items():
        rules = rules_of(policy, direction)
        if rules and direction not in closed and rules[0].span is not None:
            yield Diagnostic(
                rule=RULES_WITHOUT_EFFECT,
                message=f"the {direction.value} rules of `{policy.name}` have no effect",
                label=Label(rules[0].span, f"`policyTypes` does not have `{name}`"),
                help=f"add `{name}` to `policyTypes`, or remove the rules",
            )


def _allows(
    policy: NetworkPolicy, subject: Selector, direction: Direction, words: "Words"
) -> Iterator[Allow]:
    """An allow for each peer of each rule; a rule without peers is for everyone."""
    for i, rule in enumerate(rules_of(policy, direction)):
        traffic = words.traffic(rule.ports)
        peers: list[tuple[Peer, Span | None, tuple[int, ...]]] = [
            (words.peer(peer), peer.span or rule.span, (i, j))
            for j, peer in enumerate(rule.peers or ())
        ]
        for peer, span, indexes in peers or [(Anyone(), rule.span, (i,))]:
            part = PolicyRef(policy.name, direction.value, indexes)
            yield Allow(
                subject=subject,
                direction=direction,
                peer=peer,
                traffic=traffic,
                origins=(_origin(part, span),),
            )


def _origin(part: PolicyRef, span: Span | None) -> Origin:
    """The origin that a part of a policy is; a policy that was never read has no place."""
    return Origin(
        path="" if span is None else span.path,
        line=1 if span is None else span.line,
        source=part,
        role=Role.POLICY,
        span=span,
    )


class Words:
    """The meaning of manifest entries, worked out once for each object: our policies share them.

    Found again by identity, since entries hold mappings; the caller keeps them alive.
    """

    __slots__ = ("_peers", "_selectors", "_traffic")

    def __init__(self) -> None:
        self._selectors: dict[int, Selector] = {}
        self._peers: dict[int, Peer] = {}
        self._traffic: dict[int, Traffic] = {}

    def selector(self, selector: LabelSelector) -> Selector:
        """The pods or namespaces that a selector selects."""
        meant = self._selectors.get(id(selector))
        if meant is None:
            meant = self._selectors[id(selector)] = selector_meant(selector)
        return meant

    def peer(self, peer: PolicyPeer | None) -> Peer:
        """Whom an entry means; everyone where there is none."""
        meant = self._peers.get(id(peer))
        if meant is None:
            meant = Anyone() if peer is None else peer_meant(peer, self.selector)
            self._peers[id(peer)] = meant
        return meant

    def traffic(self, ports: tuple[PolicyPort, ...] | None) -> Traffic:
        """The traffic of a rule's ports."""
        meant = self._traffic.get(id(ports))
        if meant is None:
            meant = self._traffic[id(ports)] = traffic_meant(ports)
        return meant

    def add_openings(self, openings: set["_Opened"], rules: Iterable[PolicyRule]) -> None:
        """Add each peer of rules with its traffic, in few calls: a compile has 50,000 of them."""
        peers, several = self._peers, self._traffic
        for rule in rules:
            traffic = several.get(id(rule.ports))
            if traffic is None:
                traffic = self.traffic(rule.ports)
            for entry in rule.peers or (None,):
                peer = peers.get(id(entry))
                openings.add((self.peer(entry) if peer is None else peer, traffic))


def _block(block: IPBlock) -> Block:
    """The block; host bits are not part of it, as the API server has it."""
    cidr, _ = lenient_cidr.parsed(block.cidr)
    return Block(cidr, tuple(lenient_cidr.parsed(text)[0] for text in block.excepts))
