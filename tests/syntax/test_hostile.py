"""Whatever is in a file, parsing ends soon, with a tree and findings, never with a crash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.render.text import render
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import ArrowStatement
from netpolc.syntax.unicode_checks import MAX_CHARACTERS
from tests.syntax.lines import files, soup

_MANY = 6_000


def _found(text: str) -> tuple[Diagnostic, ...]:
    return parse(SourceFile("test.intent", text)).diagnostics


def _names(text: str) -> list[str]:
    return [found.rule.name for found in _found(text)]


def _check(text: str) -> None:
    """Every finding has a place in the text and can be shown; what was read can be printed."""
    outcome = parse(SourceFile("test.intent", text))
    for found in outcome.diagnostics:
        for label in (found.label, *found.others):
            assert 0 <= label.span.start <= label.span.end <= len(text)
        assert "\n" not in found.message + found.label.text + found.help
    assert render(outcome.diagnostics).isprintable() is not bool(outcome.diagnostics)
    format_file(outcome.value)


@given(st.text())
def test_any_text(text: str) -> None:
    _check(text)


@given(soup())
def test_soup(text: str) -> None:
    _check(text)


@given(files(), st.data())
def test_a_right_file_with_one_slip(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    slip = data.draw(st.sampled_from(("", "{", "]", '"', "\n", ",", "<-", "\x00", "ü", "#", "x")))
    _check(text[:place] + slip + text[place + data.draw(st.integers(0, 2)) :])


@given(files(), soup())
def test_a_bad_line_leaves_the_others_as_they_are(text: str, bad: str) -> None:
    """What is wrong with a line is reported there, and nowhere else."""
    line = "db <- )" + "".join(char for char in bad if char.isprintable() and char not in '{[("#,')
    before = parse(SourceFile("x", text)).value
    outcome = parse(SourceFile("x", f"{line}\n{text}"))
    assert {found.label.span.line for found in outcome.diagnostics} == {1}
    assert outcome.value == before


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("db <- api\0", ["binary-file"]),
        ("d\0b\0 \0<\0-\0", ["binary-file"]),
        ("db <- api\x0c", ["forbidden-character"]),
        ("db <- api # \x1b[31mred", ["forbidden-character"]),
        ('db <- api because "\x07"', ["forbidden-character"]),
        ("db <- api\rweb <- api", ["forbidden-character"]),
        ("db <- api # \u202e\nweb <- \u2067api", ["forbidden-character"] * 2),
        ("db <- api\u2028web <- api", ["forbidden-character"]),
        ("db <- \ud800", ["forbidden-character"]),
        ("db <- api\u00a0", ["look-alike-character"]),
        ("db\u200b <- api", ["look-alike-character"]),
        ("\ufeff\ufeffdb <- api", ["look-alike-character"]),
        ("\uff44\uff42 <- api", ["look-alike-character"]),
        ("db <- \u0430pi", ["look-alike-character"]),
        ("db <- api\uff0cweb", ["look-alike-character"]),
    ],
)
def test_characters(text: str, names: list[str]) -> None:
    assert _names(text) == names


@pytest.mark.parametrize("text", ["\ufeffdb <- api\r\n", "db\t<-\tapi\r\n", "\tdb <- api"])
def test_what_editors_add_is_right(text: str) -> None:
    assert _names(text) == []


def test_a_forbidden_character_spoils_its_statement_only_where_it_stands_in_it() -> None:
    outcome = parse(SourceFile("x", "db <- a\x07pi\nweb <- api # \x07"))
    (section,) = outcome.value.sections
    (arrow,) = section.statements
    assert isinstance(arrow, ArrowStatement)
    assert arrow.connection.subject.span.text == "web"


def test_size() -> None:
    assert _names("#" * (MAX_CHARACTERS + 1)) == ["oversized-file"]
    assert _names("#" * MAX_CHARACTERS) == []


@pytest.mark.parametrize(
    "facts",
    [
        "env=a_",
        'env="a b"',
        'env="\\\\"',
        "a=b, env=-x",
        "env==a_",
        "env in (a_)",
        'env in ("a=b")',
        "a_=b, env=x",
        "env=a_, env=b_",
        "!env=x",
    ],
)
def test_a_slip_in_a_header_hides_no_other_finding(facts: str) -> None:
    names = _names(f"namespace shop {{{facts}}}\ndb <- api:70000\n")
    assert len(names) > 1
    assert names[-1] == "invalid-port"


@pytest.mark.parametrize("between", [", ", ",\n", ", # why\n\n "])
def test_many_peers(between: str) -> None:
    peers = [f"svc-{i}:{i % 65535 + 1}" for i in range(_MANY)]
    outcome = parse(SourceFile("x", f"db <- {between.join(peers)}"))
    arrow = outcome.value.sections[0].statements[0]
    assert isinstance(arrow, ArrowStatement)
    assert len(arrow.connection.peers) == _MANY
    assert not outcome.diagnostics
    formatted = format_file(outcome.value)
    assert parse(SourceFile("x", formatted)).value == outcome.value


def test_many_peers_by_the_grammar() -> None:
    peers = ["{a}", *(f"svc-{i}" for i in range(_MANY // 4))]
    assert _names(f"db <- {', '.join(peers)}") == []


@pytest.mark.parametrize(
    ("text", "most"),
    [
        ("a" * 1_000_000, 1),
        ("db <- " + "a" * 1_000_000, 1),
        ("db <- api because " + '"' * 100_001, 1),
        ('db <- api because "' + "\\" * 100_001, 1),
        ("-" * 100_000, 1),
        ("<-" * 100_000, 1),
        ("= " * 50_000, 1),
        ("{" * 100_000, 1),
        ("{}" * 50_000, 1),
        ("db <- api:" + "[" * 50_000 + "]" * 50_000, 1),
        ("db <- " + "," * 100_000, 1),
        ("db <- " + ":" * 100_000, 1),
        ("db <- " + "a/" * 50_000, 1),
        ("db <- api:" + "9" * 100_000, 1),
        ("db" + " " * 100_000 + "x", 1),
        (" " * 100_000 + "@", 1),
        ("\u00a0" * 100_000, 1),
        ("{" + " " * 100_000 + "'x", 1),
        ("db <- a in" + " in" * 50_000, 1),
        ("- a: b\n" * 2_000, 1),
        ("db <- {\n" * 2_000, 2_000),
        ("db <- a b\n" * 500, 500),
        ("foo: bar\n" * 500, 500),
    ],
    ids=lambda value: str(value)[:12],
)
def test_deep_nonsense(text: str, most: int) -> None:
    assert 1 <= len(_found(text)) <= most


def test_a_file_that_is_wrong_throughout_is_explained_up_to_a_limit() -> None:
    outcome = parse(SourceFile("a.intent", "db <- <- api\n" * 3000 + "db <- api:0\n" * 50))
    *explained, last = outcome.diagnostics
    assert len(explained) == 1000
    assert last.rule.name == "too-many-mistakes"
    assert last.message.startswith("2,050 more")
    assert last.label.span.line == 1001


def test_the_first_nul_is_shown() -> None:
    (found,) = parse(SourceFile("x", "db <- \0api\0\n")).diagnostics
    assert (found.label.span.start, found.label.span.end) == (6, 7)
