"""Markdown whose code blocks are run: the specification and the reference.

A block fenced as `intent` is one intent file. A line that must be found wrong says so
itself, in a comment: `# error: [missing-mask]`. Every error must be announced and every
announced finding must come, on that very line. Warnings may be announced the same way;
those that are not are left out of account, because small examples leave much unused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from netpolc.diagnostics import Diagnostic, Severity
from netpolc.passes.lower import lower
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse

_FENCE = re.compile(
    r"^(?P<ticks>`{3,})(?P<language>\S*)[^\n]*\n(?P<text>.*?)^(?P=ticks)\s*$",
    re.MULTILINE | re.DOTALL,
)
_MARK = re.compile(r"(?P<severity>error|warning): \[(?P<name>[\w-]+)\]")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of a Markdown file; `line` is that of its first line of code."""

    path: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        """The place of the block, which names its test."""
        return f"{self.path}:{self.line}"


def blocks(path: Path, language: str = "intent") -> Iterator[Block]:
    """The blocks of a language in a file."""
    text = path.read_text(encoding="utf-8")
    for fence in _FENCE.finditer(text):
        if fence.group("language") == language:
            line = text.count("\n", 0, fence.start("text")) + 1
            yield Block(path.name, line, language, fence.group("text"))


def findings(source: SourceFile) -> tuple[Diagnostic, ...]:
    """What every pass finds in one intent file."""
    parsed = parse(source)
    resolved = resolve([parsed.value])
    lowered = lower(resolved.value)
    return (*parsed.diagnostics, *resolved.diagnostics, *lowered.diagnostics)


def check(block: Block) -> None:
    """Run a block: it must have exactly the errors that it announces."""
    source = SourceFile(block.path, "\n" * (block.line - 1) + block.text)
    announced = set(_announced(block))
    found = {
        (found.label.span.line, found.severity.value, found.rule.name)
        for found in findings(source)
        if found.severity is not Severity.NOTE
    }
    errors = {finding for finding in found if finding[1] == "error"}
    assert announced <= found, f"not found: {sorted(announced - found)}; found: {sorted(found)}"
    assert errors <= announced, f"not announced: {sorted(errors - announced)}"


def _announced(block: Block) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(block.text.splitlines(), start=block.line):
        for mark in _MARK.finditer(line):
            yield number, mark.group("severity"), mark.group("name")
