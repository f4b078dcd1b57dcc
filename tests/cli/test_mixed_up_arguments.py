"""A file of one kind in the place of another: the error says which command or option it is for."""

from pathlib import Path

import pytest

from netpolc.cli.main import run

FLOW = '{"flow": {"verdict": "FORWARDED", "IP": {}, "l4": {}}, "time": "2026-03-01T08:00:00Z"}\n'
CSV = "shop/web,shop/api,8080,tcp,forwarded\n"
INTENT = "namespace shop\nweb <- internet\n"
FILES = {
    "flows.csv": CSV,
    "flows.json": FLOW * 2,
    "flow.json": FLOW,
    "intents/a.intent": INTENT,
    "netpolc.toml": "",
    "pods.yaml": "",
}


@pytest.mark.parametrize(
    ("arguments", "advice"),
    [
        (["check", "flows.csv"], "run `netpolc learn flows.csv`"),
        (["check", "flows.json"], "run `netpolc learn flows.json`"),
        (["list", "flow.json"], "run `netpolc learn flow.json`"),
        (["diff", "flows.json"], "run `netpolc learn flows.json`"),
        (["init", "flows.json"], "run `netpolc learn flows.json`"),
        (["compile", "intents", "--with", "flows.csv"], "run `netpolc learn flows.csv`"),
        (["check", "netpolc.toml"], "leave it out"),
        (["check", "--with", "https://example.org/a.yaml"], "URLs are not read: pipe the text"),
        (["list", "*.yaml"], "name the folder, or write the pattern without quotes"),
        (["import", "intents"], "`netpolc compile` writes manifests from intents"),
        (["init", "intents/a.intent"], "`netpolc compile` writes them from intents"),
        (["learn", "intents/a.intent"], "`netpolc learn LOG --intents intents/a.intent`"),
        (["learn", "pods.yaml"], "`netpolc learn LOG --with pods.yaml`"),
        (["learn", "intents"], "folders of intents go after `--intents`"),
    ],
)
def test_the_right_place_is_named(
    arguments: list[str],
    advice: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "intents").mkdir()
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    assert run(arguments) in {1, 2}
    err = capsys.readouterr().err
    assert err.count("error[") == 1
    assert advice in err


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        (
            ["diff", "HEAD"],
            "error[NP783]: there is no `HEAD`, and no revision can be read here: not",
        ),
        (["owners", "HEAD~1"], "error[NP783]: there is no `HEAD~1`, and no revision"),
        (["graph", "main"], "error[NP783]: there is no `main`, and no revision"),
        (["diff", "intens"], "error[NP701]: there is no `intens`\n"),
        (["diff", "other.intent"], "error[NP701]: there is no `other.intent`\n"),
    ],
)
def test_outside_a_repository_no_argument_is_a_revision(
    arguments: list[str],
    first: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (tmp_path / "intents").mkdir()
    (tmp_path / "intents" / "a.intent").write_text(INTENT)
    assert run(arguments) in {1, 2}
    assert first in capsys.readouterr().err
