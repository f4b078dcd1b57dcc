"""Which rules of tiers protect pods that no NetworkPolicy closes."""

import pytest

from netpolc.analysis.bounds import tier_readings
from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.protected_by_tiers import protected_by_tiers
from netpolc.kube.selectors import Selector
from netpolc.manifest.read import read
from netpolc.program.model import ClusterAddresses
from netpolc.source import SourceFile

WEB = Selector.labels({"app": "web"})
POLICY = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: p}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
"""
DENY = "{action: Deny, from: [{namespaces: {}}]}"


@pytest.mark.parametrize(
    ("rules", "protected"),
    [
        (f"ingress: [{DENY}]", True),
        (f"ingress: [{{action: Accept, from: [{{namespaces: {{}}}}]}}, {DENY}]", False),
        (
            "ingress: [{action: Accept, from: [{namespaces: {matchLabels: {a: b}}}]}, "
            + DENY
            + "]",
            True,
        ),
        ("ingress: [{action: Pass, from: [{namespaces: {}}]}]", False),
        ("ingress: [{action: Deny, from: [{namespaces: {matchLabels: {a: b}}}]}]", False),
        (
            f"ingress: [{DENY[:-1]}, protocols: [{{tcp: {{destinationPort: {{number: 80}}}}}}]}}]",
            False,
        ),
        ("egress: [{action: Deny, to: [{namespaces: {}}]}]", False),
    ],
)
def test_only_a_rule_that_denies_everyone_protects(rules: str, *, protected: bool) -> None:
    assert is_protected(f"{POLICY}  {rules}\n", WEB) is protected


@pytest.mark.parametrize(
    ("subject", "protected"),
    [
        ("pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}", True),
        ("pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: db}}}", False),
        ("namespaces: {matchLabels: {env: dev}}", True),
        ("namespaces: {matchLabels: {env: production}}", False),
    ],
)
def test_the_rule_must_be_about_these_pods(subject: str, *, protected: bool) -> None:
    text = POLICY.replace("namespaces: {}", subject) + f"  ingress: [{DENY}]\n"
    assert is_protected(text, WEB) is protected


def is_protected(text: str, pods: Selector) -> bool:
    outcome = read(SourceFile("a.yaml", text))
    assert not outcome.diagnostics
    _, most = tier_readings(lift_tiers(outcome.value.tiers), ClusterAddresses())
    assert most is not None
    return protected_by_tiers(most, Facts({"env": "dev"}), pods)
