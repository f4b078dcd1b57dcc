"""The settings for editors that are not started here are at least in their forms."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from netpolc.cli.main import run

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


def test_zed_starts_the_server_for_intents() -> None:
    extension = tomllib.loads((INTEGRATIONS / "zed" / "extension.toml").read_text("utf-8"))
    language = (INTEGRATIONS / "zed" / "languages" / "netpolc" / "config.toml").read_text("utf-8")
    settings = tomllib.loads(language)
    server = extension["language_servers"]["netpolc"]
    assert server["languages"] == [settings["name"]]
    assert server["language_ids"] == {settings["name"]: "netpolc"}
    assert settings["path_suffixes"] == ["intent"]
    assert "grammar" not in settings
    assert "grammars" not in extension
    package = tomllib.loads((INTEGRATIONS / "zed" / "Cargo.toml").read_text("utf-8"))["package"]
    assert package["version"] == extension["version"]


def test_the_problem_matcher_reads_what_check_prints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = json.loads((INTEGRATIONS / "vscode" / "package.json").read_text("utf-8"))
    (matcher,) = settings["contributes"]["problemMatchers"]
    pattern = matcher["pattern"]
    (tmp_path / "intents").mkdir()
    text = "namespace shop\ndb <- 10.0.0.1/8\ngroup unused = any\n"
    (tmp_path / "intents" / "shop.intent").write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["check", "--format", "concise"]) == 1
    printed = capsys.readouterr().out.splitlines()
    (found,) = filter(None, (re.match(pattern["regexp"], line) for line in printed))
    named = {key: found[pattern[key]] for key in ("file", "line", "column", "severity", "code")}
    assert named == {
        "file": "intents/shop.intent",
        "line": "2",
        "column": "7",
        "severity": "error",
        "code": "NP116",
    }
