"""A session with a client, whatever carries its messages.

Messages go in as JSON and come out as JSON; nothing waits and nothing runs in the background, so
a web worker can use it as well as a process. Messages wait in a queue, so that what is overtaken
by a later message need not be done.
"""

import json
from collections import deque
from collections.abc import Callable
from typing import Any, TypeAlias

from lsprotocol import types
from pygls.exceptions import JsonRpcException

from netpolc.lsp.refused import Overtaken
from netpolc.lsp.server import Server

_Message: TypeAlias = dict[str, Any]
_PARSE_ERROR, _INVALID_REQUEST, _INVALID_PARAMS = -32700, -32600, -32602
_NOT_INITIALIZED, _CANCELLED, _SERVER_CANCELLED = -32002, -32800, -32802
_PULLS = {types.TEXT_DOCUMENT_DIAGNOSTIC, types.WORKSPACE_DIAGNOSTIC}


class Connection:
    """A language server with a queue of messages for it."""

    def __init__(self) -> None:
        """Begin a session; the first message must be `initialize`."""
        self._out: list[str] = []
        self._queue: deque[_Message] = deque()
        self._is_initialized = False
        self._answering: object = None
        self._is_cancelled = False
        self.server = Server()
        self.server.protocol.set_writer(_Writer(self._out), include_headers=False)

    @property
    def exit_code(self) -> int | None:
        """The exit code for the way the client ended the session; None while it is open."""
        return self.server.exit_code

    @property
    def is_waiting(self) -> bool:
        """Whether there are messages in the queue."""
        return bool(self._queue)

    @property
    def has_checked(self) -> bool:
        """Whether a project has been checked."""
        return self.server.work.has_checked

    def feed(self, text: str | bytes) -> list[str]:
        """Handle a message and all that follows from it; return the messages to send."""
        self.put(text)
        while self.step():
            pass
        self.idle()
        return self.take()

    def put(self, text: str | bytes) -> None:
        """Add a message to the queue; one that cancels, and an answer, count at once."""
        try:
            message = json.loads(text)
        except (ValueError, RecursionError) as error:
            self._refuse(None, _PARSE_ERROR, f"not JSON: {error}")
            return
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            return
        if message.get("method") == types.CANCEL_REQUEST:
            self._cancel(message)
        elif "method" in message or "id" not in message:
            self._queue.append(message)
        elif self._is_initialized:
            self._deliver(message)

    def step(self, receive: Callable[[], object] = lambda: None) -> bool:
        """Handle the next message; return whether there was one.

        Args:
            receive: sends the waiting messages, and puts the received messages into the
                queue. A request is not answered further when an edit overtakes it or it is cancelled.
        """
        if not self._queue or self.exit_code is not None:
            return False
        self._handle(self._queue.popleft(), receive)
        return True

    def idle(self, interrupted: Callable[[], bool] = lambda: False) -> None:
        """Do what can wait until no message is waiting.

        Args:
            interrupted: sends the waiting messages; returns whether a message was received.
        """

        def refuse() -> None:
            if interrupted():
                raise Overtaken

        if self._is_initialized and self.exit_code is None:
            self.server.work.task.begin(refuse)
            self.server.idle()
            self.server.work.task.end()

    def take(self) -> list[str]:
        """Return the messages to send, and forget them."""
        out = self._out[:]
        self._out.clear()
        return out

    def _cancel(self, cancelling: _Message) -> None:
        """Answer a waiting request that the client no longer needs; one that is done is ignored."""
        params = cancelling.get("params")
        wanted = params.get("id") if isinstance(params, dict) else None
        if wanted is not None and wanted == self._answering:
            self._is_cancelled = True
            return
        for message in self._queue:
            if wanted is not None and message.get("id") == wanted and "method" in message:
                self._queue.remove(message)
                self._refuse(wanted, _CANCELLED, "cancelled")
                return

    def _handle(self, message: _Message, receive: Callable[[], object]) -> None:
        method, name = message.get("method"), message.get("id")
        if not self._may_come(method, name):
            return
        if method in _PULLS and self._is_overtaken():
            self._refuse(name, _SERVER_CANCELLED, "a later edit has come", retriggerRequest=True)
            return
        self._begin(method, name, receive)
        problem = self._deliver(message)
        if problem is not None:
            self._refuse(name, _INVALID_PARAMS, f"{method}: {problem}")
        self._answering = None
        if name is not None:
            self.server.work.task.end()
        if method == types.INITIALIZE:
            self._is_initialized = True

    def _deliver(self, message: _Message) -> JsonRpcException | None:
        """Give a message to pygls; return what is wrong with its form."""
        protocol = self.server.protocol
        try:
            protocol.handle_message(protocol.structure_message(message))
        except JsonRpcException as error:
            return error
        return None

    def _begin(self, method: object, name: object, receive: Callable[[], object]) -> None:
        """Let later messages end the work on a request; a notification is done to its end."""
        self._answering, self._is_cancelled = name, False

        def refuse() -> None:
            receive()
            if self._is_cancelled:
                raise Overtaken(code=_CANCELLED)
            if self._is_overtaken() and method in _PULLS:
                raise Overtaken(code=_SERVER_CANCELLED, data={"retriggerRequest": True})
            if self._is_overtaken():
                raise Overtaken

        task = self.server.work.task
        task.begin(refuse) if name is not None else task.begin()

    def _is_overtaken(self) -> bool:
        """Whether an edit waits, so that diagnostics of the text before it are of no use."""
        return any(
            message.get("method") == types.TEXT_DOCUMENT_DID_CHANGE for message in self._queue
        )

    def _may_come(self, method: object, name: object) -> bool:
        """Whether a message is in order; a request that is not gets an answer."""
        if method == types.EXIT:
            return True
        if name is not None and not isinstance(name, int | str):
            return False
        if not self._is_initialized and method != types.INITIALIZE:
            self._refuse(name, _NOT_INITIALIZED, "the first request must be `initialize`")
        elif self._is_initialized and method == types.INITIALIZE:
            self._refuse(name, _INVALID_REQUEST, "initialized already")
        elif self.server.is_shut_down:
            self._refuse(name, _INVALID_REQUEST, "shut down")
        else:
            return True
        return False

    def _refuse(self, name: object, code: int, message: str, **data: object) -> None:
        """Answer a request with an error; a notification gets no answer."""
        if name is None and code != _PARSE_ERROR:
            return
        error = {"code": code, "message": message, **({"data": data} if data else {})}
        self._out.append(json.dumps({"jsonrpc": "2.0", "id": name, "error": error}))


class _Writer:
    """Collects what pygls sends."""

    def __init__(self, out: list[str]) -> None:
        self._out = out

    def write(self, data: bytes) -> None:
        self._out.append(data.decode())

    def close(self) -> None:
        pass
