"""Callers of routes: pods of the manifests where they are known, and a doubt where several may be meant."""

import pytest

from netpolc.bootstrap.first_intents import first_intents
from netpolc.bootstrap.outside_callers import OutsideCallers
from netpolc.kube.inventory import Workload
from netpolc.kube.label_conventions import INGRESS_CONTROLLERS
from netpolc.manifest.manifest_set import inventory
from netpolc.manifest.read import read
from netpolc.manifest.references import mentions
from netpolc.manifest.routes import Caller, Callers
from netpolc.passes.decompile.build_nodes import word
from netpolc.source import SourceFile
from netpolc.syntax.parts import PodPeer


def workload(name: str, kind: str = "Deployment", **labels: str) -> Workload:
    """Pods of the namespace edge."""
    return Workload(namespace="edge", name=name, kind=kind, labels=labels)


def senders(by: Caller, *known: Workload) -> list[tuple[str, bool]]:
    """The workloads among the senders, and whether an arrow from them is only a guess."""
    found = OutsideCallers(known).senders(Callers(by, "traefik", INGRESS_CONTROLLERS))
    return [(str(sender), bool(doubt)) for sender, doubt, _ in found]


def test_the_only_prometheus_is_meant_and_of_two_each_may_be() -> None:
    first, second = (workload(name, app="prometheus") for name in ("a", "b"))
    assert senders(Caller.PROMETHEUS, first) == [("edge/a[Deployment]", False)]
    assert senders(Caller.PROMETHEUS, first, second) == [
        ("edge/a[Deployment]", True),
        ("edge/b[Deployment]", True),
    ]


def test_default_backends_and_jobs_of_an_ingress_controller_are_not_meant() -> None:
    controller = workload("controller", app="ingress-nginx", component="controller")
    backend = workload("backend", app="ingress-nginx", component="default-backend")
    job = workload("admission", "Job", app="ingress-nginx", component="controller")
    found = senders(Caller.INGRESS_CONTROLLER, backend, controller, job)
    assert found == [("edge/controller[Deployment]", False)]
    assert senders(Caller.INGRESS_CONTROLLER, backend) == [("edge/backend[Deployment]", False)]


def test_an_unknown_ingress_controller_is_expected_where_it_usually_runs() -> None:
    callers = Callers(Caller.INGRESS_CONTROLLER, "traefik")
    ((sender, doubt, _),) = OutsideCallers(()).senders(callers)
    assert isinstance(sender, PodPeer)
    assert sender.namespaces == word("traefik")
    assert doubt


def test_unknown_callers_are_a_usual_peer() -> None:
    found = senders(Caller.GATEWAY, workload("a", app="prometheus"))
    assert [doubt for _, doubt in found] == [True]
    assert "edge" not in found[0][0]


def test_a_controller_of_another_name_does_not_serve_a_route_of_one_controller() -> None:
    nginx = workload("nginx", app="ingress-nginx")
    traefik = Callers(Caller.INGRESS_CONTROLLER, "traefik", frozenset({"traefik"}))
    ((sender, doubt, _),) = OutsideCallers([nginx]).senders(traefik)
    assert (sender, bool(doubt)) == (PodPeer(pods=None, namespaces=word("traefik")), True)
    both = [nginx, workload("traefik", app="traefik")]
    ((sender, doubt, _),) = OutsideCallers(both).senders(traefik)
    assert (str(sender), doubt) == ("edge/traefik[Deployment]", "")
    assert (
        len(
            [
                *OutsideCallers(both).senders(
                    Callers(Caller.INGRESS_CONTROLLER, "", INGRESS_CONTROLLERS)
                )
            ]
        )
        == 2
    )


def test_cloudflared_is_known_by_its_name() -> None:
    assert senders(Caller.TUNNEL, workload("t", app="cloudflared")) == [
        ("edge/t[Deployment]", False)
    ]


MANIFESTS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {of: web}}
spec: {selector: {app: web}, clusterIP: 'fd00:10::20', ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: VERSION
kind: KIND
metadata: {name: r, namespace: shop}
spec: SPEC
"""
MONITORED = "# web <- {app.kubernetes.io/name=prometheus} in ns monitoring:8080"


@pytest.mark.parametrize(
    ("version", "kind", "spec", "arrow"),
    [
        (
            "networking.gke.io/v1",
            "MultiClusterService",
            "{template: {spec: {selector: {app: web}, ports: [{targetPort: 9090}]}}}",
            "web <- any:9090",
        ),
        (
            "tyk.tyk.io/v1alpha1",
            "ApiDefinition",
            "{proxy: {target_url: 'http://web'}}",
            "# web <- ns tyk:8080",
        ),
        (
            "cilium.io/v2",
            "CiliumEnvoyConfig",
            "{services: [{name: web, namespace: shop}]}",
            "# web <- any:8080",
        ),
        (
            "grafana.integreatly.org/v1beta1",
            "GrafanaDatasource",
            "{datasource: {url: 'http://web.shop.svc:80/x'}}",
            "# web <- any:8080",
        ),
        (
            "monitoring.coreos.com/v1",
            "Prometheus",
            "{remoteWrite: [{url: 'http://web.shop.svc:80/write'}]}",
            "# web <- any:8080",
        ),
        (
            "kuma.io/v1alpha1",
            "MeshHTTPRoute",
            "{to: [{rules: [{default: {backendRefs: [{kind: MeshService, name: web, port: 80}]}}]}]}",
            "# web <- any:8080",
        ),
        (
            "kuma.io/v1alpha1",
            "MeshGatewayRoute",
            "{conf: {http: {rules: [{backends: [{destination: {kuma.io/service: web_shop_svc_80}}]}]}}}",
            "# web <- any:8080",
        ),
        (
            "consul.hashicorp.com/v1alpha1",
            "ServiceRouter",
            "{routes: [{destination: {service: web}}]}",
            "# web <- any:8080",
        ),
        (
            "consul.hashicorp.com/v1alpha1",
            "ServiceResolver",
            "{redirect: {service: web}}",
            "# web <- any:8080",
        ),
        (
            "consul.hashicorp.com/v1alpha1",
            "IngressGateway",
            "{listeners: [{port: 8080, services: [{name: web}]}]}",
            "# web <- any:8080",
        ),
        (
            "flagger.app/v1beta1",
            "Canary",
            "{targetRef: {kind: Deployment, name: web}, service: {port: 80, targetPort: 8080}}",
            "# web <- any:8080",
        ),
        (
            "split.smi-spec.io/v1alpha2",
            "TrafficSplit",
            "{service: root, backends: [{service: web, weight: 1}]}",
            "# web <- any:8080",
        ),
        (
            "gateway.networking.k8s.io/v1",
            "HTTPRoute",
            "{rules: [{backendRefs: [{kind: ServiceImport, name: web, port: 80}]}]}",
            "# web <- ns gateway-system:8080",
        ),
        (
            "gateway.envoyproxy.io/v1alpha1",
            "Backend",
            "{endpoints: [{ip: {address: 'fd00:10::20', port: 80}}]}",
            "# web <- any:8080",
        ),
        (
            "gloo.solo.io/v1",
            "Upstream",
            "{static: {hosts: [{addr: web.shop, port: 80}]}}",
            "# web <- any:8080",
        ),
        (
            "getambassador.io/v3alpha1",
            "Mapping",
            "{service: 'https://[fd00:10::20]:80'}",
            "# web <- ns emissary:8080",
        ),
        (
            "tyk.tyk.io/v1alpha1",
            "ApiDefinition",
            "{proxy: {target_url: 'http://[fd00:10::20]'}}",
            "# web <- ns tyk:8080",
        ),
        (
            "keda.sh/v1alpha1",
            "ScaledObject",
            "{triggers: [{metadata: {bootstrapServers: 'other:1,web-[0:2].none:9,web.shop:80'}}]}",
            "# web <- any:8080",
        ),
        (
            "camel.apache.org/v1",
            "Integration",
            "{flows: [{from: {uri: 'kafka:topic?brokers=web.shop:80'}}]}",
            "# web <- any:8080",
        ),
        (
            "monitoring.googleapis.com/v1",
            "PodMonitoring",
            "{selector: {matchLabels: {app: web}}, endpoints: [{port: 8080}]}",
            MONITORED,
        ),
        (
            "operator.victoriametrics.com/v1beta1",
            "VMServiceScrape",
            "{selector: {matchLabels: {of: web}}, endpoints: [{targetPort: 8080}]}",
            MONITORED,
        ),
        ("example.org/v1", "Thing", "{url: 'http://elsewhere.shop.svc:80'}", ""),
        ("example.org/v1", "Thing", "{image: 'web:80', serviceAccountName: web}", ""),
        ("example.org/v1", "Thing", "{address: 'web:81'}", ""),
        ("example.org/v1", "Thing", "{redirectUri: 'http://web.shop.svc'}", ""),
        ("example.org/v1", "Policy", "{targetRefs: [{kind: Service, name: web}]}", ""),
        ("example.org/v1", "Thing", "{url: 'https://web.example.org'}", ""),
        ("example.org/v1", "Thing", "{service: {name: web, port: 80}}", "# web <- any:8080"),
        (
            "example.org/v1",
            "Thing",
            "{serviceName: web, template: {spec: {containers: []}}}",
            "",
        ),
    ],
)
def test_routes_of_all_kinds_are_arrows_or_guesses(
    version: str, kind: str, spec: str, arrow: str
) -> None:
    text = MANIFESTS.replace("VERSION", version).replace("KIND", kind).replace("SPEC", spec)
    file = SourceFile("k8s.yaml", text)
    known = inventory([read(file, namespace="default").value]).value
    lines = first_intents(known, mentions((file,))).files["shop/web.intent"].splitlines()
    assert [line for line in lines if " <- " in line] == [arrow] * bool(arrow)
    assert not any("no such Service" in line for line in lines)
