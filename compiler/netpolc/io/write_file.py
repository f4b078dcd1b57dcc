"""One new file, written whole: its readers see the old text or the new one, never half of it."""

import secrets
from contextlib import suppress
from pathlib import Path

from netpolc.io.read_file import reason


def write_file(path: Path, text: str) -> str:
    """Write a text to a file, over one that is there; return why it failed, empty if it did not."""
    temporary = path.with_name(f".netpolc-{secrets.token_hex(8)}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    except OSError as error:
        return reason(error)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
    return ""
