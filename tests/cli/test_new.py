"""`netpolc new`: a project that compiles, and nothing overwritten."""

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from netpolc.cli.main import run
from netpolc.io.config import OUTPUTS, parse_config
from netpolc.io.config_values import CHECKS, LINT_KEYS, OUTPUT_CHECKS
from netpolc.source import SourceFile
from tests.cli.conftest import Put

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "grammar/netpolc.schema.json").read_text(encoding="utf-8"))
PAGE = (ROOT / "docs/netpolc-toml.md").read_text(encoding="utf-8")


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder outside any checkout."""
    folder = tmp_path / "somewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_a_new_project_compiles_without_a_warning(empty: Path) -> None:
    assert run(["new", "--pre-commit", "--ci", "github"]) == 0
    assert run(["check", "--strict"]) == 0
    assert run(["fmt", "--check"]) == 0
    assert run(["compile"]) == 0
    assert run(["compile", "--check"]) == 0
    assert (empty / "out/example/db-ingress.yaml").is_file()
    for path in (".pre-commit-config.yaml", ".github/workflows/netpolc.yml"):
        assert yaml.safe_load((empty / path).read_text(encoding="utf-8"))
    config = (empty / "netpolc.toml").read_text(encoding="utf-8")
    schema = json.loads((empty / ".netpolc.schema.json").read_text(encoding="utf-8"))
    assert config.startswith("#:schema ./.netpolc.schema.json\n")
    jsonschema.validate(tomllib.loads(config), schema)


def test_files_that_exist_are_kept(empty: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (empty / "intents").mkdir()
    (empty / "intents/mine.intent").write_text("db <- api\n", encoding="utf-8")
    (empty / ".gitlab-ci.yml").write_text("mine: true\n", encoding="utf-8")
    assert run(["new", "--ci", "gitlab"]) == 0
    err = capfd.readouterr().err
    assert "kept .gitlab-ci.yml, which exists already\n" in err
    assert "left out intents/example.intent, because there are intents already\n" in err
    assert (empty / ".gitlab-ci.yml").read_text(encoding="utf-8") == "mine: true\n"
    assert not (empty / "intents/example.intent").exists()
    before = (empty / "netpolc.toml").read_bytes()
    assert run(["new"]) == 0
    assert (empty / "netpolc.toml").read_bytes() == before


def test_a_folder_is_made(empty: Path) -> None:
    assert run(["new", "a/b"]) == 0
    assert (empty / "a/b/intents/example.intent").is_file()


def test_a_file_in_the_place_of_a_folder_is_an_error(put: Put) -> None:
    put({"intents": "a file"})
    assert run(["new"]) == 1


def test_schema_page_and_code_have_the_same_keys() -> None:
    assert set(SCHEMA["properties"]) == {*CHECKS, OUTPUTS}
    assert set(SCHEMA["properties"]["lint"]["properties"]) == set(LINT_KEYS)
    assert list(SCHEMA["$defs"]["output"]["properties"]) == list(OUTPUT_CHECKS)
    rows = [line.split("`")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    rows = rows[: rows.index(OUTPUTS) + 1]
    assert rows == list(SCHEMA["properties"])


def test_the_example_of_the_page_is_valid() -> None:
    text, environments = (part.split("```")[0] for part in PAGE.split("```toml\n")[1:])
    assert not parse_config(SourceFile("netpolc.toml", environments), Path()).diagnostics
    jsonschema.validate(tomllib.loads(text), SCHEMA)
    assert not parse_config(SourceFile("netpolc.toml", text), Path()).diagnostics
    assert set(tomllib.loads(text)) == set(SCHEMA["properties"])


@pytest.mark.parametrize(
    "text",
    [
        "sources = []",
        "sources = ['']",
        "output = 1",
        "layout = 'folder'",
        "strict = 'yes'",
        "strickt = true",
        "namespace = 'Shop'",
        "labels = ['a']",
        "[stages.later.annotations]\na = 'b'",
        "[lint]\nlevels = {NP604 = 'loud'}",
        "[lint]\nignored = []",
        "[lint]\npages = 'docs/rules'",
        "[lint]\npages = 'javascript:alert(1)'",
        "stage = 'both'",
        "fail-on = 'risks'",
        "with = []",
        "outputs = {}",
        "outputs = 'prod'",
        "[outputs]\nprod = 'out/prod'",
        "[outputs.'a/b']",
        "[outputs.prod]\nlint = {}",
        "[outputs.prod]\noutputs = {}",
        "[outputs.prod]\nlayout = 'folder'",
    ],
)
def test_schema_and_code_refuse_the_same(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(tomllib.loads(text), SCHEMA)
    assert parse_config(SourceFile("netpolc.toml", text), Path()).failed
