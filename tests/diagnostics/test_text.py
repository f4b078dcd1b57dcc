"""The text of findings: places, underlines, order, and nothing a terminal would obey."""

import re
from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from netpolc.diagnostics import Diagnostic, Fix, Label
from netpolc.diagnostics.render import in_order, tally
from netpolc.diagnostics.render.escape import visible, width
from netpolc.diagnostics.render.text import render
from netpolc.io.read_file import UNREADABLE as ERROR
from netpolc.lints.expired_arrow import EXPIRED_ARROW as WARNING
from netpolc.source import SourceFile, Span


def at(file: SourceFile, words: str) -> Span:
    start = file.text.index(words)
    return file.span(start, start + len(words))


def finding(span: Span, label: str = "here", **others: object) -> Diagnostic:
    return Diagnostic(rule=ERROR, message="it is wrong", label=Label(span, label), **others)  # type: ignore[arg-type]


def shown(text: str) -> str:
    return dedent(text).lstrip("\n")


def test_a_finding_shows_its_line_underlined_and_the_help() -> None:
    file = SourceFile("a.intent", "# one\ndb <- api:5432\n")
    assert render([finding(at(file, "api"), help="do it")]) == shown("""
        error[NP702]: it is wrong
         --> a.intent:2:7
          |
        2 | db <- api:5432
          |       ^^^ here
          |
          = help: do it

        """)


def test_further_labels_stand_in_order_and_those_of_other_files_below() -> None:
    file = SourceFile("a.intent", "one\ntwo three\n\n\nfive\n")
    other = SourceFile("b.intent", "elsewhere")
    found = finding(
        at(file, "two"),
        others=(
            Label(at(other, "where"), "there"),
            Label(at(file, "five"), "third"),
            Label(at(file, "three"), "second"),
        ),
    )
    assert render([found]) == shown("""
        error[NP702]: it is wrong
         --> a.intent:2:1
          |
        2 | two three
          | ^^^ here
          |     ----- second
        ...
        5 | five
          | ---- third
          |
         ::: b.intent:1:5
          |
        1 | elsewhere
          |     ----- there

        """)


def test_line_numbers_are_aligned() -> None:
    file = SourceFile("a.intent", "\n" * 8 + "nine\nten\n")
    found = finding(at(file, "nine"), others=(Label(at(file, "ten"), ""),))
    assert render([found]) == shown("""
        error[NP702]: it is wrong
          --> a.intent:9:1
           |
         9 | nine
           | ^^^^ here
        10 | ten
           | ---

        """)


def underlined(text: str, words: str) -> str:
    """What stands above the underline, by columns of the terminal."""
    _, line, marks = render([finding(at(SourceFile("a", text), words), "")]).splitlines()[2:5]
    start = marks.index("^")
    cells = [char for char in line for _ in range(width(char))]
    return "".join(cells[start : len(marks)])


def test_tabs_are_expanded() -> None:
    assert underlined("\tdb <- api", "api") == "api"
    assert underlined("ab\tdb <- api", "api") == "api"


def test_wide_characters_take_two_columns_and_combining_ones_none() -> None:
    assert underlined("日本 <- api", "api") == "api"
    assert underlined("e\u0301e\u0301 <- api", "api") == "api"
    assert underlined("db <- 日本", "日本") == "日日本本"


def test_escapes_are_shown_and_counted() -> None:
    assert underlined("# \x1b[31m\u202e api", "api") == "api"
    assert underlined("db <- \x1b[0m", "\x1b") == "\\x1b"


def test_of_a_long_line_a_window_is_shown() -> None:
    text = "x" * 300 + "api" + "y" * 300
    lines = render([finding(at(SourceFile("a", text), "api"), "")]).splitlines()
    assert all(len(line) < 120 for line in lines)
    assert "…" in lines[3]
    assert lines[3][lines[4].index("^") :].startswith("api")
    assert underlined("api" + "y" * 300, "api") == "api"
    assert underlined("y" * 300 + "api", "api") == "api"


def test_a_line_of_fifty_million_characters_costs_nothing() -> None:
    file = SourceFile("a", "x" * 50_000_000 + "api")
    assert len(render([finding(file.span(0, len(file.text)), "")])) < 500
    assert len(render([finding(file.span(50_000_000, 50_000_003), "")])) < 500


def test_a_span_over_several_lines_is_underlined_to_the_end_of_the_first() -> None:
    file = SourceFile("a", "one two(\n  three)\nfour")
    assert render([finding(at(file, "two(\n  three)"))]).splitlines()[3:5] == [
        "1 | one two(",
        "  |     ^^^^ here",
    ]


def test_an_empty_span_at_the_end_of_a_line_is_one_mark_behind_it() -> None:
    file = SourceFile("a", "one\ntwo")
    assert render([finding(file.span(3, 3))]).splitlines()[3:5] == ["1 | one", "  |    ^ here"]
    assert render([finding(file.span(7, 7))]).splitlines()[3:5] == ["2 | two", "  |    ^ here"]


def test_of_a_whole_file_only_the_path_is_shown() -> None:
    file = SourceFile("a.intent", "one\n")
    assert render([finding(file.whole(), "", help="do it")]) == shown("""
        error[NP702]: it is wrong
         --> a.intent
          = help: do it

        """)


def test_a_fix_is_said_where_there_is_no_help() -> None:
    file = SourceFile("a", "db = api")

    def last(old: Span, new: str) -> str:
        fix = Fix(span=old, replacement=new)
        return render([finding(old, fixes=(fix,))]).splitlines()[-2]

    assert last(at(file, "="), "<-") == "  = help: write `<-` instead of `=`"
    assert last(at(file, "db "), "") == "  = help: leave out `db `"
    assert last(file.span(8, 8), ":1") == "  = help: insert `:1`"


def test_findings_come_by_place_and_each_once() -> None:
    one, same = SourceFile("a", "one two"), SourceFile("a", "one two")
    first, second = finding(at(one, "one")), finding(at(one, "two"))
    again = finding(at(same, "two"))
    warning = Diagnostic(rule=WARNING, message="late", label=Label(SourceFile("0", "").whole()))
    assert in_order([second, first, again, warning]) == [warning, first, again]
    assert tally([second, first, again, warning]) == "2 errors, 1 warning"
    assert tally([]) == ""
    assert render([]) == ""


def test_a_raised_warning_is_an_error() -> None:
    late = Diagnostic(
        rule=WARNING, message="late", label=Label(SourceFile("a", "").whole()), raised=True
    )
    assert tally([late]) == "1 error"
    assert render([late]).startswith("error[NP603]")


def test_colours_change_nothing_but_colours() -> None:
    file = SourceFile("a", "one \x1b[31m two")
    found = [finding(at(file, "two"), "\x1b[0m", help="x", others=(Label(at(file, "one"), "y"),))]
    coloured = render(found, colour=True)
    assert coloured != render(found)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render(found)


def test_a_message_of_a_megabyte_is_cut() -> None:
    file = SourceFile("a", "one")
    found = Diagnostic(
        rule=ERROR, message="x" * 1_000_000, label=Label(at(file, "one"), "y" * 9999)
    )
    assert len(render([found])) < 3000


@given(st.text(alphabet=st.characters(codec=None), max_size=200), st.data())
def test_nothing_a_terminal_would_obey_comes_out(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    file = SourceFile(text[:20] or "a", text)
    span = file.span(start, end)
    found = Diagnostic(
        rule=ERROR, message=text, label=Label(span, text), others=(Label(span, "again"),), help=text
    )
    printed = render([found])
    assert visible(printed.replace("\n", ""), len(printed)) == printed.replace("\n", "")
    printed.encode()
