"""Findings as text for people and as JSON for programs."""

from collections.abc import Iterable

from netpolc.diagnostics import Diagnostic, Label, Severity


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings by place, those that say the same of the same place once."""
    distinct = {identity(diagnostic): diagnostic for diagnostic in diagnostics}
    return sorted(distinct.values(), key=Diagnostic.sort_key)


def tally(diagnostics: Iterable[Diagnostic]) -> str:
    """Count the findings by severity: `2 errors, 1 warning`; empty where there are none."""
    counts = dict.fromkeys(Severity, 0)
    for diagnostic in in_order(diagnostics):
        counts[diagnostic.severity] += 1
    return ", ".join(
        f"{count} {severity.value}{'' if count == 1 else 's'}"
        for severity, count in counts.items()
        if count
    )


def identity(diagnostic: Diagnostic) -> tuple[object, ...]:
    """Return what two findings have in common that say the same of the same place."""
    # Spans compare by the identity of their file, which differs where a file was read twice.
    return (
        *diagnostic.sort_key(),
        diagnostic.severity,
        _place(diagnostic.label),
        tuple(map(_place, diagnostic.others)),
        diagnostic.help,
    )


def _place(label: Label) -> tuple[object, ...]:
    return label.span.path, label.span.start, label.span.end, label.text
