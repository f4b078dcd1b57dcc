"""The comment in a pull request: what it says, that it fits, and that nothing in it is the user's markup."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from netpolc.changes.model import Cause, Difference, Effect
from netpolc.changes.render.diff_lines import Count, count, lines, written
from netpolc.changes.render.markdown import GITHUB_LIMIT, GITLAB_LIMIT, MARKER, render
from netpolc.changes.render.markdown_escape import html_code, sentence
from netpolc.diagnostics.render.escape import visible_char
from netpolc.provenance import StatementKind
from tests.changes.strategies import differences, hostile
from tests.changes.written import EVERYTHING, change, entry, origin, shop, tcp

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

OURS = {
    "heading_open",
    "heading_close",
    "paragraph_open",
    "paragraph_close",
    "bullet_list_open",
    "bullet_list_close",
    "list_item_open",
    "list_item_close",
    "blockquote_open",
    "blockquote_close",
    "strong_open",
    "strong_close",
    "inline",
    "fence",
    "html_block",
    "html_inline",
    "code_inline",
    "softbreak",
    "text",
}
HTML = re.compile(
    r"<!-- netpolc diff -->|</?details>|<details open>|</?sub>|<summary>[A-Za-z0-9 ,()]*</summary>"
)
LEFT_OUT = re.compile(
    r"\*\*Left out[^*]*\*\*((?: [\d,]+ (?:opened|closed|isolation changes?|statements?),?\.?)+)"
)


def tokens(text: str) -> Iterator[Token]:
    """Every token, those inside of lines too."""
    for token in READER.parse(text):
        yield token
        yield from token.children or ()


def told(text: str) -> list[str]:
    """The lines of diffs."""
    return [
        line
        for token in READER.parse(text)
        if token.type == "fence" and token.info == "diff"
        for line in token.content.splitlines()
    ]


def left_out(text: str) -> dict[str, int]:
    """What the comment says it leaves out."""
    found = LEFT_OUT.search(text)
    parts = re.findall(r"([\d,]+) (opened|closed|isolation|statement)", found[1]) if found else []
    return {what: int(number.replace(",", "")) for number, what in parts}


def large(number: int, *, namespaces: int = 1) -> Difference:
    """A change with many subjects of two lines each, in some namespaces."""
    causes = tuple(
        Cause(
            statements=(
                change(None, origin(f"intents/s{n}.intent", 3, f"s{n} <- api:80, web:80")),
            ),
            entries=(
                entry(
                    Effect.OPENED if n % 3 else Effect.CLOSED,
                    f"s{n}",
                    [("api", tcp(80)), ("web", tcp(80))],
                    namespace=f"n{n % namespaces}",
                ),
            ),
        )
        for n in range(number)
    )
    return Difference(before="a", after="b", causes=causes)


def test_a_change_as_a_team_makes_it() -> None:
    text = render(shop())
    start = (
        f"{MARKER}\n### Network policy: 7 connections opened, 1 closed\n\n`main` → `feature/observ"
    )
    assert text.startswith(start)
    assert "> - **Opened to public addresses**: `web` in `shop`\n" in text
    assert "> - **A default is removed**: namespace `lab`\n" in text
    assert "- every pod of namespace `lab` was closed, now open to all\n" in text
    assert "#### Group `observers` touches 4 subjects in 2 namespaces\n" in text
    assert "```diff\n+ db <- migrator:5432\n- db <- legacy:5432\n```\n" in text
    assert "- edited at `intents/shop/db.intent:4`: `db <- api:5432, legacy:5432` became" in text
    assert "<summary>1 changed without opening or closing</summary>" in text
    assert len(told(text)) == 8


def test_assertions_that_change_are_not_hidden_in_a_fold() -> None:
    gone = change(origin("sec.intent", 3, "never db <- internet"), None, StatementKind.ASSERTION)
    new = change(None, origin("sec.intent", 4, "only db <- api:5432"), StatementKind.ASSERTION)
    text = render(Difference(before="a", after="b", rewordings=(new, gone)))
    assert "without effect" not in text
    assert "**Assertions:** 1 removed, 1 added\n\n- removed, was at `sec.intent:3`: `never" in text
    assert "<details>" not in text


def test_nothing_changed_is_said_in_a_line() -> None:
    text = render(Difference(before="main", after="HEAD", moved=2))
    assert text.splitlines()[1] == "### Network policy: nothing opened, nothing closed"
    assert "2 only moved" in text
    assert "mermaid" not in text


@pytest.mark.parametrize("text", ["1. x", "12) x", "- x", "---", "    x", "1."])
def test_a_sentence_begins_no_list(text: str) -> None:
    assert sentence(text).startswith("`")
    assert sentence("1 pod") == "1 pod"
    assert sentence("`2048-game` is 1. now") == "`2048-game` is 1. now"


@settings(max_examples=60, deadline=None)
@given(differences)
def test_no_text_of_the_user_is_markup(difference: Difference) -> None:
    text = render(difference)
    assert text.startswith(f"{MARKER}\n")
    assert all(char == "\n" or visible_char(char) == char for char in text)
    for token in tokens(text):
        assert token.type in OURS
        if token.type in {"html_block", "html_inline"}:
            assert all(HTML.fullmatch(line) for line in token.content.split("\n") if line)
        if token.type == "text":
            assert not re.search(r"[@<>\\]|#\d|://|www\.|:\w+:|\$", token.content), token.content
    # Everything is there, once.
    want = [line for entry in difference.entries for line in written(lines(entry))]
    assert sorted(map(bare, told(text))) == sorted(map(bare, want))


def bare(line: str) -> str:
    """A line of a diff without the blanks that put remarks below each other."""
    return re.sub(r" +# ", " # ", line)


@settings(max_examples=25, deadline=None)
@given(differences, st.integers(8_000, 12_000), st.integers(0, 300))
def test_it_fits_and_counts_what_it_leaves_out(
    difference: Difference, limit: int, more: int
) -> None:
    whole = replace(difference, causes=(*difference.causes, *large(more).causes))
    text = render(whole, limit=limit)
    assert len(text.encode()) <= limit
    shown = told(text)
    want = [bare(line) for entry in whole.entries for line in written(lines(entry))]
    assert set(map(bare, shown)) <= set(want), "only whole lines"
    left = left_out(text)
    total = count(whole.entries)
    opened = sum(line.startswith("+") for line in shown)
    assert (
        Count(opened, len(shown) - opened) + Count(left.get("opened", 0), left.get("closed", 0))
        == total
    )
    for token in tokens(text):
        assert token.type in OURS


@pytest.mark.parametrize(
    ("limit", "namespaces"),
    [(GITHUB_LIMIT, 1), (GITHUB_LIMIT, 7), (GITHUB_LIMIT, 3000), (GITLAB_LIMIT, 7)],
)
def test_ten_thousand_lines(limit: int, namespaces: int) -> None:
    difference = large(5000, namespaces=namespaces)
    text = render(difference, limit=limit)
    assert len(text.encode()) <= limit
    assert text.count("<details") == text.count("</details>")
    left = left_out(text)
    total = count(difference.entries)
    shown = told(text)
    assert len(shown) + left.get("opened", 0) + left.get("closed", 0) == 10_000
    assert total == Count(6666, 3334)
    assert "6,666 connections opened, 3,334 closed" in text
    if limit == GITLAB_LIMIT:
        assert not left
    else:
        assert len(text.encode()) > limit * 0.9, "room is used"


def test_one_subject_with_ten_thousand_peers_is_told_in_part() -> None:
    far = [(f"p{n}", EVERYTHING) for n in range(10_000)]
    cause = Cause(statements=(), entries=(entry(Effect.OPENED, "db", far),))
    text = render(Difference(before="a", after="b", causes=(cause,)))
    shown = told(text)
    assert 2_000 < len(shown) < 10_000
    assert left_out(text) == {"opened": 10_000 - len(shown)}
    assert f"- and {10_000 - len(shown):,} opened more, left out here" in text


@given(hostile)
def test_a_long_statement_is_quoted_in_part(words: str) -> None:
    statement = "group g = " + words * 5000
    cause = Cause(
        statements=(change(None, origin("a.intent", 1, statement)),),
        entries=(entry(Effect.OPENED, "db", [("api", tcp(1))]),),
    )
    text = render(Difference(before="a", after="b", causes=(cause,)))
    assert len(text) < 4_000
    assert "+ db <- api:1" in text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("", "<code>(empty)</code>"),
        ("db", "<code>db</code>"),
        ("<b>&", "<code>&lt;b&gt;&amp;</code>"),
    ],
)
def test_code_in_html_is_escaped(text: str, html: str) -> None:
    assert html_code(text) == html
