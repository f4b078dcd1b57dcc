"""NetworkPolicy v1, read and checked as the API server does.

Everything that the v1 API accepts is read; everything that it refuses is an error here,
with its place and its path, because a policy that is not there reads as "allowed". The
rules are those of the API reference (networking.k8s.io/v1) and of the server's own
validation (`pkg/apis/networking/validation`). Nothing is interpreted: what missing and
empty fields mean is for `passes.lift` to say.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Rule, Severity
from netpolc.diagnostics.spelling import nearest
from netpolc.kube.cidr import Cidr
from netpolc.manifest import lenient_cidr
from netpolc.manifest.field_reader import (
    MISSING_FIELD,
    Report,
    items,
    members,
    shown,
    text,
    warn_of_empty,
    wrong,
)
from netpolc.manifest.model import IPBlock, LabelSelector, NetworkPolicy, PolicyPeer, PolicyRule
from netpolc.manifest.policy_metadata import check_policy_metadata
from netpolc.manifest.read_labels import selector
from netpolc.manifest.read_metadata import metadata
from netpolc.manifest.read_ports import port
from netpolc.yaml.nodes import Entry, Node

INVALID_PEER = Rule(code="NP420", name="invalid-policy-peer", severity=Severity.ERROR)
INVALID_BLOCK = Rule(code="NP421", name="invalid-policy-block", severity=Severity.ERROR)
EXCEPT_OUTSIDE = Rule(code="NP422", name="except-outside-its-block", severity=Severity.ERROR)
HOST_BITS = Rule(code="NP423", name="host-bits-in-policy", severity=Severity.WARNING)
INVALID_POLICY_TYPE = Rule(code="NP424", name="invalid-policy-type", severity=Severity.ERROR)
SELECTOR_OF_NOTHING = Rule(code="NP427", name="selector-of-nothing", severity=Severity.WARNING)
REMOVED_FIELD = Rule(code="NP418", name="removed-field", severity=Severity.NOTE)
LIST_OF_NOTHING = Rule(code="NP453", name="list-of-nothing", severity=Severity.WARNING)

_POLICY = frozenset({"apiVersion", "kind", "metadata", "spec", "status"})
_SPEC = frozenset({"podSelector", "policyTypes", "ingress", "egress"})
_PEER = frozenset({"podSelector", "namespaceSelector", "ipBlock"})
_BLOCK = frozenset({"cidr", "except"})
_RULE = {"ingress": frozenset({"from", "ports"}), "egress": frozenset({"to", "ports"})}
_PEERS = {"ingress": "from", "egress": "to"}
_TYPES = ("Ingress", "Egress")
_SPEC_EMPTY = {
    "ingress": "that no rule opens ingress",
    "egress": "that no rule opens egress",
    "policyTypes": "the directions that the rules show",
}
_PEER_EMPTY = {
    "namespaceSelector": "the policy's own namespace",
    "podSelector": "every pod of these namespaces",
    "ipBlock": "no addresses",
}
"""The API's meaning of a field with nothing below it."""


def network_policy(report: Report, node: Node, path: str) -> NetworkPolicy | None:
    """A NetworkPolicy of networking.k8s.io/v1.

    Args:
        report: where findings go.
        node: the object.
        path: its path in the document, empty for the document itself.

    Returns:
        The policy, or None where an API server would refuse it.
    """
    before = report.errors
    root = f"{path}." if path else ""
    fields = members(report, node, path, _POLICY)
    named = metadata(report, fields.get("metadata"), f"{root}metadata", parent=node)
    at = f"{root}spec"
    spec = members(report, fields["spec"], at, _SPEC) if "spec" in fields else {}
    check_policy_metadata(report, fields.get("metadata"), f"{root}metadata")
    _warn_of_status(report, node, root)
    if "spec" in fields:
        warn_of_empty(report, fields["spec"], at, _SPEC_EMPTY)
    policy = NetworkPolicy(
        name=named.name,
        namespace=named.namespace,
        labels=named.labels,
        annotations=named.annotations,
        pod_selector=selector(report, spec["podSelector"], f"{at}.podSelector")
        if "podSelector" in spec
        else _no_selector(report, fields.get("spec"), node, f"{at}.podSelector"),
        policy_types=_policy_types(report, spec.get("policyTypes"), f"{at}.policyTypes"),
        ingress=_rules(report, spec.get("ingress"), at, "ingress"),
        egress=_rules(report, spec.get("egress"), at, "egress"),
        span=report.span(node),
    )
    return policy if report.errors == before else None


def _no_selector(report: Report, spec: Node | None, node: Node, path: str) -> LabelSelector:
    """The selector of a policy that has none: every pod of the namespace.

    It is optional since Kubernetes 1.34; API servers before publish it as required.
    """
    advice = "write `podSelector: {}` if every pod is meant, else the labels of the pods"
    since = "selects every pod of the namespace from Kubernetes 1.34 on, and is refused before"
    match spec.data if spec is not None else None:
        case {"podSelector": Entry() as entry}:
            message = "`podSelector` with nothing in it selects every pod of the namespace"
            report.add(SELECTOR_OF_NOTHING, entry, path, message, "write `podSelector: {}`")
        case dict() as fields:
            if nearest("podSelector", [str(name) for name in fields]) is not None:
                return LabelSelector()  # It is misspelt, which is reported.
            message = f"a policy without `podSelector` {since}"
            report.add(SELECTOR_OF_NOTHING, spec or node, path, message, advice)
        case None if isinstance(node.data, dict):
            message = f"a policy without `spec` {since}"
            path = path.removesuffix(".podSelector")
            report.add(SELECTOR_OF_NOTHING, node.data.get("spec", node), path, message, advice)
        case _:
            pass  # reported where its type was found to be wrong
    return LabelSelector()


def _warn_of_status(report: Report, node: Node, root: str) -> None:
    entry = node.data.get("status") if isinstance(node.data, dict) else None
    if entry is not None:
        message = "a NetworkPolicy has no `status` since Kubernetes 1.28"
        advice = "leave it out: `kubectl apply` refuses fields that the API does not have"
        report.add(REMOVED_FIELD, entry, f"{root}status", message, advice)


def _policy_types(report: Report, node: Node | None, path: str) -> tuple[str, ...] | None:
    listed = items(report, node, path)
    if listed is None or node is None:
        return None
    if len(listed) > len(_TYPES):
        message = "`policyTypes` has more than two entries"
        report.add(INVALID_POLICY_TYPE, node, path, message)
        return None
    types = []
    for i, item in enumerate(listed):
        name = text(report, item, f"{path}[{i}]")
        if name is None:
            continue
        types.append(name)
        if name not in _TYPES:
            message = f"`{shown(name)}` is not a policy type"
            report.add(INVALID_POLICY_TYPE, item, f"{path}[{i}]", message, _type_advice(name))
    return tuple(types)


def _type_advice(name: str) -> str:
    meant = [known for known in _TYPES if known.lower() == name.lower()]
    return f"write `{meant[0]}`" if meant else "write `Ingress`, `Egress` or both"


def _rules(
    report: Report, node: Node | None, spec: str, direction: str
) -> tuple[PolicyRule, ...] | None:
    path = f"{spec}.{direction}"
    listed = items(report, node, path)
    if listed is None:
        return None
    return tuple(_rule(report, item, f"{path}[{i}]", direction) for i, item in enumerate(listed))


def _rule(report: Report, node: Node, path: str, direction: str) -> PolicyRule:
    name = _PEERS[direction]
    fields = members(report, node, path, _RULE[direction])
    for missing in (name, "ports"):
        if missing not in fields:
            _warn_of_lost_list(report, node, path, missing)
    peers = items(report, fields.get(name), f"{path}.{name}")
    ports = items(report, fields.get("ports"), f"{path}.ports")
    return PolicyRule(
        peers=None
        if peers is None
        else tuple(_peer(report, item, f"{path}.{name}[{i}]") for i, item in enumerate(peers)),
        ports=None
        if ports is None
        else tuple(port(report, item, f"{path}.ports[{i}]") for i, item in enumerate(ports)),
        span=report.span(node),
    )


def _warn_of_lost_list(report: Report, node: Node, path: str, name: str) -> None:
    entry = node.data.get(name) if isinstance(node.data, dict) else None
    if entry is not None:
        means = "every port" if name == "ports" else "everybody"
        message = f"`{name}` with nothing below it is {means}"
        advice = f"write the entries; if {means} is meant, leave `{name}` out"
        report.add(LIST_OF_NOTHING, entry, f"{path}.{name}", message, advice)


def _peer(report: Report, node: Node, path: str) -> PolicyPeer:
    known = report.errors
    fields = members(report, node, path, _PEER)
    warn_of_empty(report, node, path, _PEER_EMPTY if fields else {})
    pods, namespaces, block = (
        fields.get(name) for name in ("podSelector", "namespaceSelector", "ipBlock")
    )
    if not fields and report.errors == known:
        advice = "for everybody leave the list out; for all pods write `- namespaceSelector: {}`"
        report.add(INVALID_PEER, node, path, "this entry names no peer", advice)
    if block is not None and len(fields) > 1:
        report.add(
            INVALID_PEER,
            node,
            path,
            "`ipBlock` cannot be combined with a selector in one entry",
            "make two entries of it: either of them is then enough",
        )
    return PolicyPeer(
        pod_selector=pods and selector(report, pods, f"{path}.podSelector"),
        namespace_selector=namespaces and selector(report, namespaces, f"{path}.namespaceSelector"),
        ip_block=block and _block(report, block, f"{path}.ipBlock"),
        span=report.span(node),
    )


def _block(report: Report, node: Node, path: str) -> IPBlock:
    fields = members(report, node, path, _BLOCK)
    warn_of_empty(report, node, path, {"except": "no exceptions"})
    cidr = text(report, fields.get("cidr"), f"{path}.cidr")
    if "cidr" not in fields and isinstance(node.data, dict):
        report.add(MISSING_FIELD, node, f"{path}.cidr", "the block has no `cidr`")
    whole = None if cidr is None else _cidr(report, fields["cidr"], f"{path}.cidr", cidr)
    holes = tuple(_excepts(report, fields.get("except"), f"{path}.except", whole))
    return IPBlock(cidr or "", holes)


def _excepts(report: Report, node: Node | None, path: str, whole: Cidr | None) -> Iterator[str]:
    for i, item in enumerate(items(report, node, path) or ()):
        at = f"{path}[{i}]"
        if not isinstance(item.data, str):
            wrong(report, item, at, "a string")
            continue
        hole = _cidr(report, item, at, item.data)
        if hole is not None and whole is not None and (hole == whole or hole not in whole):
            message = f"`{shown(item.data)}` does not lie strictly inside `{whole}`"
            advice = "an exception is a part of its own block, and smaller than it"
            report.add(EXCEPT_OUTSIDE, item, at, message, advice)
        yield item.data


def _cidr(report: Report, node: Node, path: str, text: str) -> Cidr | None:
    try:
        cidr, refused = lenient_cidr.parsed(text)
    except ValueError as problem:
        advice = f"for one address write `{text}/{128 if ':' in text else 32}`"
        no_mask = "mask" in str(problem)
        message = f"`{shown(text)}` {problem}"
        report.add(INVALID_BLOCK, node, path, message, advice if no_mask else "")
        return None
    if refused:
        message = f"`{shown(text)}` {refused}: Kubernetes 1.36 and later refuse it"
        report.add(HOST_BITS, node, path, message, f"write `{cidr}`, which it means to 1.35")
    return cidr
