"""Which files an editor's project has, while they and netpolc.toml change."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("pygls", reason="the language server is an extra: make .venv/.ready-dev")

from tests.lsp.session import Session, write

OUTPUTS = """[outputs.prod]
sources = ["intents", "env/prod.intent"]
[outputs.staging]
sources = ["intents", "env/staging.intent"]
"""
FILES = {
    "intents/db.intent": "namespace shop\ndefault: deny\ndb <- office:5432\n",
    "env/prod.intent": "cluster\ngroup office = 203.0.113.0/24\n",
    "env/staging.intent": "cluster\ngroup office = 10.0.0.1/8\n",
}


def test_all_outputs_are_checked(tmp_path: Path) -> None:
    write(tmp_path, {"netpolc.toml": OUTPUTS, **FILES})
    session = Session()
    uri = session.open(tmp_path / "intents/db.intent")
    staging = (tmp_path / "env/staging.intent").as_uri()
    assert session.codes(staging) == ["NP116"]
    session.open(tmp_path / "env/staging.intent", "cluster\ngroup office = 10.0.0.0/8\n")
    assert session.codes(staging) == []
    session.change(uri, "namespace shop\ndefault: deny\ndb <- ofice:5432\n")
    assert "NP203" in session.codes((tmp_path / "env/prod.intent").as_uri())


def test_an_edit_of_netpolc_toml_changes_the_sources(tmp_path: Path) -> None:
    write(tmp_path, {"netpolc.toml": 'sources = ["intents"]\n', **FILES})
    session = Session()
    uri = session.open(tmp_path / "env/staging.intent")
    assert session.codes(uri) == ["NP116"]  # by itself
    session.change(uri, "cluster\ngroup office = 203.0.113.0/24\ngroup unused = any\n")
    config = session.open(tmp_path / "netpolc.toml")
    session.change(config, 'sources = ["intents", "env/staging.intent"]\n')
    assert session.codes(uri) == ["NP203"]  # `office` is used in the project
    session.change(config, OUTPUTS, 3)
    assert session.codes(uri) == ["NP203"]
    session.change(config, "strcit = true\n", 4)
    assert session.codes(config) == ["NP721"]


def test_a_change_on_the_disk_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"netpolc.toml": "", **FILES})
    session = Session()
    session.open(tmp_path / "intents/db.intent")
    new = (
        write(tmp_path, {"intents/new.intent": "namespace shop\nservice x = {y=z}\n"})
        / "intents/new.intent"
    )
    changes = [{"uri": new.as_uri(), "type": 1}]
    session.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    assert session.codes(new.as_uri()) == ["NP203"]
    new.unlink()
    session.notify("workspace/didChangeWatchedFiles", {"changes": [{**changes[0], "type": 3}]})
    assert session.codes(new.as_uri()) == []


def test_a_saved_file_counts_after_it_is_closed(tmp_path: Path) -> None:
    write(tmp_path, {"netpolc.toml": "", **FILES})
    session = Session()
    path = tmp_path / "intents/db.intent"
    uri = session.open(path)
    session.change(uri, "db <-\n")
    path.write_text("db <-\n", "utf-8")
    session.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
    session.open(tmp_path / "netpolc.toml")
    session.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert session.codes(uri) == ["NP110"]


def test_without_the_extra_the_command_says_what_to_install() -> None:
    program = "import sys; sys.modules['pygls'] = None; from netpolc.cli.main import run; sys.exit(run(['lsp']))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "pip install 'netpolc[lsp]'" in done.stderr
