"""Arrows whose last day has passed.

`until` is a promise to close something again. It never changes the manifests by itself,
because a compile on another day would then mean something else; so the promise has to
be brought to mind: `check` fails, `compile` warns.
"""

from collections.abc import Iterator
from datetime import date

from netpolc.diagnostics import Diagnostic, Kind, Label, Severity
from netpolc.program.model import Program

EXPIRED_ARROW = Kind(
    code="NP603",
    name="expired-arrow",
    severity=Severity.WARNING,
    explanation="""\
The day after `until` of an arrow has come. The connection is still permitted: a date never
changes the manifests. `netpolc check` fails, and `netpolc compile` warns, until somebody decides.

    db <- migrator:5432 until 2027-03-31     # expired-arrow from 2027-04-01

Remove the arrow, or give it a new date and say why: `because "OPS-1432 took longer"`.
""",
)


def expired_arrows(program: Program, today: date) -> Iterator[Diagnostic]:
    """Name the arrows whose date lies before today."""
    for namespace in program.namespaces.values():
        for arrow in namespace.arrows:
            span = arrow.origin.span
            if arrow.until is not None and arrow.until < today and span is not None:
                yield Diagnostic(
                    kind=EXPIRED_ARROW,
                    message=f"`{arrow.origin.statement}` should have ended",
                    label=Label(span, f"its last day was {arrow.until}"),
                    help="remove it, or give it a new date",
                )
