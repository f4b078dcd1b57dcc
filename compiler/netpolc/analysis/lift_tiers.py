"""From cluster-wide policies as the API has them to the rules of tiers.

Text of the API (network-policy-api, ClusterNetworkPolicy): "If an implementation sees no
fields are set [in a peer] … it should fail closed. For `Accept` rules, `fail closed` means:
treat the rule as matching no traffic. For `Deny` and `Pass` rules, …: treat the rule as a
`Deny all` rule." A port's name has no protocol, so it is the name of a port of any.
"""

from collections.abc import Iterable, Iterator

from netpolc.analysis.tiers import Domains, Networks, Nodes, TierPeer, TierRule, Tiers
from netpolc.kube.cidr import Addresses, Block
from netpolc.kube.peers import Anyone, Direction, Pods
from netpolc.kube.ports import EVERY_PORT, PROTOCOLS, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector, selector_meant
from netpolc.manifest import lenient_cidr, tier_model
from netpolc.manifest.manifest_set import UnreadPolicy
from netpolc.manifest.model import LabelSelector
from netpolc.manifest.tier_model import Action, TierPods, TierPolicy, TierPort
from netpolc.provenance import Origin, PolicyRef, Role


def lift_tiers(policies: Iterable[TierPolicy], unread: Iterable[UnreadPolicy] = ()) -> Tiers:
    """The rules of policies, in the order in which they decide, and the policies that are not read."""
    return Tiers.of((rule for policy in policies for rule in _rules(policy)), unread)


def _rules(policy: TierPolicy) -> Iterator[TierRule]:
    for direction, rules in (
        (Direction.INGRESS, policy.ingress),
        (Direction.EGRESS, policy.egress),
    ):
        for index, rule in enumerate(rules):
            meant = _rule(policy, direction, index, rule)
            if meant is not None:
                yield meant


def _rule(
    policy: TierPolicy, direction: Direction, index: int, rule: tier_model.TierRule
) -> TierRule | None:
    """The lifted rule; None if it matches nothing."""
    peers = tuple(map(_peer, rule.peers))
    action, traffic = rule.action, _traffic(rule.ports)
    if any(isinstance(peer, Anyone) for peer in peers):
        if action is Action.ACCEPT:
            return None
        action, peers, traffic = Action.DENY, (Anyone(),), EVERY_PORT
    span = rule.span
    return TierRule(
        tier=policy.tier,
        priority=policy.priority,
        policy=str(policy),
        index=index,
        direction=direction,
        action=action,
        subject=_pods(policy.subject),
        peers=peers,
        traffic=traffic,
        name=rule.name,
        origins=(
            Origin(
                path="" if span is None else span.path,
                line=1 if span is None else span.line,
                source=PolicyRef(str(policy), direction.value, (index,)),
                role=Role.POLICY,
                span=span,
            ),
        ),
    )


def _peer(peer: tier_model.TierPeer) -> TierPeer:
    if peer.pods is not None:
        return _pods(peer.pods)
    if peer.networks is not None:
        blocks = (Block(lenient_cidr.parsed(text)[0]) for text in peer.networks)
        return Networks(Addresses.of(tuple(blocks)))
    if peer.nodes is not None:
        return Nodes(_selector(peer.nodes))
    if peer.domain_names is not None:
        return Domains(peer.domain_names)
    return Anyone()


def _pods(pods: TierPods) -> Pods:
    own = EVERYTHING if pods.pods is None else _selector(pods.pods)
    return Pods(_selector(pods.namespaces), own)


def _selector(selector: LabelSelector) -> Selector:
    return selector_meant(
        selector.match_labels,
        (
            (expression.key, expression.operator, expression.values)
            for expression in selector.match_expressions
        ),
    )


def _traffic(ports: tuple[TierPort, ...] | None) -> Traffic:
    if ports is None:
        return EVERY_PORT
    numbers = [
        (Protocol(port.protocol), port.first, port.last)
        for port in ports
        if port.protocol is not None
    ]
    names = [port.name for port in ports if port.name is not None]
    return Traffic.of(numbers, [NamedPort(p, name) for name in names for p in PROTOCOLS])
