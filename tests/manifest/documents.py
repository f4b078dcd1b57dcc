"""A NetworkPolicy value as the dict that its YAML must give, field by field."""

from collections.abc import Mapping
from typing import Any

from netpolc.manifest.model import LabelSelector, NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule


def document(policy: NetworkPolicy) -> dict[str, Any]:
    """The object as the API has it."""
    metadata = {
        "name": policy.name,
        "namespace": policy.namespace,
        "labels": dict(policy.labels) or None,
        "annotations": dict(policy.annotations) or None,
    }
    spec = {
        "podSelector": _selector(policy.pod_selector),
        "policyTypes": None if policy.policy_types is None else list(policy.policy_types),
        "ingress": _rules("from", policy.ingress),
        "egress": _rules("to", policy.egress),
    }
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": _said(metadata),
        "spec": _said(spec),
    }


def _said(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}


def _selector(selector: LabelSelector | None) -> dict[str, Any] | None:
    if selector is None:
        return None
    expressions = [
        _said({"key": one.key, "operator": one.operator, "values": [*one.values] or None})
        for one in selector.match_expressions
    ]
    return _said(
        {
            "matchLabels": dict(selector.match_labels) or None,
            "matchExpressions": expressions or None,
        }
    )


def _rules(peers: str, rules: tuple[PolicyRule, ...] | None) -> list[dict[str, Any]] | None:
    if rules is None:
        return None
    return [
        _said(
            {
                peers: None if rule.peers is None else [_peer(peer) for peer in rule.peers],
                "ports": None if rule.ports is None else [_port(port) for port in rule.ports],
            }
        )
        for rule in rules
    ]


def _peer(peer: PolicyPeer) -> dict[str, Any]:
    block = peer.ip_block
    return _said(
        {
            "podSelector": _selector(peer.pod_selector),
            "namespaceSelector": _selector(peer.namespace_selector),
            "ipBlock": block and _said({"cidr": block.cidr, "except": [*block.excepts] or None}),
        }
    )


def _port(port: PolicyPort) -> dict[str, Any]:
    return _said({"protocol": port.protocol, "port": port.port, "endPort": port.end_port})
