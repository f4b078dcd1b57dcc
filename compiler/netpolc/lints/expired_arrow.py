"""Arrows whose last day has passed.

`until` is a promise to close something again. It never changes the manifests by itself,
because a compile on another day would then mean something else; so the promise has to
be brought to mind: `check` fails, `compile` warns.
"""

from collections.abc import Iterator
from datetime import date

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.program.model import Program

EXPIRED_ARROW = Rule(code="NP603", name="expired-arrow", severity=Severity.WARNING)


def expired_arrows(program: Program, today: date) -> Iterator[Diagnostic]:
    """Name the arrows whose date lies before today."""
    for namespace in program.namespaces.values():
        for arrow in namespace.arrows:
            span = arrow.origin.span
            if arrow.until is not None and arrow.until < today and span is not None:
                yield Diagnostic(
                    rule=EXPIRED_ARROW,
                    message=f"`{arrow.origin.statement}` should have ended",
                    label=Label(span, f"its last day was {arrow.until}"),
                    help="remove it, or give it a new date",
                )
