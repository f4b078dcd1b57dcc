"""Texts that users see are in plain English: the patterns that sound translated are refused."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from netpolc.cli.main import group

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "compiler" / "netpolc"

PATTERNS = {
    r"(?<![Tt]here )\b(?:is|are) no [a-z`{](?!ore|onger|ther)": "is not a, is not a valid",
    r"\bstands? (?:in|at|before|after|behind|alone|twice|where|for|on)\b": "is, comes, means",
    r"\bbehind\b": "after",
    r"\bbesides\b": "additional, also, already",
    r"\bcould go\b(?! to)": "can be removed, redundant",
    r"mistake of netpolc": "a bug in netpolc",
    r"nothing in the language": "not part of the language",
    r"true of nothing": "vacuous: no connection matches it",
    r"permits? n(?:othing|one) of it": "does not permit it",
    r"both permit the same": "no change in what is permitted",
    r"look twice": "review",
    r"is said to have": "conflicting values for",
    r"\bis told\b|\bnot all of it is\b": "is listed, is shortened",
    r"\bwhoever\b": "the users, the owners",
    r"\btime by the square\b": "quadratic time",
    r"\btakes? (?:\w+ ){1,3}for (?:a|an|the|true|absent|errors)\b": "treat as",
}
"""What must not be in a text, and what to write instead."""

PAGES = (
    *sorted(PACKAGE.rglob("NP*.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "tests" / "messages").glob("NP*.md")),
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "action.yml")),
    ROOT / "grammar" / "LANGUAGE.md",
)


def refused(text: str) -> list[str]:
    """The phrases of a text that a pattern refuses, with what to write instead."""
    plain = " ".join(text.split())
    return [
        f"`{hit.group()}`: write {better}"
        for pattern, better in PATTERNS.items()
        for hit in re.finditer(pattern, plain)
    ]


def messages(path: Path) -> Iterator[str]:
    """The string literals of a module without its docstrings; `{}` for the values in f-strings."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    unused = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            texts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield "".join(map(str, texts))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in unused:
            yield node.value


def helps(command: click.Command, name: str = "netpolc") -> Iterator[tuple[str, str]]:
    """The names of a command and its subcommands, with their help texts."""
    context = click.Context(command, info_name=name)
    yield name, command.get_help(context)
    if isinstance(command, click.Group):
        for each in command.list_commands(context):
            found = command.get_command(context, each)
            assert found is not None
            yield from helps(found, f"{name} {each}")


@pytest.mark.parametrize("text", ["`=` is no arrow", "`ns` stands\nin front", "look twice: x"])
def test_translated_phrases_are_refused(text: str) -> None:
    assert refused(text)


@pytest.mark.parametrize("text", ["there is no `intents`", "it is no longer permitted"])
def test_ordinary_phrases_are_not_refused(text: str) -> None:
    assert not refused(text)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_pages_are_in_plain_english(path: Path) -> None:
    assert not refused(path.read_text(encoding="utf-8"))


def test_messages_are_in_plain_english() -> None:
    found = {
        f"{path.relative_to(PACKAGE)}: {problem}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for text in messages(path)
        for problem in refused(text)
    }
    assert not found


def test_help_is_in_plain_english() -> None:
    texts = dict(helps(group))
    assert len(texts) > 10
    assert not {name: found for name, text in texts.items() if (found := refused(text))}


def test_sentences_of_the_help_are_one_blank_apart() -> None:
    """Two blanks come only before the default of an option, which click writes in brackets."""
    for name, text in helps(group):
        assert not re.search(r"\w[.)-]\.?  [A-Z]\w", text.replace("\n", "|")), name
