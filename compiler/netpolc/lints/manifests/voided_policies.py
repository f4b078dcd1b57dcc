"""Policies that another one of the namespace takes back.

Policies only add (API reference, NetworkPolicySpec). One that opens every pod of the
namespace to everybody voids all others beside it, the default deny above all, and they
are still there as if they did something.
"""

from collections.abc import Iterator, Sequence

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.peers import Anyone, Direction
from netpolc.lints.manifests.policy_source import Written, WrittenPolicy, WrittenRule

VOIDED_POLICIES = Rule(code="NP639", name="voided-policies", severity=Severity.WARNING)


def voided_policies(written: Written) -> Iterator[Diagnostic]:
    """Report the rules that open a whole namespace which other policies close."""
    for policies in written.namespaces.values():
        for direction in Direction:
            opening = next(filter(_opens_all, _of_everybody(policies, direction)), None)
            if opening is not None:
                voided = [policy for policy in policies if _closes(policy, direction)]
                yield from _finding(opening, voided)


def _finding(opening: WrittenRule, voided: list[WrittenPolicy]) -> Iterator[Diagnostic]:
    if not voided:
        return
    first, direction = voided[0], opening.direction.value
    others = f" and {len(voided) - 1} more" if len(voided) > 1 else ""
    yield Diagnostic(
        rule=VOIDED_POLICIES,
        message=f"this opens all {direction} of the namespace, whatever `{first.policy.name}`{others} says",
        label=Label(opening.span, f"{opening.path}: every pod, to everybody, on every port"),
        others=(Label(first.span, f"closes {direction} in vain"),),
        help="policies only add: remove the rule, or what it makes vain",
    )


def _of_everybody(policies: Sequence[WrittenPolicy], direction: Direction) -> Iterator[WrittenRule]:
    for policy in policies:
        if policy.subject.is_everything:
            yield from policy.of(direction)


def _closes(policy: WrittenPolicy, direction: Direction) -> bool:
    """Whether a policy means to close a direction: it does, and does not open all of it."""
    return direction in policy.closed and not any(map(_opens_all, policy.of(direction)))


def _opens_all(rule: WrittenRule) -> bool:
    return rule.traffic.is_everything and any(isinstance(meant, Anyone) for meant in rule.meant)
