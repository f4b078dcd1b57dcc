"""The reserved words, and when a name needs quotes.

A word that is also a keyword needs quotes as a name where a reader could mistake it. After
`namespace` and `ns`, and inside braces, nothing can be mistaken, so no word needs quotes
there. The parser refuses what the formatter quotes.
"""

import re

from netpolc.remembered import remembered_by_text

STATEMENTS = ("namespace", "cluster", "service", "group", "enforce", "never", "always", "only")
"""The words that begin a statement and are not settings."""

SETTINGS = ("default", "baseline", "label", "dns", "mirror", "pods", "services", "nodes", "blocks")
PEERS = ("ns", "in", "except", "none", "any", "internet", "until", "because")
RESERVED = frozenset((*STATEMENTS, *SETTINGS, *PEERS))
KEYWORDS = RESERVED | {"notin"}
"""The words of the grammar; `notin` is none anywhere but in a selector, and not reserved."""

SYNONYMS = {
    **dict.fromkeys(("true", "on", "y", "enabled", "1"), "yes"),
    **dict.fromkeys(("false", "off", "n", "disabled", "0"), "no"),
    **dict.fromkeys(("drop", "block", "reject", "closed"), "deny"),
    **dict.fromkeys(("permit", "accept", "open"), "allow"),
}
"""Words of other tools for the values of settings."""
OFF, _ON = frozenset({"no", "deny"}), frozenset({"yes", "allow", "auto"})
SWITCHES = OFF | _ON | SYNONYMS.keys()
"""Words that mean on or off. As the only peer of `dns:`, a service or group of such a name is in quotes."""

WORD = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?"
"""The grammar's terminal of this name."""

_NUMBERS = re.compile(r"[0-9]+(?:-[0-9]+)?")
_ADDRESS = re.compile(r"[0-9]+(?:\.[0-9]+){3}")


def quoted(text: str) -> str:
    """The text in quotes, whatever is in it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@remembered_by_text
def pod_name(text: str) -> str:
    """A service's or a group's name as the language writes it, quoted where it must be.

    Other names, label keys and label values never need quotes: what Kubernetes accepts
    is a word of the language; in those places no word is reserved.
    """
    needs_quotes = text in RESERVED or is_number(text) or is_address(text)
    return quoted(text) if needs_quotes else text


def is_number(text: str) -> bool:
    """Whether a word looks like a port or a range of ports."""
    return _NUMBERS.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Whether a word looks like an IPv4 address."""
    return _ADDRESS.fullmatch(text) is not None
