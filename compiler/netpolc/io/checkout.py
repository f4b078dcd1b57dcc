"""The git checkout around a folder.

Folders above the working folder may not be searchable for this user. They count as no checkout:
pathlib's `exists` would raise an error there, `os.path.exists` returns False.
"""

import os
from pathlib import Path


def is_checkout(folder: Path) -> bool:
    """Return whether a folder is the root of a git checkout."""
    return os.path.exists(folder / ".git")  # noqa: PTH110 - `Path.exists` raises PermissionError


def checkout_around(folder: Path) -> Path | None:
    """Return the root of the git checkout around a folder; None if there is none."""
    return next((path for path in (folder, *folder.parents) if is_checkout(path)), None)
