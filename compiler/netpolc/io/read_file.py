"""One file of the user's, read into text, or the reason why not.

Files are unreadable, vanish between the listing and the reading, turn out to be folders
or pipes, or hold bytes that are not text. Each of these is a finding at the file, never
an exception; a byte order mark is not part of the text.
"""

import errno
import os
import stat
from codecs import BOM_UTF8
from pathlib import Path

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.source import SourceFile

UNREADABLE = Rule(code="NP702", name="unreadable-file", severity=Severity.ERROR)
NOT_UTF_8 = Rule(code="NP703", name="not-utf-8", severity=Severity.ERROR)

_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
_AT_ONCE = 1 << 16
IS_FOLDER = "it is a folder"
NAME_NOT_UTF_8 = "its name is not UTF-8"
_SPECIAL, _DANGLING = "it is not a regular file", "it is a symbolic link that leads nowhere"
_LOOP, _MISSING = os.strerror(errno.ELOOP), os.strerror(errno.ENOENT)
_ADVICE = {
    IS_FOLDER: "rename it, or name the files in it",
    NAME_NOT_UTF_8: "rename it",
    _SPECIAL: "write its text to a file, or to standard input and give `-`",
    _DANGLING: "correct the link, or remove it",
    _LOOP[:1].lower() + _LOOP[1:]: "correct the link, or remove it",
    _MISSING[:1].lower() + _MISSING[1:]: "name a file that is there",
}
"""The advice for each reason that permissions do not cause."""
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def read_file(path: Path | str, name: str) -> Outcome[SourceFile | None]:
    """Read a file.

    Args:
        path: where it is.
        name: what to call it in findings and manifests.

    Returns:
        The text under that name, or None with the finding that says why there is none.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - strings are all this needs
        if not stat.S_ISREG(mode):
            what = IS_FOLDER if stat.S_ISDIR(mode) else _SPECIAL
            return Outcome(None, (unreadable(name, what),))
        data = read_bytes(str(path))
    except (OSError, ValueError) as error:
        dangling = isinstance(error, FileNotFoundError) and os.path.lexists(path)
        why = _DANGLING if dangling else reason(error)
        return Outcome(None, (unreadable(name, why),))
    return decode(data, name)


def read_bytes(path: str) -> bytes:
    """All bytes of a file: a fifth of the time of pathlib's way, for ten thousand small files."""
    handle = os.open(path, os.O_RDONLY | _BINARY)
    try:
        parts = [os.read(handle, _AT_ONCE)]
        while len(parts[-1]) > 0:
            parts.append(os.read(handle, _AT_ONCE))
    finally:
        os.close(handle)
    return parts[0] if len(parts) == 2 else b"".join(parts)  # noqa: PLR2004


def decode(data: bytes, name: str) -> Outcome[SourceFile | None]:
    """The text of UTF-8 bytes, without a byte order mark; or None with the place of the bad one."""
    try:
        return Outcome(SourceFile(name, data.removeprefix(BOM_UTF8).decode()))
    except UnicodeDecodeError as error:
        return Outcome(None, (_not_utf_8(data, error, name),))


def unreadable(name: str, why: str, advice: str = "") -> Diagnostic:
    """The finding that a file cannot be read; without advice it is the usual one for the reason."""
    return Diagnostic(
        rule=UNREADABLE,
        message=f"`{name}` cannot be read: {why}",
        label=Label(SourceFile(name, "").whole()),
        help=advice or _ADVICE.get(why, "fix its permissions, or exclude it"),
    )


def reason(error: Exception) -> str:
    """The reason why an operation on a file failed, as the end of a sentence."""
    text = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
    return text[:1].lower() + text[1:]


def _not_utf_8(data: bytes, error: UnicodeDecodeError, name: str) -> Diagnostic:
    # `error.object` is the data without the mark, if it had one.
    good = error.object[: error.start].decode("utf-8")
    # What follows the bad byte on its line is shown as well as it can be.
    rest = error.object[error.start : error.start + 100].decode("utf-8", "replace")
    file = SourceFile(name, good + rest.partition("\n")[0])
    encoding = _MARKS.get(data[:2])
    looks = f"it looks like {encoding}; " if encoding else ""
    return Diagnostic(
        rule=NOT_UTF_8,
        message=f"`{name}` is not UTF-8",
        label=Label(
            file.span(len(good), len(good) + 1),
            f"byte {error.start + 1} of the file, 0x{error.object[error.start]:02x}",
        ),
        help=f"{looks}save the file as UTF-8",
    )
