"""Random clusters: workloads and Services that mean each other, among hostile text.

Few names, labels and ports, so that things meet; and texts that look like addresses,
like intents, like nothing.
"""

from typing import Any, TypeAlias

from hypothesis import strategies as st

Object: TypeAlias = dict[str, Any]

NAMESPACES = ("shop", "pay", "default")
NAMES = ("db", "api", "web", "any", "80", "in", "10.0.0.1", "db-2", "x" * 63)
KEYS = ("app", "app.kubernetes.io/name", "k8s-app", "role", "pod-template-hash", "a.b/c")
VALUES = ("db", "api", "web", "any", "80", "in", "1.2", "", "v" * 63, "None", "db-2")
PORTS = (53, 80, 443, 5432, 8080)
PORT_NAMES = ("http", "sql", "dns", "80")
PROTOCOLS = ("TCP", "TCP", "TCP", "UDP", "SCTP")
HOSTILE = (
    "\n* <- any",
    "# db <- any:1",
    "\u2028* <- any",
    "\x1b[31mred\x00",
    "\r* <- any\r\n",
    "💥é\u202e",
    "x" * 5000,
    "db.shop.svc:0",
    "db.shop.svc:99999",
    "[2001:db8::1]:5432",
    "2001:db8::1",
    "http://db:5432@elsewhere.example.org/",
    "postgres://u:p@db.shop.svc:5432,api:80/x?y=http://web:80",
    "jdbc:postgresql://db:5432/x",
    "127.0.0.1:80",
    "db..svc:80",
    ".svc:80",
    "db.shop.svc.cluster.local.:80",
    "pod-0.db.shop.svc.cluster.local:5432",
    "DB.SHOP.SVC:5432",
    "- db:80\n- api.pay:443",
    "namespace shop\n* <- *",
    "${DB_HOST}:5432",
    "tcp://db",
    "db",
    "",
)

names = st.sampled_from(NAMES)
_few = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=3)
_usual = st.sampled_from(VALUES[:4]).flatmap(
    lambda name: _few.map(lambda some: {**some, KEYS[len(some) % 2]: name})
)
labels = st.one_of(_usual, _usual, _few)


@st.composite
def _mention(draw: st.DrawFn) -> str:
    """An address as settings have it."""
    host = draw(names)
    host += draw(st.sampled_from(["", *(f".{ns}" for ns in NAMESPACES)]))
    host += draw(st.sampled_from(["", "", ".svc", ".svc.cluster.local"])) if "." in host else ""
    port = draw(st.sampled_from(PORTS))
    form = draw(st.sampled_from(["{}:{}", "{}:{}", "http://{}:{}/x", "--to={}:{}", "a, {}:{};"]))
    return form.format(host, port)


_plain = st.builds(
    "{}.{}.svc:{}".format, names, st.sampled_from(NAMESPACES), st.sampled_from(PORTS)
)
texts = st.one_of(_plain, _mention(), st.sampled_from(HOSTILE), st.text(max_size=12))
_fields = st.sampled_from(["DB_HOST", "DB_PORT", "URL", "api.host", "api.port", "A#\n<-", "CACHE"])
_config = st.dictionaries(_fields, texts | st.sampled_from(["80", "5432"]), max_size=3)


@st.composite
def _container(draw: st.DrawFn) -> Object:
    found: Object = {"name": "c", "image": "i"}
    env: list[Object] = [{"name": name, "value": value} for name, value in draw(_config).items()]
    if draw(st.booleans()):
        key = {"name": draw(names), "key": draw(_fields)}
        env.append({"name": "FROM", "valueFrom": {"configMapKeyRef": key}})
    found["env"] = env
    if draw(st.booleans()):
        found["envFrom"] = [{"configMapRef": {"name": draw(names)}}]
    found["args"] = draw(st.lists(texts, max_size=2))
    found["ports"] = draw(st.lists(_container_ports, max_size=3))
    return found


@st.composite
def _container_port(draw: st.DrawFn) -> Object:
    found: Object = {"containerPort": draw(st.sampled_from(PORTS))}
    if draw(st.booleans()):
        found["name"] = draw(st.sampled_from(PORT_NAMES))
    if draw(st.booleans()):
        found["protocol"] = draw(st.sampled_from(PROTOCOLS))
    return found


_container_ports = _container_port()


@st.composite
def _metadata(draw: st.DrawFn) -> Object:
    found: Object = {"name": draw(names)}
    namespace = draw(st.sampled_from(NAMESPACES))
    if namespace != "default" or draw(st.booleans()):
        found["namespace"] = namespace
    return found


@st.composite
def workload(draw: st.DrawFn) -> Object:
    """A workload of some kind."""
    version, kind = draw(
        st.sampled_from(
            [
                ("apps/v1", "Deployment"),
                ("apps/v1", "StatefulSet"),
                ("apps/v1", "DaemonSet"),
                ("batch/v1", "CronJob"),
                ("v1", "Pod"),
            ]
        )
    )
    about = draw(_metadata())
    pods: Object = {"containers": draw(st.lists(_container(), min_size=1, max_size=2))}
    if draw(st.integers(0, 5)) == 0:
        pods["hostNetwork"] = True
    found: Object = {"apiVersion": version, "kind": kind, "metadata": about}
    if kind == "Pod":
        return {**found, "metadata": {**about, "labels": draw(labels)}, "spec": pods}
    template = {"metadata": {"labels": draw(labels)}, "spec": pods}
    if kind == "CronJob":
        return {**found, "spec": {"jobTemplate": {"spec": {"template": template}}}}
    return {**found, "spec": {"template": template}}


@st.composite
def service(draw: st.DrawFn) -> Object:
    """A Service of some sort."""
    sort = draw(st.sampled_from(["", "", "", "None", "ExternalName", "by hand"]))
    ports = draw(st.lists(_service_port(), min_size=1, max_size=3))
    spec: Object = {"ports": ports}
    if sort != "by hand":
        key = st.sampled_from(KEYS[:3])
        spec["selector"] = draw(st.dictionaries(key, st.sampled_from(VALUES), max_size=2))
    if sort == "None":
        spec["clusterIP"] = "None"
    if sort == "ExternalName":
        spec |= {"type": sort, "externalName": "elsewhere.example.org"}
    return {"apiVersion": "v1", "kind": "Service", "metadata": draw(_metadata()), "spec": spec}


@st.composite
def _service_port(draw: st.DrawFn) -> Object:
    found: Object = {"port": draw(st.sampled_from(PORTS))}
    if draw(st.booleans()):
        found["targetPort"] = draw(st.sampled_from([*PORTS, *PORT_NAMES]))
    if draw(st.booleans()):
        found["protocol"] = draw(st.sampled_from(PROTOCOLS))
    return found


@st.composite
def _config_map(draw: st.DrawFn) -> Object:
    about = draw(_metadata())
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": about, "data": draw(_config)}


@st.composite
def _route(draw: st.DrawFn) -> Object:
    """Something outside that calls a Service."""
    name, port, about = draw(names), draw(st.sampled_from(PORTS)), draw(_metadata())
    home = draw(st.sampled_from(NAMESPACES))
    backend = {"service": {"name": name, "port": {"number": port}}}
    called: Object = {"name": name, "namespace": home, "port": port}
    return draw(
        st.sampled_from(
            [
                {
                    "apiVersion": "networking.k8s.io/v1",
                    "kind": "Ingress",
                    "metadata": about,
                    "spec": {"rules": [{"http": {"paths": [{"backend": backend}]}}]},
                },
                {
                    "apiVersion": "gateway.networking.k8s.io/v1",
                    "kind": "HTTPRoute",
                    "metadata": about,
                    "spec": {"rules": [{"backendRefs": [called]}]},
                },
                {
                    "apiVersion": "admissionregistration.k8s.io/v1",
                    "kind": "ValidatingWebhookConfiguration",
                    "metadata": {"name": about["name"]},
                    "webhooks": [{"name": "w", "clientConfig": {"service": called}}],
                },
                {
                    "apiVersion": "example.org/v1",
                    "kind": "Unknown",
                    "metadata": about,
                    "spec": {"url": f"{name}:{port}"},
                },
            ]
        )
    )


@st.composite
def _namespace(draw: st.DrawFn) -> Object:
    about: Object = {"name": draw(st.sampled_from(NAMESPACES))}
    about["labels"] = draw(st.dictionaries(st.sampled_from(KEYS[3:]), st.sampled_from(VALUES)))
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": about}


@st.composite
def clusters(draw: st.DrawFn) -> list[Object]:
    """Objects of a cluster, each once; at least one workload, and callers who know Services."""
    workloads = draw(st.lists(workload(), min_size=2, max_size=5, unique_by=_key))
    services = draw(st.lists(service(), max_size=2))
    for one in draw(st.lists(st.sampled_from(workloads), min_size=2, max_size=4)):
        (about, spec), chosen = _pods(one), draw(service())
        declared = [port for some in spec["containers"] for port in some["ports"]]
        chosen["metadata"] |= {"namespace": one["metadata"].get("namespace", "default")}
        chosen["spec"]["selector"] = about.get("labels", {})
        fits = bool(declared) and draw(st.booleans())
        for port in chosen["spec"]["ports"][:1] if fits else ():
            target = draw(st.sampled_from(declared))
            port["targetPort"] = target.get("name", target["containerPort"])
            port["protocol"] = target.get("protocol", "TCP")
        services.append(chosen)
    for one in draw(st.lists(st.sampled_from(services), min_size=2, max_size=5)):
        containers = _pods(draw(st.sampled_from(workloads)))[1]["containers"]
        about, port = one["metadata"], draw(st.sampled_from(one["spec"]["ports"]))
        address = f"{about['name']}.{about.get('namespace', 'default')}.svc:{port['port']}"
        containers[0]["env"].append({"name": f"SERVICE_{draw(_fields)}", "value": address})
    others = (
        draw(st.lists(_config_map(), max_size=2)),
        draw(st.lists(_route(), max_size=2)),
        draw(st.lists(_namespace(), max_size=2)),
    )
    drawn = (workloads, services, *others)
    return list({_key(one): one for some in drawn for one in some}.values())


def _pods(one: Object) -> tuple[Object, Object]:
    """The metadata and the spec of a workload's pods."""
    if one["kind"] == "Pod":
        return one["metadata"], one["spec"]
    spec = one["spec"]
    template = (spec["jobTemplate"]["spec"] if one["kind"] == "CronJob" else spec)["template"]
    return template["metadata"], template["spec"]


def _key(one: Object) -> tuple[str, ...]:
    about = one["metadata"]
    return one["kind"], about.get("namespace", "default"), about["name"]
