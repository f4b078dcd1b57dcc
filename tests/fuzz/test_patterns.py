"""Every regular expression of the product takes time in proportion to the text.

A pattern with two adjacent repetitions of the same characters tries each way to divide a text, and a
file of some kilobytes stops a CI runner. Each pattern is run on texts that match as far as possible
and then fail, at three sizes: a linear pattern takes milliseconds, a quadratic one seconds.
"""

import re
from time import process_time
from typing import Any

import pytest

from tests.fuzz.product_patterns import UsedPattern, product_patterns
from tests.fuzz.pumped_texts import pumps

_SIZES = (2_000, 8_000, 32_000)
_SECONDS = 0.5
_AT_ONCE = 0.002
"""Seconds; a pattern that takes less for the smallest size is linear."""

_LONGEST = {
    "netpolc.syntax.syntax_errors": 2_000,  # The part of a wrong line around the mistake.
    "netpolc.lints.manifests.comment_contradicts_rule._PROMISE": 2_000,  # The beginning of a comment.
    "integrations/": 8_000,  # VS Code leaves lines of more than 20,000 characters alone.
}
"""The most characters that a text has for patterns that need not be linear."""

_PARTS = [
    *(" ", "\t", "\n", "\r", "a", "A", "0", "1", "_", "-", ".", "/", ":", ",", "#", "`", "*", "@"),
    *('"', "'", "\\", "(", "[", "{", "{{", "}", "]", "=", "<", "~", "\u00a0", "\u00e9", "%"),
    *("a ", " a", "a.", "a-", "a, ", "a=b,", "1.", "1-", "f:", "[a]", "{a}", '"a"', "- ", "a: "),
    *("<- ", "in ns a ", "host=", "https://", "a@", "##", "::", "\\a", "a\n", "\n\n", "1:"),
]
_PATTERNS = product_patterns()


@pytest.mark.parametrize("used", [pytest.param(used, id=used.name) for used in _PATTERNS])
def test_a_pattern_is_linear(used: UsedPattern) -> None:
    assert used.pattern is not None, "give `_VARIABLES` an example of its variable"
    longest = [size for name, size in _LONGEST.items() if used.name.startswith(name)]
    sizes = [size for size in _SIZES if size <= min(longest, default=_SIZES[-1])]
    for before, again in (*(("", part) for part in _PARTS), *pumps(used.pattern)):
        for size in sizes:
            taken = _seconds(
                used.pattern,
                before + again * (size // len(again)) + "\0",
                is_searched=used.is_searched,
            )
            assert taken < _SECONDS, (
                f"{taken:.1f} s for {size} characters of {again!r} after {before!r}"
            )
            if taken < _AT_ONCE:
                break


def _seconds(pattern: re.Pattern[Any], text: str, *, is_searched: bool) -> float:
    read = text.encode() if isinstance(pattern.pattern, bytes) else text
    start = process_time()
    (pattern.search if is_searched else pattern.match)(read)
    return process_time() - start


def test_a_pattern_that_is_not_linear_is_noticed() -> None:
    used = UsedPattern("", re.compile(r"x[a-z]*(?:y|[a-z]+z)"), is_searched=False)
    with pytest.raises(AssertionError, match="characters of"):
        test_a_pattern_is_linear(used)


def test_patterns_in_every_place_are_found() -> None:
    names = {used.name.partition(":")[0] for used in _PATTERNS}
    assert {
        "netpolc.syntax.syntax_errors._COMPILED",
        "netpolc.changes.codeowners",
        "netpolc.kube.label_conventions",
        "netpolc.lsp.stdio._LENGTH",
        "integrations/vscode/syntaxes/netpolc.tmLanguage.json",
        "site/playground/src/intent-language.ts",
        "grammar/ir.schema.json",
    } <= names
