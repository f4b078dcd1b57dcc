"""Rules of cluster-wide policies that do not do what they seem to do.

In a tier the first rule that matches decides, so a rule after a wider one never does; and two
policies of equal priority may decide in either order. An Admin rule that accepts overrules
every NetworkPolicy, which is its purpose, but not always what its author saw.
"""

from collections.abc import Iterable, Iterator

from netpolc.analysis.rule_reach import RuleReach, idle, rule_reach
from netpolc.analysis.semantic_diff import newly_permitted
from netpolc.analysis.sentence import sentence
from netpolc.analysis.tiers import TierReading, TierRule, Tiers
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Policies, Subject
from netpolc.kube.cidr import Addresses
from netpolc.manifest.tier_model import Action
from netpolc.provenance import closing_or_all

SHADOWED_RULE = Rule(code="NP660", name="shadowed-rule", severity=Severity.WARNING)
CONFLICTING_PRIORITY = Rule(code="NP661", name="conflicting-priority", severity=Severity.WARNING)
OVERRULED_ISOLATION = Rule(code="NP662", name="overruled-isolation", severity=Severity.WARNING)
EXCEPTION_AFTER_DENY = Rule(code="NP663", name="exception-after-deny", severity=Severity.WARNING)
IDLE_PASS = Rule(code="NP664", name="idle-pass", severity=Severity.WARNING)

_DOES = {Action.ACCEPT: "accepts", Action.DENY: "denies", Action.PASS: "passes"}
_MOST = 50
"""The limit of connections examined for an Admin rule; each names a rule and a statement."""


def tier_rules(tiers: Tiers, policies: Policies) -> Iterator[Diagnostic]:
    """The findings about rules of tiers, beside these policies as written."""
    conflicts: set[frozenset[str]] = set()
    for reach in rule_reach(tiers):
        if not reach.reached:
            yield from _shadowed(reach)
        elif idle(reach):
            yield from _finding(
                IDLE_PASS,
                reach.rule,
                "this rule passes what no later rule of its tier decides",
                "remove it, or put it before the rules that it is meant to skip",
            )
        for other in reach.tied:
            policies_of_both = frozenset((reach.rule.policy, other.policy))
            if other.action is not reach.rule.action and policies_of_both not in conflicts:
                conflicts.add(policies_of_both)
                yield from _conflict(reach.rule, other)
    yield from _overruled(tiers, policies)


def _shadowed(reach: RuleReach) -> Iterator[Diagnostic]:
    rule = reach.rule
    denying = [tier_rule for tier_rule in reach.before if tier_rule.action is Action.DENY]
    if rule.action is Action.ACCEPT and denying and len(denying) == len(reach.before):
        yield from _finding(
            EXCEPTION_AFTER_DENY,
            rule,
            "this rule accepts what an earlier rule of its tier denies",
            "put the exception before the rule that denies",
            denying,
        )
        return
    if not reach.before:
        message = "this rule matches no connection that could exist"
    else:
        message = (
            "no connection reaches this rule: earlier rules of its tier decide all that it matches"
        )
    yield from _finding(
        SHADOWED_RULE, rule, message, "remove it, or move it before them", reach.before
    )


def _conflict(rule: TierRule, other: TierRule) -> Iterator[Diagnostic]:
    message = f"`{rule.policy}` and `{other.policy}` have priority {rule.priority} and disagree"
    advice = "which one decides is not defined: give each a priority of its own"
    yield from _finding(CONFLICTING_PRIORITY, rule, message, advice, (other,))


def _overruled(tiers: Tiers, policies: Policies) -> Iterator[Diagnostic]:
    """The Admin rules that accept what an isolation closes, each with one such connection.

    Enforced assertions are meant to; the program's own isolations must agree with them (NP504).
    """
    accepting = [
        tier_rule
        for tier_rule in tiers.rules
        if tier_rule.action is Action.ACCEPT and not tier_rule.is_enforced
    ]
    if not accepting or not any(policy_set.subjects for policy_set in policies.namespaces.values()):
        return
    nowhere = Addresses()
    reading = TierReading(tiers, most=True, pods=nowhere, nodes=nowhere)
    seen: set[TierRule] = set()
    for change in newly_permitted(policies, policies, tiers=(None, reading), most=_MOST):
        if not isinstance(change.closed, Subject):
            continue
        closing = closing_or_all(change.closed.origins)
        for rule in (change.ingress, change.egress):
            if isinstance(rule, TierRule) and rule not in seen and not rule.is_enforced:
                seen.add(rule)
                yield from _finding(
                    OVERRULED_ISOLATION,
                    rule,
                    f"this rule accepts what NetworkPolicies close: {sentence(change.witness)}",
                    "narrow the rule, or remove it: NetworkPolicies decide what no rule does",
                    others=[Label(o.span, "closes it") for o in closing if o.span is not None],
                )


def _finding(
    kind: Rule,
    rule: TierRule,
    message: str,
    advice: str,
    rules: Iterable[TierRule] = (),
    *,
    others: Iterable[Label] = (),
) -> Iterator[Diagnostic]:
    spans = [origin.span for origin in rule.origins if origin.span is not None]
    labels = [
        Label(origin.span, _DOES[tier_rule.action])
        for tier_rule in rules
        for origin in tier_rule.origins
        if origin.span is not None
    ]
    if spans:
        yield Diagnostic(
            rule=kind,
            message=message,
            label=Label(spans[0], rule.origins[0].statement),
            others=(*labels[:3], *others),
            help=advice,
        )
