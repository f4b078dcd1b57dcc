"""The progress of long work in the client's window: `$/progress`.

A server asks for a token, and may use it when the answer has come. Editors show a token as work from
then on, so one is asked for when work has taken long, and each is taken back.
"""

from itertools import count
from time import monotonic

from lsprotocol import types
from pygls.lsp.server import LanguageServer

_TITLE = "netpolc"
_PATIENCE = 0.5
"""Seconds that work may take unseen."""
_PACE = 0.1
"""Seconds between two reports of the same step."""


class Progress:
    """Shows the steps of a piece of work that takes long, to a client that can show them."""

    def __init__(self, server: LanguageServer) -> None:
        """Begin without a token."""
        self._server = server
        self._numbers = count(1)
        self._token = ""
        self._may_use = False
        self._began: float | None = None
        self._next = 0.0
        self._shown = ""

    def begin(self) -> None:
        """Note that a piece of work begins; one that goes on after a message is the same."""
        if self._began is None:
            self._began = monotonic()

    def show(self, step: str, done: int, total: int) -> None:
        """Show a step of the work: a new one at once, a step that goes on now and then."""
        now = monotonic()
        if self._began is None or now < self._began + _PATIENCE:
            return
        if not self._token:
            self._ask_for_token()
        elif self._may_use and (step != self._shown or now >= self._next):
            self._report(f"{step} {done:,}/{total:,}" if total > 1 else step)
            self._shown, self._next = step, now + _PACE

    def end(self) -> None:
        """Take away what is shown: the work is done."""
        self._began = None
        if self._may_use:
            if not self._shown:
                self._report("")
            self._send(types.WorkDoneProgressEnd())
            self._token, self._may_use, self._shown = "", False, ""

    def _ask_for_token(self) -> None:
        """Ask the client for a token, if it shows progress."""
        window = self._server.client_capabilities.window
        if window is None or not window.work_done_progress:
            return
        self._token = f"netpolc-{next(self._numbers)}"
        answer = self._server.protocol.send_request(
            types.WINDOW_WORK_DONE_PROGRESS_CREATE, types.WorkDoneProgressCreateParams(self._token)
        )
        answer.add_done_callback(lambda done: self._take(refused=bool(done.exception())))

    def _take(self, *, refused: bool) -> None:
        """Use the token from now on; it is of no use where it was refused or the work is done."""
        if refused:
            self._token = ""
            return
        self._may_use = True
        if self._began is None:
            self.end()

    def _report(self, message: str) -> None:
        if self._shown:
            self._send(types.WorkDoneProgressReport(message=message))
        else:
            self._send(types.WorkDoneProgressBegin(_TITLE, cancellable=False, message=message))

    def _send(
        self,
        value: types.WorkDoneProgressBegin
        | types.WorkDoneProgressReport
        | types.WorkDoneProgressEnd,
    ) -> None:
        self._server.protocol.notify(types.PROGRESS, types.ProgressParams(self._token, value))
