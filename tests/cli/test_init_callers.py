"""Callers that `netpolc init` knows from routes, aliases and monitors."""

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put
from tests.cli.init_manifests import APART, proposal

DOOR = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, image: i, ports: [{containerPort: 8080, name: http}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: SPEC
---
"""
PORTS = "selector: {app: web}, ports: [{port: 80, targetPort: http}]"
OUTSIDE = "# guess, not enabled"
CALLER_OF_DATA = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: c, env: [{name: DB, value: "data:5432"}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: shop}
spec:
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, ports: [{containerPort: 5432}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {selector: {app: db}, ports: [{port: 5432}]}
"""


@pytest.mark.parametrize(
    ("spec", "why"),
    [
        ("{type: LoadBalancer, PORTS}", "is of type LoadBalancer"),
        ("{type: NodePort, PORTS}", "is of type NodePort"),
        ("{externalIPs: [198.51.100.7], PORTS}", "has external addresses"),
    ],
)
def test_a_service_that_is_reached_from_outside_stays_open(
    spec: str, why: str, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = proposal(put, capsys, DOOR.replace("SPEC", spec.replace("PORTS", PORTS)))
    assert "web <- any:8080" in lines
    assert any(why in line for line in lines)


ROUTES_TO_WEB = {
    "Ingress": (
        "networking.k8s.io/v1",
        "{defaultBackend: {service: {name: web, port: {number: 80}}}}",
        "# web <- ns ingress-nginx:8080",
    ),
    "HTTPRoute": (
        "gateway.networking.k8s.io/v1",
        "{rules: [{backendRefs: [{name: web, port: 80}]}]}",
        "# web <- ns gateway-system:8080",
    ),
    "Route": (
        "route.openshift.io/v1",
        "{to: {kind: Service, name: web}, port: {targetPort: http}}",
        "# web <- ns {network.openshift.io/policy-group=ingress}:8080",
    ),
    "IngressRoute": (
        "traefik.io/v1alpha1",
        "{routes: [{services: [{name: web, port: 80}]}]}",
        "# web <- ns traefik:8080",
    ),
    "RouteTable": (
        "gateway.solo.io/v1",
        "{routes: [{routeAction: {single: {upstream: {name: shop-web-80}}}}]}",
        "# web <- ns gloo-system:8080",
    ),
    "TCP": (
        "ingress.v3.haproxy.org/v3",
        "[{name: a, service: {name: web, port: 80}}]",
        "# web <- ns haproxy-controller:8080",
    ),
}


@pytest.mark.parametrize("kind", ROUTES_TO_WEB)
def test_a_route_is_a_guess(kind: str, put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    version, spec, guess = ROUTES_TO_WEB[kind]
    route = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: r, namespace: shop}}\nspec: {spec}\n"
    lines = proposal(put, capsys, DOOR.replace("SPEC", f"{{{PORTS}}}") + route)
    assert guess in lines
    assert any(line.startswith(OUTSIDE) for line in lines)


def test_the_pods_of_a_knative_service_have_a_front_door(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    service = (
        "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: hello, namespace: shop}\n"
        "spec: {template: {metadata: {labels: {app: hello}}, spec: {containers: [{image: i}]}}}\n"
    )
    assert "# hello <- ns knative-serving:8012" in proposal(put, capsys, service)


def test_an_ingress_controller_of_the_manifests_gets_an_arrow(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    controller = APART.replace("NAME", "traefik").replace("ENV", "[]").replace("shop", "edge")
    version, spec, _ = ROUTES_TO_WEB["IngressRoute"]
    route = f"apiVersion: {version}\nkind: IngressRoute\nmetadata: {{name: r, namespace: shop}}\nspec: {spec}\n"
    text = DOOR.replace("SPEC", f"{{{PORTS}}}") + controller + "---\n" + route
    assert "web <- traefik in ns edge:8080" in proposal(put, capsys, text)


def test_a_route_to_a_port_that_nobody_declares_is_noted(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    ports = "selector: {app: web}, ports: [{port: 80, targetPort: other}]"
    lines = proposal(put, capsys, DOOR.replace("SPEC", f"{{type: NodePort, {ports}}}"))
    assert any("Service web leads to an unknown port other" in line for line in lines)


ALIAS = """\
---
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: shop}}
spec: {{type: ExternalName, externalName: {host}}}
"""


@pytest.mark.parametrize(
    ("aliases", "reached"),
    [
        ({"data": "db.shop.svc.cluster.local"}, True),
        ({"data": "other.shop.svc", "other": "db.shop.svc.cluster.local."}, True),
        ({"data": "other.shop.svc", "other": "data.shop.svc"}, False),
        ({"data": "gone.shop.svc.cluster.local"}, False),
        ({"data": "db.shop"}, False),
        ({"data": "db.example.org"}, False),
    ],
)
def test_an_alias_of_a_service_leads_to_the_pods_of_that_service(
    aliases: dict[str, str], reached: bool, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    services = "".join(ALIAS.format(name=name, host=host) for name, host in aliases.items())
    lines = proposal(put, capsys, CALLER_OF_DATA + services)
    assert ("db <- api:5432" in lines) is reached


@pytest.mark.parametrize(
    ("host", "note"),
    [
        ("gone.shop.svc.cluster.local", "alias of gone.shop.svc.cluster.local, which leads to no"),
        ("data.shop.svc", "alias of data.shop.svc, which leads to no Service of the manifests"),
        ("kubernetes.default.svc.cluster.local", "alias of the API server"),
        ("db.example.org", "alias of the host db.example.org, outside the cluster"),
        ("svc.example.org", "alias of the host svc.example.org, outside the cluster"),
    ],
)
def test_only_an_alias_of_a_host_outside_is_called_outside(
    host: str, note: str, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    alias = ALIAS.format(name="data", host=host)
    (line,) = (line for line in proposal(put, capsys, CALLER_OF_DATA + alias) if "alias" in line)
    assert note in line
    assert ("outside" in note) is ("outside" in line)


def test_a_route_to_an_alias_leads_to_the_pods_of_its_service(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    alias = ALIAS.format(name="front", host="db.shop.svc.cluster.local")
    backend = "defaultBackend: {service: {name: front, port: {number: 5432}}}"
    route = (
        "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n"
        f"metadata: {{name: i, namespace: edge}}\nspec: {{{backend}}}\n"
    )
    text = CALLER_OF_DATA + (alias + route).replace("namespace: shop", "namespace: edge")
    assert "# db <- ns ingress-nginx:5432" in proposal(put, capsys, text)
    text = text.replace("db.shop.svc", "gone.shop.svc")
    assert any("alias of gone.shop.svc" in line for line in proposal(put, capsys, text))


PROMETHEUS = """\
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: {name: m, namespace: other}
spec:
  namespaceSelector: {NAMESPACES}
  endpoints: [{port: http}]
  selector: {matchLabels: {team: a}}
"""
SCRAPED = DOOR.replace(
    "name: web, namespace: shop}\nspec: SPEC",
    "name: web, namespace: shop, "
    "labels: {team: a}}\nspec: " + "{selector: {app: web}, ports: "
    "[{port: 80, targetPort: http, name: http}]}",
)
GUESSED = "# web <- {app.kubernetes.io/name=prometheus} in ns monitoring:8080"


@pytest.mark.parametrize(
    ("namespaces", "is_read"),
    [("any: true", True), ("matchNames: [shop]", True), ("matchNames: [x]", False), ("", False)],
)
def test_a_monitor_of_a_service_is_a_guess(
    namespaces: str, is_read: bool, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = proposal(put, capsys, SCRAPED + PROMETHEUS.replace("NAMESPACES", namespaces))
    assert (GUESSED in lines) is is_read


@pytest.mark.parametrize(
    ("place", "annotations", "is_read"),
    [
        ("{labels: {app: web}", '{prometheus.io/scrape: "true"}', True),
        ("{labels: {app: web}", '{prometheus.io/scrape: "true", prometheus.io/port: "8080"}', True),
        ("{labels: {app: web}", '{prometheus.io/scrape: "true", prometheus.io/port: "1"}', False),
        ("{labels: {app: web}", '{prometheus.io/scrape: "false"}', False),
        ("labels: {team: a}", '{prometheus.io/scrape: "true"}', True),
    ],
)
def test_an_annotation_that_asks_for_reading_metrics_is_a_guess(
    place: str, annotations: str, is_read: bool, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    text = SCRAPED.replace(place, f"{place}, annotations: {annotations}", 1)
    assert (GUESSED in proposal(put, capsys, text)) is is_read


def test_a_port_without_a_known_caller_is_a_question(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    put({"k8s/door.yaml": DOOR.replace("SPEC", f"{{{PORTS}}}")})
    assert run(["init", "k8s", "-o", "-"]) == 0
    out, err = capsys.readouterr()
    assert "# nothing shows who calls Service web:80: add the callers, or it is closed" in out
    assert "0 arrows, 0 guesses left out, 1 port without a known caller" in err


def test_a_route_to_a_service_that_is_not_there_is_noted(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    version, spec, _ = ROUTES_TO_WEB["Ingress"]
    route = f"apiVersion: {version}\nkind: Ingress\nmetadata: {{name: r, namespace: shop}}\nspec: {spec}\n"
    lines = proposal(
        put, capsys, DOOR.replace("SPEC", "{}").replace("kind: Service", "kind: Other") + route
    )
    assert any(
        "no such Service is in the manifests; Ingress r: Service web" in one for one in lines
    )
