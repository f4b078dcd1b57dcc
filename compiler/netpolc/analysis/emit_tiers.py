"""From the rules of tiers to ClusterNetworkPolicy objects.

The counterpart of `lift_tiers`, for the rules that `enforced_tiers` makes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from netpolc.analysis.tiers import Networks, TierPeer, TierRule, Tiers
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.ports import PROTOCOLS, Traffic
from netpolc.manifest import tier_model
from netpolc.manifest.model import LabelSelector
from netpolc.manifest.policy_names import INTENTS, MANAGED_BY, MANAGER
from netpolc.manifest.tier_model import (
    CLUSTER_NETWORK_POLICY,
    TIER_GROUP,
    Tier,
    TierPods,
    TierPolicy,
    TierPort,
)
from netpolc.manifest.to_api import label_selector
from netpolc.provenance import merged


def emit_tiers(
    tiers: Tiers,
    version: str,
    *,
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
) -> tuple[TierPolicy, ...]:
    """The policies that have the rules, by name.

    Args:
        tiers: the rules.
        version: the version of the API to write.
        labels: labels of every policy; those of netpolc itself win.
        annotations: annotations of every policy, likewise.
    """
    common = TierPolicy(
        kind=CLUSTER_NETWORK_POLICY,
        version=f"{TIER_GROUP}/{version}",
        name="",
        labels={**labels, MANAGED_BY: MANAGER},
        annotations=annotations,
        tier=Tier.ADMIN,
        priority=0,
        subject=TierPods(namespaces=LabelSelector()),
    )
    by_policy: dict[str, list[TierRule]] = {}
    for rule in tiers.rules:
        by_policy.setdefault(rule.policy, []).append(rule)
    return tuple(
        _policy(common, name.removeprefix(f"{CLUSTER_NETWORK_POLICY} "), rules)
        for name, rules in sorted(by_policy.items())
    )


def _policy(common: TierPolicy, name: str, rules: list[TierRule]) -> TierPolicy:
    first, origins = rules[0], merged(*(rule.origins for rule in rules))
    statements = "\n".join(sorted({origin.statement for origin in origins}))
    return replace(
        common,
        name=name,
        annotations={**common.annotations, INTENTS: statements},
        tier=first.tier,
        priority=first.priority,
        subject=_pods(first.subject),
        ingress=_rules(rules, Direction.INGRESS),
        egress=_rules(rules, Direction.EGRESS),
        sources=tuple(sorted({origin.path for origin in origins if origin.path})),
    )


def _rules(rules: Iterable[TierRule], direction: Direction) -> tuple[tier_model.TierRule, ...]:
    return tuple(
        tier_model.TierRule(
            name=rule.name,
            action=rule.action,
            peers=tuple(map(_peer, rule.peers)),
            ports=_ports(rule.traffic),
        )
        for rule in rules
        if rule.direction is direction
    )


def _peer(peer: TierPeer) -> tier_model.TierPeer:
    match peer:
        case Pods():
            return tier_model.TierPeer(pods=_pods(peer))
        case Networks(addresses):
            return tier_model.TierPeer(
                networks=tuple(str(block.cidr) for block in addresses.blocks)
            )
        case _:
            message = f"no enforced assertion has the peer {peer}"
            raise ValueError(message)


def _pods(pods: Pods) -> TierPods:
    assert pods.namespaces is not None
    own = None if pods.pods.is_everything else label_selector(pods.pods)
    return TierPods(namespaces=label_selector(pods.namespaces), pods=own)


def _ports(traffic: Traffic) -> tuple[TierPort, ...] | None:
    if traffic.is_everything:
        return None
    return tuple(
        TierPort(protocol=protocol.value, first=low, last=high)
        for protocol in PROTOCOLS
        for low, high in traffic.numbers(protocol).ranges
    )
