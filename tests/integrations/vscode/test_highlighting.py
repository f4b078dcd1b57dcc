"""The TextMate grammar of the editors colours what the parser reads, token by token.

The truth is the terminal that the language's own grammar takes a token for. Needs Node and the
extension's packages: `make test-editor` installs them.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lark import Lark, Token

from netpolc.source import SourceFile
from netpolc.syntax.grammar import _TERMINALS, plan_of
from netpolc.syntax.keywords import RESERVED
from netpolc.syntax.logical_lines import cut
from netpolc.syntax.tokens import Tokens
from tests.literate import blocks
from tests.reference import strategies
from tests.reference.printing import to_text
from tests.syntax.lines import arrows, others, usual

ROOT = Path(__file__).parents[3]
EXTENSION = ROOT / "integrations" / "vscode"
LANGUAGE = ROOT / "grammar" / "LANGUAGE.md"

SCOPES = {
    "ARROW": ("keyword.operator.arrow",),
    "BLOCK": ("constant.numeric.block",),
    "DATE": ("constant.other.date",),
    "KEY": ("entity.other.attribute-name",),
    "PORT": ("constant.numeric.port",),
    "STAR": ("constant.language.wildcard",),
    "STRING": ("string.quoted.double",),
    "VALUE": ("string.unquoted",),
    "WORD": ("entity.name", "constant.language"),
    "_OTHER": ("keyword.operator",),
    "_SAME": ("keyword.operator",),
    "comment": ("comment.line",),
}
"""The scopes that a token of a terminal may have; keywords are below."""

KEYWORD = ("keyword", "constant.language")

Coloured = tuple[int, int, int, tuple[str, ...]]

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (EXTENSION / "node_modules" / "vscode-textmate").is_dir(),
    reason="needs Node and the extension's packages: make test-editor",
)


@cache
def _lark() -> Lark:
    text = (ROOT / "grammar" / "intent.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="basic")


@cache
def terminals(shape: str) -> tuple[str, ...] | None:
    """The terminals that the grammar takes the kinds of a shape for; None where it refuses it."""
    if plan_of(shape) is None:
        return None
    parser = _lark().parse_interactive()
    taken: list[str] = []
    for kind in shape.split():
        possible = parser.choices()  # type: ignore[no-untyped-call]
        taken.append(next(each for each in _TERMINALS[kind] if each in possible))
        parser.feed_token(Token(taken[-1], kind))
    return tuple(taken)


def scopes_of(terminal: str, text: str) -> tuple[str, ...] | None:
    """The scopes that a token may have; None for punctuation, whose colour is free."""
    if terminal == "WORD" and text in RESERVED:
        return (*SCOPES["WORD"], *KEYWORD)  # A reserved word as a name, which is refused later.
    if terminal in SCOPES:
        return SCOPES[terminal]
    return KEYWORD if text.isalpha() else None


def coloured(text: str) -> Iterator[Coloured]:
    """The tokens of a file of right statements, and its comments, with their scopes."""
    source = SourceFile("test.intent", text)
    is_comment = [not sign.isspace() for sign in text]
    for line in cut(text)[0]:
        tokens = Tokens(line.text, source, line.start)
        taken = terminals(tokens.shape)
        for number, token in enumerate(tokens.pieces[1::2]):
            first, last = tokens.offsets[2 * number + 1], tokens.offsets[2 * number + 2]
            is_comment[first:last] = [False] * (last - first)
            scopes = scopes_of(taken[number], token) if taken else None
            if scopes is not None:
                yield place(text, first, last, scopes)
    for offset, here in enumerate(is_comment):
        if here:
            yield place(text, offset, offset + 1, SCOPES["comment"])


def place(text: str, first: int, last: int, scopes: tuple[str, ...]) -> Coloured:
    """A token's line, and its columns in units of UTF-16, as editors count."""
    begin = text.rfind("\n", 0, first) + 1
    columns = (len(text[begin:end].encode("utf-16-le")) // 2 for end in (first, last))
    return (text.count("\n", 0, first), *columns, scopes)  # type: ignore[return-value]


def differences(texts: list[str]) -> list[object]:
    """The tokens that the TextMate grammar colours in another way."""
    cases = [(text, list(coloured(text))) for text in texts]
    assert sum(len(tokens) for _, tokens in cases) > len(texts), "no token to compare"
    done = subprocess.run(
        [cast("str", shutil.which("node")), str(EXTENSION / "syntaxes" / "scopes.mjs")],
        input=json.dumps(cases),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return cast("list[object]", json.loads(done.stdout))


def test_every_block_of_the_language_reference() -> None:
    assert differences([block.text for block in blocks(LANGUAGE)]) == []


def test_every_block_of_the_specification() -> None:
    pages = sorted((ROOT / "tests" / "spec").glob("*.md"))
    assert differences([block.text for page in pages for block in blocks(page)]) == []


def test_every_intent_file_of_the_repository() -> None:
    files = sorted((ROOT / "intents").rglob("*.intent")) + sorted(
        (ROOT / "tests").rglob("*.intent")
    )
    assert differences([path.read_text(encoding="utf-8") for path in files]) == []


def test_a_word_with_a_port_on_the_next_line_is_no_setting() -> None:
    text = "api <- dns , # both\n\n  dns:metrics\nservice dns = {a=b}\n"
    assert differences([text, text.replace("dns:", "dns :"), "a <- b\ndns: none\n"]) == []


@settings(max_examples=3, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.data())
def test_random_lines_and_programs(data: st.DataObject) -> None:
    lines = st.one_of(usual(), arrows(), others())
    texts = data.draw(st.lists(lines, min_size=50, max_size=50))
    programs = data.draw(st.lists(strategies.programs(), min_size=5, max_size=5))
    files = [text for program in programs for text in to_text(program).values()]
    assert differences([*texts, *files]) == []


def test_a_wrong_colour_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCOPES, "PORT", ("string",))
    assert differences(["db <- api:5432"])
