"""Manifests pasted into an intent file, recognised as a whole.

Someone who knows NetworkPolicy tries its YAML first, and gets one finding for each of
thirty lines. So adjacent failed lines are looked at as a whole: where
they look like YAML or JSON they are one mistake.
"""

import re
from collections.abc import Sequence

from netpolc.diagnostics import Diagnostic, Label
from netpolc.diagnostics.spelling import nearest
from netpolc.source import SourceFile
from netpolc.syntax import rules
from netpolc.syntax.keywords import SETTINGS
from netpolc.syntax.logical_lines import BLANKS, Line

_LINE = re.compile(
    r"""\s*+(?:                                         # possessive: blanks are tried once
        -(?:\s|$) | --- | \.\.\. | \{\{                  # a list item, a document, a template
      | (?:[{\[]\s*+)?(?:"[^"\n]*"|'[^'\n]*')\s*:      # a quoted key
      | (?P<key>[A-Za-z_][\w./-]*)\s*:(?:\s|$)           # a key
      | [{}\[\]]+,?$
    )""",
    re.VERBOSE,
)
_ARROW = re.compile(r"<-|->")
_ALONE = frozenset({"apiVersion", "kind", "metadata", "spec"})
_WORDS = frozenset(
    [
        "apiVersion",
        "kind",
        "metadata",
        "name",
        "labels",
        "annotations",
        "spec",
        "podSelector",
        "policyTypes",
        "matchLabels",
        "matchExpressions",
        "namespaceSelector",
        "ingress",
        "egress",
        "from",
        "to",
        "ports",
        "port",
        "protocol",
        "endPort",
        "ipBlock",
        "cidr",
        "except",
        "key",
        "operator",
        "values",
    ]
)


def manifest_like(lines: Sequence[Line], start: int) -> int:
    """Count the lines from `start` on that look like a manifest, though they may be slips."""
    end = start
    while end < len(lines) and (
        _is_like_yaml(lines[end]) or (end > start and _is_inside(lines[end]))
    ):
        end += 1
    return end - start


def is_manifest(lines: Sequence[Line]) -> bool:
    """Whether lines that look like a manifest surely are one; a single one may be a slip."""
    if len(lines) == 1 and not lines[0].text.strip(BLANKS + "{}[],"):
        return False
    surely = _ALONE if len(lines) == 1 else _WORDS
    return any(_is_among(line, surely) for line in lines)


def pasted(lines: Sequence[Line], source: SourceFile) -> Diagnostic:
    """The finding about a pasted manifest."""
    last = lines[-1]
    first_number, _ = source.position(lines[0].start)
    last_number, _ = source.position(last.start + len(last.text))
    count = last_number - first_number + 1
    text = lines[0].text.split("\n", 1)[0]
    start = lines[0].start + len(text) - len(text.lstrip(BLANKS))
    return Diagnostic(
        rule=rules.PASTED_MANIFEST,
        message=f"{count} lines look like YAML or JSON, not intents"
        if count > 1
        else "this line looks like YAML or JSON, not an intent",
        label=Label(source.span(start, lines[0].start + len(text.rstrip(BLANKS))), "begins here"),
        help="write arrows such as `db <- api:5432`; `netpolc import` writes them from manifests",
    )


def _is_like_yaml(line: Line) -> bool:
    match = _LINE.match(line.text)
    if match is None or _ARROW.search(line.text):
        return False
    key = match.group("key")
    return key is None or line.text[0].isspace() or nearest(key, SETTINGS) is None


def _is_inside(line: Line) -> bool:
    """Whether a line is indented, as the text of a YAML block is."""
    return line.text[:1].isspace() and not _ARROW.search(line.text)


def _is_among(line: Line, keys: frozenset[str]) -> bool:
    """Whether a line has one of these keys, or a form that no intent has."""
    match = _LINE.match(line.text)
    return match is not None and (match.group("key") or "kind") in keys
