"""Changes to manifests that leave who calls whom as it is, and say it in another way."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any, TypeAlias

from hypothesis import strategies as st

Object: TypeAlias = dict[str, Any]
Objects: TypeAlias = list[Object]

FORMS = (
    "http://{0}:{1}/x",
    "tcp://u:p@{0}:{1}/0",
    "host={0} port={1}",
    "Server={0},{1}",
    "Host={0};Port={1}",
    "dns:///{0}:{1}",
    "jdbc:oracle:thin:@{0}:{1}:x",
    "u:p@tcp({0}:{1})/x",
    "u:p@{0}:{1}/x",
    "postgres://u:p/w@{0}:{1}/x",
    "mongodb+srv://u:p%2Fw@{0}:{1}/x?replicaSet=a",
    "x://other:1;x://{0}:{1}",
    "until nc -z {0} {1}; do sleep 1; done",
    "client --api-host {0} --api-port {1}",
    "[OUTPUT]\n  Host {0}\n  Port {1}\n",
    "socket_address: {{address: {0}, port_value: {1}}}",
    "${{OTHER:-{0}}}:{1}",
    "http://${{OTHER:{0}}}:{1}/x",
    "{0}.:{1}",
    "static:///{0}:{1}",
    "mysql -h{0} -P{1}",
    "<host>{0}</host>\n<port>{1}</port>",
    "set $backend {0};\nproxy_pass http://$backend:{1}$request_uri;",
    "export BACKEND={0}\ncurl http://$BACKEND:{1}/",
    "other-{{0,1}}.none:1,{0}:{1}",
    "kafka-[0:2].none:1,{0}:{1}",
    "SASL_SSL://other.none:1,SASL_SSL://{0}:{1}",
    "amqps://u:p@other.none:1,u:p@{0}:{1}/%2f",
    "jdbc:sqlserver://{0}:{1};databaseName=x",
    "jdbc:mysql:loadbalance://other.none:1,{0}:{1}/x",
    "Data Source={0},{1};Initial Catalog=x",
    "-Ddb.host={0} -Ddb.port={1}",
    '{{"host": "{0}", "port": {1}}}',
    "'host' => '{0}', 'port' => {1}",
    "postgresql:///x?host={0}&port={1}",
    "${{URL:-http://{0}:{1}}}",
    "url=http\\://{0}\\:{1}/x",
    "upstream x {{ server {0}:{1} weight=2; }}",
    "reverse_proxy {0}:{1}",
    "- targets:\n  - other.none:1\n  - {0}:{1}",
    "cqlsh {0} {1}",
    "/dev/tcp/{0}/{1}",
    "see http://{0}:{1}.",
)
_ADDRESS = re.compile(r"([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?):([0-9]+)")
_LABELS = frozenset({"metadata", "labels", "matchLabels", "selector", "values", "podMetadata"})


def home(one: Object) -> str:
    """The namespace of an object."""
    return str(one["metadata"].get("namespace") or "default")


def pod_templates(objects: Objects) -> Iterator[tuple[Object, Object]]:
    """Each object that makes pods, with its pod template."""
    for one in objects:
        spec = one.get("spec")
        if one["kind"] == "CronJob":
            yield one, one["spec"]["jobTemplate"]["spec"]["template"]
        elif isinstance(spec, dict) and "containers" in (spec.get("template") or {}).get(
            "spec", {}
        ):
            yield one, spec["template"]


def services(objects: Objects) -> Objects:
    """The Services that select pods."""
    found = [one for one in objects if one["kind"] == "Service" and one["spec"].get("selector")]
    return [one for one in found if one["spec"].get("ports")]


def _strings(value: Any, change: Callable[[str], str]) -> Any:
    """The value with each string changed, but names and labels of objects."""
    if isinstance(value, dict):
        return {k: v if k in _LABELS else _strings(v, change) for k, v in value.items()}
    if isinstance(value, list):
        return [_strings(each, change) for each in value]
    return change(value) if isinstance(value, str) else value


def _in_templates(objects: Objects, change: Callable[[str], str]) -> None:
    """Change the strings of all objects, inside pod templates too."""
    for one in objects:
        for field in ("spec", "data", "webhooks"):
            if field in one:
                one[field] = _strings(one[field], change)


def rename_service(objects: Objects, draw: st.DrawFn) -> None:
    """Call a Service by another name, everywhere."""
    service = draw(st.sampled_from(services(objects)))
    old, new = service["metadata"]["name"], draw(st.sampled_from(["renamed", "x-1", "in"]))
    same = [
        one for one in objects if one is not service and one["kind"] in {"Service", "ConfigMap"}
    ]
    if {old, new} & {one["metadata"]["name"] for one in same}:
        return
    found = re.compile(rf"(?<![A-Za-z0-9.-]){re.escape(old)}(?![A-Za-z0-9-])")
    service["metadata"]["name"] = new
    _in_templates(objects, lambda text: found.sub(new, text))


def move_namespace(objects: Objects, draw: st.DrawFn) -> None:
    """Call a namespace by another name, everywhere."""
    old = draw(st.sampled_from(sorted({home(one) for one in objects})))
    new = draw(st.sampled_from(["moved", "n-2"]))
    if new in {home(one) for one in objects}:
        return
    for one in objects:
        if home(one) == old:
            one["metadata"]["namespace"] = new
    _in_templates(objects, lambda text: text.replace(f".{old}.svc", f".{new}.svc"))
    _in_templates(objects, lambda text: new if text == old else text)


def renumber(objects: Objects, draw: st.DrawFn) -> None:
    """Give a Service's port another number; headless Services have those of their pods."""
    choices = [one for one in services(objects) if one["spec"].get("clusterIP") != "None"]
    service = draw(st.sampled_from(choices))
    name, port = service["metadata"]["name"], draw(st.sampled_from(service["spec"]["ports"]))
    old, new = port["port"], draw(st.integers(1024, 65535))
    if new in {one["port"] for one in service["spec"]["ports"]}:
        return
    port["targetPort"] = port.get("targetPort") or old
    port["port"] = new
    found = re.compile(rf"(?<![A-Za-z0-9.-]){re.escape(name)}((?:\.[a-z0-9.-]+)?):{old}(?![0-9])")
    _in_templates(objects, lambda text: found.sub(rf"{name}\1:{new}", text))
    _renumber_routes(objects, name, old, new)


def _renumber_routes(value: Any, name: str, old: int, new: int) -> None:
    if isinstance(value, list):
        for each in value:
            _renumber_routes(each, name, old, new)
    elif isinstance(value, dict):
        if name in {value.get("name"), value.get("serviceName")}:
            for field in ("port", "servicePort"):
                if value.get(field) == old:
                    value[field] = new
                elif isinstance(value.get(field), dict) and value[field].get("number") == old:
                    value[field]["number"] = new
        for each in value.values():
            _renumber_routes(each, name, old, new)


def name_port(objects: Objects, draw: st.DrawFn) -> None:
    """Name a container's port, and lead a Service to the name."""
    service = draw(st.sampled_from(services(objects)))
    port = draw(st.sampled_from(service["spec"]["ports"]))
    target = port.get("targetPort") or port["port"]
    for one, template in pod_templates(objects):
        selected = service["spec"]["selector"].items() <= template["metadata"]["labels"].items()
        if not selected or home(one) != home(service):
            continue
        declared = [p for c in template["spec"]["containers"] for p in c.get("ports") or ()]
        for each in declared:
            if each["containerPort"] == target and "name" not in each:
                each["name"] = port["targetPort"] = "named"


def env_to_args(objects: Objects, draw: st.DrawFn) -> None:
    """Give a program its settings as arguments."""
    _, template = draw(st.sampled_from(list(pod_templates(objects))))
    for container in template["spec"]["containers"]:
        env = container.pop("env", None) or []
        valued = [each for each in env if isinstance(each.get("value"), str)]
        container["env"] = [each for each in env if each not in valued]
        flags = [f"--{one['name'].lower()}={one['value']}" for one in valued]
        container["args"] = [*(container.get("args") or ()), *flags]


def env_to_config(objects: Objects, draw: st.DrawFn) -> None:
    """Give a program its settings from a ConfigMap: by reference, all at once, or as a file."""
    one, template = draw(st.sampled_from(list(pod_templates(objects))))
    how = draw(st.sampled_from(["valueFrom", "envFrom", "volume"]))
    name = f"settings-{one['metadata']['name']}"
    if any(some["kind"] == "ConfigMap" and some["metadata"]["name"] == name for some in objects):
        return
    data: dict[str, str] = {}
    for container in template["spec"]["containers"]:
        kept = []
        for each in container.pop("env", None) or ():
            if not isinstance(each.get("value"), str):
                kept.append(each)
                continue
            data[each["name"]] = each["value"]
            if how == "valueFrom":
                ref = {"configMapKeyRef": {"name": name, "key": each["name"]}}
                kept.append({"name": each["name"], "valueFrom": ref})
        container["env"] = kept
        if how == "envFrom":
            container.setdefault("envFrom", []).append({"configMapRef": {"name": name}})
    if how == "volume":
        volumes = template["spec"].setdefault("volumes", [])
        volumes.append({"name": name, "projected": {"sources": [{"configMap": {"name": name}}]}})
    about = {"name": name, "namespace": home(one)}
    objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": about, "data": data})


def spell(objects: Objects, draw: st.DrawFn) -> None:
    """Write the addresses of a program in another form."""
    form = draw(st.sampled_from(FORMS))

    def change(text: str) -> str:
        match = _ADDRESS.fullmatch(text)
        return form.format(*match.groups()) if match else text

    one, template = draw(st.sampled_from(list(pod_templates(objects))))
    assert one["kind"]
    template["spec"] = _strings(template["spec"], change)


def qualify(objects: Objects, draw: st.DrawFn) -> None:
    """Write the full names of hosts in the addresses of a program, with the dot of the root."""
    one, template = draw(st.sampled_from(list(pod_templates(objects))))
    here = {each["metadata"]["name"] for each in services(objects) if home(each) == home(one)}

    def change(text: str) -> str:
        match = _ADDRESS.fullmatch(text)
        if match is None or match[1] not in here:
            return text
        return f"{match[1]}.{home(one)}.svc.cluster.local.:{match[2]}"

    template["spec"] = _strings(template["spec"], change)


def call_by_alias(objects: Objects, draw: st.DrawFn) -> None:
    """Let the programs of a namespace call a Service by an alias (ExternalName)."""
    service = draw(st.sampled_from(services(objects)))
    one, _ = draw(st.sampled_from(list(pod_templates(objects))))
    name, space = service["metadata"]["name"], home(service)
    alias = {"name": f"alias-{name}", "namespace": home(one)}
    if any(
        each["metadata"].get("name") == alias["name"] for each in objects if home(each) == home(one)
    ):
        return
    host = f"{name}.{space}.svc.cluster.local"
    spec = {"type": "ExternalName", "externalName": host}
    objects.append({"apiVersion": "v1", "kind": "Service", "metadata": alias, "spec": spec})
    rest = rf"\.{re.escape(space)}(?:\.svc(?:\.cluster\.local)?)?"
    optional = "?" if space == home(one) else ""
    found = re.compile(rf"(?<![A-Za-z0-9.-]){re.escape(name)}(?:{rest}){optional}(?=:[0-9])")
    for each, template in pod_templates(objects):
        if home(each) == home(one):
            template["spec"] = _strings(
                template["spec"], lambda text: found.sub(alias["name"], text)
            )


def make_headless(objects: Objects, draw: st.DrawFn) -> None:
    """Lead the name of a Service to its pods, where that translates no port."""
    spec = draw(st.sampled_from(services(objects)))["spec"]
    same = all(port.get("targetPort") in {None, port["port"]} for port in spec["ports"])
    if same and not {"type", "externalIPs"} & spec.keys():
        spec["clusterIP"] = "None"


def monitor(objects: Objects, draw: st.DrawFn) -> None:
    """Have the metrics of pods read: by a monitor of their Service, or by annotations."""
    service = draw(st.sampled_from(services(objects)))
    port = draw(st.sampled_from(service["spec"]["ports"]))
    if draw(st.booleans()):
        service["metadata"].setdefault("labels", {})["monitored"] = "yes"
        endpoint = {"targetPort": port.get("targetPort") or port["port"]}
        spec = {"selector": {"matchLabels": {"monitored": "yes"}}, "endpoints": [endpoint]}
        about = {"name": service["metadata"]["name"], "namespace": home(service)}
        kind = {"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor"}
        objects.append({**kind, "metadata": about, "spec": spec})
        return
    _, template = draw(st.sampled_from(list(pod_templates(objects))))
    numbers = [
        each["containerPort"]
        for container in template["spec"]["containers"]
        for each in container.get("ports") or ()
    ]
    if numbers and template["metadata"].get("labels"):
        annotations = template["metadata"].setdefault("annotations", {})
        annotations["prometheus.io/scrape"] = "true"
        annotations["prometheus.io/port"] = str(draw(st.sampled_from(numbers)))


def expose(objects: Objects, draw: st.DrawFn) -> None:
    """Open a Service to the world."""
    choices = [one for one in services(objects) if one["spec"].get("clusterIP") != "None"]
    spec = draw(st.sampled_from(choices))["spec"]
    spec |= draw(
        st.sampled_from(
            [{"type": "LoadBalancer"}, {"type": "NodePort"}, {"externalIPs": ["198.51.100.9"]}]
        )
    )


def open_node(objects: Objects, draw: st.DrawFn) -> None:
    """Lead a port of the node to a container."""
    _, template = draw(st.sampled_from(list(pod_templates(objects))))
    ports = [port for one in template["spec"]["containers"] for port in one.get("ports") or ()]
    if ports and not template["spec"].get("hostNetwork"):
        port = draw(st.sampled_from(ports))
        if port.get("protocol", "TCP") == "TCP":
            port["hostPort"] = draw(st.integers(1, 65535))


def route(objects: Objects, draw: st.DrawFn) -> None:
    """Lead a route to a Service."""
    service = draw(st.sampled_from(services(objects)))
    number = draw(st.sampled_from(service["spec"]["ports"]))["port"]
    about = {"name": "added", "namespace": home(service)}
    called = {"name": service["metadata"]["name"], "port": number}
    backend = {"service": {"name": called["name"], "port": {"number": number}}}
    elsewhere = {**called, "namespace": about["namespace"]}
    objects.append(
        draw(
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
                        "kind": "TCPRoute",
                        "metadata": about,
                        "spec": {"rules": [{"backendRefs": [called]}]},
                    },
                    {
                        "apiVersion": "traefik.io/v1alpha1",
                        "kind": "IngressRoute",
                        "metadata": about,
                        "spec": {"routes": [{"services": [called]}]},
                    },
                    {
                        "apiVersion": "admissionregistration.k8s.io/v1",
                        "kind": "MutatingWebhookConfiguration",
                        "metadata": {"name": "added"},
                        "webhooks": [{"clientConfig": {"service": elsewhere}}],
                    },
                    {
                        "apiVersion": "apiregistration.k8s.io/v1",
                        "kind": "APIService",
                        "metadata": {"name": "added"},
                        "spec": {"service": elsewhere},
                    },
                    {
                        "apiVersion": "apiextensions.k8s.io/v1",
                        "kind": "CustomResourceDefinition",
                        "metadata": {"name": "added"},
                        "spec": {
                            "conversion": {"webhook": {"clientConfig": {"service": elsewhere}}}
                        },
                    },
                    *(
                        {"apiVersion": version, "kind": kind, "metadata": about, "spec": spec}
                        for version, kind, spec in (
                            (
                                "gateway.networking.k8s.io/v1",
                                "HTTPRoute",
                                {"rules": [{"backendRefs": [elsewhere]}]},
                            ),
                            (
                                "projectcontour.io/v1",
                                "HTTPProxy",
                                {"routes": [{"services": [called]}]},
                            ),
                            (
                                "kuma.io/v1alpha1",
                                "MeshHTTPRoute",
                                {"to": [{"rules": [{"default": {"backendRefs": [called]}}]}]},
                            ),
                            ("example.org/v1", "Unknown", {"toService": elsewhere}),
                        )
                    ),
                ]
            )
        )
    )


CHANGES = (
    rename_service,
    move_namespace,
    renumber,
    name_port,
    env_to_args,
    env_to_config,
    spell,
    qualify,
    call_by_alias,
    make_headless,
    monitor,
    expose,
    open_node,
    route,
)


def forget_labels(objects: Objects, draw: st.DrawFn) -> None:
    """Take from some pods the labels that no Service selects by."""
    wanted = {key for one in services(objects) for key in one["spec"]["selector"]}
    for _, template in pod_templates(objects):
        if draw(st.booleans()):
            labels = template["metadata"].get("labels") or {}
            template["metadata"]["labels"] = {k: v for k, v in labels.items() if k in wanted}


@st.composite
def changed(draw: st.DrawFn, objects: Objects) -> Objects:
    """The objects after some changes."""
    made = deepcopy(objects)
    for change in draw(st.lists(st.sampled_from(CHANGES), max_size=6)):
        change(made, draw)
    return made
