"""The user's text inside Markdown, where it must stay text.

A pull request's author chooses file names, statements and reasons, and the comment about
it is written by a bot that its readers trust. So nothing of theirs may become a link, an
image, a mention that calls somebody, HTML, or the end of a block. It is all in code:
there CommonMark (0.31, 6.1 and 4.5) knows no markup, and GitHub and GitLab look for no
mentions, references or emoji. Line ends and control characters are made visible first.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

from netpolc.diagnostics.render.escape import visible

_RUNS = re.compile(r"`+")
_HARMLESS = re.compile(r"(?:[A-Za-z0-9,;'()\- ]|[:.](?= |$))*")
"""Prose that holds no markup, link or emoji however it is read."""
_BEGINS_A_BLOCK = re.compile(r" *(?:[0-9]+[.)]|-)| +")
"""The beginning of a list, a thematic break or indented code (CommonMark 5.2, 4.1, 4.4)."""


def shown(text: str) -> str:
    """A text on one visible line, whole."""
    return visible(text, longest=len(text))


def short(text: str, longest: int = 80) -> str:
    """A text on one visible line, its end left out where it is longer."""
    inside = visible(text, longest)
    return inside if len(inside) <= longest else inside[:longest] + "…"


def code(text: str) -> str:
    """A code span that shows exactly the text, which is made visible."""
    inside = shown(text)
    if not inside.strip(" "):
        return "(empty)"
    longest = max(map(len, _RUNS.findall(inside)), default=0)
    runs = set(map(len, _RUNS.findall(inside)))
    ticks = "`" * next(n for n in range(1, longest + 2) if n not in runs)
    # A space is taken off at both ends if there is one at both.
    padded = inside[0] in "` " or inside[-1] in "` "
    return f"{ticks} {inside} {ticks}" if padded else f"{ticks}{inside}{ticks}"


def html_code(text: str) -> str:
    """The same as HTML, for the places where Markdown is not read, such as a summary."""
    return f"<code>{escape(shown(text)) or '(empty)'}</code>"


def block(language: str, lines: Iterable[str]) -> list[str]:
    """A fenced code block that no line of it can end."""
    inside = [shown(line) for line in lines]
    longest = max((len(run) for line in inside for run in _RUNS.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [fence + language, *inside, fence]


def sentence(text: str) -> str:
    """A sentence with the user's words in backticks; code as a whole where it has others."""
    parts: Sequence[str] = shown(text).split("`")
    outside, inside = parts[::2], parts[1::2]
    harmless = all(map(_HARMLESS.fullmatch, outside)) and not _BEGINS_A_BLOCK.match(text)
    if len(parts) % 2 == 0 or not harmless:
        return code(text)
    return (
        "".join(
            part if number % 2 == 0 else code(part) for number, part in enumerate(parts) if part
        )
        if all(inside)
        else code(text)
    )
