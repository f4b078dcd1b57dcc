"""Who decides about colour: `--color`, then the environment, then the terminal."""

import pytest

from netpolc.cli.colour import painted
from netpolc.cli.main import run
from netpolc.cli.text_diff import text_diff
from netpolc.source import SourceFile

_COLOUR = "\x1b["


@pytest.mark.parametrize(
    ("environment", "arguments", "coloured"),
    [
        ({}, [], False),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"CLICOLOR_FORCE": "1"}, [], True),
        ({"FORCE_COLOR": "0"}, [], False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color", "always"], True),
        ({"FORCE_COLOR": "1"}, ["--color", "never"], False),
    ],
)
def test_who_decides_about_colour(
    environment: dict[str, str],
    arguments: list[str],
    coloured: bool,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert run(["check", "missing", *arguments]) == 1
    assert (_COLOUR in capfd.readouterr().err) is coloured


def test_help_and_version_are_commands_too(capfd: pytest.CaptureFixture[str]) -> None:
    outputs = []
    for arguments in (["--version"], ["-V"], ["version"]):
        assert run(arguments) == 0
        outputs.append(capfd.readouterr().out)
    assert len(set(outputs)) == 1
    for arguments in (["can", "--help"], ["help", "can"]):
        assert run(arguments) == 0
        outputs.append(capfd.readouterr().out)
    assert outputs[-1] == outputs[-2]
    assert run(["help", "cam"]) == 2


def test_a_diff_is_coloured_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    source = SourceFile("a.intent", "a\nb\n")
    monkeypatch.setattr("netpolc.cli.text_diff.colours", lambda: False)
    plain = text_diff(source, "a\nc\n")
    assert "-b\n+c\n" in plain
    assert _COLOUR not in plain
    monkeypatch.setattr("netpolc.cli.text_diff.colours", lambda: True)
    assert "\x1b[31m-b\x1b[0m\n\x1b[32m+c\x1b[0m\n" in text_diff(source, "a\nc\n")


@pytest.mark.parametrize(
    ("text", "coloured", "shown"),
    [("a", True, "\x1b[31ma\x1b[0m"), ("a", False, "a"), ("", True, "")],
)
def test_text_is_painted_if_there_is_any(text: str, *, coloured: bool, shown: str) -> None:
    assert painted(text, "31", coloured=coloured) == shown
