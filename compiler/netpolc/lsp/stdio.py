"""The server on standard input and output.

Everything that has arrived is read before the next message is handled, so that an edit is known
before work on the text before it begins. There are no threads: between messages the process waits
in `select`.
"""

import os
import re
import select
import sys
from typing import BinaryIO

from netpolc.ide.save_memory import save_memory
from netpolc.lsp.connection import Connection

_CHUNK = 1 << 16
_LENGTH = re.compile(rb"Content-Length:[ \t]*([0-9]+)", re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"
_LONGEST_HEAD = 1 << 14
_CLIENT_GONE = 1
_PATIENCE = 10.0
"""Seconds of silence after which is looked whether the client's process is still there."""
_CAN_POLL = sys.platform != "win32"
"""Pipes cannot be polled on Windows: there each message is handled when it has been read."""


def serve(source: BinaryIO, sink: BinaryIO) -> int:
    """Serve a client until it ends the session or is gone; return the exit code."""
    connection = Connection()
    wire, settled = _Wire(source, sink, connection), False
    while connection.exit_code is None:
        wire.receive()
        if connection.step(wire.exchange):
            wire.send()
        elif wire.is_ended:
            break
        else:
            connection.idle(wire.has_come)
            wire.send()
            if not settled and connection.has_checked:
                save_memory()  # A command ends soon, and a server lives long.
                settled = True
            if not connection.is_waiting:
                wire.wait()
    wire.send()
    return _CLIENT_GONE if connection.exit_code is None or wire.is_cut else connection.exit_code


class _Wire:
    """Both directions of the stream between a client and its connection.

    `is_ended` is set when nothing more will come, `is_cut` when nothing more can be sent as well.
    """

    def __init__(self, source: BinaryIO, sink: BinaryIO, connection: Connection) -> None:
        self.is_ended = self.is_cut = False
        self._handle = source.fileno()
        self._sink = sink
        self._connection = connection
        self._frames = Frames()

    def send(self) -> None:
        """Send all messages that wait to be sent."""
        texts = self._connection.take()
        if self.is_cut:
            return
        try:
            for text in texts:
                body = text.encode()
                self._sink.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
            self._sink.flush()
        except (BrokenPipeError, ConnectionResetError):
            self.is_ended = self.is_cut = True

    def receive(self) -> None:
        """Put all messages that have come into the queue."""
        while not self.is_ended and _is_ready(self._handle):
            self.wait()

    def exchange(self) -> None:
        """Send and receive in the middle of a piece of work."""
        self.send()
        self.receive()

    def has_come(self) -> bool:
        """Send and receive in the middle of a piece of work; return whether something must be handled."""
        self.exchange()
        return self.is_ended or self._connection.is_waiting

    def wait(self) -> None:
        """Wait for bytes and put the whole messages among them into the queue.

        A process that the client has started may hold the other end open when the client is gone.
        """
        while (
            not self.is_ended
            and _CAN_POLL
            and not select.select([self._handle], [], [], _PATIENCE)[0]
        ):
            self.is_ended = not _is_running(self._connection.server.process_id)
        if self.is_ended:
            return
        chunk = os.read(self._handle, _CHUNK)
        for body in self._frames.add(chunk):
            self._connection.put(body)
        self.is_ended = not chunk


def _is_ready(handle: int) -> bool:
    """Whether there is something to read, the end included."""
    return _CAN_POLL and bool(select.select([handle], [], [], 0)[0])


def _is_running(process: int | None) -> bool:
    """Whether a process is there; True where none is named."""
    try:
        if process is not None:
            os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # It is somebody else's.
    return True


class Frames:
    """Cuts a stream into the bodies of messages."""

    def __init__(self) -> None:
        """Begin before the first head."""
        self._buffer = bytearray()
        self._length: int | None = None

    def add(self, chunk: bytes) -> list[bytes]:
        """Return the messages that are complete with these bytes.

        A head without a length cannot be skipped, because nobody knows where the next one begins:
        what comes before the next length is dropped.
        """
        self._buffer += chunk
        bodies = []
        while (body := self._next()) is not None:
            bodies.append(body)
        return bodies

    def _next(self) -> bytes | None:
        if self._length is None and not self._read_head():
            return None
        assert self._length is not None
        if len(self._buffer) < self._length:
            return None
        body = bytes(self._buffer[: self._length])
        del self._buffer[: self._length]
        self._length = None
        return body

    def _read_head(self) -> bool:
        end = self._buffer.find(_HEAD_END)
        while end != -1:
            length = _LENGTH.search(bytes(self._buffer[:end]))
            del self._buffer[: end + len(_HEAD_END)]
            if length is not None:
                self._length = int(length[1])
                return True
            end = self._buffer.find(_HEAD_END)
        if len(self._buffer) > _LONGEST_HEAD:
            del self._buffer[:-_LONGEST_HEAD]
        return False
