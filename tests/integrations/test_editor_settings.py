"""The settings for editors that are not started here are at least in their forms."""

import json
import re
import tomllib
from pathlib import Path

import yaml

INTEGRATIONS = Path(__file__).parent.parent.parent / "integrations"


def test_helix_starts_the_server_for_intents() -> None:
    settings = tomllib.loads((INTEGRATIONS / "helix" / "languages.toml").read_text("utf-8"))
    server = settings["language-server"]["netpolc"]
    assert [server["command"], *server["args"]] == ["netpolc", "lsp"]
    (language,) = settings["language"]
    assert language["file-types"] == ["intent"]
    assert language["language-servers"] == ["netpolc"]


def test_sublime_text_starts_the_server_for_its_syntax() -> None:
    text = (INTEGRATIONS / "sublime" / "LSP.sublime-settings").read_text("utf-8")
    settings = json.loads(re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE))
    client = settings["clients"]["netpolc"]
    assert client["command"] == ["netpolc", "lsp"]
    syntax = (INTEGRATIONS / "sublime" / "netpolc.sublime-syntax").read_text("utf-8")
    (found,) = yaml.safe_load_all(syntax.removeprefix("%YAML 1.2\n"))
    assert found["scope"] == client["selector"]
    assert found["file_extensions"] == ["intent"]
    for rule in found["contexts"]["main"]:
        re.compile(rule["match"])
