"""Helix with our settings, in a terminal: findings, a fix, a rename across files, formatting, a page."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integrations.scratch import write
from tests.integrations.terminal import Terminal
from tests.integrations.terminal_picture import draw_screen

SETTINGS = Path(__file__).parents[3] / "integrations" / "helix" / "languages.toml"
DB = """namespace shop {env=production}
default: deny ingress egress

service db = {app=postgres}
db <- api:[5432/TCP]
"""
FILES = {
    "netpolc.toml": "",
    "intents/db.intent": DB,
    "intents/web.intent": "namespace shop\nweb <- api:8080\n",
}


@pytest.fixture
def helix(tmp_path: Path) -> Iterator[Terminal]:
    """Helix with an open file; the test is skipped where Helix is missing."""
    if not os.environ.get("NETPOLC_EDITORS"):
        pytest.skip("starts an editor, which takes seconds: make test-editor")
    program = shutil.which("hx") or shutil.which("helix")
    if program is None:
        pytest.skip("Helix is not installed: docs.helix-editor.com/install.html")
    pytest.importorskip("pygls", reason="the language server is an extra: make .venv/.ready-dev")
    write(tmp_path, FILES)
    config = tmp_path / "config" / "helix"
    config.mkdir(parents=True)
    shutil.copy(SETTINGS, config)
    environment = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(config.parent),
        "XDG_CACHE_HOME": str(tmp_path / "cache"),
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
    }
    with Terminal([program, "intents/db.intent"], tmp_path, environment) as terminal:
        yield terminal


def test_a_session_in_helix(helix: Terminal, tmp_path: Path) -> None:
    helix.wait_for("in small letters")

    helix.type("5ggf[l")
    helix.type(" a")
    helix.wait_for("Write `5432/tcp`")
    helix.press("Enter")
    helix.wait_for("[5432/tcp]", without="small letters")

    # A connection that opens what must never be open: the claim turns red.
    helix.enter("odb <- ns {env=dev}:22")
    helix.type("never db <- ns {env=dev}:22")
    helix.press("Escape")
    helix.wait_for("reaches a", "on TCP 22")
    draw_screen(helix, "helix.svg", tmp_path)

    helix.type(" a")
    helix.wait_for("Explain NP501")
    helix.press("Enter")
    helix.wait_for("An assertion does not hold", "NP501.md")
    helix.enter(":bc")
    helix.wait_for("intents/db.intent", without="NP501.md")

    helix.type("5ggw")
    helix.type(" k")
    helix.wait_for("means the pods")
    helix.press("Escape")
    helix.wait_for("intents/db.intent", without="means the pods")

    helix.type("5ggfawl")
    helix.type(" r")
    helix.wait_for("rename-to:api")
    helix.press("C-u")
    helix.enter("backend")
    helix.wait_for("db <- backend:")

    helix.type("8ggodb   <-   backend:80")
    helix.press("Escape")
    helix.wait_for("NOR")  # A key that comes right after Escape would be one with Alt.
    helix.enter(":wa")
    helix.wait_for("db <- backend:80")
    helix.wait_until(lambda _: "\ndb <- backend:80\n" in saved(tmp_path), "nothing is saved")
    assert "web <- backend:8080" in (tmp_path / "intents/web.intent").read_text("utf-8")


def saved(folder: Path) -> str:
    return (folder / "intents/db.intent").read_text("utf-8")
