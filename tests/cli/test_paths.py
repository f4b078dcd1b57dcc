"""Paths in findings: they can be opened, wherever the command runs and wherever the sources are."""

import json
from pathlib import Path

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

BROKEN = "namespace shop\ndb <-- api\n"


def found(*arguments: str, capfd: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """Standard output and error of a check that finds something."""
    capfd.readouterr()
    assert run(["check", *arguments]) == 1
    out, err = capfd.readouterr()
    return out, err


@pytest.mark.parametrize("git", ["", ".git/HEAD", ".git"])
def test_sources_beside_the_working_folder(
    put: Put,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    git: str,
) -> None:
    put({"all/intents/z.intent": BROKEN, "all/sub/x": "", **({f"all/{git}": ""} if git else {})})
    (tmp_path / ".git").rmdir()
    monkeypatch.chdir(tmp_path / "all/sub")
    for argument in ("../intents", str(tmp_path / "all/intents"), "../intents/z.intent"):
        assert "--> ../intents/z.intent:2:4" in found(argument, capfd=capfd)[1]
        for form, path in (
            ("github", "file=intents/z.intent" if git else "file=../intents/z.intent"),
            ("gitlab", '"path": "intents/z.intent"' if git else "../intents/z.intent"),
            ("sarif", '"uri": "intents/z.intent"' if git else "../intents/z.intent"),
        ):
            assert path in found(argument, "--format", form, capfd=capfd)[0]
    (one,) = json.loads(found("../intents", "--format", "json", capfd=capfd)[0])
    assert one["path"] == ("intents/z.intent" if git else "../intents/z.intent")


def test_what_is_not_there_has_its_whole_path(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"x": ""})
    assert "there is no `/nonexistent/x`" in found("/nonexistent/x", capfd=capfd)[1]
    assert "there is no `a/b`" in found("a/b", capfd=capfd)[1]


def test_from_any_folder_of_a_checkout(
    put: Put, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put({".git/HEAD": "", "intents/a.intent": "db <- api:1\n", "deep/er/x": ""})
    for folder in ("deep/er", "intents"):
        monkeypatch.chdir(tmp_path / folder)
        assert run(["compile"]) == 0
        assert run(["compile", "--check"]) == 0
    assert (tmp_path / "out/default/db-ingress.yaml").is_file()
    assert not (tmp_path / "deep/er/out").exists()
