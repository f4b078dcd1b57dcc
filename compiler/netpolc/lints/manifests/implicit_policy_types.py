"""Directions that are closed, or left open, although no field says so.

Where `policyTypes` is missing, ingress is always closed, and egress only where there are
egress rules (API reference, NetworkPolicySpec). And a direction that is listed without a
rule is closed, which is easily overlooked beside the rules of the other.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.peers import Direction
from netpolc.kube.selector_index import SelectorIndex
from netpolc.lints.manifests.policy_source import Written, WrittenPolicy, within

INGRESS_CLOSED_UNSAID = Rule(code="NP640", name="ingress-closed-unsaid", severity=Severity.WARNING)
EGRESS_NOT_CLOSED = Rule(code="NP641", name="egress-not-closed", severity=Severity.WARNING)
EGRESS_CLOSED_WITHOUT_RULES = Rule(
    code="NP642", name="egress-closed-without-rules", severity=Severity.NOTE
)


def policy_types(written: Written) -> Iterator[Diagnostic]:
    """Report the policies that close a direction, or leave it open, without saying so."""
    for policies in written.namespaces.values():
        speaking = SelectorIndex.of(p.subject for p in policies if _speaks_of_egress(p))
        for policy in policies:
            yield from _unsaid(policy)
            if _is_copied(policy) and not speaking.meets(policy.subject):
                yield _without_rules(policy)


def _unsaid(policy: WrittenPolicy) -> Iterator[Diagnostic]:
    spec = policy.policy
    if spec.policy_types or spec.ingress is not None:
        return
    place = within(policy.span, "egress")
    if spec.egress:
        yield Diagnostic(
            rule=INGRESS_CLOSED_UNSAID,
            message=f"`{spec.name}` also closes all ingress of its pods",
            label=Label(place, "spec.egress: rules of egress alone, and no `policyTypes`"),
            help="write `policyTypes: [Egress]`, or `[Ingress, Egress]` if both are meant",
        )
    elif spec.egress is not None:
        yield Diagnostic(
            rule=EGRESS_NOT_CLOSED,
            message=f"`{spec.name}` closes no egress, but ingress",
            label=Label(place, "spec.egress: without rules and `policyTypes` it says nothing"),
            help="write `policyTypes: [Egress]`",
        )


def _without_rules(policy: WrittenPolicy) -> Diagnostic:
    return Diagnostic(
        rule=EGRESS_CLOSED_WITHOUT_RULES,
        message=f"the pods of `{policy.policy.name}` can begin no connection",
        label=Label(
            within(policy.span, "policyTypes"), "spec.policyTypes: `Egress` without a rule"
        ),
        help="leave `Egress` out, or write `egress: []` if that is meant",
    )


def _is_copied(policy: WrittenPolicy) -> bool:
    """Return whether `Egress` is among the types of a policy that has only ingress rules."""
    spec = policy.policy
    named = "Egress" in (spec.policy_types or ()) and spec.egress is None and bool(spec.ingress)
    return named and not policy.subject.is_everything


def _speaks_of_egress(policy: WrittenPolicy) -> bool:
    return Direction.EGRESS in policy.closed and not _is_copied(policy)
