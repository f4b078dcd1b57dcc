"""A ClusterNetworkPolicy as YAML, the same bytes on every machine.

Only policies that netpolc makes are written. The form is that of `manifest.write`.
"""

from collections.abc import Iterable, Iterator

from netpolc.manifest.model import LabelSelector
from netpolc.manifest.tier_model import TierPeer, TierPods, TierPolicy, TierPort, TierRule
from netpolc.manifest.write import annotations_text, labels_text, selector_text, strings_text
from netpolc.yaml.quote_scalar import scalar


def write_tier_policy(policy: TierPolicy) -> str:
    """One YAML document for a policy, without header or separator, ending in a line break."""
    return "".join(_document(policy))


def _document(policy: TierPolicy) -> Iterator[str]:
    yield f"apiVersion: {policy.version}\nkind: {policy.kind}\nmetadata:\n"
    yield f"  name: {scalar(policy.name)}\n"
    if policy.labels:
        yield f"  labels:\n{labels_text(policy.labels, '    ')}"
    if policy.annotations:
        yield f"  annotations:\n{annotations_text(policy.annotations)}"
    yield f"spec:\n  tier: {policy.tier.value}\n  priority: {policy.priority}\n"
    yield f"  subject:\n{_pods(policy.subject, '    ')}"
    for key, peers, rules in (
        ("ingress", "from", policy.ingress),
        ("egress", "to", policy.egress),
    ):
        if rules:
            yield f"  {key}:\n{''.join(_rule(rule, peers) for rule in rules)}"


def _rule(rule: TierRule, peers: str) -> str:
    name = f"  - name: {scalar(rule.name)}\n    " if rule.name else "  - "
    ports = "" if rule.ports is None else f"    protocols:\n{''.join(map(_port, rule.ports))}"
    return (
        f"{name}action: {rule.action.value}\n    {peers}:\n{''.join(map(_peer, rule.peers))}{ports}"
    )


def _peer(peer: TierPeer) -> str:
    if peer.pods is not None:
        return _item(_pods(peer.pods, "      "))
    if peer.networks is not None:
        return _item(strings_text("networks", peer.networks, "      "))
    message = "a peer that netpolc does not write"
    raise ValueError(message)


def _pods(pods: TierPods, indent: str) -> str:
    if pods.pods is None:
        return selector_text("namespaces", pods.namespaces, indent)
    both: Iterable[tuple[str, LabelSelector]] = (
        ("namespaceSelector", pods.namespaces),
        ("podSelector", pods.pods),
    )
    return f"{indent}pods:\n" + "".join(
        selector_text(k, label_selector, f"{indent}  ") for k, label_selector in both
    )


def _port(port: TierPort) -> str:
    if port.protocol is None:
        message = "a port's name has no protocol, and netpolc writes none"
        raise ValueError(message)
    where = f"    - {port.protocol.lower()}:\n        destinationPort:\n"
    if port.first == port.last:
        return f"{where}          number: {port.first}\n"
    ends = f"            start: {port.first}\n            end: {port.last}\n"
    return f"{where}          range:\n{ends}"


def _item(fields: str) -> str:
    """Fields as an item of a list of peers: the first one's indent ends in the dash."""
    return f"    - {fields[6:]}"
