"""`netpolc explain`: every rule, found by its code or name."""

from collections.abc import Iterable

from netpolc.diagnostics import Rule
from netpolc.diagnostics.spelling import nearest


def find_rule(known: Iterable[Rule], word: str) -> tuple[Rule | None, Rule | None]:
    """Return the rule with a code or name, and where there is none, the one nearest to it."""
    by_word = {rule.code.lower(): rule for rule in known} | {rule.name: rule for rule in known}
    found = by_word.get(word.lower())
    if found is not None:
        return found, None
    near = nearest(word.lower(), by_word)
    return None, by_word[near] if near else None
