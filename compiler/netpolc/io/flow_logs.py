"""Logs of flows, line by line, however long they are.

A log is read once and never held: a line at a time, unpacked on the way where it
begins as gzip does. A line may be longer than memory if the file is not a log at all, so lines are cut;
what is cut is then no line of a log and counted with those. What a log is written in is
seen from its first line that says anything: an object is Hubble's JSON, else it is a
table. A log that never ends, such as a pipe or a device, is read for as long as its lines are flows.
"""

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from netpolc.diagnostics import Diagnostic
from netpolc.flowlogs import flow_table, hubble
from netpolc.flowlogs.aggregate import Tally
from netpolc.flowlogs.flows import Misread, Read
from netpolc.io.read_file import IS_FOLDER, reason, unreadable
from netpolc.io.sources import KINDS, STDIN, no_such_source, path_name

LONGEST_LINE = 1 << 20
_MOST_PIECES, _MOST_MISREAD = 64, 100_000
_NEVER_ENDING = f"a line of it is longer than {_MOST_PIECES} MiB"
_NOT_A_LOG = f"its first {_MOST_MISREAD:,} lines are not flows"
_ADVICE = "`netpolc explain NP715` shows the lines that are read"
_OPTIONS = {"intents": "--intents", "manifests": "--with"}
_OF_FOLDER = (
    "name the logs in it; folders of intents go after `--intents`, of manifests after `--with`"
)
_GZIP = b"\x1f\x8b"


def add_logs(logs: Sequence[str], here: Path, tally: Tally) -> Iterator[Diagnostic]:
    """Add up some logs; a finding for each that cannot be read, or not to its end.

    Args:
        logs: paths of files, and `-` for standard input, as the user gave them.
        here: the working folder, absolute.
        tally: what they are added to.
    """
    for log in dict.fromkeys(logs):
        name = STDIN if log == "-" else path_name(str(here / log), here)
        kind = KINDS.get(Path(log).suffix)
        if kind in _OPTIONS and os.path.isfile(here / log):  # noqa: PTH113 - `Path.is_file` raises PermissionError
            advice = f"give the log, and this after it: `netpolc learn LOG {_OPTIONS[kind]} {name}`"
            yield unreadable(name, f"by its name it has {kind}, not flows", advice)
            continue
        try:
            with _opened(log, here) as file:
                add_lines(_lines(file), name, tally)
        except (OSError, EOFError, zlib.error, ValueError) as error:
            yield _not_read(error, here / log, name, here)


def streams(logs: Sequence[str], here: Path) -> tuple[str, ...]:
    """The names of logs that are not regular files, such as pipes and terminals: their end may never come."""
    names = (STDIN if log == "-" else log for log in dict.fromkeys(logs) if _is_stream(log, here))
    return tuple(names)


def _is_stream(log: str, here: Path) -> bool:
    try:
        mode = os.stat(sys.stdin.fileno() if log == "-" else here / log).st_mode  # noqa: PTH116 - a descriptor too
    except (AttributeError, OSError, ValueError):  # No standard input, or a missing file.
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


class _NotALogError(ValueError):
    """A file that is not a log, and may never end."""


def _not_read(error: Exception, path: Path, name: str, here: Path) -> Diagnostic:
    match error:
        case FileNotFoundError():
            return no_such_source(path, name, here)
        case IsADirectoryError():
            return unreadable(name, IS_FOLDER, _OF_FOLDER)
        case _NotALogError():
            return unreadable(name, str(error), _ADVICE)
        case _:
            return unreadable(name, reason(error))


def add_lines(lines: Iterator[bytes], name: str, tally: Tally) -> None:
    """Add up the lines of one log, each with its line end."""
    reader: Callable[[str], Read] | None = None
    is_log = False
    for number, data in enumerate(lines, 1):
        if not is_log and number > _MOST_MISREAD:
            raise _NotALogError(_NOT_A_LOG)
        if not data.endswith(b"\n") and len(data) >= LONGEST_LINE:
            tally.add(_cut(lines), name, number, "")
            continue
        try:
            text = data.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError:
            tally.add(Misread("it is not UTF-8"), name, number, "")
            continue
        if not text or text.startswith("#"):
            continue
        if reader is None:
            table = flow_table.header(text)
            if table is not None:
                reader = table.read_line
                continue
            reader = hubble.read_line if text.startswith("{") else flow_table.Table().read_line
        read = reader(text)
        is_log = is_log or not isinstance(read, Misread)
        tally.add(read, name, number, text)


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while data := file.readline(LONGEST_LINE):
        yield data


def _cut(lines: Iterator[bytes]) -> Misread:
    """The line whose first piece was read, without the rest of it."""
    for number, data in enumerate(lines, 2):
        if data.endswith(b"\n"):
            return Misread(f"it is longer than {LONGEST_LINE} bytes")
        if number > _MOST_PIECES:
            raise _NotALogError(_NEVER_ENDING)
    return Misread("it does not end")


@contextmanager
def _opened(log: str, here: Path) -> Iterator[IO[bytes]]:
    """A log's bytes, unpacked; standard input is not closed, as it is not ours."""
    if log == "-":
        yield sys.stdin.buffer if sys.stdin is not None else io.BytesIO()
        return
    with (here / log).open("rb") as file:
        packed = file.seekable() and file.read(len(_GZIP)) == _GZIP
        if file.seekable():
            file.seek(0)
        if packed:
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield io.BufferedReader(unpacked)
        else:
            yield file
