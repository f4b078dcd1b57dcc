"""Whether an API server would take a manifest.

Two readings: the schemas that Kubernetes publishes, of the oldest and the newest version
that `kubernetes-validate` has, in their strict form (no unknown fields); and the rules
that the server applies beyond them, written from `pkg/apis/networking/validation` and
`apimachinery/pkg/util/validation` without looking at netpolc, which is not imported here.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from ipaddress import ip_network
from typing import Any

from jsonschema import Draft202012Validator
from kubernetes_validate.utils import all_versions, schema_contents
from referencing import Registry, Resource

OLDEST, NEWEST = (all_versions()[index] for index in (0, -1))

_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*\Z")
_NAMESPACE = re.compile(rf"{_LABEL}\Z")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\Z")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\Z")
_PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")
_ANNOTATIONS_BYTES = 256 * 1024


def problems(document: Mapping[str, Any]) -> list[str]:
    """Why the API server would refuse the manifest; empty when it would not."""
    found = [
        f"schema {version}: {error.json_path}: {error.message}"
        for version in (OLDEST, NEWEST)
        for error in _validator(version).iter_errors(document)
    ]
    return found or list(_refusals(document))


@cache
def _validator(version: str) -> Draft202012Validator:
    folder = f"kubernetes-json-schema/v{version}-local-strict"
    schema = schema_contents(f"{folder}/networkpolicy-networking-v1.json", version)
    definitions = schema_contents(f"{folder}/_definitions.json", version)
    registry: Registry[Any] = Resource.from_contents(definitions) @ (
        Resource.from_contents(schema) @ Registry()
    )
    return Draft202012Validator(schema, registry=registry)


def _refusals(document: Mapping[str, Any]) -> Iterator[str]:
    if document.get("apiVersion") != "networking.k8s.io/v1":
        yield "apiVersion is not networking.k8s.io/v1"
    if document.get("kind") != "NetworkPolicy":
        yield "kind is not NetworkPolicy"
    yield from _metadata(document.get("metadata") or {})
    spec = document.get("spec") or {}
    yield from _selector("podSelector", spec.get("podSelector") or {})
    types = spec.get("policyTypes") or []
    if len(types) > 2 or len(set(types)) != len(types):
        yield f"policyTypes {types}"
    yield from (f"policyTypes has {one}" for one in types if one not in ("Ingress", "Egress"))
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for number, rule in enumerate(spec.get(direction) or []):
            path = f"{direction}[{number}]"
            for port in rule.get("ports") or []:
                yield from _port(path, port)
            for peer in rule.get(peers) or []:
                yield from _peer(path, peer)


def _metadata(metadata: Mapping[str, Any]) -> Iterator[str]:
    name, namespace = metadata.get("name", ""), metadata.get("namespace", "default")
    if not _SUBDOMAIN.match(name) or len(name) > 253:
        yield f"name {name!r}"
    if not _NAMESPACE.match(namespace) or len(namespace) > 63:
        yield f"namespace {namespace!r}"
    yield from _labels("metadata.labels", metadata.get("labels") or {})
    annotations = metadata.get("annotations") or {}
    yield from _keys("metadata.annotations", [key.lower() for key in annotations])
    if sum(len(k.encode()) + len(v.encode()) for k, v in annotations.items()) > _ANNOTATIONS_BYTES:
        yield "annotations are too long"


def _selector(path: str, selector: Mapping[str, Any]) -> Iterator[str]:
    yield from _labels(path, selector.get("matchLabels") or {})
    for expression in selector.get("matchExpressions") or []:
        values = expression.get("values") or []
        yield from _keys(path, [expression["key"]])
        yield from _values(path, values)
        needs = {"In": True, "NotIn": True, "Exists": False, "DoesNotExist": False}
        operator = expression["operator"]
        if operator not in needs:
            yield f"{path}: operator {operator!r}"
        elif needs[operator] is not bool(values):
            yield f"{path}: {operator} with values {values}"


def _labels(path: str, labels: Mapping[str, str]) -> Iterator[str]:
    yield from _keys(path, list(labels))
    yield from _values(path, list(labels.values()))


def _keys(path: str, keys: list[str]) -> Iterator[str]:
    for key in keys:
        prefix, slash, name = key.rpartition("/")
        if not _QUALIFIED.match(name) or len(name) > 63:
            yield f"{path}: key {key!r}"
        if slash and (not _SUBDOMAIN.match(prefix) or len(prefix) > 253):
            yield f"{path}: prefix of key {key!r}"


def _values(path: str, values: list[str]) -> Iterator[str]:
    for value in values:
        if not _VALUE.match(value) or len(value) > 63:
            yield f"{path}: value {value!r}"


def _port(path: str, port: Mapping[str, Any]) -> Iterator[str]:
    number, end = port.get("port"), port.get("endPort")
    if port.get("protocol", "TCP") not in ("TCP", "UDP", "SCTP"):
        yield f"{path}: protocol {port['protocol']!r}"
    if isinstance(number, str) and (not _PORT_NAME.match(number) or len(number) > 15):
        yield f"{path}: port name {number!r}"
    if isinstance(number, int) and not 1 <= number <= 65535:
        yield f"{path}: port {number}"
    if end is not None:
        if not isinstance(number, int):
            yield f"{path}: endPort {end} without a numeric port"
        elif not number <= end <= 65535:
            yield f"{path}: endPort {end} of port {number}"


def _peer(path: str, peer: Mapping[str, Any]) -> Iterator[str]:
    selectors = [key for key in ("podSelector", "namespaceSelector") if peer.get(key) is not None]
    block = peer.get("ipBlock")
    if not selectors and block is None:
        yield f"{path}: must specify a peer"
    if selectors and block is not None:
        yield f"{path}: ipBlock beside {selectors}"
    for key in selectors:
        yield from _selector(f"{path}.{key}", peer[key])
    if block is not None:
        yield from _block(path, block)


def _block(path: str, block: Mapping[str, Any]) -> Iterator[str]:
    try:
        network = ip_network(block["cidr"])
        holes = [ip_network(hole) for hole in block.get("except") or []]
    except ValueError as error:
        yield f"{path}: {error}"
        return
    if any("/" not in text for text in (block["cidr"], *(block.get("except") or []))):
        yield f"{path}: a block without a mask"
    for hole in holes:
        inside = hole.version == network.version and (
            int(network[0]) <= int(hole[0]) <= int(network[-1])
        )
        if not inside or hole.prefixlen <= network.prefixlen:
            yield f"{path}: except {hole} is not strictly inside {network}"
