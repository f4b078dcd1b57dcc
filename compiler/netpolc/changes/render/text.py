"""A difference for people at a terminal.

    from HEAD to the working tree: 1 opened, 1 closed
    review: opened to every namespace

    namespace shop, db
      was intents/shop/db.intent:2  db <- api:5432
      now intents/shop/db.intent:2  db <- ns *:5432
        opened  db <- ns *:5432
                ! opened to every namespace

One block for each statement that changed, or several that only together make a
difference, with all that it opens and closes below it. A change that touches many
subjects comes first, with a heading of its own. Texts come from the authors of the files,
so nothing but our own colours is a control character.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from netpolc.analysis.sentence import sentence
from netpolc.analysis.unknown_facts import reason
from netpolc.changes.model import (
    Cause,
    Difference,
    Edit,
    Effect,
    Entry,
    IsolationChange,
    StatementChange,
    TierChange,
)
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.render.text import Paint
from netpolc.provenance import CLAIMS, Origin, Origins

_OPENED, _CLOSED, _RISK, _STRONG, _FAINT = "1;33", "1;36", "1;31", "1", "2"
_STYLES = {Effect.OPENED: _OPENED, Effect.CLOSED: _CLOSED}
_WIDTH = 96
_SOME = 3
"""The number of statements that are named; the rest is counted."""


def render(difference: Difference, *, witness: bool = False, colour: bool = False) -> str:
    """The difference as text.

    Args:
        difference: what to tell.
        witness: whether to show a connection for each entry.
        colour: whether to use the terminal's colours (ECMA-48 SGR sequences).

    Returns:
        Lines, each with its end. Never empty: a line says so if nothing differs.
    """
    paint = Paint(colour)
    lines = [*_head(difference, paint)]
    for cause in sorted(difference.causes, key=_place):
        lines += ["", *_cause(cause, paint, witness=witness)]
    if difference.tiers:
        lines += ["", paint(_STRONG, "cluster-wide policies")]
        for change in difference.tiers:
            lines += _tier_change(change, paint)
    claims = [
        statement_change
        for statement_change in difference.rewordings
        if statement_change.what in CLAIMS
    ]
    others = [
        statement_change
        for statement_change in difference.rewordings
        if statement_change.what not in CLAIMS
    ]
    if claims:
        # They permit nothing, but who takes one away takes away a guard.
        lines += ["", paint(_RISK, f"assertions: {_edits(claims)}"), *_changed(claims)]
    if others:
        heading = f"{_edits(others)}, without opening or closing anything"
        lines += ["", paint(_STRONG, heading), *_changed(others)]
    return "\n".join(lines) + "\n"


def _tier_change(change: TierChange, paint: Paint) -> Iterator[str]:
    yield f"  {paint(_STYLES[change.effect], change.effect.value)}  {visible(sentence(change.witness))}"
    yield from (f"    {paint(_RISK, f'! {risk.words}')}" for risk in change.risks)
    yield from (f"    {paint(_FAINT, f'? depends on {reason(f)}')}" for f in change.undecided)
    opened = change.effect is Effect.OPENED
    was, now = (change.closing, change.opening) if opened else (change.opening, change.closing)
    for lead, origins in (("was", was), ("now", now)):
        for origin in origins:
            where = f"{visible(origin.path)}:{origin.line}  " if origin.path else ""
            yield f"    {lead} {where}{visible(origin.statement)}"


def _head(difference: Difference, paint: Paint) -> Iterator[str]:
    names = f"from {visible(difference.before)} to {visible(difference.after)}: "
    opened, closed = difference.count(Effect.OPENED), difference.count(Effect.CLOSED)
    counts = [f"{opened} opened"] * bool(opened) + [f"{closed} closed"] * bool(closed)
    summary = ", ".join(counts) or "no change in what is permitted"
    lead = names if difference.before or difference.after else ""
    yield paint(_STRONG, lead + summary)
    if not difference.whole:
        yield paint(_RISK, "too many changes: this list is incomplete")
    if difference.risks:
        risks = ", ".join(risk.words for risk in difference.risks)
        yield paint(_RISK, f"review: {risks}")
    if difference.moved:
        many = difference.moved != 1
        yield f"{difference.moved} statement{'s' * many} only moved"


def _place(cause: Cause) -> tuple[object, ...]:
    """A sort key: fan-outs first, then by namespace and subject."""
    subjects = cause.subjects
    return len(subjects) == 1, subjects


def _cause(cause: Cause, paint: Paint, *, witness: bool) -> Iterator[str]:
    subjects = cause.subjects
    fans_out = len(subjects) > 1
    if fans_out:
        namespaces = {namespace for namespace, _ in subjects}
        several = len(namespaces) > 1
        where = f"{len(namespaces)} namespaces" if several else _namespace(subjects[0][0])
        yield paint(_STRONG, f"{where}, {len(subjects)} subjects")
    else:
        yield paint(_STRONG, _subject(*subjects[0]))
    for change in cause.statements:
        yield from (f"  {line}" for line in _statement(change))
    for subject, isolations, entries in _by_subject(cause):
        if fans_out:
            yield f"    {_subject(*subject)}"
        margin = "      " if fans_out else "    "
        for isolation in isolations:
            yield from (margin + line for line in _isolation(isolation, paint))
        for entry in entries:
            lines = _entry(entry, cause, paint, witness=witness)
            yield from (margin + line for line in lines)


def _subject(namespace: str, subject: str) -> str:
    return f"{_namespace(namespace)}, {'every pod' if subject == '*' else visible(subject)}"


def _namespace(name: str) -> str:
    return f"namespace {visible(name)}"


def _by_subject(
    cause: Cause,
) -> Iterator[tuple[tuple[str, str], list[IsolationChange], list[Entry]]]:
    by_subject: dict[tuple[str, str], tuple[list[IsolationChange], list[Entry]]] = {
        subject: ([], []) for subject in cause.subjects
    }
    for isolation in cause.isolations:
        by_subject[isolation.namespace, isolation.subject][0].append(isolation)
    for entry in cause.entries:
        by_subject[entry.namespace, entry.subject][1].append(entry)
    for named, (isolations, entries) in by_subject.items():
        yield named, isolations, entries


def _statement(change: StatementChange) -> Iterator[str]:
    words = ("was", "now") if change.edit is Edit.EDITED else ("removed", "added")
    for word, origin in zip(words, (change.before, change.after), strict=True):
        if origin is not None:
            yield f"{word} {_origin(origin)}"


def _origin(origin: Origin) -> str:
    where = f"{visible(origin.path)}:{origin.line}  " if origin.path else ""
    return where + visible(origin.statement)


def _isolation(isolation_change: IsolationChange, paint: Paint) -> Iterator[str]:
    yield paint(_STYLES[isolation_change.effect], visible(isolation_change.words))
    yield from (paint(_RISK, f"! {risk.words}") for risk in isolation_change.risks)


def _entry(entry: Entry, cause: Cause, paint: Paint, *, witness: bool) -> Iterator[str]:
    indent = " " * len(f"{entry.effect.value}  ")
    style = _STYLES[entry.effect]
    text = [visible(line, len(line)) for line in _broken(entry)]
    yield paint(style, f"{entry.effect.value}  {text[0]}")
    yield from (indent + paint(style, f"  {line}") for line in text[1:])
    for risk in entry.risks:
        yield indent + paint(_RISK, f"! {risk.words}")
    yield from (indent + paint(_FAINT, f"? depends on {reason(f)}") for f in entry.undecided)
    about = _reach(entry)
    if about:
        yield indent + paint(_FAINT, f"also {about}")
    yield from (indent + paint(_FAINT, line) for line in _reasons(entry, cause))
    if witness:
        yield f"{indent}for example {visible(sentence(entry.witness))}"


def _broken(entry: Entry) -> Iterator[str]:
    """The arrow on as many lines as it takes, a peer never broken in two."""
    if len(entry.arrow) <= _WIDTH or not entry.far:
        yield entry.arrow
        return
    if entry.part_of:
        rest = "not permitted before" if entry.effect is Effect.OPENED else "no longer permitted"
        yield f"{entry.part_of} (only the part {rest}):"
    else:
        yield entry.arrow.removesuffix(", ".join(end.text for end in entry.far)).rstrip()
    line = ""
    for piece in _pieces(", ".join(end.text for end in entry.far)):
        if line and len(line) + len(piece) > _WIDTH:
            yield line.rstrip()
            line = ""
        line += piece
    yield line


def _pieces(text: str) -> Iterator[str]:
    """The stretches between the commas outside brackets, each with its comma."""
    start = depth = 0
    for at, char in enumerate(text):
        depth += (char in "[{(") - (char in ")}]")
        if char == " " and not depth and text[at - 1] == ",":
            yield text[start : at + 1]
            start = at + 1
    yield text[start:]


def _reach(entry: Entry) -> str:
    reach = entry.reach
    parts = (
        (reach.other_namespaces, "other namespaces"),
        (reach.outside, "addresses outside the cluster"),
        (reach.unknown_pods, "pods that do not exist yet"),
    )
    return ", ".join(words for there, words in parts if there)


def _reasons(entry: Entry, cause: Cause) -> Iterator[str]:
    """The deciding origins of each side, unless the changed statements are the reason already."""
    named = {
        (origin.path, origin.line, origin.statement)
        for change in cause.statements
        for origin in (change.before, change.after)
        if origin is not None
    }
    opened = entry.effect is Effect.OPENED
    for verb, origins in (
        ("closed before by" if opened else "permitted before by", entry.before),
        ("permitted now by" if opened else "closed now by", entry.after),
    ):
        others = [o for o in origins if (o.path, o.line, o.statement) not in named]
        yield from _named(verb, tuple(others))


def _named(verb: str, origins: Origins) -> Iterator[str]:
    for origin in origins[:_SOME]:
        yield f"{verb} {_origin(origin)}"
    if len(origins) > _SOME:
        yield f"{verb} {len(origins) - _SOME} more"


def _edits(changes: Iterable[StatementChange]) -> str:
    counts = Counter(change.edit for change in changes)
    order = (Edit.REMOVED, Edit.EDITED, Edit.ADDED)
    return ", ".join(f"{counts[edit]} {edit.value}" for edit in order if counts[edit])


def _changed(changes: Iterable[StatementChange]) -> Iterator[str]:
    some = sorted(changes, key=lambda statement_change: statement_change.namespace)
    for namespace, of_namespace in groupby(some, key=lambda change: change.namespace):
        yield f"  {f'namespace {visible(namespace)}' if namespace else 'cluster'}"
        for change in of_namespace:
            yield from (f"    {line}" for line in _statement(change))
