"""One of the user's own files replaced by a new text, or left exactly as it was.

The file is the only copy of somebody's work. The new text is written beside it and moved
into its place in one step, so that there is always one of the two, whole. Its mode stays,
a symbolic link stays a link, and what has changed since it was read is not overwritten.
"""

import os
import secrets
from codecs import BOM_UTF8
from contextlib import suppress
from pathlib import Path

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.io.read_file import decode, reason
from netpolc.source import SourceFile

CANNOT_REWRITE = Rule(code="NP782", name="cannot-rewrite", severity=Severity.ERROR)


def rewrite(path: Path, source: SourceFile, text: str) -> Diagnostic | None:
    """Replace the text of a file.

    Args:
        path: the file; through a symbolic link, the one that it leads to.
        source: what was read from it.
        text: the new text.

    Returns:
        The finding that says why it was left as it was; None where it was replaced.
    """
    try:
        real = path.resolve(strict=True)
        if not os.access(real, os.W_OK):
            return _refused(source, "permission denied")
        data = real.read_bytes()
        now = decode(data, source.path).value
        if now is None or now.text != source.text:
            return _refused(source, "it was changed while netpolc was running")
        # A byte order mark is not part of the text; its author keeps it.
        _replace(real, (BOM_UTF8 if data.startswith(BOM_UTF8) else b"") + text.encode())
    except (OSError, RuntimeError) as error:
        return _refused(source, reason(error))
    return None


def _replace(path: Path, data: bytes) -> None:
    temporary = path.parent / f".netpolc-{secrets.token_hex(8)}.tmp"
    try:
        with temporary.open("xb") as file:
            file.write(data)
        status = path.stat()
        with suppress(OSError, AttributeError):  # Only root may give files away; Windows cannot.
            os.chown(temporary, status.st_uid, status.st_gid)
        temporary.chmod(status.st_mode & 0o7777)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _refused(source: SourceFile, why: str) -> Diagnostic:
    return Diagnostic(
        rule=CANNOT_REWRITE,
        message=f"`{source.path}` cannot be rewritten: {why}",
        label=Label(source.whole()),
        help="make the file and its folder writable, and run the command again",
    )
