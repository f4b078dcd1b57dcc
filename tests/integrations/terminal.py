"""A terminal in which a program runs: keys go in, the screen comes out, as text or with its colours."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import Self

import pytest

COLUMNS, LINES = 100, 18
_PATIENCE = 60.0


class Terminal:
    """A program in a terminal of tmux; the program ends with the context."""

    def __init__(self, command: list[str], folder: Path, environment: Mapping[str, str]) -> None:
        """Start a program in a folder; the test is skipped where tmux is not installed."""
        self._program = shutil.which("tmux")
        if self._program is None:
            pytest.skip("tmux is not installed: apt-get install tmux")
        self._socket = folder / "tmux"
        self._environment = {**os.environ, **environment, "COLORTERM": "truecolor"}
        size = ["-x", str(COLUMNS), "-y", str(LINES)]
        self._tmux("-f", os.devnull, "new-session", "-d", *size, "-c", str(folder), *command)

    def __enter__(self) -> Self:
        """Return the terminal."""
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _e: BaseException | None, _t: TracebackType | None
    ) -> None:
        """End the program and the terminal."""
        self._tmux("kill-server", is_sure=False)

    @property
    def text(self) -> str:
        """The screen as it is now."""
        return self._tmux("capture-pane", "-p")

    @property
    def coloured_text(self) -> str:
        """The screen as it is now, with the escape sequences of its colours."""
        return self._tmux("capture-pane", "-p", "-e", "-N")

    def wait_for(self, *parts: str, without: str = "\0") -> str:
        """Wait until texts are on the screen, and one is not; return the screen."""

        def is_there(text: str) -> bool:
            return without not in text and all(part in text for part in parts)

        return self.wait_until(is_there, f"waited in vain for {parts}, without {without!r}")

    def wait_until(self, is_reached: Callable[[str], bool], problem: str) -> str:
        """Wait until the screen is as it should be; return it."""
        end = monotonic() + _PATIENCE
        while not is_reached(text := self.text):
            assert monotonic() < end, f"{problem}:\n{text}"
            sleep(0.05)
        return text

    def type(self, text: str) -> None:
        """Type characters."""
        self._tmux("send-keys", "-l", text)

    def enter(self, text: str) -> None:
        """Type characters and press Enter."""
        self.type(text)
        self.press("Enter")

    def press(self, *keys: str) -> None:
        """Press keys by their names in tmux, such as `Enter`."""
        self._tmux("send-keys", *keys)

    def _tmux(self, *arguments: str, is_sure: bool = True) -> str:
        done = subprocess.run(
            [str(self._program), "-S", str(self._socket), *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=is_sure,
            timeout=_PATIENCE,
        )
        return done.stdout
