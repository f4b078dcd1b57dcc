"""Rules of tiers that do not do what they seem to do, and those that do."""

import pytest

from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.ir.model import Policies
from netpolc.lints.tier_rules import tier_rules
from netpolc.manifest.read import read
from netpolc.passes.lift import lift_manifests
from netpolc.source import SourceFile

HEAD = """\
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: NAME}
spec:
  tier: Admin
  priority: PRIORITY
  subject: {namespaces: {}}
  ingress:
"""
CLOSED = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: closed, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""
EVERYONE, DEV, WEB = "{namespaces: {}}", "{namespaces: {matchLabels: {env: dev}}}", "80"


def policy(*rules: tuple[str, str], name: str = "a", priority: int = 1, tier: str = "Admin") -> str:
    head = HEAD.replace("NAME", name).replace("PRIORITY", str(priority)).replace("Admin", tier)
    return head + "".join(f"  - {{action: {action}, from: [{peer}]}}\n" for action, peer in rules)


def names(*texts: str) -> list[str]:
    manifests = read(SourceFile("a.yaml", "".join(texts))).value
    policies: Policies = lift_manifests([manifests]).value
    return [found.rule.name for found in tier_rules(lift_tiers(manifests.tiers), policies)]


def network(*blocks: str) -> str:
    return f"{{networks: [{', '.join(blocks)}]}}"


LOW, HIGH, ALL = network("10.1.0.0/16"), network("10.2.0.0/16"), network("0.0.0.0/0", '"::/0"')


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        # A pod may have an address in neither network, so that later rules decide.
        ([("Accept", LOW), ("Deny", HIGH), ("Deny", EVERYONE)], []),
        ([("Accept", LOW), ("Deny", HIGH), ("Pass", DEV), ("Deny", EVERYONE)], []),
        ([("Deny", LOW), ("Accept", HIGH), ("Accept", EVERYONE)], []),
        ([("Deny", LOW), ("Deny", network("10.1.2.0/24"))], ["shadowed-rule"]),
        ([("Deny", ALL), ("Deny", EVERYONE)], ["shadowed-rule"]),
        ([("Deny", network("0.0.0.0/0")), ("Accept", network('"::/0"')), ("Deny", DEV)], ["shadowed-rule"]),
        ([("Deny", ALL), ("Accept", LOW)], ["exception-after-deny"]),
        ([("Pass", LOW), ("Deny", HIGH)], ["idle-pass"]),
    ],
)  # fmt: skip
def test_networks_match_pods_by_their_address(
    rules: list[tuple[str, str]], expected: list[str]
) -> None:
    text = policy(*rules).replace("ingress:", "egress:").replace("from:", "to:")
    assert names(text) == expected


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([policy(("Deny", EVERYONE), ("Deny", DEV))], ["shadowed-rule"]),
        ([policy(("Deny", DEV), ("Deny", EVERYONE))], []),
        ([policy(("Accept", EVERYONE), ("Deny", DEV))], ["shadowed-rule"]),
        ([policy(("Deny", EVERYONE), ("Accept", DEV))], ["exception-after-deny"]),
        ([policy(("Accept", DEV), ("Deny", EVERYONE))], []),
        ([policy(("Deny", EVERYONE), priority=9), policy(("Accept", DEV), name="b")], []),
        ([policy(("Deny", EVERYONE)), policy(("Accept", DEV), name="b", priority=9)], ["exception-after-deny"]),
        ([policy(("Deny", EVERYONE)), policy(("Accept", DEV), name="b", tier="Baseline")], []),
        ([policy(("Pass", DEV), ("Deny", EVERYONE))], []),
        ([policy(("Pass", DEV))], ["idle-pass"]),
        ([policy(("Deny", "{namespaces: {matchLabels: {env: p}}}"), ("Pass", DEV))], ["idle-pass"]),
        ([policy(("Accept", EVERYONE)), policy(("Deny", DEV), name="b")], ["conflicting-priority"]),
        ([policy(("Accept", EVERYONE)), policy(("Accept", DEV), name="b")], []),
        ([policy(("Accept", "{namespaces: {matchLabels: {env: p}}}")), policy(("Deny", DEV), name="b")], []),
        ([policy(("Accept", DEV)), CLOSED], ["overruled-isolation"]),
        ([policy(("Accept", DEV), tier="Baseline"), CLOSED], []),
        ([policy(("Deny", DEV)), CLOSED], []),
        ([policy(("Pass", DEV), ("Accept", EVERYONE)), CLOSED], ["overruled-isolation"]),
    ],
)  # fmt: skip
def test_what_is_found(texts: list[str], expected: list[str]) -> None:
    assert names(*texts) == expected
