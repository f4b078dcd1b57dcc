"""A difference as a comment in a pull request.

A reviewer reads it in passing, so the worst comes first: the counts, the risks, a picture,
then each namespace and subject with the lines that do it. It must fit into a comment
whatever the change: GitHub refuses one of more than 65,536 characters, GitLab one of more
than 1,000,000. What does not fit is left out in whole lines and counted; the counts above
are always those of everything. How the user's text is kept from being markup is in
`inert`.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from netpolc.analysis.sentence import sentence as connection_sentence
from netpolc.analysis.unknown_facts import reason
from netpolc.changes.model import (
    Cause,
    Difference,
    Edit,
    Entry,
    IsolationChange,
    Risk,
    StatementChange,
)
from netpolc.changes.render.diff_lines import Count, count, lines, plural, unmarked_risks
from netpolc.changes.render.markdown_escape import code, sentence, short
from netpolc.changes.render.mermaid import graph
from netpolc.changes.render.size_budget import Block, Page, Section
from netpolc.provenance import CLAIMS, Origin

GITHUB_LIMIT, GITLAB_LIMIT = 65_536, 1_000_000
"""The limit of a comment in bytes; the hosts count characters, which are never more."""

MARKER = "<!-- netpolc diff -->"
"""The first line, by which a bot finds the comment that it wrote before."""

_LONG = 40
"""Lines from which namespaces without risk are folded."""
_QUOTE = 300
"""Characters of a statement that are quoted; what it permits is listed in full."""
_MANY = 6
"""The number of names of a kind that are listed; the rest is counted."""


def render(difference: Difference, *, limit: int = GITHUB_LIMIT, marker: str = MARKER) -> str:
    """The comment, in GitHub's and GitLab's Markdown.

    Args:
        difference: the changes to list.
        limit: bytes that it may have, at least some 8,000.
        marker: the first line, an HTML comment.
    """
    total = count(difference.entries)
    page = Page(limit)
    page.put([marker, *_head(difference, total), ""])
    page.put(_risks(difference, _MANY)) or page.put(_risks(difference, 0))
    assertions = [change for change in difference.rewordings if change.what in CLAIMS]
    others = [change for change in difference.rewordings if change.what not in CLAIMS]
    page.put(_assertions(assertions, _MANY)) or page.put(_assertions(assertions, 0))
    page.put(_tier_changes(difference))
    page.put(graph(difference))
    for section in _sections(difference, folding=sum((total.opened, total.closed)) > _LONG):
        page.add(section)
    page.fold(
        [f"- {_statement(change)}" for change in others], "changed without opening or closing"
    )
    return page.text(_foot(total))


def _head(difference: Difference, total: Count) -> Iterator[str]:
    what = f"{_connections(total)}" if difference.entries else "nothing opened, nothing closed"
    if difference.tiers and not difference.entries:
        what = "changed by cluster-wide policies"
    yield f"### Network policy: {what}"
    yield ""
    facts = [f"{code(short(difference.before))} → {code(short(difference.after))}"]
    touched = {subject for cause in difference.causes for subject in cause.subjects}
    if touched:
        namespaces = len({namespace for namespace, _ in touched})
        facts.append(f"{plural(len(touched), 'subject')} in {plural(namespaces, 'namespace')}")
    if not difference.whole:
        facts.append("**too many changes: this list is incomplete**")
    if rewordings := sum(change.what not in CLAIMS for change in difference.rewordings):
        facts.append(f"{plural(rewordings, 'statement')} changed without effect")
    if difference.moved:
        facts.append(f"{difference.moved:,} only moved")
    yield " · ".join(facts)


def _tier_changes(difference: Difference) -> list[str]:
    """Openings and closings by cluster-wide policies; as many as fit into a comment."""
    if not difference.tiers:
        return []
    named = [
        f"- {change.effect.value}: {sentence(connection_sentence(change.witness))}"
        + "".join(f", by {code(short(o.statement))}" for o in (*change.opening, *change.closing))
        + "".join(f"; **{risk.words}**" for risk in change.risks)
        + "".join(f"; depends on {sentence(reason(fact))}" for fact in change.undecided)
        for change in difference.tiers[:_MANY]
    ]
    rest = len(difference.tiers) - len(named)
    return [
        "**Cluster-wide policies:**",
        "",
        *named,
        *([f"- and {rest:,} more"] if rest else ()),
        "",
    ]


def _connections(total: Count) -> str:
    if total.opened and total.closed:
        return f"{plural(total.opened, 'connection')} opened, {total.closed:,} closed"
    effect = "opened" if total.opened else "closed"
    return f"{plural(total.opened or total.closed, 'connection')} {effect}"


def _risks(difference: Difference, many: int) -> list[str]:
    """The risks, each with as many of the subjects that have it."""
    if not difference.risks:
        return []
    changes: Sequence[Entry | IsolationChange] = (*difference.isolations, *difference.entries)
    risks = []
    for risk in difference.risks:
        places = dict.fromkeys(_place(change) for change in changes if risk in change.risks)
        if any(risk in change.risks for change in difference.tiers):
            places["cluster-wide policies"] = None
        named = list(places)[:many]
        rest = len(places) - len(named)
        if rest:
            named.append(f"and {rest:,} more" if named else f"{plural(rest, 'place')}")
        risks.append(f"> - **{_capital(risk)}**: {', '.join(named)}")
    return ["> [!WARNING]", "> Review these risks:", ">", *risks, ""]


def _assertions(changes: Sequence[StatementChange], many: int) -> list[str]:
    """Assertions permit nothing, but removing one removes a check."""
    if not changes:
        return []
    counts = ", ".join(
        f"{number:,} {edit.value}"
        for edit in (Edit.REMOVED, Edit.EDITED, Edit.ADDED)
        if (number := sum(change.edit is edit for change in changes))
    )
    order = sorted(
        changes,
        key=lambda statement_change: (
            statement_change.edit is Edit.ADDED,
            statement_change.edit is Edit.EDITED,
        ),
    )
    named = [f"- {_statement(change)}" for change in order[:many]]
    if named and len(changes) > many:
        named.append(f"- and {len(changes) - many:,} more")
    return [f"**Assertions:** {counts}", "", *named, *([""] if named else ())]


def _capital(risk: Risk) -> str:
    return risk.words[:1].upper() + risk.words[1:]


def _place(change: Entry | IsolationChange) -> str:
    if not change.subject or (isinstance(change, IsolationChange) and change.default):
        return f"namespace {code(short(change.namespace))}"
    return f"{code(short(change.subject))} in {code(short(change.namespace))}"


def _sections(difference: Difference, *, folding: bool) -> Iterator[Section]:
    """The namespaces, and the causes that touch many subjects; those with risks first."""
    wide: list[Cause] = []
    narrow: dict[str, list[tuple[str, Cause]]] = {}
    for cause in difference.causes:
        subjects = cause.subjects
        if len(subjects) > 1:
            wide.append(cause)
        for namespace, subject in subjects if len(subjects) == 1 else ():
            narrow.setdefault(namespace, []).append((subject, cause))
    sections = [_namespace(name, narrow[name], folding=folding) for name in sorted(narrow)]
    yield from sorted((*sections, *map(_wide, wide)), key=lambda section: not section.risky)


def _namespace(name: str, causes: Sequence[tuple[str, Cause]], *, folding: bool) -> Section:
    """The changes of a namespace, subject by subject."""
    risky = any(cause.risks for _, cause in causes)
    total = sum((count(cause.entries) for _, cause in causes), Count())
    blocks = [
        block
        for subject, some in groupby(sorted(causes, key=itemgetter(0)), key=itemgetter(0))
        for block in _subject(subject, [cause for _, cause in some])
    ]
    return Section(
        title=(f"#### Namespace {code(short(name))}", ""),
        summary="" if risky or not folding else str(total),
        blocks=tuple(blocks),
        risky=risky,
    )


def _subject(subject: str, causes: Sequence[Cause]) -> Iterator[Block]:
    """The changes of a subject, a block for each cause."""
    for number, cause in enumerate(causes):
        diff = tuple(line for entry in cause.entries for line in lines(entry))
        # What a line of the diff says is not repeated.
        shown = diff[0].text if len(diff) == 1 else ""
        words = list(_words(cause.isolations))
        yield Block(
            head=(
                *((f"**{code(short(subject, _QUOTE))}**", "") if not number else ()),
                *words,
                *(("",) if words and diff else ()),
            ),
            lines=diff,
            tail=(*_dangers(cause.entries), *_statements(cause, shown), ""),
            isolations=len(cause.isolations),
        )


def _wide(cause: Cause) -> Section:
    """A change that has effects on many subjects, which are folded under it."""
    namespaces = {namespace for namespace, _ in cause.subjects}
    touched = plural(len(cause.subjects), "subject")
    where = plural(len(namespaces), "namespace")
    total = count(cause.entries)
    blocks = []
    for name in sorted(namespaces):
        entries = [entry for entry in cause.entries if entry.namespace == name]
        isolations = [
            isolation_change
            for isolation_change in cause.isolations
            if isolation_change.namespace == name
        ]
        blocks.append(
            Block(
                head=(
                    f"Namespace {code(short(name))}:",
                    "",
                    *_words(isolations),
                    *(("",) if isolations else ()),
                ),
                lines=tuple(line for entry in entries for line in lines(entry)),
                tail=(*_dangers(entries), ""),
                isolations=len(isolations),
            )
        )
    return Section(
        title=(f"#### {_called(cause)} touches {touched} in {where}", "", *_statements(cause), ""),
        summary=str(total) if total else plural(len(cause.isolations), "isolation change"),
        blocks=tuple(blocks),
        risky=bool(cause.risks),
        opened=total.opened + total.closed <= _MANY,
    )


def _called(cause: Cause) -> str:
    """The heading of a cause."""
    if len(cause.statements) != 1:
        return "One change"
    (change,) = cause.statements
    what = change.what.value[0].upper() + change.what.value[1:]
    if change.name:
        return f"{what} {code(short(change.name))}"
    return f"{what} of {_of_namespace(change.namespace)}"


def _of_namespace(name: str) -> str:
    return f"namespace {code(short(name))}" if name else "the cluster section"


def _words(isolations: Sequence[IsolationChange]) -> Iterator[str]:
    return (f"- {sentence(isolation_change.words)}" for isolation_change in isolations)


def _dangers(entries: Iterable[Entry]) -> Iterator[str]:
    """The risks that are on no line."""
    risks = unmarked_risks(entries)
    if risks:
        yield f"- **{', '.join((_capital(risks[0]), *(risk.words for risk in risks[1:])))}**"


def _statements(cause: Cause, shown: str = "") -> Iterator[str]:
    """The statements that do it, by file and line; one that is `shown` is not quoted."""
    if not cause.statements:
        yield "- no changed statement explains this"
    for change in cause.statements[:_MANY]:
        yield f"- {_statement(change, shown)}"
    if len(cause.statements) > _MANY:
        yield f"- and {plural(len(cause.statements) - _MANY, 'more statement')}"


def _statement(change: StatementChange, shown: str = "") -> str:
    before, after = change.before, change.after
    if after is None:
        return f"removed, was at {_quoted(before, shown)}" if before else change.what.value
    if before is None:
        return f"added at {_quoted(after, shown)}"
    if before.statement == after.statement:
        return f"changed at {_quoted(after, shown)}"
    return f"edited at {_quoted(before, shown, after)} became {_text(after)}{_reason(after)}"


def _quoted(origin: Origin, shown: str, at: Origin | None = None) -> str:
    """A place with the statement there, unless it is `shown`; with `at`, at that place."""
    place = at or origin
    where = code(f"{short(place.path, _QUOTE)}:{place.line}")
    if at is None and origin.statement == shown:
        return where
    return f"{where}: {_text(origin)}" + ("" if at else _reason(origin))


def _text(origin: Origin) -> str:
    return code(short(origin.statement, _QUOTE))


def _reason(origin: Origin) -> str:
    there = origin.because and origin.because not in origin.statement
    return f", because {code(short(origin.because, _QUOTE))}" if there else ""


def _foot(total: Count) -> Iterable[str]:
    if not total:
        return ("<sub>Compared over every pod that could exist.</sub>",)
    text = "`+` opened, `-` closed, for every pod that could exist, not only those known today."
    return (f"<sub>{text}</sub>",)
