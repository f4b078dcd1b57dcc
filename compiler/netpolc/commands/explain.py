"""`netpolc explain`: every rule, found by its code or name."""

from collections.abc import Iterable
from importlib import import_module
from pkgutil import walk_packages

from netpolc.diagnostics import Rule, rules
from netpolc.diagnostics.spelling import nearest

_WITHOUT_RULES = ("netpolc.__main__", "netpolc.cli", "netpolc.grammar")


def all_rules() -> tuple[Rule, ...]:
    """Return every rule. Each is declared next to its pass, so the passes are loaded."""
    package = import_module("netpolc")
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        if not module.name.startswith(_WITHOUT_RULES):
            import_module(module.name)
    return rules()


def find_rule(known: Iterable[Rule], word: str) -> tuple[Rule | None, Rule | None]:
    """Return the rule with a code or name, and where there is none, the one nearest to it."""
    by_word = {rule.code.lower(): rule for rule in known} | {rule.name: rule for rule in known}
    found = by_word.get(word.lower())
    if found is not None:
        return found, None
    near = nearest(word.lower(), by_word)
    return None, by_word[near] if near else None
