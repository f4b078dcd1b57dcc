"""Which finding decides about an assertion.

Counts, reports and fleets all say what came out of assertions. They ask here, of the findings before
any is silenced: a comment hides a warning, and makes no claim certain.
"""

from collections.abc import Iterable

from netpolc.diagnostics import Diagnostic
from netpolc.program.model import Assertion
from netpolc.source import Span

UNKNOWN_PODS = ("NP608", "NP613", "NP648")
"""The rules of assertions about pods that nothing names, whose proof assures nobody."""

_DECIDING = (*UNKNOWN_PODS, "NP503", "NP504", "NP502", "NP501")
"""These, and the rules of vacuous, contradicted, undecided and refuted assertions; a later one counts more."""


def assertion_findings(
    assertions: Iterable[Assertion], findings: Iterable[Diagnostic]
) -> dict[Span, Diagnostic]:
    """Return, by the places of assertions, the finding without which each would be proved.

    Some findings underline only the pods in an assertion.
    """
    written = {assertion.origin.span for assertion in assertions}
    deciding = [finding for finding in findings if finding.rule.code in _DECIDING]
    return {
        span: finding
        for finding in sorted(deciding, key=lambda finding: _DECIDING.index(finding.rule.code))
        for span in written
        if span is not None and finding.label.span in span
    }
