"""The names of revisions that git knows, and those that are refused."""

from pathlib import Path

import pytest

from netpolc.io.git import repository
from netpolc.io.revisions import read_revision, revisions
from tests.io.opened_revisions import A, B, asked, known, named, opened, problems, refused, texts
from tests.repository import Scratch


def test_all_ways_to_name_a_revision(repo: Scratch) -> None:
    first = repo.commit({"intents/a.intent": A})
    repo.git("tag", "--annotate", "--message", "x", "v1.0")
    repo.git("switch", "--quiet", "--create", "feature/b..c".replace("..", "-"))
    repo.commit({"intents/a.intent": B}, "fix: a..b")
    for text in ("main", "v1.0", "HEAD~1", first[:10], "HEAD^{/change}", ":/change"):
        if text != ":/change":
            assert texts(repo.folder, text) == {"intents/a.intent": A}, text
    for text in ("HEAD", "feature/b-c", "HEAD^{/fix: a..b}", "@"):
        assert texts(repo.folder, text) == {"intents/a.intent": B}, text
    for text in ("main:intents", "main:intents/", "main:intents/a.intent", "main:./intents"):
        assert texts(repo.folder, text) == {"intents/a.intent": A}, text
    assert texts(repo.folder, "main:") == {"intents/a.intent": A}


def test_ranges_are_those_of_git_diff(repo: Scratch) -> None:
    base = repo.commit({"intents/a.intent": A})
    repo.git("branch", "topic")
    repo.commit({"intents/main.intent": "x <- y\n"})
    repo.git("switch", "--quiet", "topic")
    repo.commit({"intents/a.intent": B})

    def both(text: str) -> list[list[str]]:
        return [
            [file.path for file in read_revision(one, asked()).value[0].intents]
            for one in named(repo.folder, text)
        ]

    assert both("main..topic") == [
        ["intents/a.intent", "intents/main.intent"],
        ["intents/a.intent"],
    ]
    assert both("main..") == both("main..topic")
    assert both("..main") == both("main..topic")[::-1]
    for text in ("main...topic", "main...", "main...HEAD"):
        assert both(text) == [["intents/a.intent"], ["intents/a.intent"]]
    old, new = named(repo.folder, "main...topic")
    assert old.name == f"the merge base {base[:12]} of main and topic"
    assert new.name == "topic"


def test_what_git_does_not_know(repo: Scratch) -> None:
    repo.commit({"intents/a.intent": A})
    repo.git("branch", "release")
    repo.git("update-ref", "refs/remotes/origin/develop", "HEAD")
    assert refused(repo.folder, "relase") == (
        "NP785",
        "there is no path and no revision `relase`  did you mean `release`?",
    )
    assert "did you mean `origin/develop`" in refused(repo.folder, "develop")[1]
    assert "did you mean `intents`" in refused(repo.folder, "intent")[1]
    for text in (
        "--help",
        "-x",
        "--output=x",
        "..-x",
        "nope:intents",
        ":intents",
        "a\0b",
        "\x1b[2J",
    ):
        code, said = refused(repo.folder, text)
        assert code == "NP785"
        assert "\x1b" not in said
    assert problems(repo.folder, "HEAD:nope") == [("NP701", "there is no `nope` in this revision")]
    assert problems(repo.folder, "HEAD:../x")[0][0] == "NP784"


def test_options_are_never_taken_from_a_name(repo: Scratch) -> None:
    commit = repo.commit({"intents/a.intent": A, "-x/a.intent": B, "--output=y.intent": B})
    repo.git("update-ref", "refs/heads/--help", commit)
    assert texts(repo.folder, "refs/heads/--help") == {"intents/a.intent": A}
    assert texts(repo.folder, "HEAD:-x") == {"-x/a.intent": B}
    assert texts(repo.folder, "HEAD:--output=y.intent") == {"--output=y.intent": B}
    assert not (repo.folder / "y.intent").exists()


def test_an_unborn_head(repo: Scratch) -> None:
    code, said = refused(repo.folder, "HEAD")
    assert code == "NP785"
    assert said.startswith("there is no commit yet")


def test_no_repository_and_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    (found,) = repository(tmp_path).diagnostics
    assert found.rule.code == "NP783"
    assert "not a git repository" in found.message
    monkeypatch.setenv("PATH", str(tmp_path))
    (found,) = repository(tmp_path).diagnostics
    assert "git is not installed" in found.message


def test_a_slip_in_a_path_names_the_nearest(repo: Scratch) -> None:
    repo.commit({"intents/shop.intent": "a"})
    for path, near in (("intent", "intents"), ("intents/shp.intent", "intents/shop.intent")):
        (finding,) = opened(repo.folder, f"HEAD:{path}").diagnostics
        assert (finding.rule.code, finding.help) == ("NP701", f"did you mean `{near}`?")


def test_the_index_is_no_revision(repo: Scratch) -> None:
    repo.commit({"intents/a.intent": "a"})
    (finding,) = revisions(known(repo.folder), ":0:intents").diagnostics
    assert "the index is not compared" in finding.help
