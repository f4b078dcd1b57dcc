"""A difference as findings, for the platforms that show findings.

Code scanning, annotations and quality reports show findings next to lines. So each entry
and each isolation change is at the changed statement that causes it. The lines shown
are those of the second side: a removed statement is not there, so its effect is at the
statement that now decides, or else at the head of the file that it was in.
"""

from collections.abc import Iterator

from netpolc.analysis.sentence import sentence
from netpolc.analysis.unknown_facts import reason
from netpolc.changes.model import (
    Difference,
    Effect,
    Entry,
    IsolationChange,
    StatementChange,
    TierChange,
)
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.provenance import CLAIMS, Origin
from netpolc.source import SourceFile, Span

OPENED = Rule(code="NP731", name="connection-opened", severity=Severity.NOTE)
CLOSED = Rule(code="NP732", name="connection-closed", severity=Severity.NOTE)
RISKY = Rule(code="NP733", name="risky-opening", severity=Severity.WARNING)
ISOLATION = Rule(code="NP734", name="isolation-changed", severity=Severity.NOTE)

ASSERTION = Rule(code="NP735", name="assertion-changed", severity=Severity.WARNING)

TOO_LARGE = Rule(code="NP739", name="change-too-large", severity=Severity.WARNING)

_EFFECTS = {Effect.OPENED: OPENED, Effect.CLOSED: CLOSED}
_WORDS = {Effect.OPENED: "is opened", Effect.CLOSED: "is closed"}


def findings(difference: Difference) -> Iterator[Diagnostic]:
    """A finding for each isolation change, each entry, and each assertion that is gone."""
    for cause in difference.causes:
        for isolation in cause.isolations:
            yield _finding(isolation, ISOLATION, isolation.words, cause.statements)
        for entry in cause.entries:
            message = f"`{entry.arrow}` {_WORDS[entry.effect]} in namespace `{entry.namespace}`"
            yield _finding(entry, _EFFECTS[entry.effect], message, cause.statements)
    yield from map(_by_tiers, difference.tiers)
    if not difference.whole:
        yield _too_large(difference)
    for change in difference.rewordings:
        if change.what in CLAIMS and change.before is not None:
            yield _lost(change.before, change.after)


def _by_tiers(change: TierChange) -> Diagnostic:
    """The findings about openings and closings by cluster-wide policies, at the rules that decide now."""
    opened = change.effect is Effect.OPENED
    was, now = (change.closing, change.opening) if opened else (change.opening, change.closing)
    message = f"cluster-wide policies: {sentence(change.witness)} {_WORDS[change.effect]}"
    if change.risks:
        message += f" ({', '.join(risk.words for risk in change.risks)})"
    if change.undecided:
        message += f"; depends on {' and '.join(map(reason, change.undecided))}"
    labels = [
        *(Label(_span(origin), "decides now") for origin in now),
        *(_gone(origin, "decided before,") for origin in was),
    ]
    label, *others = labels or [Label(SourceFile("<cluster>", "").whole())]
    rule = RISKY if change.risks else _EFFECTS[change.effect]
    return Diagnostic(rule=rule, message=message, label=label, others=tuple(others))


def _too_large(difference: Difference) -> Diagnostic:
    """The finding that the list is incomplete, at the first responsible statement."""
    statements = difference.causes[0].statements if difference.causes else ()
    places = [_span(change.after) for change in statements if change.after is not None]
    span = places[0] if places else SourceFile(f"<{difference.after}>", "").whole()
    return Diagnostic(
        rule=TOO_LARGE,
        message="too many changes to list all of them",
        label=Label(span, "one of the changes"),
        help="split the change, or compare a part of the program",
    )


def _lost(before: Origin, after: Origin | None) -> Diagnostic:
    """Report the changed verdict of an assertion."""
    if after is None:
        message, label = f"`{before.statement}` is no longer asserted", _gone(before, "was")
    else:
        message = f"`{before.statement}` is no longer asserted; it is now `{after.statement}`"
        label = Label(_span(after), "edited here")
    return Diagnostic(rule=ASSERTION, message=message, label=label)


def _finding(
    change: Entry | IsolationChange,
    kind: Rule,
    message: str,
    statements: tuple[StatementChange, ...],
) -> Diagnostic:
    label, *others = _places(change, statements)
    if change.risks:
        kind = RISKY
        message += f" ({', '.join(risk.words for risk in change.risks)})"
    return Diagnostic(rule=kind, message=message, label=label, others=tuple(others))


def _places(
    change: Entry | IsolationChange, statements: tuple[StatementChange, ...]
) -> list[Label]:
    """The places of a finding: the changed statements that remain, or what decides now."""
    standing = [
        Label(_span(changed.after), f"{changed.edit.value} here")
        for changed in statements
        if changed.after is not None
    ]
    deciding_here = [Label(_span(origin), "decides now") for origin in change.after]
    removed = [
        _gone(changed.before, "removed, was")
        for changed in statements
        if changed.after is None and changed.before is not None
    ]
    named = {(label.span.path, label.span.line) for label in standing}
    further = [label for label in deciding_here if (label.span.path, label.span.line) not in named]
    if standing or further or removed:
        return [*standing, *further, *removed]
    # Nothing decides any more: both ends are open, and it is not known which statement did it.
    before = [_gone(origin, "decided before,") for origin in change.before]
    return before or [Label(SourceFile(f"<namespace {change.namespace}>", "").whole())]


def _gone(origin: Origin, what: str) -> Label:
    """A statement of the first side, at the head of its file."""
    words = f"{what} on line {origin.line}: `{origin.statement}`"
    return Label(SourceFile(origin.path, "").whole(), words)


def _span(origin: Origin) -> Span:
    """The statement; where only its line is known, the beginning of that."""
    if origin.span is not None:
        return origin.span
    start = max(origin.line - 1, 0)
    return SourceFile(origin.path, "\n" * start).span(start, start)
