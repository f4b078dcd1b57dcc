"""Flows as Hubble prints them: `hubble observe -o jsonpb`, one JSON object a line.

Each line is `{"flow": {…}, "node_name": …, "time": …}`, or a bare flow as older versions
wrote them. The fields are those of Cilium's flow.proto (api/v1/flow/flow.proto), in
protobuf's JSON form: enums by name, a wrapped boolean as a plain one, what is zero left
out. The same connection is seen at several points and at both ends; each is a line.

Cilium names an end by an identity: labels with the source they come from. `k8s:` are a
pod's own, `k8s:io.cilium.k8s.namespace.labels.` those of its namespace, and `reserved:`
says that it is not a pod at all but the world, a node, or a part of the cluster itself.
"""

import json
from functools import lru_cache
from typing import Any

from netpolc.flowlogs.flows import (
    EPHEMERAL,
    Entity,
    Flow,
    Labels,
    Left,
    Misread,
    MisreadError,
    Party,
    PodParty,
    Read,
    Verdict,
    moment,
    outside_address,
    valid_label,
    valid_namespace,
    valid_port,
)
from netpolc.kube.ports import PROTOCOLS, Protocol

_VERDICTS = {
    "FORWARDED": Verdict.FORWARDED,
    "REDIRECTED": Verdict.FORWARDED,  # to the proxy, which policy let through
    "AUDIT": Verdict.AUDITED,
    "DROPPED": Verdict.DROPPED,
}
_DENIED = "POLICY_DENIED"
_BY_POLICY = frozenset({_DENIED, "POLICY_DENY", "AUTH_REQUIRED", "DROP_REASON_UNKNOWN"})
_OTHER_LINES = ("node_status", "agent_event", "debug_event")
_NAMESPACE = "io.kubernetes.pod.namespace"
_NAMESPACE_LABEL = "io.cilium.k8s.namespace.labels."
_WORLD = frozenset({"world", "world-ipv4", "world-ipv6"})
_WORLD_IDENTITIES = frozenset({2, 9, 10})
_DEEP = "nested too deeply"


def read_line(text: str) -> Read:
    """A line of Hubble's JSON as a flow, as left out, or as misread."""
    try:
        return _line(json.loads(text))
    except MisreadError as error:
        return Misread(str(error))
    except RecursionError:
        return Misread(_DEEP)
    except ValueError:
        return Misread("it is not JSON")


def _line(line: Any) -> Read:
    if not isinstance(line, dict):
        return Misread("it is not a JSON object")
    if "lost_events" in line:
        return Left("events that Hubble lost")
    if any(kind in line for kind in _OTHER_LINES):
        return Left("events that are not flows")
    flow = line.get("flow", line)
    if not isinstance(flow, dict) or not ("verdict" in flow or "IP" in flow):
        return Misread("it is not a flow in Hubble's format")
    return _left(flow) or _flow(flow, line)


def _left(flow: dict[str, Any]) -> Left | None:
    """The reason why a flow says nothing about a policy."""
    verdict, layer4 = str(flow.get("verdict")), flow.get("l4")
    if flow.get("Type") == "SOCK" or verdict == "TRANSLATED":
        return Left("translations of a Service's address")
    if flow.get("is_reply", flow.get("reply")) is True:
        return Left("replies")
    if verdict not in _VERDICTS:
        return Left("flows without a verdict")
    if verdict == "DROPPED" and str(flow.get("drop_reason_desc", _DENIED)) not in _BY_POLICY:
        return Left("drops for which no policy is the reason")
    if not isinstance(layer4, dict) or not any(p.value in layer4 for p in PROTOCOLS):
        return Left("traffic without ports (ICMP and others)")
    return None


def _flow(flow: dict[str, Any], line: dict[str, Any]) -> Read:
    protocol, ports = _layer4(flow["l4"])
    flags = ports.get("flags")
    flags = flags if isinstance(flags, dict) else {}
    if "is_reply" not in flow and flags.get("SYN") and flags.get("ACK"):
        return Left("replies")
    port = valid_port(ports.get("destination_port"))
    certain = flow.get("is_reply") is False or bool(flags.get("SYN"))
    source_port = 0 if certain else _number(ports.get("source_port"))
    if not certain and port >= EPHEMERAL and source_port < EPHEMERAL:
        return Left("packets that look like replies")
    written = flow.get("time", line.get("time"))
    time = moment(written) if isinstance(written, str) else None
    return Flow(
        sender=_party(flow, "source"),
        receiver=_party(flow, "destination"),
        protocol=protocol,
        port=port,
        verdict=_VERDICTS[flow["verdict"]],
        certain=certain or port < EPHEMERAL,
        source_port=source_port,
        presumed=not (certain or source_port),
        first=time,
        last=time,
    )


def _layer4(layer4: dict[str, Any]) -> tuple[Protocol, dict[str, Any]]:
    protocol = next(p for p in PROTOCOLS if p.value in layer4)
    ports = layer4[protocol.value]
    if not isinstance(ports, dict):
        message = f"its {protocol.value} is not an object"
        raise MisreadError(message)
    return protocol, ports


def _party(flow: dict[str, Any], end: str) -> Party:
    fields = flow.get(end, {})
    if not isinstance(fields, dict):
        message = f"its {end} is not an object"
        raise MisreadError(message)
    labels = fields.get("labels", [])
    if not isinstance(labels, list) or not all(isinstance(label, str) for label in labels):
        message = f"the labels of its {end} are not a list of strings"
        raise MisreadError(message)
    reserved = {
        label.partition(":")[2].partition("=")[0] for label in labels if _is_reserved(label)
    }
    if others := sorted(reserved - _WORLD):
        return Entity(_entity(others))
    namespace = fields.get("namespace")
    if isinstance(namespace, str) and namespace:
        return _pod(valid_namespace(namespace), tuple(labels))
    written = next((label for label in labels if label.startswith(f"k8s:{_NAMESPACE}=")), "")
    if written:
        return _pod(valid_namespace(written.partition("=")[2]), tuple(labels))
    return _outside(flow, end, fields, is_world=bool(reserved) or any(map(_is_block, labels)))


def _is_reserved(label: str) -> bool:
    return label.startswith("reserved:")


def _is_block(label: str) -> bool:
    return label.startswith("cidr:")


def _entity(reserved: list[str]) -> str:
    """The most telling of some reserved names; the API server may be a node as well."""
    name = "kube-apiserver" if "kube-apiserver" in reserved else reserved[0]
    known = ("kube-apiserver", "host", "remote-node", "health", "ingress", "init", "unmanaged")
    return name if name in known else "unknown"


def _outside(flow: dict[str, Any], end: str, fields: dict[str, Any], *, is_world: bool) -> Party:
    service = flow.get(f"{end}_service")
    if isinstance(service, dict) and service.get("name"):
        return Entity("service")
    if not is_world and _number(fields.get("identity")) not in _WORLD_IDENTITIES:
        return Entity("unknown")
    ip = flow.get("IP")
    text = ip.get(end) if isinstance(ip, dict) else None
    party = outside_address(text) if isinstance(text, str) else None
    if party is None:
        message = f"its {end} is in the world and has no address"
        raise MisreadError(message)
    return party


@lru_cache(maxsize=1 << 12)
def _pod(namespace: str, labels: tuple[str, ...]) -> PodParty:
    own: dict[str, str] = {}
    above: dict[str, str] = {}
    for label in labels:
        source, _, rest = label.partition(":")
        key, _, value = rest.partition("=")
        if source == "k8s" and key.startswith(_NAMESPACE_LABEL):
            above |= [valid_label(key.removeprefix(_NAMESPACE_LABEL), value)]
        elif source == "k8s" and key != _NAMESPACE:
            own |= [valid_label(key, value)]
    return PodParty(
        namespace=namespace, labels=_sorted(own), namespace_labels=_sorted(above), complete=True
    )


def _sorted(labels: dict[str, str]) -> Labels:
    return tuple(sorted(labels.items()))


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
