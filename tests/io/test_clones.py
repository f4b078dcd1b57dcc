"""Revisions of clones that do not have everything: shallow, partial, bare."""

import subprocess
from pathlib import Path

import pytest

from netpolc.io.git import GitFailedError
from tests.io.opened_revisions import A, B, named, problems, refused, texts
from tests.repository import Scratch


def test_a_submodule_is_not_in_the_revision(
    repo: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = Scratch(tmp_path / "vendor", monkeypatch)
    vendor.commit({"v.intent": B})
    repo.commit({"intents/a.intent": A})
    repo.git(
        *("-c", "protocol.file.allow=always", "submodule", "--quiet", "add"),
        *(str(vendor.folder), "intents/vendor"),
    )
    repo.commit({})
    says = "`intents/vendor` cannot be read in this revision: it is a submodule"
    assert problems(repo.folder, "HEAD") == [("NP784", says)]
    assert problems(repo.folder, "HEAD:intents/vendor/v.intent")[0][0] == "NP784"
    assert texts(repo.folder, "HEAD:intents/a.intent") == {"intents/a.intent": A}
    assert texts(repo.folder / "intents/vendor", "HEAD:") == {"v.intent": B}, "it has its own HEAD"


def test_a_pointer_of_git_lfs(repo: Scratch) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12\n"
    repo.commit({"intents/a.intent": A, "intents/b.intent": pointer})
    ((code, message),) = problems(repo.folder, "HEAD")
    assert code == "NP784"
    assert "Git LFS" in message


def clone(repo: Scratch, to: Path, *how: str) -> Path:
    repo.git("clone", "--quiet", *how, f"file://{repo.folder}", str(to))
    return to


def test_a_shallow_clone_says_what_is_missing(repo: Scratch, tmp_path: Path) -> None:
    repo.commit({"intents/a.intent": A})
    repo.git("branch", "topic")
    for number in range(3):
        repo.commit({"intents/main.intent": f"x <- y:{number + 1}\n"})
    repo.git("switch", "--quiet", "topic")
    repo.commit({"intents/a.intent": B})
    shallow = clone(repo, tmp_path / "shallow", "--depth=1", "--no-single-branch")
    code, said = refused(shallow, "origin/main...origin/topic")
    assert code == "NP786"
    assert "git fetch --unshallow" in said
    assert texts(shallow, "origin/main")["intents/main.intent"] == "x <- y:3\n"
    assert "git fetch --unshallow" in refused(shallow, "HEAD~1")[1]
    whole = clone(repo, tmp_path / "whole")
    assert len(named(whole, "origin/main...origin/topic")) == 2


def test_a_merge_base_that_may_be_another_is_refused(repo: Scratch, tmp_path: Path) -> None:
    """The best common ancestor lies beyond the cut, an older one is in sight by a shorter way."""
    old = repo.commit({"intents/a.intent": A})
    for number in range(4):
        best = repo.commit({"intents/a.intent": f"a <- b:{number + 1}\n"})
    tree = repo.git("rev-parse", "HEAD^{tree}")

    def made(name: str, *parents: str) -> str:
        return repo.git("commit-tree", "-m", name, tree, *(f"-p{parent}" for parent in parents))

    one, other = (made(n, old, made(n, made(n, made(n, best)))) for n in ("one", "other"))
    repo.git("branch", "one", one)
    repo.git("branch", "other", other)
    assert repo.git("merge-base", "one", "other") == best
    shallow = clone(repo, tmp_path / "shallow", "--depth=2", "--no-single-branch")
    assert repo.git("-C", str(shallow), "merge-base", "origin/one", "origin/other") == old
    assert refused(shallow, "origin/one...origin/other")[0] == "NP786"


def test_no_commit_in_common(repo: Scratch) -> None:
    repo.commit({"intents/a.intent": A})
    repo.git("switch", "--quiet", "--orphan", "other")
    repo.commit({"intents/a.intent": B})
    code, said = refused(repo.folder, "main...other")
    assert code == "NP786"
    assert "no commit in common" in said
    assert "unshallow" not in said


def test_a_clone_without_contents_fetches_nothing(
    repo: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    commit = repo.commit({"intents/a.intent": A})
    blob = repo.git("rev-parse", f"{commit}:intents/a.intent")
    partial = clone(repo, tmp_path / "partial", "--filter=blob:none", "--no-checkout")
    monkeypatch.setenv("GIT_NO_LAZY_FETCH", "1")

    def is_there() -> bool:
        done = subprocess.run(["git", "cat-file", "-e", blob], cwd=partial, check=False)
        return done.returncode == 0

    if is_there():
        pytest.skip("this git fetches what is missing, whatever it is told")
    monkeypatch.delenv("GIT_NO_LAZY_FETCH")
    with pytest.raises(GitFailedError):
        problems(partial, "HEAD")
    monkeypatch.setenv("GIT_NO_LAZY_FETCH", "1")
    assert not is_there(), "nothing was fetched"


def test_a_worktree_and_a_bare_repository(repo: Scratch, tmp_path: Path) -> None:
    repo.commit({"intents/a.intent": A})
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    assert texts(tmp_path / "side", "side") == {"intents/a.intent": A}
    bare = clone(repo, tmp_path / "bare.git", "--bare")
    assert texts(bare, "main") == {"intents/a.intent": A}
