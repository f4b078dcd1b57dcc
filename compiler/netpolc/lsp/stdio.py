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

from netpolc.ide.settle_collector import settle_collector
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
    connection, frames = Connection(), Frames()
    handle, ended, settled = source.fileno(), False, False

    def receive() -> None:
        nonlocal ended
        while not ended and _is_ready(handle):
            ended = not _receive(handle, frames, connection)

    try:
        while connection.exit_code is None:
            receive()
            if connection.step(receive):
                _send(connection, sink)
            elif ended:
                break
            else:
                connection.idle(lambda: _is_ready(handle))
                _send(connection, sink)
                if not settled and connection.has_checked:
                    settle_collector()  # A command ends soon and collects nothing; a server lives long.
                    settled = True
                ended = not _receive(handle, frames, connection)
        _send(connection, sink)
    except (BrokenPipeError, ConnectionResetError):
        return _CLIENT_GONE
    return _CLIENT_GONE if connection.exit_code is None else connection.exit_code


def _is_ready(handle: int) -> bool:
    """Whether there is something to read, the end included."""
    return _CAN_POLL and bool(select.select([handle], [], [], 0)[0])


def _receive(handle: int, frames: "Frames", connection: Connection) -> bool:
    """Wait for bytes and put the whole messages among them into the queue; False at the end.

    A process that the client has started may hold the other end open when the client is gone.
    """
    while _CAN_POLL and not select.select([handle], [], [], _PATIENCE)[0]:
        if not _is_running(connection.server.process_id):
            return False
    chunk = os.read(handle, _CHUNK)
    for body in frames.add(chunk):
        connection.put(body)
    return bool(chunk)


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


def _send(connection: Connection, sink: BinaryIO) -> None:
    for text in connection.take():
        body = text.encode()
        sink.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    sink.flush()


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
        found = []
        while (body := self._next()) is not None:
            found.append(body)
        return found

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
