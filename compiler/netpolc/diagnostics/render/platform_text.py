"""Texts in the forms that platforms take, none of which may be steered by a file's author.

Findings quote names, statements and reasons that anybody may have written. What a
platform shows must stay text there: one line, no character without a glyph of its own,
and nothing that the platform reads as a link or as markup of its own.
"""

import posixpath
import re

from netpolc.diagnostics.diagnostic import Diagnostic
from netpolc.diagnostics.render.escape import visible

LONGEST = 8_000
"""Characters of one part of a message; platforms cut or refuse what is far longer."""

_EMPHASIS = r"`([^`]+)`|\*\*([^*]+)\*\*"


def parts(finding: Diagnostic) -> list[str]:
    """The headline, label and help of a finding, each as a visible line."""
    texts = [finding.message, finding.label.text, finding.help and f"help: {finding.help}"]
    return [visible(text, LONGEST) for text in texts if text]


def placed(path: str, folder: str) -> str:
    """A path of the project seen from its repository.

    Args:
        path: the path from the project's folder; names such as `<stdin>` and whole paths stay.
        folder: the path of the project's folder in the repository; empty where it is the root.
    """
    if not folder or path.startswith(("<", "/")):
        return path
    return posixpath.normpath(f"{folder}/{path}") if path.startswith("../") else f"{folder}/{path}"


def seen_from(here: str, path: str) -> str:
    """Return a path of the project as seen from a folder, so that a person can open it there.

    Args:
        here: the path of that folder from the project's folder; empty if it is the same.
        path: the path from the project's folder; names such as `<stdin>` and whole paths stay.
    """
    if not here or path.startswith(("<", "/")):
        return path
    # Both below a deep folder that nobody has: `..` finds room, and the working folder is not asked.
    deep = "/_" * 64
    return posixpath.relpath(f"{deep}/{path}", f"{deep}/{here}")


def unmarked(markdown: str) -> str:
    """An explanation as plain text: code blocks stay, marks around words go."""
    return "\n".join(
        line if line.startswith("    ") else re.sub(_EMPHASIS, r"\1\2", line)
        for line in markdown.splitlines()
    )
