"""`netpolc explain`: every rule, found by its code, its name or a word of them."""

import re
from collections.abc import Sequence

from netpolc.diagnostics import Rule
from netpolc.diagnostics.spelling import nearest
from netpolc.values import frozen

_SYNTAX_END = "NP2"
_LEAST = 4
"""Letters of the shortest word that is proposed; shorter ones, such as `too`, say nothing about a rule."""
_SENTENCE = re.compile(r"(.*?)[.:](?= |$)")


@frozen
class Found:
    """The rules for a word: the one with this code or name, or the rules about it.

    `near` is the word that was perhaps meant where there is neither.
    """

    rule: Rule | None = None
    about: tuple[Rule, ...] = ()
    near: str = ""


def find_rules(known: Sequence[Rule], word: str) -> Found:
    """Return what a word means: `NP604`, `604`, `redundant-arrow`, or `redundant`."""
    asked = word.lower()
    code = f"np{asked}" if asked.isdigit() else asked
    by_word = {rule.code.lower(): rule for rule in known} | {rule.name: rule for rule in known}
    if (coded := by_word.get(code)) is not None:
        return Found(rule=coded)
    about = tuple(rule for rule in known if asked in rule.name.split("-"))
    if not about and asked.isalpha():
        # A word of the language, as pages write it: first the rules about statements that begin with it.
        written = re.compile(rf"`{asked}\b")
        example = re.compile(rf"^ {{4}}{asked}\b", re.MULTILINE)
        several = [rule for rule in known if written.search(rule.explanation)]
        several += [rule for rule in known if example.search(rule.explanation)]
        about = tuple(sorted(dict.fromkeys(several), key=lambda rule: _order(rule, example)))
    if about:
        return Found(about=about)
    near = nearest(code, by_word)
    if near:
        return Found(near=f"{by_word[near].code} ({by_word[near].name})")
    parts = {part for rule in known for part in rule.name.split("-")}
    long = sorted(part for part in parts if len(part) >= _LEAST)
    guess = nearest(asked, long)
    return Found(near=f"`{guess}`" if guess else "")


def _order(rule: Rule, example: re.Pattern[str]) -> tuple[bool, bool, str]:
    """Rules with an example come first, and among them those about meaning: syntax explains itself."""
    has_example = example.search(rule.explanation) is not None
    return not has_example, rule.code < _SYNTAX_END, rule.code


def meaning(rule: Rule) -> str:
    """Return the first sentence of the page of a rule, on one line."""
    paragraph = " ".join(rule.explanation.split("\n\n", 1)[0].split())
    sentence = _SENTENCE.match(paragraph)
    return sentence[1] if sentence else paragraph
