"""Paths and texts as platforms show them."""

import pytest

from netpolc.diagnostics import Diagnostic, Label, rules
from netpolc.diagnostics.render.platform_text import parts, placed, seen_from, unmarked
from netpolc.source import SourceFile


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("intents/a.intent", "", "intents/a.intent"),
        ("intents/a.intent", "team a", "team a/intents/a.intent"),
        ("../shared/a.intent", "team/policies", "team/shared/a.intent"),
        ("../shared/a.intent", "", "../shared/a.intent"),
        ("a/../b.intent", "team", "team/a/../b.intent"),
        ("<stdin>", "team", "<stdin>"),
        ("/etc/a.intent", "team", "/etc/a.intent"),
    ],
)
def test_a_path_of_the_project_in_its_repository(path: str, folder: str, expected: str) -> None:
    assert placed(path, folder) == expected


@pytest.mark.parametrize(
    ("here", "path", "expected"),
    [
        ("", "intents/a.intent", "intents/a.intent"),
        ("intents", "intents/a.intent", "a.intent"),
        ("deep/er", "intents/a.intent", "../../intents/a.intent"),
        ("intents", "<stdin>", "<stdin>"),
        ("intents", "/etc/a.intent", "/etc/a.intent"),
    ],
)
def test_a_path_of_the_project_seen_from_a_folder(here: str, path: str, expected: str) -> None:
    assert seen_from(here, path) == expected


def test_marks_around_words_go_and_code_blocks_stay() -> None:
    text = "Write `db` and **not** `a**b`.\n\n    `kept` **as it is**\n"
    assert unmarked(text) == "Write db and not a**b.\n\n    `kept` **as it is**"


def test_a_finding_has_only_the_parts_that_say_something() -> None:
    place = SourceFile("a.intent", "db <- api\n").span(0, 2)
    found = Diagnostic(rule=rules()[0], message="wrong", label=Label(place, ""))
    assert parts(found) == ["wrong"]
    found = Diagnostic(rule=rules()[0], message="a\nb", label=Label(place, "here"), help="mend it")
    assert parts(found) == ["a\\nb", "here", "help: mend it"]
