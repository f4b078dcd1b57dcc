"""Neovim with our settings: a diagnostic, the fix of it, a rename across files, formatting."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.integrations.scratch import write
from tests.integrations.terminal import Terminal
from tests.integrations.terminal_picture import draw_screen

ROOT = Path(__file__).parent.parent.parent.parent
SETTINGS = ROOT / "integrations" / "neovim" / "netpolc.lua"
FILES = {
    "netpolc.toml": "",
    "intents/db.intent": "namespace shop\ndefault: deny\ndb <- api:[53/UDP]\n",
    "intents/web.intent": "namespace shop\n\nweb <- api:8080\nweb <- db:81\n",
}
RED = """namespace shop {env=production}
default: deny ingress egress

service db = {app=postgres}
db <- api:5432
db <- ns {env=dev}:22
never db <- ns {env=dev}:22
"""


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


def test_a_claim_that_does_not_hold_is_shown_with_its_counterexample(tmp_path: Path) -> None:
    write(tmp_path, {"netpolc.toml": "", "intents/shop.intent": RED})
    command = json.dumps([sys.executable, "-m", "netpolc", "lsp"])
    arguments = [
        *("-n", "-i", "NONE", "-u", "NONE"),
        *(
            "--cmd",
            "set termguicolors nowrap number signcolumn=yes | colorscheme slate | highlight NormalFloat guibg=#333344",
        ),
        *("--cmd", f"let g:netpolc_command = {command}"),
        *("-c", f"luafile {SETTINGS}", "-c", "edit intents/shop.intent"),
    ]
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    with Terminal([neovim(), *arguments], tmp_path, home) as terminal:
        terminal.wait_for("does not hold")
        terminal.type("G:lua vim.diagnostic.open_float()")
        terminal.press("Enter")
        terminal.wait_for("on TCP 22", "help: narrow")
        draw_screen(terminal, "neovim.svg", tmp_path)


def test_a_session_in_neovim(tmp_path: Path) -> None:
    program = neovim()
    write(tmp_path, FILES)
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
