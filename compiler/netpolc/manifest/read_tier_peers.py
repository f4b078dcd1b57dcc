"""The peers of the rules of tiers: pods, networks, nodes and domain names."""

import re

from netpolc.diagnostics import Rule, Severity
from netpolc.manifest import lenient_cidr
from netpolc.manifest.field_reader import MISSING_FIELD, Report, members, shown, text
from netpolc.manifest.model import LabelSelector
from netpolc.manifest.read_labels import selector
from netpolc.manifest.read_policy import HOST_BITS, INVALID_BLOCK
from netpolc.manifest.tier_fields import WRONG_COUNT, bounded, exactly_one
from netpolc.manifest.tier_model import Tier, TierPeer, TierPods
from netpolc.yaml.nodes import Node

INVALID_DOMAIN = Rule(code="NP466", name="invalid-domain-name", severity=Severity.ERROR)

_PODS = ("namespaces", "pods")
_BEYOND = ("networks", "nodes", "domainNames")
_SELECTORS = frozenset({"namespaceSelector", "podSelector"})
_MOST = 25
_LONGEST_CIDR = 43
_LABEL = r"[A-Za-z0-9]([-A-Za-z0-9_]*[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(\*\.)?({_LABEL}\.)+{_LABEL}\.?")


def peer(report: Report, node: Node, path: str, direction: str, tier: Tier | None) -> TierPeer:
    """An entry of `from` or `to`. An ingress rule can name pods only."""
    fields = [*_PODS, *(_BEYOND if direction == "egress" else ())]
    if tier is Tier.BASELINE:  # A BaselineAdminNetworkPolicy has no domain names.
        fields = [field for field in fields if field != "domainNames"]
    given = exactly_one(report, node, path, "peer", fields)
    pods = None
    if "namespaces" in given:
        pods = TierPods(namespaces=selector(report, given["namespaces"], f"{path}.namespaces"))
    elif "pods" in given:
        pods = namespaced_pods(report, given["pods"], f"{path}.pods")
    nodes = given.get("nodes")
    return TierPeer(
        pods=pods,
        networks=_networks(report, given.get("networks"), f"{path}.networks"),
        nodes=nodes and selector(report, nodes, f"{path}.nodes"),
        domain_names=_domains(report, given.get("domainNames"), f"{path}.domainNames"),
        span=report.span(node),
    )


def namespaced_pods(report: Report, node: Node, path: str) -> TierPods:
    """A NamespacedPod: both of its selectors are required."""
    fields = members(report, node, path, _SELECTORS)
    both = []
    for field in ("namespaceSelector", "podSelector"):
        if field in fields:
            both.append(selector(report, fields[field], f"{path}.{field}"))
        else:
            both.append(LabelSelector())
            if isinstance(node.data, dict):
                advice = f"for all of them write `{field}: {{}}`"
                report.add(MISSING_FIELD, node, f"{path}.{field}", f"no `{field}`", advice)
    return TierPods(namespaces=both[0], pods=both[1])


def _networks(report: Report, node: Node | None, path: str) -> tuple[str, ...] | None:
    listed = _texts(report, node, path, "networks")
    for item, at, value in listed or ():
        try:
            cidr, refused = lenient_cidr.parsed(value)
        except ValueError as problem:
            report.add(INVALID_BLOCK, item, at, f"`{shown(value)}` {problem}")
            continue
        if len(value) > _LONGEST_CIDR:
            message = f"a network has at most {_LONGEST_CIDR} characters, not {len(value)}"
            report.add(INVALID_BLOCK, item, at, message)
        elif refused:
            message = f"`{shown(value)}` {refused} and means `{cidr}`"
            report.add(HOST_BITS, item, at, message, f"write `{cidr}`")
    return None if listed is None else tuple(value for _, _, value in listed)


def _domains(report: Report, node: Node | None, path: str) -> tuple[str, ...] | None:
    listed = _texts(report, node, path, "domain names")
    for item, at, value in listed or ():
        if _DOMAIN.fullmatch(value) is None:
            message = f"`{shown(value)}` is not a valid domain name"
            advice = "write `example.com`, or `*.example.com` for every name below it"
            report.add(INVALID_DOMAIN, item, at, message, advice)
    return None if listed is None else tuple(value for _, _, value in listed)


def _texts(
    report: Report, node: Node | None, path: str, what: str
) -> list[tuple[Node, str, str]] | None:
    """The strings of a list that is a set to the API, each with its node and path."""
    listed = bounded(report, node, path, what, 1, _MOST)
    if listed is None:
        return None
    distinct: dict[str, tuple[Node, str, str]] = {}
    for i, item in enumerate(listed):
        at = f"{path}[{i}]"
        value = text(report, item, at)
        if value is None:
            continue
        if value in distinct:
            report.add(WRONG_COUNT, item, at, f"`{shown(value)}` appears twice", "remove one")
        distinct.setdefault(value, (item, at, value))
    return list(distinct.values())
