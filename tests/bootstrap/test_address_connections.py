"""Addresses in settings that lead to pods: by Services, by the pods' own addresses, and by nodes."""

import pytest

from netpolc.bootstrap.first_intents import first_intents
from netpolc.manifest.manifest_set import inventory
from netpolc.manifest.read import read
from netpolc.manifest.references import mentions
from netpolc.source import SourceFile

CALLER = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: api, namespace: shop}
spec:
  template:
    metadata: {labels: {app: api, tier: db}}
    spec:
      containers:
      - name: c
        image: i
        env: [ENV]
---
"""
CALLED = """\
apiVersion: v1
kind: Pod
metadata:
  name: db-0
  namespace: shop
  labels: {app: db}
  ownerReferences: [{controller: true, apiVersion: apps/v1, kind: StatefulSet, name: db, uid: u}]
spec:
  containers:
  - name: c
    image: i
    ports: [{name: sql, containerPort: 5432}, {name: web, containerPort: 80, hostPort: 8126}]
status: {podIP: 10.1.0.7, podIPs: [{ip: 10.1.0.7}, {ip: 'fd00::7'}], hostIP: 10.0.0.4}
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec:
  type: NodePort
  clusterIP: 'fd00:1::5'
  clusterIPs: ['fd00:1::5', 10.96.0.5]
  selector: {app: db}
  ports: [{name: sql, port: 5432, nodePort: 30032}, {name: web, port: 80}]
---
apiVersion: v1
kind: Node
metadata: {name: n}
status: {addresses: [{type: InternalIP, address: 10.0.0.5}, {type: ExternalIP, address: 203.0.113.5}]}
---
"""
NAMESPACE = "{name: NS, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}}"
NODE = "{name: NODE, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}"


def files(env: str) -> dict[str, str]:
    """The first intents for a caller with some variables."""
    file = SourceFile("k8s.yaml", CALLER.replace("ENV", env) + CALLED)
    manifests = read(file, namespace="default")
    assert not manifests.failed, manifests.diagnostics
    return dict(first_intents(inventory([manifests.value]).value, mentions((file,))).files)


def arrows(env: str) -> list[str]:
    """The arrows and guesses of the called pods for the caller."""
    lines = files(env)["shop/db.intent"].splitlines()
    return sorted(line for line in lines if " <- api" in line)


def value(text: str) -> str:
    """A variable with a text."""
    return f"{{name: TARGET, value: '{text}'}}"


@pytest.mark.parametrize(
    "env",
    [
        value("http://10.1.0.7:5432"),
        value("http://[fd00::7]:5432/x"),
        value("[fd00:1::5]:5432"),
        value("tcp://[fd00:1:0::5]:5432"),
        value("10.96.0.5:5432"),
        value("http://[::ffff:10.96.0.5]:5432"),
        "{name: DB_HOST, value: 'fd00:1::5'}, {name: DB_PORT, value: '5432'}",
        value("dnssrv+_sql._tcp.db.shop.svc.cluster.local"),
        value("${DB:-db}:${PORT:-5432}"),
        value("jdbc:postgresql://${DB:db}:${PORT:5432}/x"),
        value("postgres://{$DB_SERVICE_HOST}:5432"),
        value("$(DB_PORT)"),
        value("$DB_PORT_5432_TCP_ADDR:$DB_PORT_5432_TCP_PORT"),
        f"{NAMESPACE}, {value('db.$(NS).svc.cluster.local:5432')}",
        value("db.$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace).svc:5432"),
        "{name: WHO, valueFrom: {fieldRef: {fieldPath: 'metadata.labels[''tier'']'}}}, "
        + value("$(WHO):5432"),
        value("${A:-${B:-db}}:5432"),
    ],
)
def test_an_address_leads_to_the_pods_whatever_its_form(env: str) -> None:
    assert arrows(env) == ["db <- api:5432"]


@pytest.mark.parametrize(
    ("env", "found"),
    [
        # A node may put its own address in place of the sender's.
        (value("http://10.0.0.4:30032"), ["# db <- api:5432"]),
        (value("10.0.0.5:30032"), ["# db <- api:5432"]),
        (value("203.0.113.5:30032"), ["# db <- api:5432"]),
        (f"{NODE}, {value('http://$(NODE):8126/trace')}", ["# db <- api:80"]),
        (value("10.0.0.5:30033"), []),
        (value("nslookup db"), ["# db <- api:5432", "# db <- api:80"]),
        (value("DB_SEEDS=db.shop,none.shop"), ["# db <- api:5432", "# db <- api:80"]),
        ("{name: DB_HOST, value: 10.1.0.7}", ["# db <- api:5432", "# db <- api:80"]),
        (f"{NAMESPACE}, {value('$(NS)')}", []),
        (value("$UNKNOWN:5432"), []),
    ],
)
def test_an_address_that_is_not_certain_is_a_guess(env: str, found: list[str]) -> None:
    assert arrows(env) == found


@pytest.mark.parametrize(
    ("env", "note"),
    [
        (value("10.0.0.5:10250"), "# calls a node at port 10250: "),
        (f"{NODE}, {value('http://$(NODE):10255')}", "# calls a node at port 10255: "),
        (NODE.replace("NODE", "AGENT_HOST"), "# calls a node: "),
        (value("http://169.254.169.254/latest"), "a metadata service of the cloud"),
        (value("http://[fe80::1]:80"), "a link-local address"),
        (value("http://[fd00::99]:80"), "its block is yours to choose"),
    ],
)
def test_other_addresses_are_explained(env: str, note: str) -> None:
    text = files(env)["shop/api.intent"]
    assert note in text
    assert ".invalid" not in text


@pytest.mark.parametrize("text", ["http://[::1]:80", "http://0.0.0.0:80", "http://[::]:80"])
def test_the_pod_itself_is_not_explained(text: str) -> None:
    assert "# calls" not in files(value(text))["shop/api.intent"]


def test_a_name_of_the_own_pod_leads_to_the_own_workload() -> None:
    service = """\
apiVersion: v1
kind: Service
metadata: {name: apis, namespace: shop}
spec: {clusterIP: None, selector: {app: api}, ports: [{port: 7000}]}
---
"""
    pod_name = "{name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}"
    for text in ("$(POD).apis.shop.svc:7000", "${HOSTNAME}.apis:7000", "$(hostname).apis:7000"):
        file = SourceFile("k8s.yaml", CALLER.replace("ENV", f"{pod_name}, {value(text)}") + service)
        known = inventory([read(file, namespace="default").value]).value
        lines = first_intents(known, mentions((file,))).files["shop/api.intent"].splitlines()
        assert "# api <- api:7000" in lines
        assert any("the pods' own address" in line for line in lines)


def test_variables_that_a_configuration_sets_itself_are_followed() -> None:
    config = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: nginx, namespace: shop}
data:
  nginx.conf: |
    set $backend db.shop.svc.cluster.local;
    proxy_pass http://$backend:5432$request_uri;
---
"""
    env = "{name: CONF, valueFrom: {configMapKeyRef: {name: nginx, key: nginx.conf}}}"
    file = SourceFile("k8s.yaml", CALLER.replace("ENV", env) + CALLED + config)
    known = inventory([read(file, namespace="default").value]).value
    lines = first_intents(known, mentions((file,))).files["shop/db.intent"].splitlines()
    assert "db <- api:5432" in lines


@pytest.mark.parametrize(
    ("version", "kind", "template"),
    [
        ("argoproj.io/v1alpha1", "Rollout", "template"),
        ("serving.knative.dev/v1", "Service", "template"),
        ("batch.volcano.sh/v1alpha1", "Job", "driver"),
    ],
)
def test_pods_of_custom_kinds_call_what_their_settings_name(
    version: str, kind: str, template: str
) -> None:
    rollout = f"""\
apiVersion: {version}
kind: {kind}
metadata: {{name: web, namespace: shop}}
spec:
  {template}:
    metadata: {{labels: {{app: web}}}}
    spec: {{containers: [{{name: c, image: i, env: [{{name: A, value: "http://db.shop.svc:5432"}}]}}]}}
---
"""
    file = SourceFile("k8s.yaml", rollout + CALLED)
    known = inventory([read(file, namespace="default").value]).value
    lines = first_intents(known, mentions((file,))).files["shop/db.intent"].splitlines()
    assert [line for line in lines if line.endswith(":5432")] == [
        "db <- web:5432",
        "db <- any:5432",  # The Service has a port of every node.
    ]


@pytest.mark.parametrize(
    ("field", "arrow"),
    [
        ("readinessProbe: {exec: {command: [sh, -c, 'nc -z db 5432']}}", "db <- api:5432"),
        ("startupProbe: {exec: {command: [nc, -z, db, '5432']}}", "db <- api:5432"),
        ("lifecycle: {preStop: {exec: {command: [bye, 'db:5432']}}}", "db <- api:5432"),
        ("lifecycle: {postStart: {exec: {command: [hi, 'tcp://db:5432']}}}", "db <- api:5432"),
        ("livenessProbe: {tcpSocket: {port: 5432}}", ""),
    ],
)
def test_commands_that_run_beside_a_program_call_what_they_name(field: str, arrow: str) -> None:
    file = SourceFile("k8s.yaml", CALLER.replace("env: [ENV]", field) + CALLED)
    known = inventory([read(file, namespace="default").value]).value
    lines = first_intents(known, mentions((file,))).files["shop/db.intent"].splitlines()
    assert [line for line in lines if "<- api" in line] == [arrow] * bool(arrow)


@pytest.mark.parametrize(
    "volume",
    [
        "{name: v, nfs: {server: db.shop.svc.cluster.local, path: /}}",
        "{name: v, iscsi: {targetPortal: 'db.shop.svc:5432', iqn: i, lun: 0}}",
        "{name: v, csi: {driver: d, volumeAttributes: {server: db.shop.svc}}}",
    ],
)
def test_nodes_may_mount_what_volumes_name(volume: str) -> None:
    caller = CALLER.replace("containers:", f"volumes: [{volume}]\n      containers:")
    without_door = CALLED.replace("type: NodePort", "type: ClusterIP")
    file = SourceFile("k8s.yaml", caller.replace("env: [ENV]", "env: []") + without_door)
    known = inventory([read(file, namespace="default").value]).value
    text = first_intents(known, mentions((file,))).files["shop/db.intent"]
    assert "# guess, not enabled: nodes mount this volume" in text
    assert "\n# db <- any:5432\n" in text
