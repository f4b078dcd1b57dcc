"""Policies of the Admin and Baseline tiers, read and checked as their CRDs do.

Rules: the types of network-policy-api, `apis/v1alpha2` (ClusterNetworkPolicy) and
`apis/v1alpha1` (AdminNetworkPolicy, BaselineAdminNetworkPolicy), experimental fields
included. What the schema or one of its CEL rules refuses is an error here, because an Admin
policy that is not there reads as one that never decides.
"""

from typing import NamedTuple

from netpolc.diagnostics import Rule, Severity
from netpolc.manifest.field_reader import (
    MISSING_FIELD,
    Report,
    members,
    shown,
    text,
    warn_of_empty,
    whole,
)
from netpolc.manifest.model import LabelSelector
from netpolc.manifest.objects import KubeObject
from netpolc.manifest.policy_metadata import check_policy_metadata
from netpolc.manifest.read_labels import selector
from netpolc.manifest.read_metadata import metadata
from netpolc.manifest.read_tier_peers import namespaced_pods, peer
from netpolc.manifest.read_tier_ports import alpha1_port, alpha2_port
from netpolc.manifest.tier_fields import INVALID_CHOICE, bounded, exactly_one, word
from netpolc.manifest.tier_model import (
    TIER_GROUP,
    TIER_VERSIONS,
    Action,
    Tier,
    TierPods,
    TierPolicy,
    TierRule,
)
from netpolc.yaml.nodes import Node

INVALID_PRIORITY = Rule(code="NP461", name="invalid-priority", severity=Severity.ERROR)
INVALID_BASELINE_NAME = Rule(code="NP464", name="invalid-baseline-name", severity=Severity.ERROR)
NAMED_PORT_WITHOUT_PODS = Rule(
    code="NP465", name="named-port-without-pods", severity=Severity.ERROR
)
DOMAIN_NAME_NOT_ACCEPTED = Rule(
    code="NP467", name="domain-name-not-accepted", severity=Severity.ERROR
)

_POLICY = frozenset({"apiVersion", "kind", "metadata", "spec", "status"})
_HIGHEST_PRIORITY = 1000
_LONGEST_NAME = 100
_PEERS = {"ingress": "from", "egress": "to"}
_SPEC_EMPTY = {
    "ingress": "that no rule is about ingress",
    "egress": "that no rule is about egress",
}


class _Form(NamedTuple):
    """The differences between the kinds."""

    tier: Tier | None
    spec: frozenset[str]
    actions: dict[str, Action]
    ports: str
    most: int


_RULES = ("subject", "ingress", "egress")
_ALLOW = {"Allow": Action.ACCEPT, "Deny": Action.DENY}
_FORMS = {
    "ClusterNetworkPolicy": _Form(
        None,
        frozenset({"tier", "priority", *_RULES}),
        {action.value: action for action in Action},
        "protocols",
        25,
    ),
    "AdminNetworkPolicy": _Form(
        Tier.ADMIN,
        frozenset({"priority", *_RULES}),
        {**_ALLOW, "Pass": Action.PASS},
        "ports",
        100,
    ),
    "BaselineAdminNetworkPolicy": _Form(Tier.BASELINE, frozenset(_RULES), _ALLOW, "ports", 100),
}


def tier_policy(report: Report, kube_object: KubeObject) -> TierPolicy | None:
    """The policy of an object of one of the kinds; None where the API server would refuse it."""
    before, form, node = report.errors, _FORMS[kube_object.kind], kube_object.node
    fields = members(report, node, kube_object.path, _POLICY)
    named = metadata(report, fields.get("metadata"), kube_object.under("metadata"), parent=node)
    at = kube_object.under("metadata")
    check_policy_metadata(report, fields.get("metadata"), at, custom=True)
    at = kube_object.under("spec")
    if "spec" not in fields and isinstance(node.data, dict):
        report.add(MISSING_FIELD, node, at, f"the {kube_object.kind} has no `spec`")
    spec = members(report, fields["spec"], at, form.spec) if "spec" in fields else {}
    if "spec" in fields:
        warn_of_empty(report, fields["spec"], at, _SPEC_EMPTY)
    for field in ("subject", *(form.spec - {*_RULES})) if spec else ():
        if field not in spec:
            report.add(MISSING_FIELD, fields["spec"], f"{at}.{field}", f"`spec` has no `{field}`")
    policy = TierPolicy(
        kind=kube_object.kind,
        version=kube_object.version,
        name=named.name,
        labels=named.labels,
        annotations=named.annotations,
        tier=form.tier or _tier(report, spec.get("tier"), f"{at}.tier"),
        priority=_priority(report, spec.get("priority"), f"{at}.priority"),
        subject=_subject(report, spec.get("subject"), f"{at}.subject"),
        ingress=_rules(report, spec.get("ingress"), f"{at}.ingress", form),
        egress=_rules(report, spec.get("egress"), f"{at}.egress", form),
        span=report.span(node),
    )
    if kube_object.kind == "BaselineAdminNetworkPolicy" and named.name and named.name != "default":
        _refuse_baseline_name(report, fields["metadata"], kube_object, named.name)
    return policy if report.errors == before else None


def _refuse_baseline_name(report: Report, place: Node, kube_object: KubeObject, name: str) -> None:
    message = f"a BaselineAdminNetworkPolicy is called `default`, not `{shown(name)}`"
    advice = "a cluster has only one; write all of its rules into it"
    report.add(INVALID_BASELINE_NAME, place, kube_object.under("metadata.name"), message, advice)


def _tier(report: Report, node: Node | None, path: str) -> Tier:
    name = word(report, node, path, "tier", [tier.value for tier in Tier])
    return Tier(name) if name is not None else Tier.ADMIN


def _priority(report: Report, node: Node | None, path: str) -> int:
    number = whole(report, node, path)
    if node is None or number is None:
        return 0
    if not 0 <= number <= _HIGHEST_PRIORITY:
        message = f"priority {shown(str(number))} is not in 0-{_HIGHEST_PRIORITY}"
        report.add(INVALID_PRIORITY, node, path, message, "a lower number is decided first")
    return number


def _subject(report: Report, node: Node | None, path: str) -> TierPods:
    fields = exactly_one(report, node, path, "subject", ("namespaces", "pods"))
    if "namespaces" in fields:
        return TierPods(namespaces=selector(report, fields["namespaces"], f"{path}.namespaces"))
    if "pods" in fields:
        return namespaced_pods(report, fields["pods"], f"{path}.pods")
    return TierPods(namespaces=LabelSelector())


def _rules(report: Report, node: Node | None, path: str, form: _Form) -> tuple[TierRule, ...]:
    listed = bounded(report, node, path, "rules", 0, form.most)
    direction = path.rpartition(".")[2]
    return tuple(
        _rule(report, item, f"{path}[{i}]", direction, form) for i, item in enumerate(listed or ())
    )


def _rule(report: Report, node: Node, path: str, direction: str, form: _Form) -> TierRule:
    side = _PEERS[direction]
    fields = members(report, node, path, frozenset({"name", "action", side, form.ports}))
    warn_of_empty(report, node, path, {form.ports: "every port of every protocol"})
    for field in ("action", side) if isinstance(node.data, dict) else ():
        if field not in fields:
            report.add(MISSING_FIELD, node, f"{path}.{field}", f"the rule has no `{field}`")
    action = word(report, fields.get("action"), f"{path}.action", "action", form.actions)
    listed = bounded(report, fields.get(side), f"{path}.{side}", "peers", 1, form.most)
    ports = bounded(report, fields.get(form.ports), f"{path}.{form.ports}", "ports", 1, form.most)
    read_port = alpha2_port if form.ports == "protocols" else alpha1_port
    rule = TierRule(
        name=_rule_name(report, fields.get("name"), f"{path}.name"),
        action=Action.DENY if action is None else form.actions[action],
        peers=tuple(
            peer(report, item, f"{path}.{side}[{i}]", direction, form.tier)
            for i, item in enumerate(listed or ())
        ),
        ports=None
        if ports is None
        else tuple(
            read_port(report, item, f"{path}.{form.ports}[{i}]") for i, item in enumerate(ports)
        ),
        span=report.span(node),
    )
    _check_together(report, node, path, rule)
    return rule


def _rule_name(report: Report, node: Node | None, path: str) -> str:
    name = text(report, node, path) or ""
    if node is not None and len(name) > _LONGEST_NAME:
        message = f"the name of a rule has at most {_LONGEST_NAME} characters, not {len(name)}"
        report.add(INVALID_CHOICE, node, path, message)
    return name


def _check_together(report: Report, node: Node, path: str, rule: TierRule) -> None:
    """The rules about a whole rule: a name needs containers, and only Accept knows domains."""
    beyond = any(p.networks or p.nodes is not None or p.domain_names for p in rule.peers)
    if beyond and any(port.name is not None for port in rule.ports or ()):
        message = "a named port cannot go with `networks`, `nodes` or `domainNames`"
        advice = "only pods have names for ports: write the number, or a rule for pods alone"
        report.add(NAMED_PORT_WITHOUT_PODS, node, path, message, advice)
    if rule.action is not Action.ACCEPT and any(p.domain_names for p in rule.peers):
        message = f"`domainNames` is for rules that accept, not for `{rule.action.value}`"
        advice = "accept the domains, and deny the rest by a later rule"
        report.add(DOMAIN_NAME_NOT_ACCEPTED, node, path, message, advice)


def unserved(kube_object: KubeObject) -> str | None:
    """The reason why no API server serves the object's version; None where one does."""
    served = TIER_VERSIONS[kube_object.kind]
    if kube_object.version in {f"{TIER_GROUP}/{version}" for version in served}:
        return None
    return f"{kube_object.kind} is read as `{TIER_GROUP}/{served[0]}`, not as `{shown(kube_object.version)}`"
