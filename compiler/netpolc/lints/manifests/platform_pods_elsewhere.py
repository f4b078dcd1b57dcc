"""Pods of the platform, looked for in the own namespace.

A `podSelector` without `namespaceSelector` selects in the policy's own namespace (API
reference, NetworkPolicyPeer). The name service, ingress controllers and Prometheus run in
namespaces of their own; selected so, nobody is.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.frozen import frozen
from netpolc.kube.label_conventions import INGRESS_CONTROLLERS, SERVICE_KEYS
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.ports import Protocol, Traffic
from netpolc.lints.manifests.policy_source import Written, WrittenRule, within
from netpolc.source import Span

FOREIGN_PODS = Rule(code="NP636", name="foreign-pods-in-own-namespace", severity=Severity.WARNING)


@frozen(kw_only=True)
class _Platform:
    """Who runs elsewhere, under which values of labels, and in which namespaces."""

    who: str
    values: frozenset[str]
    homes: tuple[str, ...]


_PLATFORM = (
    _Platform(
        who="the name service",
        values=frozenset({"kube-dns", "coredns", "node-local-dns"}),
        homes=("kube-system", "dns"),
    ),
    _Platform(
        who="the ingress controller",
        values=INGRESS_CONTROLLERS,
        homes=(
            "ambassador",
            "emissary",
            "haproxy",
            "ingress",
            "kong",
            "kube-system",
            "nginx",
            "traefik",
        ),
    ),
    _Platform(
        who="Prometheus",
        values=frozenset({"prometheus", "kube-prometheus-stack"}),
        homes=("monitor", "prometheus", "observ", "metrics", "openshift"),
    ),
)
_DNS = Traffic.of([(protocol, 53, 53) for protocol in (Protocol.UDP, Protocol.TCP)])


def platform_pods_elsewhere(written: Written) -> Iterator[Diagnostic]:
    """Name the peers that are pods of the platform, in a namespace that is not theirs."""
    for rule in written.rules():
        for _, meant, span, path in rule.entries():
            if isinstance(meant, Pods) and meant.namespaces is None:
                yield from _finding(rule, meant, span, path, written)


def _finding(
    rule: WrittenRule, meant: Pods, span: Span, path: str, written: Written
) -> Iterator[Diagnostic]:
    who = platform_owner(rule, meant, written)
    if who is None:
        return
    above = any(
        isinstance(other, Pods) and other.namespaces is not None and other.pods.is_everything
        for other in rule.meant
    )
    advice = f"add a `namespaceSelector` to the same entry, `{METADATA_NAME}: …`"
    if above:
        advice = "make one entry of it and the `namespaceSelector`: leave out the second dash"
    yield Diagnostic(
        rule=FOREIGN_PODS,
        message=f"{who} does not run in namespace `{rule.policy.namespace}`",
        label=Label(within(span, "podSelector"), f"{path}.podSelector: of the own namespace"),
        help=advice,
    )


def platform_owner(rule: WrittenRule, meant: Pods, written: Written) -> str | None:
    """Who of the platform is looked for in a namespace that is not theirs."""
    home = rule.policy.namespace
    platform = _named(meant, rule)
    if platform is None or any(part in home for part in platform.homes):
        return None
    known = not meant.pods.is_everything and written.is_home(home, meant.pods)
    return None if known else platform.who


def _named(meant: Pods, rule: WrittenRule) -> _Platform | None:
    """Whom of the platform a peer names; the own pods on port 53 are the name service too."""
    if rule.direction is Direction.EGRESS and meant.pods.is_everything and rule.traffic <= _DNS:
        return _PLATFORM[0]
    for key, value in (meant.pods.exact_labels() or {}).items():
        for platform in _PLATFORM:
            if key in SERVICE_KEYS and value in platform.values:
                return platform
    return None
