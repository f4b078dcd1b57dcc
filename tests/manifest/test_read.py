"""What is read of manifests: policies as they stand, and the facts beside them."""

import pytest

from netpolc.kube.inventory import ServicePort
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.ports import Protocol
from netpolc.kube.selectors import Selector
from netpolc.manifest.manifest_set import Namespace, duplicates
from netpolc.manifest.model import (
    Expression,
    IPBlock,
    LabelSelector,
    NetworkPolicy,
    PolicyPeer,
    PolicyPort,
    PolicyRule,
)
from netpolc.manifest.read import read
from netpolc.source import SourceFile
from tests.manifest.read_well import ROLLOUT, good

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
  namespace: shop
  labels: {team: data}
  annotations: {note: "a: b"}
  creationTimestamp: 2026-01-01T00:00:00Z
spec:
  podSelector:
    matchLabels: {app: db}
    matchExpressions:
    - {key: tier, operator: NotIn, values: [web, ""]}
    - {key: canary, operator: DoesNotExist}
  policyTypes: [Ingress, Egress]
  ingress:
  - from:
    - podSelector: {}
      namespaceSelector: {matchLabels: {team: data}}
    - ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}
    ports:
    - {port: 5432}
    - {protocol: UDP, port: 80, endPort: 90}
    - {port: metrics}
  - {}
  egress: []
"""


def test_every_field_of_a_policy_is_read_as_it_stands() -> None:
    assert good(POLICY).policies == (
        NetworkPolicy(
            name="db",
            namespace="shop",
            labels={"team": "data"},
            annotations={"note": "a: b"},
            pod_selector=LabelSelector(
                {"app": "db"},
                (
                    Expression(key="tier", operator="NotIn", values=("web", "")),
                    Expression(key="canary", operator="DoesNotExist"),
                ),
            ),
            policy_types=("Ingress", "Egress"),
            ingress=(
                PolicyRule(
                    peers=(
                        PolicyPeer(
                            pod_selector=LabelSelector(),
                            namespace_selector=LabelSelector({"team": "data"}),
                        ),
                        PolicyPeer(ip_block=IPBlock("10.0.0.0/8", ("10.1.0.0/16",))),
                    ),
                    ports=(
                        PolicyPort(port=5432),
                        PolicyPort(protocol="UDP", port=80, end_port=90),
                        PolicyPort(port="metrics"),
                    ),
                ),
                PolicyRule(),
            ),
            egress=(),
        ),
    )


def test_places_are_those_of_the_entries() -> None:
    (policy,) = good("# a comment\n---\n" + POLICY).policies
    rules = policy.ingress or ()
    peers = rules[0].peers or ()
    ports = rules[0].ports or ()
    spans = [policy.span, *(one.span for some in (rules, peers, ports) for one in some)]
    assert [span.line for span in spans if span] == [3, 19, 27, 20, 22, 24, 25, 26]
    assert ports[2].span is not None
    assert ports[2].span.text == "{port: metrics}"


@pytest.mark.parametrize("null", ["", " null", " ~"])
def test_null_is_as_good_as_nothing(null: str) -> None:
    text = f"""\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: db
  namespace:{null}
  labels:{null}
spec:
  podSelector:
    matchLabels:{null}
  policyTypes:{null}
  ingress:{null}
  egress:
  - to:{null}
    ports:
    - port:{null}
"""
    outcome = read(SourceFile("some.yaml", text))
    # What got lost between the lines is read as the API reads it, and reported.
    lost = {
        "spec.podSelector.matchLabels": "labels-of-nothing",
        "spec.policyTypes": "empty-field",
        "spec.ingress": "empty-field",
        "spec.egress[0].to": "list-of-nothing",
        "spec.egress[0].ports[0].port": "empty-field",
    }
    assert {found.label.text: found.rule.name for found in outcome.diagnostics} == lost
    assert outcome.value.policies == (
        NetworkPolicy(
            name="db",
            namespace=None,
            pod_selector=LabelSelector(),
            egress=(PolicyRule(ports=(PolicyPort(),)),),
        ),
    )


def test_a_label_without_a_value_is_the_empty_string() -> None:
    text = POLICY.replace("{app: db}", "{app: }")
    outcome = read(SourceFile("a.yaml", text))
    assert outcome.value.policies[0].pod_selector.match_labels == {"app": ""}
    assert [found.rule.name for found in outcome.diagnostics] == ["empty-field"]


def test_numbers_are_read_as_kubectl_reads_them() -> None:
    for written, number in (("0x1F90", 8080), ("8_080", 8080), ("8080.0", 8080), ("0120", 80)):
        (policy,) = good(POLICY.replace("5432", written)).policies
        assert policy.ingress is not None
        assert policy.ingress[0].ports is not None
        assert policy.ingress[0].ports[0].port == number, written


def test_lists_are_opened_and_their_items_have_the_kind_of_the_list() -> None:
    item = "  - metadata: {name: %s}\n    spec: {podSelector: {}}\n"
    typed = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicyList\nitems:\n" + "".join(
        item % name for name in ("a", "b")
    )
    nested = """\
apiVersion: v1
kind: List
metadata: {resourceVersion: ""}
items:
- {apiVersion: v1, kind: ConfigMap, metadata: {name: other}}
- apiVersion: networking.k8s.io/v1
  kind: NetworkPolicyList
  items: [{metadata: {name: c}, spec: {podSelector: {}}}]
- {apiVersion: v1, kind: List, items: null}
- {apiVersion: v1, kind: PodList, items: [{metadata: {name: d}}]}
"""
    manifests = good(typed + "---\n" + nested)
    assert [policy.name for policy in manifests.policies] == ["a", "b", "c"]
    assert [str(workload) for workload in manifests.workloads] == ["default/d[Pod]"]
    assert manifests.others == {"ConfigMap": 1}


def test_namespaces_get_the_label_that_the_server_gives_them() -> None:
    text = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {env: prod}}\n"
    labels = {"env": "prod", METADATA_NAME: "shop"}
    assert good(text).namespaces == (Namespace(name="shop", labels=labels),)


@pytest.mark.parametrize(
    ("spec", "selector", "ports"),
    [
        (
            "{selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}",
            Selector.labels({"app": "web"}),
            (ServicePort(number=80, target=8080),),
        ),
        ("{ports: [{port: 80}]}", None, (ServicePort(number=80, target=80),)),
        ("{selector: {}, ports: []}", None, ()),
        ("{type: ExternalName, externalName: a.b, selector: {app: web}}", None, ()),
        (
            "{selector: {app: web}, ports: [{port: 53, targetPort: dns, protocol: UDP, name: d}]}",
            Selector.labels({"app": "web"}),
            (ServicePort(number=53, target="dns", protocol=Protocol.UDP, name="d"),),
        ),
    ],
)
def test_services(spec: str, selector: Selector | None, ports: tuple[ServicePort, ...]) -> None:
    text = f"{{apiVersion: v1, kind: Service, metadata: {{name: web}}, spec: {spec}}}"
    (service,) = good(text).services
    assert (service.namespace, service.selector, service.ports) == ("default", selector, ports)


def test_kinds_of_the_same_name_in_other_groups_are_other_kinds() -> None:
    text = """\
{apiVersion: serving.knative.dev/v1, kind: Service, metadata: {name: a}, spec: {ports: 1}}
---
{apiVersion: apps.example.com/v1, kind: Deployment, metadata: {name: 5}}
"""
    assert good(text).others == {"Service": 1, "Deployment": 1}


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("networking.k8s.aws/v1alpha1", "ClusterNetworkPolicy"),
        ("projectcalico.org/v3", "NetworkPolicy"),
        ("crd.projectcalico.org/v1", "GlobalNetworkPolicy"),
        ("cilium.io/v2", "CiliumNetworkPolicy"),
    ],
)
def test_policies_of_other_kinds_are_not_left_out_in_silence(version: str, kind: str) -> None:
    text = f"{{apiVersion: {version}, kind: {kind}, metadata: {{name: a}}}}"
    outcome = read(SourceFile("a.yaml", text))
    assert [found.rule.name for found in outcome.diagnostics] == ["policy-kind-not-read"]
    assert [one.kind for one in outcome.value.unread] == [kind]
    assert not outcome.failed


def test_an_object_may_stand_once_in_all_files() -> None:
    one, other = (
        read(SourceFile(name, POLICY), namespace="shop").value for name in ("a.yaml", "b.yaml")
    )
    (found,) = duplicates([one, other])
    assert found.message == "NetworkPolicy shop/db comes twice"
    assert (found.label.span.path, found.others[0].span.path) == ("b.yaml", "a.yaml")
    assert duplicates([one]) == ()


def test_a_missing_namespace_is_the_one_given() -> None:
    text = POLICY + "---\n" + POLICY.replace("  namespace: shop\n", "")
    assert not read(SourceFile("a.yaml", text)).diagnostics
    outcome = read(SourceFile("a.yaml", text), namespace="shop")
    assert [found.rule.name for found in outcome.diagnostics] == ["duplicate-object"]


def test_an_object_with_an_error_is_left_out_and_the_rest_is_read() -> None:
    bad = POLICY.replace("name: db", "name: bad").replace("app: db", "app: 5")
    outcome = read(SourceFile("a.yaml", bad + "---\n" + POLICY))
    assert [policy.name for policy in outcome.value.policies] == ["db"]
    assert [found.rule.name for found in outcome.diagnostics] == ["wrong-type"]


def test_an_object_of_another_kind_is_not_judged() -> None:
    wrong = ROLLOUT.replace("{app: web}", "{app: 'not a label!'}")
    outcome = read(SourceFile("rollout.yaml", wrong))
    assert not outcome.diagnostics
    assert not outcome.value.workloads
    assert [one.kind for one in outcome.value.customs] == ["Rollout"]


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("template.openshift.io/v1, kind: Template", "objects: [{kind: NetworkPolicy, spec: {}}]"),
        (
            "work.open-cluster-management.io/v1, kind: ManifestWork",
            "spec: {workload: {manifests: [{kind: NetworkPolicy, spec: {}}]}}",
        ),
        (
            "kyverno.io/v1, kind: ClusterPolicy",
            "spec: {rules: [{generate: {kind: NetworkPolicy, spec: {}}}]}",
        ),
        ("k8s.ovn.org/v1, kind: EgressFirewall", "spec: {}"),
        ("security.istio.io/v1, kind: AuthorizationPolicy", "spec: {}"),
    ],
)
def test_policies_inside_other_objects_and_of_other_kinds_are_reported(
    kind: str, spec: str
) -> None:
    outcome = read(SourceFile("a.yaml", f"{{apiVersion: {kind}, metadata: {{name: a}}, {spec}}}"))
    assert [one.rule.name for one in outcome.diagnostics] == ["policy-kind-not-read"]
