"""Policies of other kinds, and NetworkPolicies inside other objects: never passed over in silence."""

import json
from typing import Any

import pytest

from netpolc.manifest.read import read
from netpolc.source import SourceFile

POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "a"},
    "spec": {"podSelector": {}},
}
GENERATED = {**POLICY, "name": "a", "data": {"spec": {"podSelector": {}}}}
SPEC = {"podSelector": {}, "policyTypes": ["Ingress"]}
TEXT = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n"


def unread(kind: str, version: str, content: dict[str, Any]) -> list[str]:
    """The findings that an object is not read as a policy."""
    one = {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, **content}
    found = read(SourceFile("x.json", json.dumps(one))).diagnostics
    return [finding.message for finding in found if finding.rule.name == "policy-kind-not-read"]


def nested(depth: int) -> dict[str, Any]:
    """A policy below so many lists and objects."""
    inner: dict[str, Any] = {"objectDefinition": POLICY}
    for _ in range(depth):
        inner = {"templates": [inner]}
    return {"spec": inner}


@pytest.mark.parametrize(
    ("version", "kind", "content", "verb"),
    [
        ("template.openshift.io/v1", "Template", {"objects": [POLICY]}, "creates"),
        ("work.karmada.io/v1alpha1", "Work", nested(1), "creates"),
        ("policy.open-cluster-management.io/v1", "Policy", nested(4), "creates"),
        ("kyverno.io/v1", "Policy", {"spec": {"rules": [{"generate": GENERATED}]}}, "creates"),
        ("v1", "ConfigMap", {"data": {"np.yaml": TEXT}}, "has the text of"),
        ("v1", "ConfigMap", {"data": {"np.json": json.dumps(POLICY)}}, "has the text of"),
        ("fleet.cattle.io/v1alpha1", "Bundle", {"spec": {"resources": [{"content": TEXT}]}}, "has the text of"),
        ("capsule.clastix.io/v1beta2", "Tenant", {"spec": {"networkPolicies": {"items": [SPEC]}}}, "creates"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition", {"spec": {"properties": {name: {} for name in SPEC}}}, ""),
        ("v1", "ConfigMap", {"data": {"a": TEXT.replace("NetworkPolicy", "Ingress")}}, ""),
        ("v1", "ConfigMap", {"data": {"a": "see kind: NetworkPolicy"}}, ""),
        (
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            {"spec": {"group": "crd.projectcalico.org", "names": {"kind": "NetworkPolicy"}}},
            "",
        ),
        (
            "argoproj.io/v1alpha1",
            "Application",
            {"spec": {"ignoreDifferences": [{"group": "networking.k8s.io", "kind": "NetworkPolicy"}]}},
            "",
        ),
        ("work.karmada.io/v1", "Work", {"spec": [{**POLICY, "apiVersion": "projectcalico.org/v3"}]}, ""),
    ],
)  # fmt: skip
def test_a_policy_inside_another_object_is_named(
    version: str, kind: str, content: dict[str, Any], verb: str
) -> None:
    expected = [f"`{kind}` {verb} a NetworkPolicy, which is ignored"] if verb else []
    assert unread(kind, version, content) == expected


@pytest.mark.parametrize(
    ("version", "kind", "where"),
    [
        ("projectcalico.org/v3", "NetworkPolicy", "default"),
        ("projectcalico.org/v3", "GlobalNetworkPolicy", ""),
        ("cilium.io/v2", "CiliumClusterwideNetworkPolicy", ""),
        ("k8s.ovn.org/v1", "EgressFirewall", "default"),
        ("security.istio.io/v1", "AuthorizationPolicy", "default"),
        ("crd.nsx.vmware.com/v1alpha1", "SecurityPolicy", "default"),
        ("kubeovn.io/v1", "SecurityGroup", ""),
        ("ingressnodefirewall.openshift.io/v1alpha1", "IngressNodeFirewall", ""),
        ("policy.linkerd.io/v1beta3", "Server", "default"),
        ("access.smi-spec.io/v1alpha3", "TrafficTarget", "default"),
        ("projectcalico.org/v3", "StagedNetworkPolicy", None),
        ("projectcalico.org/v3", "StagedGlobalNetworkPolicy", None),
        ("example.org/v1", "SecurityPolicy", None),
        ("apps.example.org/v1", "Server", None),
    ],
)
def test_kinds_that_decide_too(version: str, kind: str, where: str | None) -> None:
    one = {"apiVersion": version, "kind": kind, "metadata": {"name": "x"}, "spec": {}}
    found = read(SourceFile("x.json", json.dumps(one))).value.unread
    assert [policy.namespace for policy in found] == ([] if where is None else [where])
