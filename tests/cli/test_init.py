"""`netpolc init`: the proposal compiles, opens only what is seen, and replaces nothing."""

import json
from pathlib import Path

import pytest

from netpolc.bootstrap.existing_policies import existing_policies
from netpolc.cli.main import run
from netpolc.manifest.read import read
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from tests.cli.conftest import Files, Put

SHOP = (Path(__file__).parent.parent / "bootstrap/shop/shop.yaml").read_text(encoding="utf-8")
EVIDENCE = {
    ("shop/web[Deployment]", "shop/api[Deployment]", 8080),
    ("shop/api[Deployment]", "shop/db[StatefulSet]", 5432),
    ("shop/db-replica[StatefulSet]", "shop/db[StatefulSet]", 5432),
    ("shop/api[Deployment]", "tracing/collector[Deployment]", 4318),
}


def test_only_what_is_seen_is_permitted(put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    put({"k8s/shop.yaml": SHOP})
    assert run(["init", "k8s"]) == 0
    capsys.readouterr()
    assert run(["list", "intents", "--with", "k8s", "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    permitted = {
        (row["src"], row["dst"]) for row in rows if "[" in row["src"] and "[" in row["dst"]
    }
    assert permitted == {(sender, receiver) for sender, receiver, _ in EVIDENCE}
    for sender, receiver, port in EVIDENCE:
        (row,) = [row for row in rows if (row["src"], row["dst"]) == (sender, receiver)]
        assert str(port) in json.dumps(row["protocols"])


def test_what_is_written_is_formatted_and_compiles(put: Put, files: Files) -> None:
    put({"k8s/shop.yaml": SHOP})
    assert run(["init", "k8s"]) == 0
    written = {name: text.decode() for name, text in files().items() if name.endswith(".intent")}
    assert "intents/shop/db.intent" in written
    for name, text in written.items():
        assert format_file(parse(SourceFile(name, text)).value) == text
    assert run(["compile"]) == 0


def test_guesses_are_comments_and_secrets_are_not_read(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    put({"k8s/shop.yaml": SHOP})
    assert run(["init", "k8s", "-o", "-"]) == 0
    text = capsys.readouterr().out
    for guess in ("# web <- ns ingress-nginx:3000", "# cache <- api:6379", "# api <- any:8080"):
        assert guess in text.splitlines()
    assert "ledger.example.org" in text
    assert "vault" not in text
    assert "hunter2" not in text


APART = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, namespace: shop}
spec:
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
      - name: c
        ports: [{containerPort: 5432}]
        env: ENV
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {selector: {app: db}, ports: [{port: 5432}, {port: 9999}]}
"""


@pytest.mark.parametrize(
    ("env", "arrow"),
    [
        ("[{name: DB_HOST, value: db}, {name: DB_PORT, value: '5432'}]", "db <- api:5432"),
        ("[{name: PGHOST, value: db.shop.svc}, {name: PGPORT, value: '5432'}]", "db <- api:5432"),
        ("[{name: DB_HOST, value: db}, {name: WEB_PORT, value: '5432'}]", "# db <- api:5432"),
        ("[{name: DB_HOST, value: db}, {name: DB_PORT, value: '0'}]", "# db <- api:5432"),
        ("[{name: DB_HOST, value: db}]", "# db <- api:5432"),
    ],
)
def test_a_port_may_stand_in_a_variable_of_its_own(
    put: Put, capsys: pytest.CaptureFixture[str], env: str, arrow: str
) -> None:
    api, db = (
        APART.replace("NAME", name).replace("ENV", some)
        for name, some in (("api", env), ("db", "[]"))
    )
    put({"k8s/all.yaml": f"{api}---\n{db}---\n{SERVICE}"})
    assert run(["init", "k8s", "-o", "-"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert arrow in lines
    assert "db <- api:9999" not in lines


KAFKA = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: kafka, namespace: shop}
spec: {template: {metadata: {labels: {team: data, app: kafka}}, spec: {containers: [{name: c}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: kafka-ui, namespace: shop}
spec: {template: {metadata: {labels: {team: data, app: kafka-ui}}, spec: {containers: [{name: c}]}}}
---
apiVersion: v1
kind: Service
metadata: {name: brokers, namespace: shop}
spec: {clusterIP: None, selector: {team: data}, ports: [{port: 9092}]}
"""


@pytest.mark.parametrize(
    ("address", "arrows"),
    [
        ("kafka-0.brokers:9092", ["kafka <- api:9092"]),
        ("kafka-0.brokers.shop.svc.cluster.local:9092", ["kafka <- api:9092"]),
        ("kafka-x.brokers:9092", []),
        ("kafka-ui.brokers.shop.svc:9092", ["kafka-ui <- api:9092"]),
        ("elsewhere.brokers.shop.svc:9092", []),
        ("brokers:9092", ["kafka <- api:9092", "kafka-ui <- api:9092"]),
    ],
)
def test_the_name_of_one_pod_leads_to_its_workload(
    put: Put, capsys: pytest.CaptureFixture[str], address: str, arrows: list[str]
) -> None:
    api = APART.replace("NAME", "api").replace("ENV", f"[{{name: A, value: '{address}'}}]")
    put({"k8s/all.yaml": f"{api}---\n{KAFKA}"})
    assert run(["init", "k8s", "-o", "-"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line for line in lines if "<-" in line) == arrows


def test_nothing_is_replaced_unless_asked(
    put: Put, files: Files, capsys: pytest.CaptureFixture[str]
) -> None:
    put({"k8s/shop.yaml": SHOP, "intents/shop/db.intent": "# mine\n"})
    before = files()
    assert run(["init", "k8s"]) == 1
    assert "NP723" in capsys.readouterr().err
    assert files() == before
    assert run(["init", "k8s", "--force"]) == 0
    assert files()["intents/shop/db.intent"] != b"# mine\n"


def test_manifests_without_workloads_are_an_error(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    put({"k8s/a.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n"})
    assert run(["init", "k8s"]) == 1
    shown = capsys.readouterr().err
    assert "NP717" in shown
    assert "help: give the Deployments, Services and ConfigMaps of what runs" in shown


def test_policies_without_workloads_are_for_import(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        "metadata: {name: deny-all, namespace: shop}\nspec: {podSelector: {}, policyTypes: [Ingress]}\n"
    )
    put({"k8s/a.yaml": policy})
    assert run(["init", "k8s"]) == 1
    assert "help: turn policies into intents with `netpolc import`" in capsys.readouterr().err


def test_a_file_where_a_folder_is_needed_is_an_error(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    put({"k8s/shop.yaml": SHOP, "taken": "x"})
    assert run(["init", "k8s", "-o", "taken"]) == 1
    assert "NP711" in capsys.readouterr().err


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


def proposal(put: Put, capsys: pytest.CaptureFixture[str], text: str) -> list[str]:
    """The lines that init proposes for manifests."""
    put({"k8s/door.yaml": text})
    assert run(["init", "k8s", "-o", "-"]) == 0
    return capsys.readouterr().out.splitlines()


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


@pytest.mark.parametrize(
    "env",
    [
        "[{name: DSN, value: host=db port=5432}]",
        "[{name: DSN, value: 'Server=db,5432'}]",
        "[{name: DSN, value: 'Host=db;Port=5432'}]",
        "[{name: DSN, value: 'jdbc:oracle:thin:@db:5432:x'}]",
        "[{name: DSN, value: 'dns:///db.shop.svc:5432'}]",
        "[{name: DSN, value: 'http://$(DB_SERVICE_HOST):$(DB_SERVICE_PORT)'}]",
        "[{name: H, value: db}, {name: P, value: '5432'}, {name: U, value: 'tcp://$(H):$(P)'}]",
    ],
)
def test_connection_strings_are_evidence(
    env: str, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    caller = APART.replace("NAME", "api").replace("ENV", env)
    target = APART.replace("NAME", "db").replace("ENV", "[]")
    assert "db <- api:5432" in proposal(put, capsys, f"{caller}---\n{target}---\n{SERVICE}")


@pytest.mark.parametrize("command", ["[nc, -z, db, '5432']", "[sh, -c, 'nc -z db 5432']"])
def test_commands_are_evidence(command: str, put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    caller = APART.replace("NAME", "api").replace("ENV", "[]") + f"        command: {command}\n"
    target = APART.replace("NAME", "db").replace("ENV", "[]")
    assert "db <- api:5432" in proposal(put, capsys, f"{caller}---\n{target}---\n{SERVICE}")


def test_comments_in_configuration_open_nothing(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    env = "[{name: URL, valueFrom: {configMapKeyRef: {name: c, key: app.yaml}}}]"
    config = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\n"
        'data: {app.yaml: "# url: tcp://db:5432\\nurl: tcp://other:1"}\n'
    )
    caller = APART.replace("NAME", "api").replace("ENV", env)
    target = APART.replace("NAME", "db").replace("ENV", "[]")
    lines = proposal(put, capsys, f"{caller}---\n{target}---\n{SERVICE}---\n{config}")
    assert "db <- api:5432" not in lines
    assert "# guess, not enabled: it is in a comment" in lines


def test_a_service_of_one_pod_of_a_set_leads_to_the_set(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    target = APART.replace("NAME", "db").replace("ENV", "[]").replace("Deployment", "StatefulSet")
    service = SERVICE.replace("{app: db}", "{statefulset.kubernetes.io/pod-name: db-0}")
    caller = APART.replace("NAME", "api").replace("ENV", "[{name: DSN, value: 'db:5432'}]")
    assert "db <- api:5432" in proposal(put, capsys, f"{caller}---\n{target}---\n{service}")


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


def test_the_platform_is_closed_only_on_request(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    dns = APART.replace("NAME", "dns").replace("ENV", "[]").replace("shop", "kube-system")
    agent = dns.replace("name: dns", "name: agent").replace("app: dns", "k8s-app: agent")
    target = APART.replace("NAME", "db").replace("ENV", "[]")
    agent = agent.replace("env: []", "env: [{name: DSN, value: 'db.shop:5432'}]")
    text = f"{dns}---\n{agent}---\n{target}---\n{SERVICE}"
    lines = proposal(put, capsys, text)
    assert not any("kube-system/" in line for line in lines if line.endswith(".intent"))
    assert "db <- {k8s-app=agent} in ns kube-system:5432" in lines
    assert run(["init", "k8s", "-o", "-", "--platform"]) == 0
    out, err = capsys.readouterr()
    assert "# kube-system/dns.intent" in out
    assert "left alone" not in err


def test_the_platform_that_is_left_alone_is_named(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    dns = APART.replace("NAME", "dns").replace("ENV", "[]").replace("shop", "kube-system")
    put({"k8s/dns.yaml": dns})
    assert run(["init", "k8s", "-o", "-"]) == 0
    assert "left alone: kube-system (--platform)" in capsys.readouterr().err


def test_policies_of_the_manifests_are_counted(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        "metadata: {name: NAME, namespace: shop}\nspec: {podSelector: {}, policyTypes: [Ingress]}\n"
    )
    target = APART.replace("NAME", "db").replace("ENV", "[]")
    put({"k8s/p.yaml": "---\n".join([target, *(policy.replace("NAME", n) for n in "ab")])})
    assert run(["init", "k8s", "-o", "-"]) == 0
    err = capsys.readouterr().err
    assert "note[NP753]: 2 NetworkPolicies are in the manifests already" in err
    assert "netpolc import" in err


def test_a_job_without_labels_is_named_by_the_label_of_its_controller(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    job = APART.replace("NAME", "migrate").replace("ENV", "[{name: DSN, value: 'db:5432'}]")
    job = job.replace("apps/v1", "batch/v1").replace("Deployment", "Job")
    job = job.replace("    metadata: {labels: {app: migrate}}\n", "")
    target = APART.replace("NAME", "db").replace("ENV", "[]")
    lines = proposal(put, capsys, f"{job}---\n{target}---\n{SERVICE}")
    assert "service migrate = {batch.kubernetes.io/job-name=migrate}" in lines
    assert "db <- migrate:5432" in lines


@pytest.mark.parametrize(
    ("number", "message", "label"),
    [
        (1, "1 NetworkPolicy is in the manifests already", "not part of the proposal"),
        (2, "2 NetworkPolicies are in the manifests already", "the first of them"),
    ],
)
def test_the_number_of_policies_is_in_the_message(number: int, message: str, label: str) -> None:
    text = "---\n".join(
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: p{each}}}\nspec: {{podSelector: {{}}}}\n"
        for each in range(number)
    )
    (found,) = existing_policies([read(SourceFile("p.yaml", text)).value])
    assert (found.message, found.label.text) == (message, label)
    assert not list(existing_policies([read(SourceFile("p.yaml", "")).value]))


def test_cluster_wide_policies_are_counted_too() -> None:
    text = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: a}
spec: {tier: Admin, priority: 1, subject: {namespaces: {}}, egress: []}
"""
    (found,) = existing_policies([read(SourceFile("p.yaml", text)).value])
    assert found.message == "1 policy is in the manifests already"


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


def test_pods_that_no_workload_makes_are_known_by_their_service(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    caller = APART.replace("NAME", "api").replace("ENV", "[{name: URL, value: 'tcp://kafka:9092'}]")
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: kafka, namespace: shop}\n"
        "spec: {type: NodePort, selector: {strimzi.io/name: k}, ports: [{port: 9092, targetPort: tcp}]}\n"
    )
    lines = proposal(put, capsys, f"{caller}---\n{service}")
    assert "service kafka = {strimzi.io/name=k}" in lines
    assert {"kafka <- api:tcp", "kafka <- any:tcp"} <= set(lines)


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


@pytest.mark.parametrize(
    ("url", "ports", "arrow"),
    [
        ("amqp://rabbit/vh", "[{port: 5672}, {port: 15672}]", "rabbit <- api:5672"),
        ("postgres://u:p@rabbit/x", "[{port: 5432}]", "rabbit <- api:5432"),
        ("foo://rabbit/x", "[{port: 7}]", "rabbit <- api:7"),
        ("foo://rabbit/x", "[{port: 7}, {port: 8}]", "# rabbit <- api:7"),
    ],
)
def test_a_url_without_a_port_means_the_port_of_its_scheme_or_service(
    url: str, ports: str, arrow: str, put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    caller = APART.replace("NAME", "api").replace("ENV", f"[{{name: A, value: '{url}'}}]")
    target = APART.replace("NAME", "rabbit").replace("ENV", "[]")
    service = (
        "apiVersion: v1\nkind: Service\nmetadata: {name: rabbit, namespace: shop}\n"
        f"spec: {{selector: {{app: rabbit}}, ports: {ports}}}\n"
    )
    lines = proposal(put, capsys, f"{caller}---\n{target}---\n{service}")
    assert arrow in lines


DATABASE = """\
apiVersion: v1
kind: Namespace
metadata: {name: todo, labels: {kubernetes.io/metadata.name: todo, team: a}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: todo}
spec:
  template:
    metadata: {labels: {app: api}}
    spec: {containers: [{name: c, env: [{name: DATABASE_URL, value: "postgres://u:p@db/todo"}]}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, namespace: todo}
spec:
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: c, ports: [{containerPort: 5432}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: todo}
spec: {selector: {app: db}, ports: [{port: 5432}]}
"""


def test_the_labels_of_namespaces_are_stated(put: Put, files: Files) -> None:
    put({"k8s/todo.yaml": DATABASE})
    assert run(["init", "k8s"]) == 0
    assert files()["intents/todo/_namespace.intent"].startswith(b"namespace todo {team=a}\n")
    assert run(["check", "--with", "k8s", "--strict"]) == 0


@pytest.mark.parametrize(
    ("folder", "arguments"),
    [
        ("k8s", [".", "-o", "../intents"]),
        ("k8s/apps", [".", "-o", "../../intents"]),
        ("k8s/apps", ["a.yaml", "-o", "../../intents"]),
        ("other", ["../k8s", "-o", "../intents"]),
        ("other", ["ABSOLUTE/k8s", "-o", "ABSOLUTE/intents"]),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_a_proposal_is_the_same_from_every_folder(
    folder: str,
    arguments: list[str],
    put: Put,
    files: Files,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    nested: bool,
) -> None:
    put({"k8s/apps/a.yaml": SHOP, "other/x.txt": ""})
    assert run(["init", "k8s"]) == 0
    first = files()
    if nested:
        put({"k8s/apps/intents/x.intent": "", "other/intents/x.intent": ""})
    monkeypatch.chdir(tmp_path / folder)
    arguments = [argument.replace("ABSOLUTE", str(tmp_path)) for argument in arguments]
    assert run(["init", *arguments]) == 0, capsys.readouterr().err
    assert "0 files written" in capsys.readouterr().err
    monkeypatch.chdir(tmp_path)
    assert first.items() <= files().items()
    assert b"(k8s/apps/a.yaml:" in first["intents/shop/web.intent"]


def test_a_second_proposal_in_a_folder_below_is_the_same(
    put: Put,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put({"intents/x.intent": "", "k8s/apps/a.yaml": SHOP})
    monkeypatch.chdir(tmp_path / "k8s/apps")
    assert run(["init", "."]) == 0
    assert run(["init", "."]) == 0
    assert "0 files written" in capsys.readouterr().err


def test_a_refused_file_is_named_by_a_path_that_can_be_opened(
    put: Put,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put({"intents/shop/web.intent": "# mine\n", "k8s/a.yaml": SHOP, "other/x.txt": ""})
    monkeypatch.chdir(tmp_path / "other")
    assert run(["init", "../k8s", "-o", "../intents"]) == 1
    (place,) = (line for line in capsys.readouterr().err.splitlines() if "-->" in line)
    assert Path(place.split()[1]).read_text(encoding="utf-8") == "# mine\n"
