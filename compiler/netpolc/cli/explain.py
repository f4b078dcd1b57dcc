"""`netpolc explain`: what a finding means, why it matters, and what to write instead."""

import re
from collections.abc import Iterable, Iterator
from textwrap import wrap

import click

from netpolc.cli import completions
from netpolc.cli.colour import BOLD, CYAN, RED, YELLOW, painted
from netpolc.cli.stdout import colours, print_text, terminal_width
from netpolc.commands.explain import find_rules, meaning
from netpolc.diagnostics import Rule, Severity
from netpolc.diagnostics.all_rules import all_rules
from netpolc.diagnostics.render.escape import visible

_COLOURS = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.NOTE: CYAN}
_AS_IT_IS = re.compile(r"[ \t|#>`]|[-*] |\d+\. ")
"""The beginnings of lines that are not part of a paragraph."""


@click.command("explain", epilog="Example: netpolc explain NP604 711 refuted-assertion")
@click.argument("words", nargs=-1, metavar="[CODE]...", shell_complete=completions.codes)
@click.option(
    "--severity",
    type=click.Choice([severity.value for severity in Severity]),
    help="List only the rules of this severity.",
)
def command(*, words: tuple[str, ...], severity: str | None) -> None:
    """Explain findings by their codes or names.

    CODE is the text in brackets after `error`, its number, or the name of the rule. Another word lists
    the rules that are about it. Without CODE, all rules are listed.
    """
    known = [rule for rule in all_rules() if severity in {None, rule.severity.value}]
    if not words:
        print_text(_index(known))
        return
    parts: dict[str, None] = {}
    for word in words:
        match = find_rules(known, word)
        if match.rule is not None:
            parts[_page(match.rule)] = None
        elif match.about:
            parts[_index(match.about)] = None
        else:
            guess = "`netpolc explain` lists them."
            if match.near:
                guess = f"Did you mean {match.near}?"
            message = f"No finding has the code or name {visible(word)!r}. {guess}"
            raise click.UsageError(message)
    print_text("\n".join(parts))


def _index(rules: Iterable[Rule]) -> str:
    """Return a line about each rule; on a terminal its meaning is on a second line."""
    width = terminal_width()
    rules = list(rules)
    longest = max((len(rule.name) for rule in rules), default=0)
    lines = []
    for rule in rules:
        coloured = colours()
        code = painted(rule.code, BOLD, coloured=coloured)
        severity = painted(f"{rule.severity.value:<7}", _COLOURS[rule.severity], coloured=coloured)
        if width is None:
            lines.append(f"{code}  {severity}  {rule.name:<{longest}}  {meaning(rule)}")
        else:
            lines.append(f"{code}  {severity}  {rule.name}")
            indent = " " * len(f"{rule.code}  ")
            lines += wrap(
                meaning(rule),
                width,
                initial_indent=indent,
                subsequent_indent=indent,
                max_lines=2,
                placeholder=" …",
            )
    return "".join(f"{line}\n" for line in lines)


def _page(rule: Rule) -> str:
    severity = painted(rule.severity.value, _COLOURS[rule.severity], coloured=colours())
    title = painted(f"{rule.code} {rule.name}", BOLD, coloured=colours())
    width = terminal_width()
    text = rule.explanation.rstrip()
    if width is not None:
        text = "\n\n".join("\n".join(_fitting(part, width)) for part in text.split("\n\n"))
    return f"{title} ({severity})\n\n{text}\n"


def _fitting(paragraph: str, width: int) -> Iterator[str]:
    """Yield the lines of a paragraph, folded anew where one of them is too wide for the terminal."""
    lines = paragraph.splitlines()
    if not any(_AS_IT_IS.match(line) for line in lines):
        yield from wrap(" ".join(lines), width, break_long_words=False, break_on_hyphens=False)
        return
    for line in lines:
        is_text = not line.startswith((" ", "\t", "|"))
        yield from wrap(line, width, subsequent_indent="  ") if is_text else [line]
