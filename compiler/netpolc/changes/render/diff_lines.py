"""The entries of a difference as lines of a diff: one connection, one line.

    + db <- api:5432
    + db <- ns *:9187  # opened to every namespace
    - db <- old:5432

The sign says opened or closed without any colour. What comes after `#` is what a reader
should not overlook; in the intent language it is a comment.
"""

from collections.abc import Iterable, Iterator

from netpolc.analysis.unknown_facts import reason
from netpolc.changes.model import Effect, Entry, Risk
from netpolc.changes.render.markdown_escape import shown
from netpolc.kube.peers import Direction
from netpolc.values import frozen

_WIDEST = 56
"""Columns up to which remarks are put below each other."""


@frozen
class Count:
    """The numbers of connections opened and closed."""

    opened: int = 0
    closed: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.opened + other.opened, self.closed + other.closed)

    def __sub__(self, other: "Count") -> "Count":
        return Count(self.opened - other.opened, self.closed - other.closed)

    def __bool__(self) -> bool:
        return bool(self.opened or self.closed)

    def __str__(self) -> str:
        parts = ((self.opened, "opened"), (self.closed, "closed"))
        return ", ".join(f"{number:,} {what}" for number, what in parts if number) or "none"


@frozen
class Line:
    """One line of a diff; `text` is the user's, and not yet safe to print."""

    effect: Effect
    text: str
    remark: str = ""

    @property
    def count(self) -> Count:
        """Its share of the totals: one change, opened or closed."""
        opened = self.effect is Effect.OPENED
        return Count(int(opened), int(not opened))


def lines(entry: Entry) -> Iterator[Line]:
    """A line for each far end, or one line if the entry has words only as a whole."""
    remark = remark_of(entry)
    if not entry.sayable or not entry.far:
        yield Line(entry.effect, entry.arrow, remark)
        return
    arrow = "<-" if entry.direction is Direction.INGRESS else "->"
    for far in entry.far:
        yield Line(entry.effect, f"{entry.subject} {arrow} {far.text}", remark)


def count(entries: Iterable[Entry]) -> Count:
    """The number of lines of the entries."""
    total = Count()
    for entry in entries:
        size = len(entry.far) if entry.sayable and entry.far else 1
        opened = entry.effect is Effect.OPENED
        total += Count(size if opened else 0, 0 if opened else size)
    return total


def written(some: Iterable[Line]) -> list[str]:
    """The lines with their signs, remarks below each other."""
    body = [
        (f"{'+' if line.effect is Effect.OPENED else '-'} {shown(line.text)}", line.remark)
        for line in some
    ]
    width = max((len(text) for text, remark in body if remark), default=0)
    width = min(width, _WIDEST)
    return [f"{text:<{width}}  # {remark}" if remark else text for text, remark in body]


def remark_of(entry: Entry) -> str:
    """The remark after the line: its only risk, the unknown facts, and the pods it means."""
    risks = [risk.words for risk in entry.risks]
    return "; ".join(
        (
            *(risks if is_marked(entry) else ()),
            *(f"depends on {reason(fact)}" for fact in entry.undecided),
            *(() if entry.reach.unknown_pods or entry.reach.outside else ("known pods only",)),
        )
    )


def is_marked(entry: Entry) -> bool:
    """Whether the risk of an entry is on its line: there is one, and one line."""
    return len(entry.risks) == 1 and (len(entry.far) == 1 or not entry.sayable)


def plural(number: int, what: str, many: str = "") -> str:
    """A number and its noun, in the plural where it must be: `1 risk`, `2 risks`."""
    return f"{number:,} {what if number == 1 else many or what + 's'}"


def unmarked_risks(entries: Iterable[Entry]) -> tuple[Risk, ...]:
    """The risks that are on no line and must be listed separately, each once."""
    there = {risk for entry in entries if not is_marked(entry) for risk in entry.risks}
    return tuple(risk for risk in Risk if risk in there)
