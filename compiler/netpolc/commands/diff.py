"""`netpolc diff`: the meaning of two sides, and the difference between them.

Whatever is wrong with a side must not look like a difference, and least of all like none: what
cannot be understood is an error, under its side's name.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from netpolc.changes.diff import difference
from netpolc.changes.model import Difference, Side
from netpolc.commands.pipeline import Progress, silent, understand, written_namespaces
from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.diff_sides import NO_EARLIER_INTENTS, Chosen, choose, outputs_of, read_side
from netpolc.io.project import Options, Request, several_outputs
from netpolc.io.sources import Sources, nothing_came, with_known
from netpolc.memory import LastingMemory, Memory
from netpolc.source import SourceFile
from netpolc.values import frozen


@frozen(kw_only=True)
class Compared:
    """Two sides and what differs from the first to the second, or what is wrong with each.

    `sides` and `difference` are missing where there is an error. `found` has the findings by the
    name of the side, empty for the arguments themselves.
    """

    sides: tuple[Side, ...] = ()
    difference: Difference | None = None
    found: tuple[tuple[str, tuple[Diagnostic, ...]], ...] = ()


def diff(
    arguments: Sequence[str],
    request: Request,
    *,
    paths: int | None = None,
    progress: Progress = silent,
) -> Compared:
    """Compare two sides.

    Args:
        arguments: what the user gave, none to two.
        request: what else was asked for; what is `beside` is counted on both sides.
        paths: how many of the arguments come after a `--`; None where there is no `--`.
        progress: shows the steps.
    """
    chosen = choose(arguments, paths, request.here)
    if not chosen.value:
        return Compared(found=(("", chosen.diagnostics),))
    outputs = outputs_of(chosen.value, request)
    if outputs.diagnostics:
        return Compared(found=(("", outputs.diagnostics),))
    if len(outputs.value) > 1:
        return Compared(found=(("", (several_outputs(outputs.value),)),))
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


def _compare(chosen: Sequence[Chosen], request: Request, progress: Progress) -> Compared:
    read = understand_sides(chosen, request, progress)
    if not read.sides:
        return read
    progress("comparing", 0, 1)
    return Compared(sides=read.sides, difference=difference(*read.sides), found=read.found)


def understand_sides(
    chosen: Sequence[Chosen], request: Request, progress: Progress = silent
) -> Compared:
    """Read and understand two sides, without comparing them."""
    memory, files, sides = LastingMemory(), dict[str, SourceFile](), list[Side]()
    found: list[tuple[str, tuple[Diagnostic, ...]]] = []
    both: list[tuple[Chosen, Sources, Options, tuple[Diagnostic, ...]]] = []
    for number, side in enumerate(chosen):
        progress(f"reading {side.name}", number, len(chosen))
        read = read_side(side, request, is_old=number == 0)
        sources = with_known(read.value[0], files)
        files = {file.path: file for file in sources.files}
        before = (*read.diagnostics, *nothing_came(sources))
        both.append((side, sources, read.value[1], before))
    replaced = _replaced(((sources, options) for _, sources, options, _ in both), memory)
    for side, sources, options, before in both:
        settled = replace(options, replaced=replaced)
        meant = understand(sources, settled, before=before, memory=memory)
        found.append((side.name, meant.diagnostics))
        sides.append(
            Side(
                program=meant.program,
                policies=meant.whole,
                inventory=meant.inventory,
                name=side.name,
                tiers=meant.tiers,
            )
        )
    failed = any(has_errors(some) for _, some in found)
    return Compared(sides=() if failed else tuple(sides), found=tuple(found))


def notes_of(compared: Compared) -> tuple[Diagnostic, ...]:
    """Return the findings that a side does not have what the other one has."""
    return tuple(one for one in findings_of(compared) if one.rule is NO_EARLIER_INTENTS)


def _replaced(sides: Iterable[tuple[Sources, Options]], memory: Memory) -> frozenset[str]:
    """The namespaces of which netpolc's own policies are an earlier output beside either side."""
    known = list(sides)
    if not any(sources.beside for sources, _ in known):
        return frozenset()
    return frozenset().union(*(written_namespaces(*side, memory) for side in known))


def findings_of(compared: Compared) -> tuple[Diagnostic, ...]:
    """Return all findings, of both sides."""
    return tuple(one for _, some in compared.found for one in some)
