"""Who wrote a line, also of a file that was changed since the last commit."""

from pathlib import Path

import pytest

from netpolc.io.git import repository
from netpolc.io.line_history import LineHistories
from tests.repository import Scratch, needs_git

pytestmark = needs_git


def histories(folder: Path, text: str) -> LineHistories:
    """The histories of the lines of `a.intent`, which has a text now."""
    (folder / "a.intent").write_text(text, encoding="utf-8")
    found = repository(folder).value
    assert found is not None
    return LineHistories(found, {"a.intent": str(folder / "a.intent")}, {"a.intent": text})


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """A repository with a file of two commits."""
    made = Scratch(tmp_path / "repo", monkeypatch)
    made.commit({"a.intent": "one\ntwo\n"})
    made.commit({"a.intent": "one\ntwo\nthree\n"})
    return made


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("one\ntwo\nthree\n", ["first", "first", "second"]),
        ("new\none\ntwo\nthree\n", ["", "first", "first", "second"]),
        ("one\nthree\nnew\n", ["first", "second", ""]),
        ("three\n", ["second"]),
        ("new\n", [""]),
    ],
)
def test_a_line_keeps_its_commit_where_it_has_moved(
    repo: Scratch, text: str, written: list[str]
) -> None:
    names = {repo.git("rev-parse", "HEAD~"): "first", repo.git("rev-parse", "HEAD"): "second"}
    found = histories(repo.folder, text)
    lines = [found.of("a.intent", number + 1) for number in range(len(written))]
    assert ["" if line is None else names[line.commit] for line in lines] == written
    assert found.of("a.intent", len(written) + 1) is None
    assert found.of("b.intent", 1) is None


def test_only_a_shallow_clone_has_lines_of_unknown_age(
    repo: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = histories(repo.folder, "one\ntwo\nthree\n").of("a.intent", 1)
    assert whole is not None
    assert not whole.is_oldest
    shallow = tmp_path / "shallow"
    repo.git("clone", "--quiet", "--depth=1", f"file://{repo.folder}", str(shallow))
    monkeypatch.chdir(shallow)
    cut = histories(shallow, "one\ntwo\nthree\n").of("a.intent", 1)
    assert cut is not None
    assert cut.is_oldest
