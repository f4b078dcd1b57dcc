"""The addresses and names that `netpolc init` treats as evidence."""

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put
from tests.cli.init_manifests import APART, SERVICE, proposal


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
