"""The Services to which a custom object of a kind that is not known may send traffic: guesses.

Hundreds of operators route, split, mirror, probe and back up. Their objects name Services in a few
ways: by a reference with a name, by a field that holds a name or a host, or by an address in a text.
A word that is not the name of a Service leads nowhere, so that such fields may be read generously.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from netpolc.manifest.controller_targets import TO_BROWSERS, named_service
from netpolc.manifest.read_workloads import is_pod_template
from netpolc.manifest.target import Target, of_host, of_text, port_of, port_of_text
from netpolc.yaml.nodes import Node, descendant, elements, members, string_at

_REFERENCE = re.compile(
    r"(?:service|svc|backend|upstream|destination)(?:ref|reference)?s?", re.IGNORECASE
)
"""The ends of fields below which a `name` is that of a Service."""
_HOST = re.compile(
    r"(?:service|svc|backend|upstream|destination|target|host|hostname|server|addr|address|endpoint"
    r"|broker|prober|ur[il])(?:name)?(?:e?s)?",
    re.IGNORECASE,
)
"""The ends of fields whose text is the name or the host of a Service."""
_OF_KIND = re.compile(r"Service|ServiceImport|Mesh[A-Za-z]*Service(?:Subset)?")
_POLICY_TARGETS = frozenset({"targetRef", "targetRefs"})
"""Fields by which a policy of a gateway names the Service that it is about; it sends nothing there."""
_OF_LABELS = re.compile(r"selectors?|labels", re.IGNORECASE)
"""The ends of fields below which the names are those of labels."""
_NOT_HOST = re.compile(r"image|account", re.IGNORECASE)
_OF_MESH = re.compile(
    r"(?<![a-z0-9_-])(?P<service>[a-z0-9-]{1,63})_(?P<namespace>[a-z0-9-]{1,63})_svc(?:_(?P<port>[0-9]{1,5}))?(?![a-z0-9_-])"
)
"""The name of a Service in Kuma, `web_shop_svc_80`."""
_PAIR = re.compile(
    r"(?<![a-z0-9./_%@-])(?P<host>[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)\.?:(?P<port>[0-9]{1,5})(?![0-9a-z.:@])"
)
_WHOLE = re.compile(
    r"(?:(?P<namespace>[a-z0-9-]{1,63})/)?(?P<host>\[[0-9a-f:.]{2,45}\]|(?=[^:]*:[^:]*:)[0-9a-f:.]{2,45}|[a-z0-9.-]{1,253})"
    r"(?::(?P<port>[0-9]{1,5}))?(?:/.*)?"
)
# The numbers of a cluster's members, `kafka-{0...2}.kafka:9092`: all lead to one Service, so the first is enough.
_NUMBERS = re.compile(r"[\[{]([0-9]{1,4})(?::|-|,|\.{2,3})[0-9,]{1,40}[\]}]")
_LONGEST = 10_000
_POD_SPECS = (
    ("spec",),
    ("spec", "template", "spec"),
    ("spec", "jobTemplate", "spec", "template", "spec"),
)


_CHECKS = (
    ("startupProbe",),
    ("readinessProbe",),
    ("livenessProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)
"""The fields of a container with requests that the kubelet makes."""


def of_custom_object(custom_object: Node) -> Iterator[Target]:
    """The Services that an object names somewhere, but not in the settings of pods that it makes."""
    for target in _of_fields(custom_object, makes_pods=_has_pod_template(custom_object)):
        yield target.as_guess()


def _of_fields(custom_object: Node, *, makes_pods: bool) -> Iterator[Target]:
    """The Services that the fields of an object name; those of its own pods are not called by it."""
    waiting = [custom_object]
    while waiting:
        node = waiting.pop()
        waiting += elements(node)
        fields = members(node)
        port = port_of(fields.get("port"))
        for field, value in fields.items():
            to_browsers = TO_BROWSERS.search(field) and not string_at(value, "service")
            if to_browsers or is_pod_template(value) or _ends(_OF_LABELS, field):
                continue
            waiting.append(value)
            for each in elements(value) or [value]:
                yield from of_text(each, port)
                if _NOT_HOST.search(field):
                    continue
                if isinstance(each.data, str):
                    yield from _of_names(each, each.data)
                if not makes_pods:
                    yield from _of_field(field, each, port)


def _of_field(field: str, value: Node, port: int | str | None) -> Iterator[Target]:
    """The Services that a field names because it is called like one for Services or hosts."""
    if isinstance(value.data, dict):
        kind, name = string_at(value, "kind"), string_at(value, "name")
        if name and _OF_KIND.fullmatch(kind) and field not in _POLICY_TARGETS:
            number = port_of(descendant(value, "port"))
            yield Target(value, string_at(value, "namespace"), name, number)
        elif _ends(_REFERENCE, field):
            yield from named_service(value, field)
    elif isinstance(value.data, str) and len(value.data) <= _LONGEST and _ends(_HOST, field):
        for word in _NUMBERS.sub(r"\1", value.data.lower()).split(","):
            match = _WHOLE.fullmatch(word.strip())
            if match is None or "://" in word:
                continue
            written = int(match["port"]) if match["port"] else port
            if match["namespace"]:
                yield Target(value, match["namespace"], match["host"], written)
            else:
                yield from of_host(value, match["host"].strip("[]"), written)


def _of_names(node: Node, text: str) -> Iterator[Target]:
    """The Services of the addresses without a scheme in a text, and of names as Kuma has them."""
    text = text[:_LONGEST].lower()
    for match in _OF_MESH.finditer(text) if "_svc" in text else ():
        port = port_of_text(match["port"]) if match["port"] else None
        yield Target(node, match["namespace"], match["service"], port)
    for match in _PAIR.finditer(_NUMBERS.sub(r"\1", text)) if ":" in text else ():
        yield from of_host(node, match["host"], int(match["port"]))


@lru_cache(maxsize=1 << 12)
def _ends(pattern: re.Pattern[str], field: str) -> bool:
    """Whether the last word of a field's name, as in `stableService` or `kuma.io/service`, fits a pattern."""
    words = re.split(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]", field)
    lasts = ("".join(words[-number:]) for number in (1, 2))
    return any(pattern.fullmatch(last) for last in lasts)


def _has_pod_template(top: Node) -> bool:
    waiting = [top]
    while waiting:
        node = waiting.pop()
        if is_pod_template(node):
            return True
        waiting += (*elements(node), *members(node).values())
    return False


def of_volumes(workload: Node) -> Iterator[Target]:
    """The Services that volumes of pods name, such as the server of an NFS volume."""
    for way in _POD_SPECS:
        for volume in elements(descendant(workload, *way, "volumes")):
            yield from of_custom_object(volume)


def of_probes(workload: Node) -> Iterator[Target]:
    """The hosts that probes and hooks of containers name, other than the pod itself."""
    for way in _POD_SPECS:
        for group in ("initContainers", "containers"):
            for container in elements(descendant(workload, *way, group)):
                for check in _CHECKS:
                    for request in ("httpGet", "tcpSocket"):
                        node = descendant(container, *check, request)
                        if node is not None and (host := string_at(node, "host").lower()):
                            port = port_of(descendant(node, "port"))
                            yield from (target.as_guess() for target in of_host(node, host, port))


def of_canary(canary: Node) -> Iterator[Target]:
    """The pods of the workload for which Flagger makes Services and routes."""
    target, service = (descendant(canary, "spec", field) for field in ("targetRef", "service"))
    port = port_of(descendant(service, "targetPort") or descendant(service, "port"))
    kind, name = string_at(target, "kind"), string_at(target, "name")
    if service is not None and kind and name:
        for pods in (name, f"{name}-primary"):
            yield Target(service, "", pods, port, pods_of=kind)
