"""A worker's part: a task in, an answer out. It reads and writes nothing."""

import gc
from collections.abc import Iterable, Iterator
from dataclasses import replace

from netpolc.changes.render.diagnostics import findings as change_findings
from netpolc.commands.diff import compare_sides, fails, findings_of
from netpolc.commands.list_ import listed
from netpolc.commands.pipeline import Compilation, run, understand
from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.render import concise
from netpolc.fleet.task import Answer, Claim, Line, Task, Verdict, Work, build_of, unpacked
from netpolc.io.config_values import FAIL_ON
from netpolc.version import __version__

_VERDICTS = {
    "NP608": Verdict.ABOUT_UNKNOWN_PODS,
    "NP613": Verdict.ABOUT_UNKNOWN_PODS,
    "NP648": Verdict.ABOUT_UNKNOWN_PODS,
    "NP503": Verdict.VACUOUS,
    "NP504": Verdict.CONTRADICTED,
    "NP502": Verdict.UNDECIDED,
    "NP501": Verdict.FAILS,
}


class WrongBuildError(Exception):
    """A worker has another version of netpolc than the client."""


def perform(packed: bytes) -> Answer:
    """Return the answer to a packed task.

    Raises WrongBuildError if the client has another version: two compilers must not write one fleet.
    """
    if (build := build_of(packed)) != __version__:
        message = f"the worker has netpolc {__version__}, the client {build}"
        raise WrongBuildError(message)
    # Cycles are collected between tasks at most: that would take a third of the time.
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        return _performed(unpacked(packed))
    finally:
        if was_collecting:
            gc.enable()


def _performed(task: Task) -> Answer:
    if task.work is Work.DIFF:
        return _compared(task)
    (side,) = task.sides
    if task.work is Work.LIST:
        known = understand(side.sources, side.options, before=side.before)
        rows = [] if known.failed else listed(known, exposure=False)
        lines = tuple(Line(f"{row.sender}\t{row.receiver}\t{row.ports}") for row in rows)
        return Answer(findings=_lines(known.diagnostics), lines=lines)
    options = replace(side.options, checking=task.work is Work.CHECK)
    result = run(side.sources, options, before=side.before)
    return Answer(
        findings=_lines((*result.diagnostics, *result.unused_ignores)),
        claims=tuple(_claims(result)),
        files=tuple(result.files.items()) if task.work is Work.COMPILE else (),
        other=result.other,
    )


def _compared(task: Task) -> Answer:
    compared = compare_sides(task.sides)
    difference = compared.difference
    if difference is None:
        return Answer(findings=_lines(findings_of(compared)))
    return Answer(
        findings=_lines(findings_of(compared)),
        lines=_lines(change_findings(difference)),
        fails_on=frozenset(fail_on for fail_on in FAIL_ON if fails(difference, fail_on)),
    )


def _lines(findings: Iterable[Diagnostic]) -> tuple[Line, ...]:
    return tuple(
        Line(concise.render((finding,)).rstrip("\n"), finding.severity, finding.rule.code)
        for finding in findings
    )


def _claims(result: Compilation) -> Iterator[Claim]:
    """Return the verdict on each assertion, with its text as written."""
    unknown = Verdict.HOLDS if result.judged else Verdict.NOT_PROVED
    for origin in {
        assertion.origin.span: assertion.origin for assertion in result.program.assertions
    }.values():
        about = result.against.get(origin.span) if origin.span else None
        verdict = unknown if about is None else _VERDICTS[about.rule.code]
        yield Claim(
            text=origin.statement,
            place=f"{origin.path}:{origin.line}",
            verdict=verdict,
            why="" if about is None or verdict is Verdict.ABOUT_UNKNOWN_PODS else about.label.text,
        )
