"""From NetworkPolicy objects to what they mean.

The API's own shape is full of things that are not what they look like: a missing list
of peers is everybody and an empty one too, no `policyTypes` closes ingress even where
only egress is spoken of, a port without protocol is TCP, a selector without
`namespaceSelector` is local. This is the one place that knows them all (API reference,
NetworkPolicySpec, NetworkPolicyPeer, NetworkPolicyPort); behind it there are only
isolations and allows.

Every policy that `manifest.read` takes is lifted. Nothing is merged: that is
`passes.normalise`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from netpolc.diagnostics import Diagnostic, Kind, Label, Outcome, Severity
from netpolc.ir.build import policies, policy_set
from netpolc.ir.model import Allow, Isolation, Policies
from netpolc.kube.blocks import Addresses, Block
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, MAX_PORT, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.manifest import cidrs
from netpolc.manifest.manifests import Manifests
from netpolc.manifest.manifests import Namespace as NamespaceFacts
from netpolc.manifest.model import (
    Expression,
    IPBlock,
    LabelSelector,
    NetworkPolicy,
    PolicyPeer,
    PolicyPort,
    PolicyRule,
)
from netpolc.origin import Origin, Role
from netpolc.sets import ValueSet
from netpolc.sets.values import ABSENT, PRESENT
from netpolc.source import Span

RULES_WITHOUT_EFFECT = Kind(
    code="NP440",
    name="rules-without-effect",
    severity=Severity.WARNING,
    explanation="""\
A policy has rules of a direction that its `policyTypes` does not name. The API leaves them out:
they open nothing, and the direction is not closed either.

    policyTypes: [Ingress]
    egress:                     # rules-without-effect
    - to: [{podSelector: {}}]

Add the direction to `policyTypes`, which closes it for the pods selected, or remove the rules.
""",
)

_DIRECTIONS = {"Ingress": Direction.INGRESS, "Egress": Direction.EGRESS}
_PEERS = {Direction.INGRESS: "from", Direction.EGRESS: "to"}


def lift(given: Sequence[NetworkPolicy], *, namespace: str = "default") -> Outcome[Policies]:
    """What policies mean.

    Args:
        given: policies that the API would take.
        namespace: where those stand whose metadata names no namespace.

    Returns:
        A policy set for each namespace that has a policy, not yet normalised. Of the
        namespaces' labels only kubernetes.io/metadata.name is known.
    """
    return _lifted(given, (), namespace)


def lift_manifests(given: Iterable[Manifests], *, namespace: str = "default") -> Outcome[Policies]:
    """What the policies of manifests mean, with the labels of their Namespace objects.

    A namespace that has an object has exactly its labels (`complete`), and a policy set
    even if it has no policy.
    """
    files = list(given)
    return _lifted(
        [policy for one in files for policy in one.policies],
        [facts for one in files for facts in one.namespaces],
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


def peer_meant(peer: PolicyPeer) -> Peer:
    """Whom an entry of `from` or `to` names."""
    if peer.ip_block is not None:
        return Outside(Addresses.of([_block(peer.ip_block)]))
    pods = EVERYTHING if peer.pod_selector is None else selector_meant(peer.pod_selector)
    if peer.namespace_selector is None:
        return Pods(None, pods)
    return Pods(selector_meant(peer.namespace_selector), pods)


def selector_meant(selector: LabelSelector) -> Selector:
    """The selector; all labels and expressions must hold."""
    if not selector.match_expressions:
        return Selector.labels(selector.match_labels)
    return Selector.of(
        [
            *((key, ValueSet.among(value)) for key, value in selector.match_labels.items()),
            *((one.key, _values(one)) for one in selector.match_expressions),
        ]
    )


def traffic_meant(ports: tuple[PolicyPort, ...] | None) -> Traffic:
    """The traffic of a rule; without ports it is every port of every protocol."""
    if not ports:
        return EVERY_PORT
    numbers, named = [], []
    for one in ports:
        protocol = Protocol(one.protocol or "TCP")
        match one.port:
            case None:
                numbers.append((protocol, 1, MAX_PORT))
            case str(name):
                named.append(NamedPort(protocol, name))
            case number:
                numbers.append((protocol, number, one.end_port or number))
    return Traffic.of(numbers, named)


@dataclass(slots=True)
class _Part:
    """What was found for one namespace."""

    isolations: list[Isolation] = field(default_factory=list)
    allows: list[Allow] = field(default_factory=list)


def _lifted(
    given: Iterable[NetworkPolicy], facts: Iterable[NamespaceFacts], default: str
) -> Outcome[Policies]:
    found: list[Diagnostic] = []
    labels = {one.name: one.labels for one in facts}
    parts = {name: _Part() for name in labels}
    for policy in given:
        part = parts.setdefault(policy.namespace or default, _Part())
        subject = selector_meant(policy.pod_selector)
        for direction in closed_directions(policy):
            origins = (_origin(policy, policy.span),)
            part.isolations.append(Isolation(subject=subject, direction=direction, origins=origins))
            part.allows += _allows(policy, subject, direction)
        found += _without_effect(policy)
    sets = (
        policy_set(
            namespace=name,
            labels=labels.get(name),
            complete=name in labels,
            isolations=part.isolations,
            allows=part.allows,
        )
        for name, part in parts.items()
    )
    return Outcome(policies(sets), tuple(found))


def _without_effect(policy: NetworkPolicy) -> Iterator[Diagnostic]:
    closed = set(closed_directions(policy))
    for name, direction in _DIRECTIONS.items():
        rules = rules_of(policy, direction)
        if rules and direction not in closed and rules[0].span is not None:
            yield Diagnostic(
                kind=RULES_WITHOUT_EFFECT,
                message=f"the {direction.value} rules of `{policy.name}` have no effect",
                label=Label(rules[0].span, f"`policyTypes` does not have `{name}`"),
                help=f"add `{name}` to `policyTypes`, or remove the rules",
            )


def _allows(policy: NetworkPolicy, subject: Selector, direction: Direction) -> Iterator[Allow]:
    """An allow for each peer of each rule; a rule without peers is for everyone."""
    for i, rule in enumerate(rules_of(policy, direction)):
        traffic = traffic_meant(rule.ports)
        place = f"{direction.value}[{i}]"
        peers: list[tuple[Peer, Span | None, str]] = [
            (peer_meant(peer), peer.span or rule.span, f"{place}.{_PEERS[direction]}[{j}]")
            for j, peer in enumerate(rule.peers or ())
        ]
        for peer, span, path in peers or [(Anyone(), rule.span, place)]:
            yield Allow(
                subject=subject,
                direction=direction,
                peer=peer,
                traffic=traffic,
                origins=(_origin(policy, span, path),),
            )


def _origin(policy: NetworkPolicy, span: Span | None, path: str = "") -> Origin:
    """Where a part of a policy comes from; one that was never read stands nowhere."""
    return Origin(
        path="" if span is None else span.path,
        line=1 if span is None else span.line,
        statement=f"{policy.name} {path}".rstrip(),
        role=Role.POLICY,
        span=span,
    )


def _block(block: IPBlock) -> Block:
    """The block; host bits are not part of it, as the API server has it."""
    cidr, _ = cidrs.parsed(block.cidr)
    return Block(cidr, tuple(cidrs.parsed(text)[0] for text in block.excepts))


def _values(expression: Expression) -> ValueSet:
    """The possibilities that an expression leaves; `NotIn` holds where the key is absent."""
    match expression.operator:
        case "In":
            return ValueSet.among(*expression.values)
        case "NotIn":
            return ValueSet.other_than(*expression.values)
        case "Exists":
            return PRESENT
        case "DoesNotExist":
            return ABSENT
        case other:
            message = f"{other} is no operator of label selectors"
            raise ValueError(message)
