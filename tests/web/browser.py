"""Chromium with playwright-core, as far as this machine has them."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
MODULES = HERE.parent.parent / "build" / "web" / "node_modules"
CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
_MISSING = (
    "Node.js is not installed"
    if shutil.which("node") is None
    else "Chromium is not installed"
    if CHROMIUM is None
    else "playwright-core is not installed: `make test-web` installs it"
    if not (MODULES / "playwright-core").exists()
    else ""
)
needs_browser = pytest.mark.skipif(bool(_MISSING), reason=_MISSING or "there is a browser")


def browse(page: Path, steps: str) -> dict[str, Any]:
    """Open a page, do the steps of a file of this folder, and return what happened."""
    done = subprocess.run(
        ["node", HERE / "browse.mjs", MODULES, str(CHROMIUM), page, HERE / steps],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def assert_is_clean(found: dict[str, Any], page: Path) -> None:
    """Check that nothing but the page was asked for, and that nothing is wrong with it."""
    assert set(found["requests"]) == {page.as_uri()}
    assert found["errors"] == []
    assert found["violations"] == []
    assert found["overflowing"] == []
