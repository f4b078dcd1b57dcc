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
from functools import partial
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
from netpolc.remembered import ByIdentity
from netpolc.source import Span

RULES_WITHOUT_EFFECT = Rule(code="NP440", name="rules-without-effect", severity=Severity.WARNING)

_Closed: TypeAlias = tuple[str, Selector, Direction]
_Opened: TypeAlias = tuple[Peer, Traffic]

_DIRECTIONS = {"Ingress": Direction.INGRESS, "Egress": Direction.EGRESS}


def lift(
    given: Iterable[NetworkPolicy],
    facts: Iterable[NamespaceFacts] = (),
    *,
    namespace: str = "default",
) -> Outcome[Policies]:
    """Lift policies to their meaning.

    Args:
        given: policies that the API would take.
        facts: the namespaces that have an object, with the labels that it has and no others.
        namespace: the namespace of policies whose metadata names none.

    Returns:
        A policy set for each namespace that has a policy or an object, not yet normalised. Of the
        labels of the other namespaces only kubernetes.io/metadata.name is known.
    """
    findings: list[Diagnostic] = []
    labels = {each.name: each.labels for each in facts}
    parts: dict[str, list[Subject]] = {name: [] for name in labels}
    words = Words()
    for policy in given:
        here = parts.setdefault(policy.namespace or namespace, [])
        subject = words.selectors.of(policy.pod_selector)
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


def lift_manifests(given: Iterable[Manifests], *, namespace: str = "default") -> Outcome[Policies]:
    """Lift the policies of manifests, with the labels of their Namespace objects."""
    files = list(given)
    return lift(
        [policy for manifests in files for policy in manifests.policies],
        [facts for manifests in files for facts in manifests.namespaces],
        namespace=namespace,
    )


def closed_directions(policy: NetworkPolicy) -> Iterable[Direction]:
    """The directions that a policy closes; an empty list of types is treated as a missing one."""
    if policy.policy_types:
        return dict.fromkeys(_DIRECTIONS[name] for name in policy.policy_types)
    return (Direction.INGRESS, Direction.EGRESS) if policy.egress else (Direction.INGRESS,)


def rules_of(policy: NetworkPolicy, direction: Direction) -> tuple[PolicyRule, ...]:
    """The rules of a direction, none where there are none."""
    rules = policy.ingress if direction is Direction.INGRESS else policy.egress
    return rules or ()


def peer_meant(
    peer: PolicyPeer | None, selector_of: Callable[[LabelSelector], Selector] | None = None
) -> Peer:
    """Whom an entry of `from` or `to` names, everyone where there is none.

    `selector_of` says what selectors mean.
    """
    selector_of = selector_of or selector_meant
    if peer is None:
        return Anyone()
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
        subject = words.selectors.of(policy.pod_selector)
        for direction in closed_directions(policy):
            here = opened.setdefault((policy.namespace or "", subject, direction), set())
            for rule in rules_of(policy, direction):
                traffic = words.traffic.of(rule.ports)
                here.update([(words.peers.of(peer), traffic) for peer in rule.peers or (None,)])
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
        traffic = words.traffic.of(rule.ports)
        for j, entry in enumerate(rule.peers or (None,)):
            part = PolicyRef(policy.name, direction.value, (i,) if entry is None else (i, j))
            span = rule.span if entry is None else entry.span or rule.span
            yield Allow(
                subject=subject,
                direction=direction,
                peer=words.peers.of(entry),
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
    """The meaning of manifest entries, worked out once for each object: our policies share them."""

    __slots__ = ("peers", "selectors", "traffic")

    def __init__(self) -> None:
        self.selectors = ByIdentity(selector_meant)
        self.peers = ByIdentity(partial(peer_meant, selector_of=self.selectors.of))
        self.traffic = ByIdentity(traffic_meant)


def _block(block: IPBlock) -> Block:
    """The block; host bits are not part of it, as the API server has it."""
    cidr, _ = lenient_cidr.parsed(block.cidr)
    return Block(cidr, tuple(lenient_cidr.parsed(text)[0] for text in block.excepts))
