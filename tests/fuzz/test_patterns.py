"""Every regular expression of the product takes time in proportion to the text.

A pattern with two repetitions of the same thing in a row tries each way to cut a text in two, and a
file of some kilobytes stops a CI runner. Each pattern is run on texts that begin as well as they can
and then fail, at three sizes: a linear one takes milliseconds, a quadratic one seconds.
"""

import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from time import process_time

import pytest

import netpolc

_SIZES = (2_000, 8_000, 32_000)
_SECONDS = 0.5
_PARTS = [
    *(" ", "\t", "\n", "\r", "a", "A", "0", "1", "_", "-", ".", "/", ":", ",", "#", "`", "*", "@"),
    *('"', "'", "\\", "(", "[", "{", "{{", "}", "]", "=", "<", "~", "\u00a0", "\u00e9", "%"),
    *("a ", " a", "a.", "a-", "a, ", "a=b,", "1.", "1-", "f:", "[a]", "{a}", '"a"', "- ", "a: "),
    *("<- ", "in ns a ", "host=", "https://", "a@", "##", "::", "\\a", "a\n", "\n\n", "1:"),
]


def _patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every pattern that a module holds, compiled or as the text of one."""
    for module in pkgutil.walk_packages(netpolc.__path__, "netpolc."):
        if module.name.endswith("__main__"):
            continue
        for name, value in vars(import_module(module.name)).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                yield f"{module.name}.{name}", value
            elif (
                isinstance(value, str)
                and name.startswith("_")
                and re.search(r"[\\[(].*[*+]", value)
            ):
                try:
                    yield f"{module.name}.{name}", re.compile(value)
                except re.error:
                    continue


_SEARCHED = (
    "netpolc.diagnostics.render.workflow_commands",
    "netpolc.changes.render.markdown_escape._RUNS",
    "netpolc.manifest.comments._BECAUSE",
    "netpolc.manifest.comments._UNTIL",
    "netpolc.manifest.policy_names",
    "netpolc.lints.manifests",
    "netpolc.syntax.syntax_errors._ARROW",
    "netpolc.syntax.syntax_errors._TOKEN",
    "netpolc.syntax.syntax_errors._BRACES",
    "netpolc.bootstrap.find_addresses",
)
"""The modules and patterns with which a text is searched, and not only matched from its beginning."""


@pytest.mark.parametrize(
    ("name", "pattern"), [pytest.param(*one, id=one[0]) for one in _patterns()]
)
def test_a_pattern_is_linear(name: str, pattern: re.Pattern[str]) -> None:
    for part in _PARTS:
        for size in _SIZES:
            text = part * (size // len(part)) + "\0"
            start = process_time()
            (pattern.search if name.startswith(_SEARCHED) else pattern.match)(text)
            taken = process_time() - start
            assert taken < _SECONDS, f"{name} takes {taken:.1f} s for {size} characters of {part!r}"
