"""The line that says what a long run is doing."""

import pytest

from netpolc.cli import stderr
from netpolc.cli.stderr import print_findings
from netpolc.commands.list_ import OVERLAPPING_ROWS
from netpolc.diagnostics import Diagnostic, Label
from netpolc.io.output_folder import FOREIGN_FILE
from netpolc.source import SourceFile


class Terminal:
    """A standard error that claims to be a terminal, and a clock that is set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        self.printed = ""
        monkeypatch.setattr(stderr, "monotonic", lambda: self.now)
        monkeypatch.setattr(stderr, "_on_terminal", lambda: True)
        monkeypatch.setattr("click.echo", self._echo)

    def _echo(self, text: str, **_: object) -> None:
        self.printed += text


def test_a_short_run_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(monkeypatch)
    with stderr.progress() as show:
        terminal.now = 0.9
        show("parsing", 1, 9)
    assert terminal.printed == ""


def test_a_long_run_says_what_it_does_now_and_then_and_cleans_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal(monkeypatch)
    with stderr.progress() as show:
        for number, moment in enumerate((1.0, 1.01, 1.05, 1.2)):
            terminal.now = moment
            show("parsing", number, 9)
        terminal.now = 1.21
        show("proving", 0, 1)  # It may take a minute without another word.
        terminal.now = 2.0
        show("emitting", 1200, 4000)
    lines = terminal.printed.split("\r\x1b[K")
    assert lines == [
        "",
        "parsing 0/9 …",
        "parsing 3/9 …",
        "proving …",
        "emitting 1,200/4,000 …",
        "",
    ]


def test_without_a_terminal_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(monkeypatch)
    monkeypatch.setattr(stderr, "_on_terminal", lambda: False)
    with stderr.progress() as show:
        terminal.now = 9.0
        show("parsing", 1, 9)
    assert terminal.printed == ""


def test_people_are_shown_so_many_findings(capfd: pytest.CaptureFixture[str]) -> None:
    file = SourceFile("a.intent", "x\n" * 300)
    starts = file.line_starts()
    found = [
        Diagnostic(
            rule=FOREIGN_FILE if number == 250 else OVERLAPPING_ROWS,
            message=f"finding {number}",
            label=Label(file.span(starts[number], starts[number] + 1)),
        )
        for number in range(300)
    ]
    print_findings(found)
    err = capfd.readouterr().err
    assert "finding 250" in err
    assert err.count("finding ") == 100
    assert err.endswith("and 200 more; `netpolc check --format concise` has a line for each\n")
    print_findings(found[:100])
    assert " more" not in capfd.readouterr().err
