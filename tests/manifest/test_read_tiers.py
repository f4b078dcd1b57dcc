"""Policies of tiers: what their CRDs refuse is an error at its place, and the rest is read."""

import pytest

from netpolc.diagnostics import Severity
from netpolc.manifest.model import Expression, LabelSelector
from netpolc.manifest.read import read
from netpolc.manifest.tier_model import (
    Action,
    Tier,
    TierPeer,
    TierPods,
    TierPolicy,
    TierPort,
    TierRule,
)
from netpolc.source import SourceFile

GROUP = "apiVersion: policy.networking.k8s.io/"
CLUSTER = GROUP + (
    "v1alpha2\nkind: ClusterNetworkPolicy\nmetadata: {name: p}\n"
    "spec:\n  tier: Admin\n  priority: 7\n  subject: {namespaces: {}}\n"
)
ADMIN = GROUP + (
    "v1alpha1\nkind: AdminNetworkPolicy\nmetadata: {name: p}\n"
    "spec:\n  priority: 7\n  subject: {namespaces: {}}\n"
)
BASELINE = GROUP + (
    "v1alpha1\nkind: BaselineAdminNetworkPolicy\nmetadata: {name: default}\n"
    "spec:\n  subject: {namespaces: {}}\n"
)
IN, OUT = "  ingress:\n  - ", "  egress:\n  - "
FROM = IN + "{action: Deny, from: ["
TO = OUT + "{action: Accept, to: ["
PORTS = IN + "{action: Deny, from: [{namespaces: {}}], "


def many(entry: str, number: int) -> str:
    """A list of equal entries, in the flow style."""
    return "[" + ", ".join([entry] * number) + "]"


def errors(text: str) -> list[tuple[str, str]]:
    """The names and paths of the errors of a text."""
    found = read(SourceFile("a.yaml", text)).diagnostics
    return [(f.rule.name, f.label.text) for f in found if f.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("text", "rule", "path"),
    [
        (CLUSTER.replace("  tier: Admin\n", ""), "missing-field", "spec.tier"),
        (CLUSTER.replace("  priority: 7\n", ""), "missing-field", "spec.priority"),
        (CLUSTER.replace("  subject: {namespaces: {}}\n", ""), "missing-field", "spec.subject"),
        (CLUSTER.replace("Admin", "Middle"), "invalid-tier-value", "spec.tier"),
        (CLUSTER.replace("7", "-1"), "invalid-priority", "spec.priority"),
        (CLUSTER.replace("7", "1001"), "invalid-priority", "spec.priority"),
        (CLUSTER.replace("{namespaces: {}}", "{}"), "not-exactly-one", "spec.subject"),
        (CLUSTER.replace("namespaces: {}", "pods: {podSelector: {}}"), "missing-field", "spec.subject.pods.namespaceSelector"),
        (CLUSTER.replace("namespaces: {}", "pods: {namespaceSelector: {}}"), "missing-field", "spec.subject.pods.podSelector"),
        (CLUSTER + "  podSelector: {}", "unknown-field", "spec.podSelector"),
        (CLUSTER + IN + "{from: [{namespaces: {}}]}", "missing-field", "spec.ingress[0].action"),
        (CLUSTER + IN + "{action: Deny}", "missing-field", "spec.ingress[0].from"),
        (CLUSTER + IN + "{action: Allow, from: [{namespaces: {}}]}", "invalid-tier-value", "spec.ingress[0].action"),
        (CLUSTER + IN + "{action: Deny, to: []}", "unknown-field", "spec.ingress[0].to"),
        (CLUSTER + FROM + "]}", "wrong-number-of-entries", "spec.ingress[0].from"),
        (CLUSTER + FROM + "{}]}", "not-exactly-one", "spec.ingress[0].from[0]"),
        (CLUSTER + FROM + "{networks: [10.0.0.0/8]}]}", "unknown-field", "spec.ingress[0].from[0].networks"),
        (CLUSTER + TO + "{networks: []}]}", "wrong-number-of-entries", "spec.egress[0].to[0].networks"),
        (CLUSTER + TO + "{networks: [10.0.0.1]}]}", "invalid-policy-block", "spec.egress[0].to[0].networks[0]"),
        (CLUSTER + TO + "{networks: [10.0.0.0/8, 10.0.0.0/8]}]}", "wrong-number-of-entries", "spec.egress[0].to[0].networks[1]"),
        (CLUSTER + TO + "{domainNames: [com]}]}", "invalid-domain-name", "spec.egress[0].to[0].domainNames[0]"),
        (CLUSTER + IN + "{name: " + "x" * 101 + ", action: Deny, from: [{namespaces: {}}]}", "invalid-tier-value", "spec.ingress[0].name"),
        (CLUSTER + PORTS + "protocols: []}", "wrong-number-of-entries", "spec.ingress[0].protocols"),
        (CLUSTER + PORTS + "protocols: [{}]}", "not-exactly-one", "spec.ingress[0].protocols[0]"),
        (CLUSTER + PORTS + "protocols: [{tcp: {}}]}", "not-exactly-one", "spec.ingress[0].protocols[0].tcp"),
        (CLUSTER + PORTS + "protocols: [{tcp: {destinationPort: {}}}]}", "not-exactly-one", "spec.ingress[0].protocols[0].tcp.destinationPort"),
        (CLUSTER + PORTS + "protocols: [{tcp: {destinationPort: {number: 0}}}]}", "invalid-policy-port", "spec.ingress[0].protocols[0].tcp.destinationPort.number"),
        (CLUSTER + PORTS + "protocols: [{udp: {destinationPort: {range: {start: 9, end: 9}}}}]}", "invalid-policy-port", "spec.ingress[0].protocols[0].udp.destinationPort.range"),
        (CLUSTER + PORTS + "protocols: [{sctp: {destinationPort: {range: {start: 9}}}}]}", "missing-field", "spec.ingress[0].protocols[0].sctp.destinationPort.range.end"),
        (CLUSTER + PORTS + "ports: [{portNumber: {port: 1}}]}", "unknown-field", "spec.ingress[0].ports"),
        (CLUSTER + OUT + "{action: Deny, to: [{domainNames: [a.b]}]}", "domain-name-not-accepted", "spec.egress[0]"),
        (CLUSTER + TO + "{networks: [10.0.0.0/8]}], protocols: [{destinationNamedPort: http}]}", "named-port-without-pods", "spec.egress[0]"),
        (CLUSTER + TO + "{nodes: {}}], protocols: [{destinationNamedPort: http}]}", "named-port-without-pods", "spec.egress[0]"),
        (CLUSTER + "  ingress: " + many("{action: Deny, from: [{namespaces: {}}]}", 26), "wrong-number-of-entries", "spec.ingress"),
        (CLUSTER + IN + "{action: Deny, from: " + many("{namespaces: {}}", 26) + "}", "wrong-number-of-entries", "spec.ingress[0].from"),
        (ADMIN + IN + "{action: Accept, from: [{namespaces: {}}]}", "invalid-tier-value", "spec.ingress[0].action"),
        (ADMIN + PORTS + "ports: [{portRange: {start: 9, end: 8}}]}", "invalid-policy-port", "spec.ingress[0].ports[0].portRange"),
        (ADMIN + PORTS + "ports: [{portNumber: {port: 9, protocol: ICMP}}]}", "invalid-policy-protocol", "spec.ingress[0].ports[0].portNumber.protocol"),
        (ADMIN + PORTS + "ports: [{portNumber: {protocol: TCP}}]}", "missing-field", "spec.ingress[0].ports[0].portNumber.port"),
        (ADMIN + PORTS + "ports: [{namedPort: 'a b'}]}", "invalid-policy-port", "spec.ingress[0].ports[0].namedPort"),
        (ADMIN + "  tier: Admin", "unknown-field", "spec.tier"),
        (ADMIN + "  ingress: " + many("{action: Deny, from: [{namespaces: {}}]}", 101), "wrong-number-of-entries", "spec.ingress"),
        (BASELINE + IN + "{action: Pass, from: [{namespaces: {}}]}", "invalid-tier-value", "spec.ingress[0].action"),
        (BASELINE + OUT + "{action: Allow, to: [{domainNames: [a.b]}]}", "unknown-field", "spec.egress[0].to[0].domainNames"),
        (BASELINE.replace("default", "other"), "invalid-baseline-name", "metadata.name"),
        (BASELINE + "---\n" + BASELINE, "duplicate-object", "again here"),
        (CLUSTER.replace("v1alpha2", "v1alpha1"), "wrong-api-version", "apiVersion"),
        (ADMIN.replace("v1alpha1", "v1alpha2"), "wrong-api-version", "apiVersion"),
    ],
)  # fmt: skip
def test_refused(text: str, rule: str, path: str) -> None:
    assert (rule, path) in errors(text)
    assert not read(SourceFile("a.yaml", text)).value.tiers or rule == "duplicate-object"


@pytest.mark.parametrize(
    "text",
    [
        CLUSTER,
        CLUSTER.replace("v1alpha2", "v1beta1"),
        CLUSTER + "  ingress: " + many("{action: Deny, from: [{namespaces: {}}]}", 25),
        CLUSTER + TO + "{networks: [10.0.0.1/8]}]}",
        CLUSTER + TO + "{domainNames: ['*.example.com', kubernetes.io]}]}",
        ADMIN + "  ingress: " + many("{action: Allow, from: [{namespaces: {}}]}", 100),
        BASELINE + "status: {conditions: []}\n",
        CLUSTER.replace("{name: a}", "{name: a, finalizers: [without-domain]}"),
    ],
)
def test_taken(text: str) -> None:
    assert errors(text) == []
    assert len(read(SourceFile("a.yaml", text)).value.tiers) == 1


def test_every_part_is_read() -> None:
    text = CLUSTER + (
        "  ingress:\n  - name: one\n    action: Pass\n    from:\n"
        "    - pods: {namespaceSelector: {matchLabels: {a: b}}, podSelector: {}}\n"
        "    protocols:\n    - tcp: {destinationPort: {number: 80}}\n"
        "    - udp: {destinationPort: {range: {start: 5, end: 9}}}\n"
        "    - destinationNamedPort: web\n"
        "  egress:\n  - action: Accept\n    to:\n    - nodes: {matchExpressions: [{key: k, operator: Exists}]}\n"
        "    - networks: ['10.0.0.0/8', '2001:db8::/32']\n    - domainNames: [a.b]\n"
    )
    (policy,) = read(SourceFile("a.yaml", text)).value.tiers
    everything = LabelSelector()
    assert policy == TierPolicy(
        kind="ClusterNetworkPolicy",
        version="policy.networking.k8s.io/v1alpha2",
        name="p",
        tier=Tier.ADMIN,
        priority=7,
        subject=TierPods(namespaces=everything),
        ingress=(
            TierRule(
                name="one",
                action=Action.PASS,
                peers=(
                    TierPeer(pods=TierPods(namespaces=LabelSelector({"a": "b"}), pods=everything)),
                ),
                ports=(
                    TierPort(protocol="TCP", first=80, last=80),
                    TierPort(protocol="UDP", first=5, last=9),
                    TierPort(name="web"),
                ),
            ),
        ),
        egress=(
            TierRule(
                action=Action.ACCEPT,
                peers=(
                    TierPeer(nodes=LabelSelector({}, (Expression(key="k", operator="Exists"),))),
                    TierPeer(networks=("10.0.0.0/8", "2001:db8::/32")),
                    TierPeer(domain_names=("a.b",)),
                ),
            ),
        ),
    )


def test_other_groups_have_kinds_of_the_same_name() -> None:
    text = CLUSTER.replace("policy.networking.k8s.io/v1alpha2", "networking.k8s.aws/v1alpha1")
    outcome = read(SourceFile("a.yaml", text))
    assert [one.rule.name for one in outcome.diagnostics] == ["policy-kind-not-read"]
    assert not outcome.value.tiers


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (CLUSTER + "  ingress:\n", "spec.ingress"),
        (ADMIN + "  egress:\n", "spec.egress"),
        (CLUSTER + PORTS + "protocols: }", "spec.ingress[0].protocols"),
        (ADMIN + PORTS + "ports: }", "spec.ingress[0].ports"),
        (
            ADMIN + PORTS + "ports: [{portNumber: {protocol: , port: 1}}]}",
            "spec.ingress[0].ports[0].portNumber.protocol",
        ),
        (
            CLUSTER + FROM + "{pods: {namespaceSelector: {matchLabels: {a: }}, podSelector: {}}}]}",
            "spec.ingress[0].from[0].pods.namespaceSelector.matchLabels.a",
        ),
    ],
)
def test_fields_with_nothing_after_them_are_reported(text: str, path: str) -> None:
    outcome = read(SourceFile("a.yaml", text))
    assert not outcome.failed
    assert [(one.rule.name, one.label.text) for one in outcome.diagnostics] == [
        ("empty-field", path)
    ]


@pytest.mark.parametrize("field", ["namespaceSelector", "podSelector"])
def test_a_required_selector_with_nothing_after_it_is_refused(field: str) -> None:
    pods = "namespaceSelector: {}, podSelector: {}".replace(f"{field}: {{}}", f"{field}: ")
    outcome = read(SourceFile("a.yaml", f"{CLUSTER}{FROM}{{pods: {{{pods}}}}}]}}"))
    assert outcome.failed
