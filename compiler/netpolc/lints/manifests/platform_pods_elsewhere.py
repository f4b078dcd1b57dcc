"""Pods of the platform, looked for in the own namespace.

A `podSelector` without `namespaceSelector` selects in the policy's own namespace (API
reference, NetworkPolicyPeer). The name service, ingress controllers and Prometheus run in
namespaces of their own; selected so, nobody is.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Pods
from netpolc.kube.platform import platform_pods, run_elsewhere
from netpolc.lints.manifests.policy_source import Written, WrittenRule, within
from netpolc.source import Span

FOREIGN_PODS = Rule(code="NP636", name="foreign-pods-in-own-namespace", severity=Severity.WARNING)


def platform_pods_elsewhere(written: Written) -> Iterator[Diagnostic]:
    """Report the peers that are pods of the platform, in a namespace that is not theirs."""
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
    """The platform component that a peer names in a namespace where it does not run."""
    home = rule.policy.namespace
    platform = platform_pods(meant, rule.direction, rule.traffic)
    if platform is None or not run_elsewhere(platform, home):
        return None
    known = not meant.pods.is_everything and written.is_home(home, meant.pods)
    return None if known else platform.who
