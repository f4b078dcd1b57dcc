"""Reading a plain file in one go gives the tree that reading it line by line does."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.source import SourceFile
from netpolc.syntax import parser
from netpolc.syntax.whole import plain_tree
from tests.reference import strategies
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.syntax.lines import arrows, files, soup

_LINES = (
    "namespace shop",
    "  namespace tools  ",
    "default: deny",
    "default : allow\r",
    "# a comment",
    "\t#\tanother  ",
    "",
    "   ",
    "\r",
    "db <- api:5432",
    "db <- api, ",
    "db <- api, web in ns tools:[80, 443]",
    "api -> 10.0.0.0/8 except 10.1.0.0/16:443  ",
    "* <- ns monitoring",
    "db <- api # why",
    "db <- api:[80,",
    "db <- {tier=web}",
    "cluster",
)


def _check(text: str, start: int = 0) -> bool:
    """Compare the two ways on a text; whether it was read in one go."""
    source = SourceFile("test.intent", text)
    quick = parser.parse(source)
    with patch.object(parser, "plain_tree", lambda _source, _start: None):
        proper = parser.parse(source)
    # Equality of nodes leaves spans and comments out of account; their representation does not.
    assert repr(quick) == repr(proper)
    return plain_tree(source, start) is not None


@given(
    st.lists(st.sampled_from(_LINES), max_size=8), st.sampled_from(("\n", "\r\n")), st.booleans()
)
def test_files_of_plain_and_other_lines(lines: list[str], ending: str, ends: bool) -> None:
    _check(ending.join(lines) + ending * ends)


@given(st.one_of(files(), soup(), st.lists(arrows(), max_size=5).map("\n".join)))
def test_drawn_files(text: str) -> None:
    _check(text)


@given(strategies.programs())
def test_programs(program: Program) -> None:
    for text in to_text(program).values():
        _check(text)


def test_a_plain_file_is_read_in_one_go() -> None:
    text = """\
# Who may reach the shop.

namespace shop
default: deny

# The database.
db <- api:5432
db <- ns monitoring:9187
api <- web in ns front:[80, 443], 10.0.0.0/8

namespace tools
* -> 10.0.0.0/8 except [10.1.0.0/16]:443
# The end.
"""
    assert _check(text)
    assert _check(text.replace("\n", "\r\n"))
    assert _check(text.removesuffix("# The end.\n"))
    assert _check("\ufeff" + text, 1)


@pytest.mark.parametrize(
    "line",
    ["db <- {tier=web}", "db <- api # why", "db <- api,\n  web", "db <- any", "cluster", "db"],
)
def test_one_other_line_leaves_the_file_to_the_parser(line: str) -> None:
    assert not _check(f"namespace shop\ndb <- api\n{line}\n")
