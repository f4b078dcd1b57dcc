"""`netpolc diff`: the meaning of two sides, and the difference between them.

Whatever is wrong with a side must not look like a difference, and least of all like none: what
cannot be understood is an error, under its side's name.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from netpolc.changes.diff import difference
from netpolc.changes.model import Difference, Effect, Side
from netpolc.commands.pipeline import understand, written_namespaces
from netpolc.commands.pipeline_run import Progress, silent
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render.escape import visible
from netpolc.io.diff_sides import NO_EARLIER_INTENTS, Chosen, choose, outputs_of, read_side
from netpolc.io.project import Options, Request, several_outputs
from netpolc.io.sources import Sources, nothing_came, with_known
from netpolc.memory import LastingMemory, Memory
from netpolc.source import SourceFile
from netpolc.values import frozen

NOT_COMPARED = Rule(code="NP751", name="policies-not-compared", severity=Severity.WARNING)

_IGNORING = frozenset({"NP406", "NP706", "NP707", NOT_COMPARED.code})
"""The rules that say which files and policies of a source are ignored."""


@frozen(kw_only=True)
class Compared:
    """Two sides and what differs from the first to the second, or what is wrong with each.

    `sides` and `difference` are missing where there is an error. `findings` has the findings by the
    name of the side, empty for the arguments themselves.
    """

    sides: tuple[Side, ...] = ()
    difference: Difference | None = None
    findings: tuple[tuple[str, tuple[Diagnostic, ...]], ...] = ()


def diff(
    arguments: Sequence[str],
    request: Request,
    *,
    paths: int | None = None,
    progress: Progress = silent,
) -> Compared:
    """The difference between two sides, or the findings that prevent a comparison.

    Args:
        arguments: what the user gave, none to two.
        request: what else was asked for; what is `beside` is counted on both sides.
        paths: how many of the arguments come after a `--`; None where there is no `--`.
        progress: shows the steps.
    """
    chosen = choose(arguments, paths, request.here)
    if not chosen.value:
        return Compared(findings=(("", chosen.diagnostics),))
    outputs = outputs_of(chosen.value, request)
    if outputs.diagnostics:
        return Compared(findings=(("", outputs.diagnostics),))
    if len(outputs.value) > 1:
        return Compared(findings=(("", (several_outputs(outputs.value),)),))
    environment = next(iter(outputs.value), None)
    return _compare(chosen.value, replace(request, environment=environment), progress)


def diff_outputs(
    arguments: Sequence[str],
    request: Request,
    *,
    paths: int | None = None,
    progress: Progress = silent,
) -> dict[str, Compared]:
    """Compare two sides once for each output that either of them describes, by its name.

    The arguments are those of `diff`. Without outputs, the name is empty.
    """
    chosen = choose(arguments, paths, request.here)
    outputs = outputs_of(chosen.value, request).value if chosen.value else ()
    if len(outputs) <= 1:
        return {"": diff(arguments, request, paths=paths, progress=progress)}
    return {
        name: _compare(chosen.value, replace(request, environment=name), progress)
        for name in outputs
    }


@frozen(kw_only=True)
class ReadSide:
    """A side as it was read: its name, its sources, how to compile them, and what was found."""

    name: str
    sources: Sources
    options: Options
    before: tuple[Diagnostic, ...] = ()


def _compare(chosen: Sequence[Chosen], request: Request, progress: Progress) -> Compared:
    return compare_sides(read_sides(chosen, request, progress), progress)


def compare_sides(read: Sequence[ReadSide], progress: Progress = silent) -> Compared:
    """The difference between two sides that were read; without one if a side has an error."""
    meant = _understand(read)
    if not meant.sides:
        return meant
    progress("comparing", 0, 1)
    return Compared(sides=meant.sides, difference=difference(*meant.sides), findings=meant.findings)


def understand_sides(
    chosen: Sequence[Chosen], request: Request, progress: Progress = silent
) -> Compared:
    """Read and understand two sides, without comparing them."""
    return _understand(read_sides(chosen, request, progress))


def read_sides(
    chosen: Sequence[Chosen], request: Request, progress: Progress = silent
) -> tuple[ReadSide, ...]:
    """Read two sides; a file that is the same on both is the same object."""
    files, read = dict[str, SourceFile](), list[ReadSide]()
    for number, side in enumerate(chosen):
        progress(f"reading {side.name}", number, len(chosen))
        outcome = read_side(side, request, is_old=number == 0)
        sources = with_known(outcome.value[0], files)
        files = {file.path: file for file in sources.files}
        before = (*outcome.diagnostics, *nothing_came(sources))
        options = outcome.value[1]
        read.append(ReadSide(name=side.name, sources=sources, options=options, before=before))
    return tuple(read)


def _understand(read: Sequence[ReadSide]) -> Compared:
    memory, sides = LastingMemory(), list[Side]()
    by_side: list[tuple[str, tuple[Diagnostic, ...]]] = []
    replaced = _replaced(((side.sources, side.options) for side in read), memory)
    for side in read:
        settled = replace(side.options, replaced=replaced)
        meant = understand(side.sources, settled, before=side.before, memory=memory)
        by_side.append((side.name, meant.diagnostics))
        sides.append(
            Side(
                program=meant.program,
                policies=meant.whole,
                lifted=meant.lifted,
                inventory=meant.inventory,
                name=side.name,
                tiers=meant.tiers,
            )
        )
    failed = any(has_errors(some) for _, some in by_side)
    findings = tuple(
        (side.name, (*some, *_not_compared(side, sides)))
        for side, (_, some) in zip(sides, by_side, strict=True)
    )
    return Compared(sides=() if failed else tuple(sides), findings=findings)


def _not_compared(side: Side, sides: Sequence[Side]) -> Iterator[Diagnostic]:
    """Yield a finding for each policy of a kind that is not read, and that only this one of two sides has."""
    others = {policy for other in sides if other is not side for policy in other.tiers.unread}
    for policy in side.tiers.unread:
        if policy not in others:
            yield Diagnostic(
                rule=NOT_COMPARED,
                message=f"`{visible(str(policy))}` is only in `{side.name}`, and was not compared",
                label=Label(SourceFile(side.name, "").whole()),
                help="look at it yourself: kinds that are not read may open and close connections",
            )


def notes_of(compared: Compared) -> tuple[Diagnostic, ...]:
    """Return the findings that a side does not have what the other one has."""
    return tuple(finding for finding in findings_of(compared) if finding.rule is NO_EARLIER_INTENTS)


def ignored_in(compared: Compared) -> tuple[Diagnostic, ...]:
    """Return the findings that files of a side are ignored, each once."""
    ignored = {
        (finding.message, finding.label.span.path, finding.label.span.start): finding
        for finding in findings_of(compared)
        if finding.rule.code in _IGNORING
    }
    return tuple(ignored.values())


def _replaced(sides: Iterable[tuple[Sources, Options]], memory: Memory) -> frozenset[str]:
    """The namespaces of which netpolc's own policies are an earlier output beside either side."""
    known = list(sides)
    if not any(sources.beside for sources, _ in known):
        return frozenset()
    return frozenset().union(*(written_namespaces(*side, memory) for side in known))


def fails(changes: Difference, fail_on: str) -> bool:
    """Return whether a change is one of those that `--fail-on` names."""
    match fail_on:
        case "opened":
            return bool(changes.count(Effect.OPENED)) or not changes.whole
        case "risk":
            return bool(changes.risks) or not changes.whole
        case _:
            return bool(changes)


def findings_of(compared: Compared) -> tuple[Diagnostic, ...]:
    """Return all findings, of both sides."""
    return tuple(finding for _, some in compared.findings for finding in some)
