"""The table of common shapes: what lark makes of them, written down.

Loading lark and its grammar takes longer than compiling what a small team has. So the parses of
the shapes that people write most are kept in `grammar/shapes.txt`, which `make grammar` writes
and a test holds to be what lark says today. Each line is a shape, a tab, and its plan.
"""

from collections.abc import Iterator
from functools import cache
from pkgutil import get_data
from typing import TypeAlias

Plan: TypeAlias = tuple[str, int, int, tuple["Plan | int", ...]]
"""A rule of the grammar, its first and last token, and its parts: rules, or tokens by number."""


def known_plan(shape: str) -> Plan | None:
    """The plan of a shape, if the table has it."""
    _, mark, after = _table().partition(f"\n{shape}\t")
    return _read(iter(after.partition("\n")[0].split())) if mark else None


def plan_text(plan: Plan) -> str:
    """A plan as the table has it, such as `cluster 0 0 )`."""
    rule, first, last, parts = plan
    texts = (str(part) if isinstance(part, int) else f"( {plan_text(part)}" for part in parts)
    return " ".join((rule, str(first), str(last), *texts, ")"))


def _read(words: Iterator[str]) -> Plan:
    rule, first, last = next(words), int(next(words)), int(next(words))
    parts: list[Plan | int] = []
    while (word := next(words)) != ")":
        parts.append(_read(words) if word == "(" else int(word))
    return rule, first, last, tuple(parts)


@cache
def _table() -> str:
    """The table; of its hundreds of lines a small compile needs ten."""
    return "\n" + (get_data("netpolc.grammar", "shapes.txt") or b"").decode("ascii")
