r"""The pattern of a common mistake, with its message and its fix, and the parts that patterns share.

A pattern sees the line with the contents of its quotes blanked. Unless it is `anywhere`,
its match must meet the place where the grammar failed. Its group `at` is what is underlined and
what the fix replaces; `\g<name>` in texts and fixes is the text of a group.
"""

from dataclasses import field

from netpolc.diagnostics import Rule
from netpolc.syntax.keywords import WORD
from netpolc.values import frozen

_BRACES = r"\{[^{}]*\}"
TEST = rf"(?:{WORD}|{_BRACES}|\*|\"_*\")"
PORTS = r":\s*(?:\[[^\[\]]*\]|[A-Za-z0-9*][A-Za-z0-9/.-]*)"
CLAIM = r"^\s*(?:(?:enforce\s+)?(?:never|always|only)\s+)?"
BLOCK = r"[0-9]+(?:\.[0-9]+){3}(?:/[0-9]+)?|[0-9A-Fa-f]*:[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*(?:/[0-9]+)?"


@frozen(kw_only=True)
class ErrorPattern:
    """A mistake, the pattern of its lines, and its finding. Without `fix` nothing is proposed."""

    rule: Rule
    pattern: str
    message: str
    label: str
    help: str
    fix: str | None = None
    safe: bool = False
    anywhere: bool = False
    here: bool = False
    """Whether `at` must begin exactly where it failed."""
    expected: frozenset[str] = field(default_factory=frozenset)
    """Terminals of the grammar that must have been possible where it failed."""
