"""The packaged extension in a real extension host: VS Code in Chromium, with its whole API.

`integrations/vscode/test/suite.js` has the tests; here each is one of ours. `make test-editor`
installs the host, which takes about a minute and 800 MB.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EXTENSION = ROOT / "integrations" / "vscode"
HOST = ROOT / "build" / "vscode-host"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
_TESTS = 11

pytestmark = [
    pytest.mark.skipif(
        not os.environ.get("NETPOLC_EDITORS"), reason="make test-editor installs what it needs"
    ),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
    pytest.mark.skipif(not (HOST / ".ready").exists(), reason="make test-editor installs the host"),
]


def test_what_a_user_of_the_extension_does(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            "node",
            EXTENSION / "test" / "host.mjs",
            HOST,
            EXTENSION / "netpolc.vsix",
            Path(sys.executable).parent / "netpolc",
            tmp_path,
        ],
        env={**os.environ, "CHROMIUM": str(CHROMIUM)},
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert not [line for line in lines if line.startswith("not ok")]
    assert len([line for line in lines if line.startswith("ok ")]) == _TESTS, done.stderr[-4000:]
    assert done.returncode == 0
    picture = tmp_path / "vscode.png"
    assert picture.stat().st_size > 0
    if "NETPOLC_PICTURES" in os.environ:
        shutil.copy(picture, os.environ["NETPOLC_PICTURES"])
