"""The line that says what a long run is doing."""

import pytest

from netpolc.cli import stderr


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
        terminal.now = 2.0
        show("emitting", 0, 1)
    lines = terminal.printed.split("\r\x1b[K")
    assert lines == ["", "parsing 0/9 …", "parsing 3/9 …", "emitting …", ""]


def test_without_a_terminal_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal(monkeypatch)
    monkeypatch.setattr(stderr, "_on_terminal", lambda: False)
    with stderr.progress() as show:
        terminal.now = 9.0
        show("parsing", 1, 9)
    assert terminal.printed == ""
