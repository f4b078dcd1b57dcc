"""Enforced assertions that the program's own statements contradict.

An Admin rule overrules every NetworkPolicy, the program's own too. So that no arrow is overruled
in silence, the program itself must agree with what it enforces: where a statement closes the
subject, the statements together must keep the claim. Where none does, the program is silent, and
the enforcement decides.
"""

from collections.abc import Iterator

from netpolc.analysis.assertion_report import blamed
from netpolc.analysis.assertions import Status, Verdict, decide
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.sentence import sentence
from netpolc.analysis.tier_equivalence import everything_denied
from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Direction
from netpolc.program.model import Assertion, Claim, Program

CONTRADICTED_ENFORCEMENT = Rule(
    code="NP504", name="contradicted-enforcement", severity=Severity.ERROR
)


def contradicted_enforcements(
    program: Program, own: Policies, inventory: Inventory
) -> Iterator[Diagnostic]:
    """A finding for each enforced assertion that the program's own policies contradict."""
    enforced = [assertion for assertion in program.assertions if assertion.enforced]
    bounds = {
        key: Bounds.of(own, program.addresses, (), _silence(*key))
        for key in {(assertion.claim, assertion.direction) for assertion in enforced}
    }
    homes = list(program.namespaces)
    reported: set[tuple[str, int]] = set()
    for assertion in enforced:
        verdict = decide(bounds[assertion.claim, assertion.direction], assertion, inventory, homes)
        place = assertion.origin.path, assertion.origin.line
        if verdict.status is Status.REFUTED and place not in reported:
            reported.add(place)
            yield _finding(assertion, verdict)


def _silence(claim: Claim, direction: Direction) -> Tiers:
    """Tiers under which pods that no statement closes agree with a claim.

    Open pods permit everything, as `always` wants. For `never` they are closed after all statements.
    """
    if claim is not Claim.NEVER:
        return NO_TIERS
    return Tiers.of((everything_denied(direction),))


def _finding(assertion: Assertion, verdict: Verdict) -> Diagnostic:
    origin, example = assertion.origin, verdict.counterexample
    assert example is not None
    permits = "permits" if example.permitted else "does not permit"
    advice = (
        "narrow the arrow or the enforced assertion"
        if example.permitted
        else "add an arrow that permits it, or narrow the enforced assertion"
    )
    return Diagnostic(
        rule=CONTRADICTED_ENFORCEMENT,
        message=f"the program contradicts `{origin.statement}`",
        label=Label(
            origin.shown_span,
            f"the program {permits} this: {sentence(example.witness)}",
        ),
        others=tuple(blamed(example)),
        help=advice,
    )
