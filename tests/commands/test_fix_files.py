"""A fix that is kept removes its finding, brings no other, and leaves comments alone."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from netpolc.commands.fix_files import fix_files
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.literate import blocks
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.reference.strategies import programs

PAGES = sorted((Path(__file__).parents[1] / "messages").glob("NP1*.md"))
TEXTS = [block.text for page in PAGES for block in blocks(page)]
SLIPS = (
    ("5432", "5432/TCP"),
    ("5432", "tcp/5432"),
    (" in ns ", " from ns "),
    ("<-", "<="),
    ("->", "=>"),
    (" notin ", " not in "),
    ("=", ": "),
    (":[", ":("),
)


def _keys(text: str) -> Counter[tuple[str, str]]:
    found = parse(SourceFile("a.intent", text)).diagnostics
    return Counter((one.rule.code, one.message) for one in found)


def _comments(text: str) -> list[str]:
    return re.findall(r"#.*", text)


def _check(text: str, *, unsafe: bool) -> bool:
    """Check the properties of the fixes of a text; whether there was one."""
    fixed = fix_files([SourceFile("a.intent", text)], "default", unsafe=unsafe)
    for one in fixed:
        gone = Counter((found.rule.code, found.message) for found in one.applied)
        assert _keys(one.text) <= _keys(text) - gone or unsafe
        assert _comments(one.text) == _comments(text)
        if not unsafe:
            assert all(found.fixes[0].safe for found in one.applied)
        assert not fix_files([SourceFile("a.intent", one.text)], "default", unsafe=unsafe)
    return bool(fixed)


@pytest.mark.parametrize("unsafe", [False, True])
def test_the_fixes_of_every_message_page(unsafe: bool) -> None:
    fixed = sum(_check(text, unsafe=unsafe) for text in TEXTS)
    assert fixed >= (8 if unsafe else 3)


@settings(max_examples=60, deadline=None)
@given(program=programs(), slips=st.lists(st.sampled_from(SLIPS), min_size=1, max_size=2))
def test_the_fixes_of_damaged_programs(program: Program, slips: list[tuple[str, str]]) -> None:
    fixed = False
    for text in to_text(program).values():
        for right, wrong in slips:
            text = text.replace(right, wrong, 1)  # noqa: PLW2901
        fixed |= _check(text, unsafe=False) | _check(text, unsafe=True)
    event("fixed" if fixed else "nothing to fix")


@pytest.mark.parametrize(
    ("wrong", "right", "safe"),
    [
        ("db <- api:5432/TCP  # why\n", "db <- api:5432/tcp  # why\n", True),
        ("db <- web from ns shop:80\n", "db <- web in ns shop:80\n", True),
        ("db <- 10.0.0.1:80\n", "db <- 10.0.0.1/32:80\n", True),
        ("db => api:80\n", "db -> api:80\n", False),
        ("db <- 10.0.0.1/8:80\n", None, False),  # The block or the address: two fixes.
    ],
)
def test_what_is_written_instead(wrong: str, right: str | None, *, safe: bool) -> None:
    for unsafe in (False, True):
        fixed = fix_files([SourceFile("a.intent", wrong)], "default", unsafe=unsafe)
        applied = right is not None and (safe or unsafe)
        assert [one.text for one in fixed] == ([right] if applied else [])


def test_a_fix_after_which_another_finding_comes_is_not_kept() -> None:
    files = [SourceFile("a.intent", "db <- 10.0.0.1:tcp/80\n")]
    assert not fix_files(files, "default", unsafe=True)


def test_a_mistyped_name_is_fixed_only_if_asked_for() -> None:
    text = "namespace shop\ndefault: deny\npayments <- web:80\nledger <- paymnts:80\n"
    files = [SourceFile("a.intent", text)]
    assert not fix_files(files, "default", unsafe=False)
    (fixed,) = fix_files(files, "default", unsafe=True)
    assert fixed.text == text.replace("paymnts", "payments")
