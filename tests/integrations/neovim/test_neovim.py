"""Neovim with our settings: a diagnostic, the fix of it, a rename across files, formatting."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
SETTINGS = ROOT / "integrations" / "neovim" / "netpolc.lua"
FILES = {
    "netpolc.toml": "",
    "intents/db.intent": "namespace shop\ndefault: deny\ndb <- api:[53/UDP]\n",
    "intents/web.intent": "namespace shop\n\nweb <- api:8080\nweb <- db:81\n",
}


def neovim() -> str:
    """The program; a test is skipped where it is missing or too old."""
    if not os.environ.get("NETPOLC_EDITORS"):
        pytest.skip("starts an editor, which takes seconds: make test-editor")
    pytest.importorskip("pygls", reason="the language server is an extra: make .venv/.ready-dev")
    program = shutil.which("nvim")
    if program is None:
        pytest.skip("Neovim is not installed: apt-get install neovim")
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    version = re.match(r"NVIM v(\d+)\.(\d+)", shown.stdout)
    if version is None or tuple(map(int, version.groups())) < (0, 7):
        pytest.skip(f"Neovim is older than 0.7: {shown.stdout.splitlines()[0]}")
    return program


def test_a_session_in_neovim(tmp_path: Path) -> None:
    program = neovim()
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    command = json.dumps([sys.executable, "-m", "netpolc", "lsp"])
    arguments = [
        *("--headless", "-n", "-i", "NONE", "-u", "NONE"),
        *("--cmd", f"let g:netpolc_command = {command}"),
        *("-c", f"luafile {SETTINGS}", "-c", f"luafile {Path(__file__).parent / 'session.lua'}"),
    ]
    home = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path),
    }
    done = subprocess.run(
        [program, *arguments],
        cwd=tmp_path,
        env={**os.environ, **home},
        timeout=120,
        capture_output=True,
        text=True,
        check=False,
    )
    result = json.loads((tmp_path / "result.json").read_text("utf-8"))
    assert result["problem"] is None, done.stderr
    assert result["filetype"] == "netpolc"
    assert result["codes"] == ["NP118"]
    assert result["message"].endswith("help: write `53/udp`")
    assert result["actions"][0] == "Write `53/udp`"
    assert "service backend = {app=api}\n" in result["text"]
    assert "db <- backend:[53/udp]" in result["text"]
    assert (tmp_path / "intents/web.intent").read_text("utf-8").count("backend") == 1
    assert result["formatted"] == "db <- backend:80"
