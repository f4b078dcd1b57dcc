"""Describe an arrow or an assertion with the statements that decide about it, in Markdown."""

from collections.abc import Iterable, Iterator, Sequence

from netpolc.analysis.assertion_report import (
    REFUTED_ASSERTION,
    UNDECIDED_ASSERTION,
    VACUOUS_ASSERTION,
)
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.explain_query import Reply, can
from netpolc.analysis.query import AddressEnd, EndOfQuestion, PodEnd, Question, directed, ends
from netpolc.changes.render.markdown_escape import block
from netpolc.commands.can import Answered, Asked
from netpolc.commands.can_report import answer_text
from netpolc.ide.snapshot import Snapshot
from netpolc.ir.model import Policies
from netpolc.kube.peers import Grant
from netpolc.kube.selectors import Selector
from netpolc.program.model import Arrow, Assertion
from netpolc.source import Span
from netpolc.syntax.tree import ArrowStatement, AssertionStatement

_MOST = 8
"""Questions that a hover answers; an arrow with more peers is read line by line."""


def describe_arrow(snapshot: Snapshot, statement: ArrowStatement) -> str:
    """Return whether the connections of an arrow are permitted, with what decides at each end."""
    questions = [
        question
        for namespace, arrow in _arrows_of(snapshot, statement.span)
        for question in questions_of(arrow, namespace)
    ]
    return _answers(snapshot, questions)


def describe_assertion(snapshot: Snapshot, statement: AssertionStatement) -> str:
    """Return the verdict on an assertion, and what decides its connections."""
    verdict = verdict_of(snapshot, statement.span)
    if verdict is None:
        return "not proved: the intents have errors"
    questions = [
        question
        for assertion in snapshot.result.program.assertions
        if _is_at(assertion.origin.span, statement.span)
        for question in _asked(assertion, sorted(snapshot.result.program.namespaces))
    ]
    return "\n\n".join(filter(None, (f"**{verdict}**", _answers(snapshot, questions))))


_VERDICTS = {
    REFUTED_ASSERTION: "does not hold",
    UNDECIDED_ASSERTION: "undecided",
    VACUOUS_ASSERTION: "vacuous",
}


def verdict_of(snapshot: Snapshot, span: Span) -> str | None:
    """Return what becomes of the assertion at a place; None where errors keep it from being proved."""
    if not snapshot.result.judged:
        return None
    for finding in snapshot.result.diagnostics:
        if finding.rule in _VERDICTS and _is_at(finding.label.span, span):
            return _VERDICTS[finding.rule]
    return "proved"


def questions_of(arrow: Arrow, namespace: str) -> Iterator[Question]:
    """Yield a question for each peer of an arrow: are these connections permitted?"""
    subject = PodEnd(Selector.namespace(namespace), arrow.subject)
    for named in arrow.grants:
        yield from _of_grant(arrow, subject, named.grant, namespace)


def _of_grant(
    statement: Arrow | Assertion, subject: PodEnd, grant: Grant, home: str
) -> Iterator[Question]:
    for peer in ends(grant.peer, home):
        question = directed(statement.direction, subject, peer, grant.traffic)
        if question is not None:
            yield question


def _asked(assertion: Assertion, homes: Sequence[str]) -> Iterator[Question]:
    for home in [assertion.home] if assertion.home is not None else homes[:1] or [""]:
        for end in ends(assertion.subject, home):
            assert isinstance(end, PodEnd)
            for grant in assertion.grants:
                yield from _of_grant(assertion, end, grant, home)


def _arrows_of(snapshot: Snapshot, span: Span) -> Iterator[tuple[str, Arrow]]:
    for namespace in snapshot.result.program.namespaces.values():
        for arrow in namespace.arrows:
            if _is_at(arrow.origin.span, span):
                yield namespace.name, arrow


def _is_at(span: Span | None, other: Span) -> bool:
    """Whether two spans are the same place; equal files may have been read twice."""
    return span is not None and (span.path, span.start) == (other.path, other.start)


def _answers(snapshot: Snapshot, questions: Iterable[Question]) -> str:
    asked = list(dict.fromkeys(questions))
    text = "".join(
        answer_text(Answered(home="", answers=(Asked("", _reply(snapshot, question)),)))
        for question in asked[:_MOST]
    )
    if not text:
        return ""
    lines = text.splitlines()
    if len(asked) > _MOST:
        lines.append(f"and {len(asked) - _MOST:,} more peers")
    return "\n".join(block("text", lines))


def _reply(snapshot: Snapshot, question: Question) -> Reply:
    """The answer to a question; only the policies of the namespaces at its ends decide it."""
    result = snapshot.result
    about = {_home(question.sender), _home(question.receiver)}
    sets = result.whole.namespaces
    if None not in about:
        sets = {name: policies for name, policies in sets.items() if name in about}
    bounds = Bounds.of(Policies(sets), result.program.addresses, tiers=result.tiers)
    return can(bounds, question, result.inventory)


def _home(end: EndOfQuestion) -> str | None:
    """The namespace that an end's pods live in; None where it is not one, empty for addresses."""
    return "" if isinstance(end, AddressEnd) else end.namespaces.namespace_name
