"""The marker file of an output folder: which compile replaces and removes the manifests below it.

Without it, a compile to `out` would take the manifests in `out/prod` for leftovers of its own, and
so would a compile of other sources to the same folder. The marker lies in the folder and is
committed with it, so it goes wherever the folder is copied to. It names the output or the sources,
by paths from the project's folder, and nothing of the machine.
"""

import os
from pathlib import Path

from netpolc.io.checkout import is_checkout
from netpolc.io.read_file import reason
from netpolc.manifest.write import HEADER

MARKER = ".netpolc-output"
DEFAULT = "default"

_TEXT = f"""\
{HEADER}. `netpolc compile` replaces and removes the manifests below this folder, but
# only when it compiles what is named here. Commit this file with them.
"""


def marker_text(owner: str) -> str:
    """Return the text of a marker; `owner` is what `named_output` or `named_sources` returns."""
    return f"{_TEXT}{owner}\n"


def named_output(name: str) -> str:
    """Return the owner of the folder of an output that netpolc.toml describes, or of the default."""
    return f"output: {name}"


def named_sources(sources: tuple[str, ...]) -> str:
    """Return the owner of a folder that the command line names, with the sources given there."""
    return f"sources: {', '.join(sources) or DEFAULT}"


def read_owner(folder: Path) -> str | None:
    """Return the owner that a folder's marker names, empty for an unreadable one; None without one."""
    path = folder / MARKER
    if not os.path.lexists(path):
        return None
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        return f"unreadable: {reason(error)}"
    return next((line for line in lines if line and not line.startswith("#")), "")


def marked_above(folder: Path) -> Path | None:
    """Return the nearest folder above that has a marker, within the git checkout; None without one."""
    if is_checkout(folder):
        return None
    for above in folder.parents:
        if os.path.lexists(above / MARKER):
            return above
        if is_checkout(above):
            return None
    return None
