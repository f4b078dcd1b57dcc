"""Two texts, and what differs between them: the short way to a difference for tests."""

from collections.abc import Mapping

from netpolc.changes.diff import difference
from netpolc.changes.model import Difference, Effect, Entry, Side
from netpolc.kube.inventory import Inventory
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse

Intents = str | Mapping[str, str]


def side(intents: Intents, name: str = "", inventory: Inventory | None = None) -> Side:
    """The side that intents are: one text about namespace shop, or files by path."""
    files = {"shop.intent": f"namespace shop\n{intents}"} if isinstance(intents, str) else intents
    trees = [parse(SourceFile(path, text)) for path, text in files.items()]
    assert not [d for tree in trees for d in tree.diagnostics]
    program = resolve([tree.value for tree in trees])
    return Side(
        program=program.value,
        policies=normalise(lower(program.value).value),
        inventory=inventory or Inventory(),
        name=name,
    )


def changed(before: Intents, after: Intents) -> Difference:
    """What differs between two texts."""
    return difference(side(before, "old"), side(after, "new"))


def said(found: Difference) -> list[str]:
    """Every entry as a line of a diff, in order."""
    return [_line(entry) for entry in found.entries]


def folded(found: Difference) -> dict[tuple[str, ...], list[str]]:
    """The entries by the statements they stand under, as these stand now (or stood)."""
    return {
        tuple(
            origin.statement
            for one in cause.statements
            if (origin := one.after or one.before) is not None
        ): [_line(entry) for entry in cause.entries]
        for cause in found.causes
    }


def _line(entry: Entry) -> str:
    return f"{'+' if entry.effect is Effect.OPENED else '-'} {entry.arrow}"
