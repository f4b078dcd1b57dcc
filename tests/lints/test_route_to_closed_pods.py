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
    ("traefik.io/v1alpha1", "TraefikService", "weighted: {services: [{name: web, port: 80}]}"),
    ("traefik.io/v1alpha1", "TraefikService", "mirroring: {name: other, kind: TraefikService, mirrors: [{name: web, port: 80}]}"),
    ("traefik.io/v1alpha1", "Middleware", "forwardAuth: {address: 'http://web.shop.svc.cluster.local/verify'}"),
    ("projectcontour.io/v1", "HTTPProxy", "tcpproxy: {services: [{name: web, port: 80}]}"),
    ("gateway.networking.k8s.io/v1", "HTTPRoute", "rules: [{filters: [{requestMirror: {backendRef: {name: web, port: 80}}}], backendRefs: []}]"),
    ("gateway.envoyproxy.io/v1alpha1", "Backend", "endpoints: [{fqdn: {hostname: web.shop.svc.cluster.local, port: 80}}]"),
    ("networking.istio.io/v1", "VirtualService", "{gateways: [g], http: [{route: [], mirrors: [{destination: {host: web, port: {number: 80}}}]}]}"),
    ("networking.istio.io/v1", "VirtualService", "{http: [{route: [], mirror: {host: web}}]}"),
    ("zalando.org/v1", "RouteGroup", "backends: [{name: n, type: network, address: 'https://example.org'}, {name: b, type: service, serviceName: web, servicePort: 80}]"),
    ("k8s.nginx.org/v1", "TransportServer", "upstreams: [{name: u, service: web, port: 80}]"),
    ("k8s.nginx.org/v1", "VirtualServer", "upstreams: [{name: u, service: shop/web, port: 80}]"),
    ("cis.f5.com/v1", "VirtualServer", "pools: [{path: /, service: web, servicePort: 80}]"),
    ("cis.f5.com/v1", "TransportServer", "pool: {service: web, servicePort: 80}"),
    ("gateway.solo.io/v1", "VirtualService", "virtualHost: {routes: [{routeAction: {single: {kube: {ref: {name: web, namespace: shop}, port: 80}}}}]}"),
    ("gateway.solo.io/v1", "RouteTable", "routes: [{routeAction: {multi: {destinations: [{destination: {upstream: {name: shop-web-80, namespace: gloo-system}}}]}}}]"),
    ("gloo.solo.io/v1", "Upstream", "kube: {serviceName: web, serviceNamespace: shop, servicePort: 80}"),
    ("ingress.v3.haproxy.org/v3", "TCP", "[{name: a, frontend: {binds: [{port: 32766}]}, service: {name: web, port: 80}}]"),
    ("serving.knative.dev/v1beta1", "DomainMapping", "ref: {kind: Service, name: web, apiVersion: v1}"),
    ("networking.internal.knative.dev/v1alpha1", "Ingress", "rules: [{http: {paths: [{splits: [{serviceName: web, serviceNamespace: shop, servicePort: 80}]}]}}]"),
    ("http.keda.sh/v1alpha1", "HTTPScaledObject", "scaleTargetRef: {kind: Deployment, name: other, service: web, port: 80}"),
    ("multicluster.x-k8s.io/v1alpha1", "ServiceExport", "{}"),
    ("networking.fleet.azure.com/v1alpha1", "ServiceExport", "{}"),
    ("networking.karmada.io/v1alpha1", "MultiClusterIngress", "rules: [{http: {paths: [{backend: {service: {name: web, port: {number: 80}}}}]}}]"),
    ("networking.gke.io/v1", "MultiClusterService", "template: {spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}}"),
    ("tyk.tyk.io/v1alpha1", "ApiDefinition", "proxy: {target_url: 'http://web.shop.svc:80', listen_path: /web}"),
    ("tyk.tyk.io/v1alpha1", "ApiDefinition", "proxy: {target_url: 'http://web', listen_path: /web}"),
    ("cilium.io/v2", "CiliumEnvoyConfig", "services: [{name: other, namespace: shop}], backendServices: [{name: web, namespace: shop, number: ['80']}]"),
    ("cilium.io/v2", "CiliumClusterwideEnvoyConfig", "services: [{name: web, namespace: shop, listener: l}]"),
    ("inference.networking.x-k8s.io/v1alpha2", "InferencePool", "selector: {app: web}, targetPortNumber: 8080, extensionRef: {name: picker}"),
    ("inference.networking.k8s.io/v1", "InferencePool", "selector: {matchLabels: {app: web}}, targetPorts: [{number: 8080}]"),
    ("inference.networking.k8s.io/v1", "InferencePool", "selector: {matchLabels: {app: other}}, endpointPickerRef: {name: web, port: {number: 80}}"),
    ("gateway.kgateway.dev/v1alpha1", "Backend", "type: Static, static: {hosts: [{host: web.shop.svc.cluster.local, port: 80}]}"),
    ("gloo.solo.io/v1", "Upstream", "static: {hosts: [{addr: web.shop.svc, port: 80}]}"),
    ("citrix.com/v1", "HTTPRoute", "rules: [{action: {backend: {kube: {service: web, port: 80}}}}]"),
    ("configuration.konghq.com/v1alpha1", "KongService", "url: 'http://web.shop.svc:80'"),
    ("getambassador.io/v2", "AuthService", "auth_service: 'web.shop:80'"),
    ("eventing.knative.dev/v1", "Trigger", "broker: default, subscriber: {ref: {apiVersion: v1, kind: Service, name: web}}"),
    ("messaging.knative.dev/v1", "Subscription", "subscriber: {uri: 'http://web.shop.svc.cluster.local'}"),
    ("traefik.io/v1alpha1", "Middleware", "errors: {service: {name: web, port: 80}}"),
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
    spec = spec if spec.startswith(("{", "[")) else f"{{{spec}}}"
    name = "web" if kind == "ServiceExport" else "r"
    return f"---\napiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {spec}\n"


@pytest.mark.parametrize("route", ROUTES, ids="/".join)
def test_each_kind_of_route_is_found(route: tuple[str, str, str]) -> None:
    assert findings(route=manifest(*route)) == 1
    assert findings(route=manifest(*route), rules="  - {}\n") == 0


OTHER_ROUTES = (
    # What Knative itself serves is not in this Service.
    ("serving.knative.dev/v1", "DomainMapping", "ref: {kind: Service, name: web, apiVersion: serving.knative.dev/v1}"),
    ("gateway.networking.k8s.io/v1", "HTTPRoute", "{parentRefs: [{kind: Service, name: web}], rules: [{backendRefs: [{name: web, port: 80}]}]}"),
    ("networking.istio.io/v1", "VirtualService", "{hosts: [a], http: [{route: [{destination: {host: web}}]}]}"),
    ("zalando.org/v1", "RouteGroup", "backends: [{name: web, type: network, address: 'https://example.org'}]"),
    ("apisix.apache.org/v2", "ApisixRoute", "http: [{name: a, upstreams: [{name: web}]}]"),
    ("traefik.io/v1alpha1", "IngressRoute", "routes: [{services: [{name: web, kind: TraefikService}]}]"),
    ("http.keda.sh/v1alpha1", "HTTPScaledObject", "scaleTargetRef: {kind: Deployment, name: web, service: other, port: 80}"),
    ("gateway.solo.io/v1", "RouteTable", "routes: [{routeAction: {single: {upstream: {name: web, namespace: shop}}}}]"),
    ("traefik.io/v1alpha1", "Middleware", "headers: {accessControlAllowOriginList: ['http://web.shop.svc'], sslRedirectUrl: 'http://web.shop.svc'}"),
    ("networking.gke.io/v1", "MultiClusterIngress", "template: {spec: {backend: {serviceName: web, servicePort: 80}}}"),
    ("eventing.knative.dev/v1", "Trigger", "subscriber: {ref: {apiVersion: serving.knative.dev/v1, kind: Service, name: web}}"),
    # An operator, or pods that it makes in the same namespace, may be the only callers.
    ("grafana.integreatly.org/v1beta1", "GrafanaDatasource", "datasource: {url: 'http://web.shop.svc:80'}"),
)  # fmt: skip


@pytest.mark.parametrize("route", OTHER_ROUTES, ids="/".join)
def test_what_only_has_the_name_of_a_service_is_no_route_to_it(route: tuple[str, str, str]) -> None:
    assert findings(route=manifest(*route)) == 0


def test_passed_on_connections_and_checks_of_users_are_routes() -> None:
    config = manifest("v1", "ConfigMap", "").replace("spec: {}", "data: {DATA}")
    assert findings(route=config.replace("DATA", '"9000": "shop/web:80"')) == 1
    assert findings(route=config.replace("DATA", '"9000": "shop/web:80:PROXY"')) == 1
    assert findings(route=config.replace("DATA", '"9000": "shop/web:80", other: x')) == 0
    ingress = manifest("networking.k8s.io/v1", "Ingress", "").replace(
        "namespace: shop",
        "namespace: shop, annotations: {nginx.ingress.kubernetes.io/auth-url: URL}",
    )
    assert (
        findings(route=ingress.replace("URL", "'http://web.shop.svc.cluster.local:80/auth'")) == 1
    )
    assert findings(route=ingress.replace("URL", "'https://web.example.org/auth'")) == 0


ANNOTATED = """\
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: r
  namespace: shop
  annotations: {KEY: 'VALUE'}
spec:
  rules: [{http: {paths: [{path: /, backend: {service: {name: some-action, port: {name: use-annotation}}}}]}}]
"""


@pytest.mark.parametrize(
    ("key", "value", "number"),
    [
        (
            "alb.ingress.kubernetes.io/actions.some-action",
            '{"type": "forward", "forwardConfig": {"targetGroups": [{"serviceName": "web", "servicePort": "80"}]}}',
            1,
        ),
        (
            "alb.ingress.kubernetes.io/actions.some-action",
            '{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"ServiceName": "web", "ServicePort": 80}]}}',
            1,
        ),
        ("alb.ingress.kubernetes.io/actions.some-action", '{"type": "redirect"}', 0),
        ("alb.ingress.kubernetes.io/actions.some-action", "not JSON", 0),
        ("nginx.ingress.kubernetes.io/mirror-target", "http://web.shop.svc:80$request_uri", 1),
        ("nginx.ingress.kubernetes.io/default-backend", "web", 1),
        (
            "nginx.ingress.kubernetes.io/server-snippet",
            "location /x { proxy_pass http://web.shop.svc; }",
            1,
        ),
        ("nginx.ingress.kubernetes.io/auth-signin", "http://web.shop.svc/login", 0),
        ("haproxy-ingress.github.io/auth-url", "svc://shop/web:80/verify", 1),
        ("haproxy-ingress.github.io/auth-url", "svc://web:80", 1),
    ],
)
def test_annotations_of_an_ingress_lead_to_services(key: str, value: str, number: int) -> None:
    assert findings(route=ANNOTATED.replace("KEY", key).replace("VALUE", value)) == number


TUNNEL = """\
---
apiVersion: networking.cfargotunnel.com/v1alpha1
kind: TunnelBinding
metadata: {name: r, namespace: shop}
subjects: [SUBJECT]
tunnelRef: {kind: ClusterTunnel, name: t}
"""
CONFIG = """\
---
apiVersion: v1
kind: ConfigMap
metadata: {name: cloudflared, namespace: edge}
data:
  config.yaml: |
    tunnel: t
    ingress:
    - hostname: a.example.org
      service: http://web.shop.svc.cluster.local:80
    - service: http_status:404
"""


def test_a_tunnel_leads_to_services() -> None:
    assert findings(route=CONFIG) == 1
    assert findings(route=CONFIG.replace("ingress:", "other:")) == 0
    for subject, number in (
        ("{name: web}", 1),
        ("{kind: Service, name: web, spec: {fqdn: a.example.org}}", 1),
        ("{name: wildcard, spec: {target: 'http://web.shop.svc.cluster.local.:80'}}", 1),
        ("{name: web, spec: {target: 'http://other.shop.svc:80'}}", 0),
    ):
        assert findings(route=TUNNEL.replace("SUBJECT", subject)) == number


@pytest.mark.parametrize(
    ("annotation", "number"),
    [
        ('cloud.google.com/neg: \'{"exposed_ports": {"80": {}}}\'', 1),
        ("cloud.google.com/neg: '{\"ingress\": true}'", 0),
        ("service.cilium.io/global: 'true'", 1),
        ("service.cilium.io/global: 'false'", 0),
        ("skupper.io/proxy: http", 1),
        ("tailscale.com/expose: 'true'", 1),
        ("cfargotunnel.com/fqdn: a.example.org", 1),
        ('getambassador.io/config: "kind: Mapping\\nservice: web.shop:80\\n"', 1),
        ("example.org/other: 'true'", 0),
    ],
)
def test_annotations_of_a_service_make_a_way_to_it(annotation: str, number: int) -> None:
    service = SERVICE.replace("TARGET", "8080").replace("TYPE", "")
    text = service.replace("namespace: shop", f"namespace: shop, annotations: {{{annotation}}}")
    sources = Sources(manifests=(SourceFile("m.yaml", POD.replace("HOST", "") + text + POLICY),))
    outcome = run(sources, Options(today=date(2026, 1, 1), checking=True))
    assert [one.rule.name for one in outcome.diagnostics].count("route-to-closed-pods") == number


def test_a_load_balancer_of_another_class_is_a_way_in() -> None:
    assert findings(kind=", type: LoadBalancer, loadBalancerClass: example.org/lb") == 1


KNATIVE = """\
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{image: i, ports: [{name: PORT, containerPort: 8080}]}]}}}
"""


@pytest.mark.parametrize(("name", "port"), [("http1", 8012), ("h2c", 8013)])
def test_the_pods_of_a_knative_service_are_called_at_their_proxy(name: str, port: int) -> None:
    route = KNATIVE.replace("PORT", name)
    rule = "  - {from: [{namespaceSelector: {}}], ports: [{port: NUMBER}]}\n"
    assert findings(route=route) == 1
    assert findings(route=route, rules=rule.replace("NUMBER", "8080")) == 1
    assert findings(route=route, rules=rule.replace("NUMBER", str(port))) == 0


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
    spec = "{hosts: [web], http: [{route: [{destination: {host: web}}]}]}"
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
