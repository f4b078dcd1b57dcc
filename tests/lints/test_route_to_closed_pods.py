"""Routes to pods that nobody from outside their namespace may reach, on the port of the route."""

from datetime import date

import pytest

from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {containers: [{name: c, image: i, ports: [{name: http, containerPort: 8080HOST}]}]}
---
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: www, port: 80, targetPort: TARGET}]TYPE}
---
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress:
  - from: [{podSelector: {}}]
"""
ROUTES = (
    ("networking.k8s.io/v1", "Ingress", "defaultBackend: {service: {name: web, port: {name: www}}}"),
    ("extensions/v1beta1", "Ingress", "backend: {serviceName: web, servicePort: 80}"),
    ("gateway.networking.k8s.io/v1", "GRPCRoute", "rules: [{backendRefs: [{name: web, port: 80}]}]"),
    ("route.openshift.io/v1", "Route", "to: {kind: Service, name: web}"),
    ("v1", "Route", "to: {kind: Service, name: web}"),
    ("traefik.io/v1alpha1", "IngressRouteTCP", "routes: [{services: [{name: web, port: 80}]}]"),
    ("configuration.konghq.com/v1beta1", "TCPIngress", "rules: [{port: 1, backend: {serviceName: web, servicePort: 80}}]"),
    ("apisix.apache.org/v2", "ApisixRoute", "http: [{name: a, backends: [{serviceName: web, servicePort: 80}]}]"),
    ("getambassador.io/v3alpha1", "Mapping", "{prefix: /, service: 'http://web.shop:80'}"),
    ("networking.istio.io/v1", "VirtualService", "{gateways: [g], http: [{route: [{destination: {host: web}}]}]}"),
    ("elbv2.k8s.aws/v1beta1", "TargetGroupBinding", "serviceRef: {name: web, port: 80}"),
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition", "conversion: {webhookClientConfig: {service: {namespace: shop, name: web, port: 80}}}"),
)  # fmt: skip
TYPES = (", type: LoadBalancer", ", type: NodePort", ", externalIPs: [203.0.113.1]")


def findings(
    *, rules: str = "", route: str = "", kind: str = "", port: str = "", host: str = ""
) -> int:
    """How many routes to closed pods are found."""
    service = SERVICE.replace("TARGET", port or "8080").replace("TYPE", kind)
    text = POD.replace("HOST", host) + service + POLICY + rules + route
    sources = Sources(manifests=(SourceFile("m.yaml", text),))
    outcome = run(sources, Options(today=date(2026, 1, 1), checking=True))
    names = [one.rule.name for one in outcome.diagnostics]
    assert "misspelt-kind" not in names
    return names.count("route-to-closed-pods")


def manifest(version: str, kind: str, spec: str) -> str:
    """The text of an object."""
    spec = spec if spec.startswith("{") else f"{{{spec}}}"
    return f"---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: r, namespace: shop}}\nspec: {spec}\n"


@pytest.mark.parametrize("route", ROUTES, ids="/".join)
def test_each_kind_of_route_is_found(route: tuple[str, str, str]) -> None:
    assert findings(route=manifest(*route)) == 1
    assert findings(route=manifest(*route), rules="  - {}\n") == 0


@pytest.mark.parametrize("kind", TYPES)
def test_each_way_into_a_service_is_found(kind: str) -> None:
    assert findings(kind=kind) == 1
    assert findings(kind=kind, rules="  - {}\n") == 0


ALIAS = """\
---
apiVersion: v1
kind: Service
metadata: {name: alias, namespace: edge}
spec: {type: ExternalName, externalName: HOST, ports: [{name: front, port: 80}]}
"""


@pytest.mark.parametrize("port", ["number: 80", "name: front"])
@pytest.mark.parametrize(
    ("host", "found"), [("web.shop.svc.cluster.local", 1), ("gone.shop.svc", 0), ("web.example", 0)]
)
def test_a_route_to_an_alias_leads_to_the_pods_of_its_service(
    host: str, found: int, port: str
) -> None:
    backend = f"defaultBackend: {{service: {{name: alias, port: {{{port}}}}}}}"
    route = manifest("networking.k8s.io/v1", "Ingress", backend).replace("shop", "edge")
    alias = ALIAS.replace("HOST", host)
    assert findings(route=alias + route) == found
    assert findings(route=alias + route, rules="  - {}\n") == 0


def test_the_port_of_a_node_leads_to_pods() -> None:
    assert findings(host=", hostPort: 80") == 1
    assert findings(host=", hostPort: 80", rules="  - {}\n") == 0


def test_routes_inside_a_mesh_come_from_its_pods() -> None:
    spec = "{http: [{route: [{destination: {host: web}}]}]}"
    assert findings(route=manifest("networking.istio.io/v1", "VirtualService", spec)) == 0


@pytest.mark.parametrize("port", ["8080", "http"])
@pytest.mark.parametrize(
    ("opened", "closed"),
    [("8080", False), ("http", False), ("8000, endPort: 9000", False), ("9090", True), ("other", True)],
)  # fmt: skip
def test_only_what_admits_others_on_the_port_of_the_route_counts(
    port: str, opened: str, *, closed: bool
) -> None:
    rules = f"  - {{from: [{{namespaceSelector: {{}}}}], ports: [{{port: {opened}}}]}}\n"
    assert findings(rules=rules, port=port, kind=TYPES[0]) == closed
