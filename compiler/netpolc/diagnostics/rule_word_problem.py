"""Words that name rules, as users write them in netpolc.toml and on the command line."""

from collections.abc import Collection
from itertools import islice

from netpolc.diagnostics.rule import Severity
from netpolc.diagnostics.spelling import nearest

_MOST = 4


def rule_word_problem(word: str, *, is_selected: bool = False) -> str:
    """Return why a word does not name a rule whose level can be changed; empty if it does.

    The word is a code such as `NP604` or a name such as `redundant-arrow`. Rules that are errors
    keep their level: they say that the meaning is not clear or a claim does not hold. So do expired arrows, but they
    may be all that is selected.
    """
    from netpolc.diagnostics.all_rules import all_rules  # noqa: PLC0415 - loads all rules

    by_word = {name: rule for rule in all_rules() for name in (rule.code, rule.name)}
    rule = by_word.get(word)
    if rule is None:
        return f"`{word}` is not the code or name of a rule; {_guess(word, by_word)}"
    if rule.severity is Severity.ERROR:
        return f"`{word}` is an error, which cannot be silenced"
    if not (rule.can_be_silenced or is_selected):
        return f"`{word}` cannot be silenced or given another level"
    return ""


def _guess(word: str, names: Collection[str]) -> str:
    """Return the rule that was perhaps meant, or those whose codes begin with a word."""
    code = f"NP{word}" if word.isdecimal() else word
    if near := code if code in names else nearest(code, names):
        return f"did you mean `{near}`?"
    begun = [name for name in names if name.startswith(code) and name.startswith("NP")]
    if begun:
        listed = ", ".join(f"`{name}`" for name in islice(begun, _MOST))
        return f"codes that begin with it: {listed}{', …' if len(begun) > _MOST else ''}"
    return "`netpolc explain` lists the rules"
