"""Revisions as sources, against real git: what is read, what is refused, and what is left alone."""

import os
from pathlib import Path

import pytest

from netpolc.io.project import open_project
from netpolc.io.revisions import revisions
from tests.io.opened_revisions import A, B, asked, known, named, opened, problems, refused, texts
from tests.repository import Scratch, needs_git

pytestmark = needs_git


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
