"""Revisions as sources, against real git: what is read, what is refused, and what is left alone."""

import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from netpolc.diagnostics import Outcome
from netpolc.io.git import GitFailedError, Repository, repository
from netpolc.io.project import Options, Request, open_project
from netpolc.io.revisions import Revision, read_revision, revisions
from netpolc.io.sources import Sources
from tests.repository import Scratch, needs_git

pytestmark = needs_git
TODAY = date(2026, 1, 1)
A, B = "db <- api:5432\n", "db <- web:5432\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """An empty repository, which is the working folder."""
    scratch = Scratch(tmp_path / "repo", monkeypatch)
    monkeypatch.chdir(scratch.folder)
    return scratch


def asked(here: Path | None = None) -> Request:
    return Request(here=here or Path(), today=TODAY)


def known(folder: Path) -> Repository:
    found = repository(folder).value
    assert found is not None
    return found


def named(folder: Path, text: str) -> tuple[Revision, ...]:
    outcome = revisions(known(folder), text)
    assert not outcome.diagnostics, outcome.diagnostics
    return outcome.value


def refused(folder: Path, text: str) -> tuple[str, str]:
    """Code and text of the one finding."""
    outcome = revisions(known(folder), text)
    assert outcome.value == ()
    (found,) = outcome.diagnostics
    return found.rule.code, f"{found.message} {found.label.text} {found.help}"


def opened(folder: Path, text: str) -> Outcome[tuple[Sources, Options]]:
    (revision,) = named(folder, text)
    return read_revision(revision, asked())


def texts(folder: Path, text: str) -> dict[str, str]:
    """The intents of a revision by their names."""
    outcome = opened(folder, text)
    assert not outcome.diagnostics, outcome.diagnostics
    return {file.path: file.text for file in outcome.value[0].intents}


def problems(folder: Path, text: str) -> list[tuple[str, str]]:
    return [(found.rule.code, found.message) for found in opened(folder, text).diagnostics]


def test_a_revision_is_read_as_the_disk_is(repo: Scratch) -> None:
    repo.commit(
        {
            "intents/a.intent": A,
            "intents/shop/b.intent": B,
            "intents/.hidden/c.intent": "never read",
            "intents/.c.intent": "never read",
            "intents/README": "never read",
            "intents/old.yaml": "never: read",
            "out/a.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n",
        }
    )
    (repo.folder / "intents").rename(repo.folder / "moved")
    assert texts(repo.folder, "HEAD") == {"intents/a.intent": A, "intents/shop/b.intent": B}
    (repo.folder / "moved").rename(repo.folder / "intents")
    on_disk = open_project(asked(repo.folder)).value.sources
    in_git = opened(repo.folder, "HEAD").value[0]
    assert [file.path for file in in_git.intents] == [file.path for file in on_disk.intents]
    assert in_git.folders == on_disk.folders
    (manifest,) = opened(repo.folder, "HEAD:out").value[0].manifests
    assert manifest.path == "out/a.yaml"


def test_its_own_netpolc_toml_says_what_its_sources_are(repo: Scratch) -> None:
    repo.commit({"netpolc.toml": 'sources = ["old", "x.intent"]\nnamespace = "shop"\n'})
    repo.commit({"old/a.intent": A, "x.intent": B, "new/a.intent": "new"})
    repo.git("tag", "then")
    repo.commit({"netpolc.toml": 'sources = "new"\n', "old/a.intent": None})
    assert texts(repo.folder, "then") == {"old/a.intent": A, "x.intent": B}
    assert opened(repo.folder, "then").value[1].namespace == "shop"
    assert texts(repo.folder, "HEAD") == {"new/a.intent": "new"}
    repo.commit({"netpolc.toml": "sources = 3\n"})
    assert problems(repo.folder, "HEAD")[0][0] == "NP722"


def test_from_a_subfolder(repo: Scratch) -> None:
    repo.commit({"app/netpolc.toml": 'sources = "../i"\n', "i/a.intent": A, "app/sub/x": ""})
    sub = repo.folder / "app/sub"
    # Outside the project's folder: by their paths from there, as on disk.
    assert texts(sub, "HEAD") == {"../i/a.intent": A}
    assert texts(sub, "HEAD:i") == {"../i/a.intent": A}
    assert texts(sub, "HEAD:../../i/a.intent") == {"../i/a.intent": A}
    (repo.folder / "app/new").mkdir()
    assert texts(repo.folder / "app/new", "HEAD:../../i/a.intent") == {"../i/a.intent": A}
    on_disk = open_project(asked(sub)).value.sources
    assert [file.path for file in on_disk.intents] == ["../i/a.intent"]
    repo.commit({"app/netpolc.toml": None, "app/sub/intents/b.intent": B})
    assert texts(sub, "HEAD") == {"intents/b.intent": B}
    assert problems(repo.folder, "HEAD") == [("NP701", "there is no `intents` in this revision")]


def test_the_usual_folder_is_found_above(repo: Scratch) -> None:
    repo.commit({"intents/a.intent": A, "app/x": ""})
    for folder in (repo.folder / "app", repo.folder / "intents"):
        assert texts(folder, "HEAD") == {"intents/a.intent": A}
        on_disk = open_project(asked(folder)).value.sources
        assert [file.path for file in on_disk.intents] == ["intents/a.intent"]


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


def test_names_of_every_kind(repo: Scratch) -> None:
    names = [
        "a b.intent",
        "ä/日本.intent",
        "a\nb.intent",
        'q"uo\\te.intent',
        "[a]*.intent",
        ":x.intent",
    ]
    repo.commit({f"intents/{name}": f"db <- api:{i + 1}\n" for i, name in enumerate(names)})
    read = texts(repo.folder, "HEAD")
    assert sorted(read.values()) == [f"db <- api:{i + 1}\n" for i in range(len(names))]
    on_disk = open_project(asked(repo.folder)).value.sources
    assert [file.path for file in on_disk.intents] == list(read)
    for name in names:
        assert list(texts(repo.folder, f"HEAD:intents/{name}").values()) == [
            (repo.folder / "intents" / name).read_text()
        ]


@pytest.mark.skipif(os.name == "nt", reason="names of files are text there")
def test_a_name_that_is_no_text(repo: Scratch) -> None:
    Path(os.fsdecode(os.fsencode(repo.folder) + b"/\xff.intent")).write_text(A)
    repo.commit({"x.intent": B})
    assert problems(repo.folder, "HEAD:") == [
        ("NP784", "`\\udcff.intent` cannot be read in this revision: its name is not UTF-8")
    ]


def test_bytes_that_are_no_text(repo: Scratch) -> None:
    repo.commit(
        {"intents/a.intent": b"\xef\xbb\xbfdb <- api\r\n", "intents/b.intent": b"db <- \xff"}
    )
    outcome = opened(repo.folder, "HEAD")
    assert [file.text for file in outcome.value[0].intents] == ["db <- api\r\n"]
    assert [found.rule.code for found in outcome.diagnostics] == ["NP703"]


def test_symbolic_links(repo: Scratch) -> None:
    repo.put({"intents/a.intent": A, "other/b.intent": B, "base/c.intent": "c <- d\n"})
    links = {
        "intents/same.intent": "a.intent",
        "intents/linked": "../other",
        "intents/up": "..",
        "intents/round": "round",
        "intents/README": "nowhere",
        "alias": "other/../base",
    }
    for name, target in links.items():
        (repo.folder / name).symlink_to(target)
    (repo.folder / "intents/round").unlink()
    repo.commit({})
    read = texts(repo.folder, "HEAD")
    on_disk = open_project(asked(repo.folder))
    assert not on_disk.diagnostics
    assert sorted(read.values()) == sorted(file.text for file in on_disk.value.sources.intents)
    assert read["intents/linked/b.intent"] == B
    assert texts(repo.folder, "HEAD:alias") == {"alias/c.intent": "c <- d\n"}
    assert texts(repo.folder, "HEAD:alias/c.intent") == {"alias/c.intent": "c <- d\n"}


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("../../outside.intent", "lies outside the repository"),
        ("/etc/hostname", "leads out of the repository"),
        ("nowhere.intent", "leads nowhere"),
        ("link.intent", "in a circle"),
    ],
)
def test_links_that_lead_nowhere_good(repo: Scratch, target: str, says: str) -> None:
    repo.put({"intents/a.intent": A})
    (repo.folder / "intents/link.intent").symlink_to(target)
    repo.commit({})
    ((code, message),) = problems(repo.folder, "HEAD")
    assert code == "NP784"
    assert says in message


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


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        path.relative_to(folder).as_posix(): (path.lstat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def test_nothing_is_touched(repo: Scratch) -> None:
    repo.commit({"intents/a.intent": A})
    repo.commit({"intents/a.intent": B})
    repo.put({"intents/a.intent": "dirty <- x\n", "intents/staged.intent": A})
    repo.git("add", "intents/staged.intent")
    os.utime(repo.folder / "intents/a.intent", (1, 1))  # git status would refresh the index
    (repo.folder / ".git/index.lock").write_text("somebody else's")
    before = snapshot(repo.folder)
    assert texts(repo.folder, "HEAD~1") == {"intents/a.intent": A}
    assert len(named(repo.folder, "HEAD~1...HEAD")) == 2
    assert refused(repo.folder, "nope")[0] == "NP785"
    assert snapshot(repo.folder) == before


def test_no_program_of_the_repository_is_run(repo: Scratch, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    repo.commit({"intents/a.intent": A, ".gitattributes": "*.intent filter=evil diff=evil text\n"})
    for key in ("filter.evil.smudge", "diff.evil.textconv", "core.fsmonitor", "core.pager"):
        repo.git("config", key, f"touch {mark}; cat")
    hook = repo.folder / ".git/hooks/post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {mark}\n")
    hook.chmod(0o755)
    assert texts(repo.folder, "HEAD") == {"intents/a.intent": A}
    for staged in (":0:intents/a.intent", ":intents/a.intent", ":./intents/a.intent", ":0:x"):
        assert revisions(known(repo.folder), staged).diagnostics
    assert not mark.exists()


def test_a_folder_of_nothing(repo: Scratch) -> None:
    repo.commit({"intents/README": "x", "notes.txt": "x", "d.intent/x": "x"})
    assert [code for code, _ in problems(repo.folder, "HEAD")] == ["NP705"]
    assert [code for code, _ in problems(repo.folder, "HEAD:notes.txt")] == ["NP704"]
    assert [code for code, _ in problems(repo.folder, "HEAD:d.intent")] == ["NP784"]


def test_what_the_disk_passes_over_a_revision_passes_over_with_the_same_note(repo: Scratch) -> None:
    policy = "kind: NetworkPolicy\napiVersion: networking.k8s.io/v1\nmetadata: {name: a}\n"
    repo.commit({"intents/a.intent": "a", "intents/p.yaml": policy})
    assert problems(repo.folder, "HEAD") == [
        ("NP707", "1 file with policies in `intents` not read: the folder has intents")
    ]
    assert problems(repo.folder, "HEAD:intents/a.intent") == []


def test_with_takes_no_ir_of_a_revision_for_a_source(repo: Scratch) -> None:
    ir = '{"version": 2, "namespaces": []}'
    repo.commit({"intents/a.intent": "a", "x.json": ir, "netpolc.toml": 'with = ["x.json"]'})
    assert problems(repo.folder, "HEAD") == [("NP727", "`x.json` holds no manifests")]


def test_a_slip_in_a_path_names_the_nearest(repo: Scratch) -> None:
    repo.commit({"intents/shop.intent": "a"})
    for path, near in (("intent", "intents"), ("intents/shp.intent", "intents/shop.intent")):
        (finding,) = opened(repo.folder, f"HEAD:{path}").diagnostics
        assert (finding.rule.code, finding.help) == ("NP701", f"did you mean `{near}`?")


def test_the_index_is_no_revision(repo: Scratch) -> None:
    repo.commit({"intents/a.intent": "a"})
    (finding,) = revisions(known(repo.folder), ":0:intents").diagnostics
    assert "the index is not compared" in finding.help
