"""The labels of a redundant arrow name the arrows that cover it, and no others."""

from datetime import date

import pytest

from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile


@pytest.mark.parametrize(
    ("arrows", "covers"),
    [
        (["f <- ns ks:8080", "f <- {app=ig}:8080", "* <- ns ks:[8000,8080]"], {1: {3}}),
        (["f <- a:80, b:80", "f <- a:80", "f <- b:80"], {1: {2, 3}}),
        (["f <- a:80, b:80", "f <- a:[80, 90]", "f <- b:[80, 90]"], {1: {2, 3}}),
        (["f <- a:80, b:80", "f <- a:[80, 90]", "f <- {app in (a, b)}:80"], {1: {3}}),
        (["f <- a:80, b:80", "f <- a:90"], {}),
        (["f <- a:80", "f <- a:80"], {1: {2}}),
    ],
)
def test_covering_arrows(arrows: list[str], covers: dict[int, set[int]]) -> None:
    text = "\n".join([*arrows, "namespace ks", "default: deny"])
    program = SourceFile("a.intent", f"namespace k\ndefault: deny\n{text}\n")
    found = run(
        Sources(intents=(program,)), Options(today=date(2026, 1, 1), checking=True)
    ).diagnostics
    labelled = {
        one.label.span.line - 2: {other.span.line - 2 for other in one.others}
        for one in found
        if one.rule.name == "redundant-arrow"
    }
    assert labelled == covers
