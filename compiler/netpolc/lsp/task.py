"""The piece of work that the server is doing: whether it is still wanted, and how long its steps take."""

from collections.abc import Callable
from time import perf_counter

from netpolc.lsp.progress import Progress
from netpolc.lsp.refused import Overtaken

_INTERVAL = 0.01
"""Seconds between two looks for messages, and what a step takes to be named: a look takes microseconds."""


def _never() -> None:
    """Let a piece of work be done to its end."""


class Task:
    """The server's current work. Its steps call `checkpoint` and `progress`.

    `window` shows the steps of long work to the client.
    """

    def __init__(self) -> None:
        """Begin idle."""
        self.window: Progress | None = None
        self._is_overtaken = False
        self._refuse_if_overtaken: Callable[[], None] = _never
        self._looked = self._started = 0.0
        self._step = ""
        self._times: dict[str, float] = {}

    def begin(self, refuse_if_overtaken: Callable[[], None] = _never) -> None:
        """Begin a piece of work; what is given raises `Overtaken` if nobody wants it any more."""
        self._refuse_if_overtaken = refuse_if_overtaken
        self._looked = self._started = perf_counter()
        self._step, self._times = "", {}
        self._is_overtaken = False
        if self.window is not None:
            self.window.begin()

    def end(self) -> None:
        """Note that the piece of work is over; work that was overtaken goes on after the message."""
        if self.window is not None and not self._is_overtaken:
            self.window.end()

    def checkpoint(self) -> None:
        """Raise `Overtaken` if nobody wants the work any more."""
        now = perf_counter()
        if now - self._looked >= _INTERVAL:
            self._looked = now
            try:
                self._refuse_if_overtaken()
            except Overtaken:
                self._is_overtaken = True
                raise

    def progress(self, step: str, done: int, total: int) -> None:
        """Note that the step of a check begins, or goes on."""
        if step != self._step:
            self._note()
            self._step = step
        if self.window is not None:
            self.window.show(step, done, total)

    def _note(self) -> None:
        now = perf_counter()
        self._times[self._step] = self._times.get(self._step, 0.0) + now - self._started
        self._started = now

    def steps(self) -> str:
        """Return how long each step of a check took, the slow ones alone; empty where none was slow."""
        self._note()
        slow = {step: took for step, took in self._times.items() if step and took > _INTERVAL}
        return ", ".join(f"{step} {took * 1000:,.0f} ms" for step, took in slow.items())
