"""Arrows whose last day has passed.

`until` is a promise to close something again. It never changes the manifests by itself,
because a compile on another day would then mean something else; so the promise has to
be brought to mind: `check` fails, `compile` warns.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.memory import NO_MEMORY, Memory
from netpolc.program.model import Arrow, Program

EXPIRED_ARROW = Rule(
    code="NP603", name="expired-arrow", severity=Severity.WARNING, can_be_silenced=False
)


def expired_arrows(
    program: Program, today: date, memory: Memory = NO_MEMORY
) -> Iterator[Diagnostic]:
    """Report the arrows whose date lies before today."""
    for name, namespace in program.namespaces.items():
        dated = memory.once(
            "dated arrows", name, (namespace.arrows,), partial(_dated, namespace.arrows)
        )
        for arrow in dated:
            span = arrow.origin.span
            if arrow.until is not None and arrow.until < today and span is not None:
                yield Diagnostic(
                    rule=EXPIRED_ARROW,
                    message=f"`{arrow.origin.statement}` should have ended",
                    label=Label(span, f"its last day was {arrow.until}"),
                    help="remove it, or give it a new date",
                )


def _dated(arrows: Iterable[Arrow]) -> list[Arrow]:
    return [arrow for arrow in arrows if arrow.until is not None]
