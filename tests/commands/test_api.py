"""The compiler as functions: what a program that imports netpolc gets."""

from pathlib import Path

import pytest

import netpolc


@pytest.fixture(autouse=True)
def _project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    for name, line in (("old", "db <- api:5432"), ("new", "db <- any:5432")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "db.intent").write_text(f"namespace shop\n{line}\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)


def test_compile_gives_the_files() -> None:
    assert set(netpolc.compile("old").files) == {"shop/db-ingress.yaml"}
    assert netpolc.compile("nowhere").failed


def test_diff_says_what_is_opened() -> None:
    found = netpolc.diff("old", "new")
    assert found.value is not None
    assert [entry.effect.value for entry in found.value.entries] == ["opened"]
    assert not netpolc.diff("old", "old").value


def test_diff_of_what_cannot_be_read_is_a_finding_and_no_difference() -> None:
    found = netpolc.diff("old", "nowhere")
    assert found.value is None
    assert found.failed
