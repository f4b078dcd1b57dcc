"""Lints that compare policies, in manifests and in intents, with the objects of a cluster."""

import pytest

from tests.lints.test_lints_beside_tiers import found


def rules(key: str, entries: str, ports: str = "") -> str:
    """A policy about the pods of web with one rule."""
    direction = {"from": "ingress", "to": "egress"}[key]
    ports = f", ports: [{ports}]" if ports else ""
    return f"""\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: web, namespace: shop}}
spec:
  podSelector: {{matchLabels: {{app: web}}}}
  policyTypes: [{direction.title()}]
  {direction}: [{{{key}: [{entries}]{ports}}}]
"""


def namespace(name: str, labels: str = "") -> str:
    """A Namespace object."""
    return (
        f"---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{{labels}}}}}\n"
    )


def pod(labels: str = "app: web") -> str:
    """A Pod with one port."""
    container = "{name: c, image: i, ports: [{name: http, containerPort: 8080}]}"
    metadata = f"{{name: web, namespace: shop, labels: {{{labels}}}}}"
    return f"---\napiVersion: v1\nkind: Pod\nmetadata: {metadata}\nspec: {{containers: [{container}]}}\n"


def service(spec: str, target: str = "8080") -> str:
    """A Service of the pods of web."""
    ports = f"ports: [{{port: 80, targetPort: {target}}}]"
    metadata = "metadata: {name: web, namespace: shop}"
    return f"---\napiVersion: v1\nkind: Service\n{metadata}\nspec: {{selector: {{app: web}}, {ports}, {spec}}}\n"


OPS = namespace("ops", "webhooks: enabled") + namespace("shop")


@pytest.mark.parametrize(
    ("labels", "intent", "unmatched"),
    [
        ("matchLabels: {webhook: enabled}", "{webhook=enabled}", True),
        ("matchLabels: {webhooks: enable}", "{webhooks=enable}", True),
        (
            "matchExpressions: [{key: webhook, operator: Exists}]",
            "{webhook}",
            True,
        ),
        ("matchLabels: {webhooks: enabled}", "{webhooks=enabled}", False),
        (
            "matchExpressions: [{key: webhook, operator: NotIn, values: [a]}]",
            "{webhook notin (a)}",
            False,
        ),
        (
            "matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [a, b]}]",
            "{kubernetes.io/metadata.name in (a, b)}",
            False,
        ),
    ],
)
def test_labels_that_no_namespace_has_are_found(
    labels: str, intent: str, *, unmatched: bool
) -> None:
    policy = rules("from", f"{{namespaceSelector: {{{labels}}}}}")
    arrow = f"namespace shop\nweb <- ns {intent}\n"
    name = "unmatched-namespace-selector"
    assert found(name, manifests=OPS + policy) is unmatched
    assert found(name, intents=arrow, beside=OPS) is unmatched
    assert not found(name, manifests=policy)
    assert not found(name, intents=arrow)


@pytest.mark.parametrize(
    ("claim", "unmatched"),
    [
        ("never web <- ns {webhook=enabled}", True),
        ("only web <- ns {webhooks=enable}:80", True),
        ("never web -> x in ns {webhook=enabled}:80", True),
        ("never web <- ns {webhooks=enabled}", False),
        ("never web <- ns {stage=test}", False),  # A claim covers namespaces to come.
        ("never ns {stage=test} <- any", True),
    ],
)
def test_labels_in_claims_that_no_namespace_has_are_found(claim: str, *, unmatched: bool) -> None:
    name = "unmatched-namespace-selector"
    header = "cluster" if "ns {stage=test} <-" in claim else "namespace shop"
    intents = f"namespace shop\nweb <- x in ns ops:80\nweb -> none\n{header}\n{claim}\n"
    assert found(name, intents=intents, beside=OPS) is unmatched
    assert not found(name, intents=intents)


AMBIENT = namespace("shop", "istio.io/dataplane-mode: ambient")
MEMBER, OUTSIDER = (f"app: web, istio.io/dataplane-mode: {mode}" for mode in ("ambient", "none"))
EVERY_15008 = rules("from", "{namespaceSelector: {}}", "{port: 15008}").replace(
    "name: web,", "name: m,"
)


@pytest.mark.parametrize(
    ("objects", "missing"),
    [
        (AMBIENT, True),
        (AMBIENT + pod(), True),
        (AMBIENT + pod(MEMBER), True),
        (AMBIENT + pod(OUTSIDER), False),
        (namespace("shop") + pod(MEMBER), True),
        (namespace("shop") + pod(), False),
        (namespace("shop", "istio-injection: enabled") + pod(), False),
    ],
)
def test_pods_of_an_ambient_mesh_need_its_port(objects: str, *, missing: bool) -> None:
    policy = rules("from", "{podSelector: {}}", "{port: 8080}")
    name = "ambient-mesh-port"
    assert found(name, manifests=objects + policy) is missing
    assert not found(name, manifests=objects + policy + EVERY_15008)
    for arrow, expected in (("web <- *:8080", missing), ("web <- *:[8080, 15008]", False)):
        assert found(name, intents=f"namespace shop\n{arrow}\n", beside=objects) is expected
    several = "namespace shop\nweb <- *:8080\n* <- ns *:15008\n"
    assert not found(name, intents=several, beside=objects)


@pytest.mark.parametrize(
    ("objects", "missing"),
    [
        (AMBIENT, True),
        (AMBIENT + pod(OUTSIDER), False),
        (namespace("shop"), False),
    ],
)
def test_closed_senders_of_an_ambient_mesh_need_its_port(objects: str, *, missing: bool) -> None:
    name = "ambient-mesh-port"
    peer = "{podSelector: {matchLabels: {app: web}}}"
    policy = rules("to", peer, "{port: 8080}")
    with_port = rules("to", peer, "{port: 8080}, {port: 15008}")
    outside = rules("to", "{ipBlock: {cidr: 192.0.2.0/24}}", "{port: 8080}")
    assert found(name, manifests=objects + policy) is missing
    assert not found(name, manifests=objects + with_port)
    assert not found(name, manifests=objects + outside)
    for arrows, expected in (
        ("web -> web:8080", missing),
        ("web -> web:[8080, 15008]", False),
        ("web -> web:8080\n* -> ns *:15008", False),
        ("web -> 192.0.2.0/24:8080", False),
        ("web <- web:[8080, 15008]\nweb -> none", False),
    ):
        assert found(name, intents=f"namespace shop\n{arrows}\n", beside=objects) is expected


@pytest.mark.parametrize(
    ("objects", "port", "unlistened"),
    [
        (AMBIENT + pod(), 15008, False),
        (namespace("shop") + pod(MEMBER), 15008, False),
        (AMBIENT + pod(OUTSIDER), 15008, True),
        (AMBIENT + pod(), 15020, True),
        (namespace("shop", "istio-injection: enabled") + pod(), 15020, False),
        (namespace("shop", "istio.io/rev: stable") + pod(), 15090, False),
        (namespace("shop") + pod("app: web, sidecar.istio.io/inject: 'true'"), 15021, False),
        (
            namespace("shop", "istio-injection: enabled")
            + pod("app: web, sidecar.istio.io/inject: 'false'"),
            15021,
            True,
        ),
        (namespace("shop") + pod(), 15008, True),
    ],
)
def test_ports_that_a_mesh_adds_are_not_missing(
    objects: str, port: int, *, unlistened: bool
) -> None:
    policy = rules("from", "{podSelector: {}}", f"{{port: {port}}}")
    assert found("unlistened-port", manifests=objects + policy) is unlistened


@pytest.mark.parametrize(
    "kind", ["type: LoadBalancer", "type: NodePort", "externalIPs: [192.0.2.1]"]
)
@pytest.mark.parametrize(
    ("blocks", "port", "lost"),
    [
        ("{ipBlock: {cidr: 203.0.113.0/24}}", "8080", True),
        ("{ipBlock: {cidr: '2001:db8::/32'}}", "8080", True),
        ("{ipBlock: {cidr: 203.0.113.0/24}}", "http", True),
        ("{ipBlock: {cidr: 203.0.113.0/24}}", "9090", False),
        ("{ipBlock: {cidr: '::/0'}}", "8080", False),
        ("{ipBlock: {cidr: 0.0.0.0/0}}", "8080", False),
    ],
)
def test_blocks_of_clients_count_on_the_port_of_the_service(
    kind: str, blocks: str, port: str, *, lost: bool
) -> None:
    policy = rules("from", blocks, f"{{port: {port}}}")
    for target in ("8080", "http"):
        objects = pod() + service(kind, target)
        assert found("lost-client-address", manifests=objects + policy) is lost
        local = pod() + service(f"{kind}, externalTrafficPolicy: Local", target)
        assert not found("lost-client-address", manifests=local + policy)


SYSTEM = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}"


@pytest.mark.parametrize(
    ("labels", "port", "is_server"),
    [
        ("component: kube-apiserver", 443, True),
        ("app: kube-apiserver", 10250, True),
        ("tier: control-plane", 6443, True),
        ("apiserver: 'true'", 6443, True),
        ("tier: control-plane", 2379, False),
        ("component: etcd", 2379, False),
    ],
)
def test_the_api_server_is_known_by_its_labels(labels: str, port: int, *, is_server: bool) -> None:
    peer = f"{{{SYSTEM}, podSelector: {{matchLabels: {{{labels}}}}}}}"
    policy = rules("to", peer, f"{{port: {port}}}")
    key, _, value = labels.replace("'", "").partition(": ")
    arrow = f"namespace shop\nweb -> {{{key}={value}}} in ns kube-system:{port}\n"
    assert found("api-server-as-pods", manifests=policy) is is_server
    assert found("api-server-as-pods", intents=arrow) is is_server


@pytest.mark.parametrize(
    ("ports", "written", "wrong"),
    [
        ("{port: 53}", "53", True),
        ("{port: 53, protocol: UDP}", "53/udp", True),
        ("{port: 5353, protocol: UDP}, {port: 53, protocol: UDP}", "[53/udp, 5353/udp]", False),
        ("{port: 5353}", "5353", False),
    ],
)
def test_the_name_service_of_openshift_has_a_port_of_its_own(
    ports: str, written: str, *, wrong: bool
) -> None:
    home = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: openshift-dns}}"
    pods = "podSelector: {matchLabels: {dns.operator.openshift.io/daemonset-dns: default}}"
    for entry in (f"{{{home}}}", f"{{{home}, {pods}}}"):
        assert found("openshift-dns-port", manifests=rules("to", entry, ports)) is wrong
    for peer in ("ns openshift-dns", "{a=b} in ns openshift-dns"):
        arrow = f"namespace shop\nweb -> {peer}:{written}\n"
        assert found("openshift-dns-port", intents=arrow) is wrong


TRAINING = """\
---
apiVersion: kubeflow.org/v1
kind: PyTorchJob
metadata: {name: pt, namespace: shop}
spec:
  pytorchReplicaSpecs:
    Master: {template: {metadata: {labels: {app: pt}}, spec: {containers: [{name: c}]}}}
"""


@pytest.mark.parametrize(
    ("key", "value", "unmatched"),
    [
        ("app", "pt", False),
        ("training.kubeflow.org/job-name", "pt", False),  # The operator adds it.
        ("app", "pytorchjob", True),
        ("example.org/job", "pt", True),
    ],
)
def test_an_operator_adds_labels_to_those_of_a_template(
    key: str, value: str, *, unmatched: bool
) -> None:
    policy = rules("from", f"{{podSelector: {{matchLabels: {{{key}: {value}}}}}}}")
    manifests = pod() + TRAINING
    assert found("unmatched-selector", manifests=policy + manifests) is unmatched
    arrow = f"namespace shop\nweb <- {{{key}={value}}}\n"
    assert found("unmatched-selector", intents=arrow, manifests=manifests) is unmatched


@pytest.mark.parametrize("own", [True, False])
def test_a_component_of_the_platform_may_run_where_its_custom_object_is(*, own: bool) -> None:
    home = "shop" if own else "monitoring"
    operated = f"""\
---
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {{name: k8s, namespace: {home}}}
"""
    entry = "{podSelector: {matchLabels: {app.kubernetes.io/name: prometheus}}}"
    rule = "foreign-pods-in-own-namespace"
    assert found(rule, manifests=rules("from", entry) + operated) is not own
    arrow = "namespace shop\nlabel: app.kubernetes.io/name\nweb <- prometheus:80\n"
    assert found(rule, intents=arrow, manifests=operated) is not own
