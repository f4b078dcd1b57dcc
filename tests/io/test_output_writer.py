"""The output folder: what is written, what is left alone, and what is refused."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.commands.output_diff import Difference, difference_text, differences
from netpolc.io.folder_handles import FolderHandles
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_writer import Written, inspect_tree, write_tree
from netpolc.manifest.write import HEADER, header
from tests.io.output_trees import FILES, OWN, Tree, own, put, tree


def test_a_new_folder_is_made(output: OutputFolder) -> None:
    outcome = write_tree(output, FILES)
    assert outcome.value == Written(written=3, unchanged=0)
    assert tree(output.path) == FILES


def test_folders_above_are_made(tmp_path: Path) -> None:
    output = OutputFolder(path=tmp_path / "a/b/out", name="a/b/out", project=tmp_path)
    assert write_tree(output, FILES).value is not None
    assert tree(output.path) == FILES


def test_what_is_right_is_not_rewritten(output: OutputFolder) -> None:
    write_tree(output, FILES)
    times = {name: (output.path / name).stat().st_mtime_ns for name in FILES}
    inodes = {name: (output.path / name).stat().st_ino for name in FILES}
    changed = FILES | {"web.yaml": OWN + "other\n"}
    assert write_tree(output, changed).value == Written(written=1, unchanged=2)
    for name in ("shop/db.yaml", "shop/api.yaml"):
        assert (output.path / name).stat().st_mtime_ns == times[name]
        assert (output.path / name).stat().st_ino == inodes[name]
    assert tree(output.path) == changed


def test_own_files_are_removed_and_the_folders_this_empties(output: OutputFolder) -> None:
    write_tree(output, FILES | {"old/er.yaml": own("old", "er")})
    put(output.path, {"shop/README.md": "mine"})
    outcome = write_tree(output, {"web.yaml": FILES["web.yaml"]})
    assert outcome.value == Written(
        written=0, removed=("old/er.yaml", "shop/api.yaml", "shop/db.yaml"), unchanged=1
    )
    assert tree(output.path) == {"web.yaml": FILES["web.yaml"], "shop/README.md": "mine"}


def test_nothing_but_own_files_is_touched(output: OutputFolder, tmp_path: Path) -> None:
    theirs = {
        "shop/theirs.yaml": "apiVersion: v1\n",
        "shop/quoted.yaml": "x\n" + OWN,
        "notes.txt": OWN,
        ".git/config.yaml": OWN,
        "empty.yaml": "",
    }
    put(output.path, theirs)
    put(tmp_path, {"elsewhere/own.yaml": OWN})
    (output.path / "link.yaml").symlink_to("../elsewhere/own.yaml")
    (output.path / "linked").symlink_to("../elsewhere")
    (output.path / "kept").mkdir()
    links = {"link.yaml": "-> ../elsewhere/own.yaml", "linked": "-> ../elsewhere", "kept/": ""}
    assert write_tree(output, FILES).value is not None
    assert tree(output.path) == theirs | links | FILES
    assert write_tree(output, {}).value == Written(
        written=0, removed=("shop/api.yaml", "shop/db.yaml", "web.yaml"), unchanged=0
    )
    assert tree(output.path) == theirs | links
    assert (tmp_path / "elsewhere/own.yaml").read_text() == OWN


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("prod/shop/db.yaml", own("shop", "db")),
        ("prod/shop.yaml", own("shop", "db")),
        ("prod/shop.yaml", own("shop", "db") + "---\n" + own("shop", "api")),
        ("prod/shop.allow.yaml", own("shop", "db")),
        ("prod/shop.db.yaml", own("shop", "db", sources=["env/prod/a.intent"])),
        ("prod/shop.db.yaml", own("shop", "db", sources=["prod/a.intent", "prod/b.intent"])),
        ("prod/shop.db.yaml", own("shop", "db", sources=())),
        ("prod/app/shop.db.yaml", own("shop", "db", sources=["intents/app/a.intent"])),
        ("prod/kustomization.yaml", header(()) + "kind: Kustomization\n"),
        ("shop/notes.yaml", f"{HEADER} is a tool I like\n"),
        ("shop/notes.yaml", f"{HEADER}-notes, ours\n"),
        ("shop/notes.yaml", f"{HEADER} from a.intent.\n"),
        ("shop/notes.yaml", f"x{OWN}"),
        ("shop/renamed.yaml", own("shop", "db")),
        ("shop/none.yaml", OWN),
        ("prod/.netpolc-0123456789abcdef.tmp", "in use"),
    ],
)
def test_files_of_another_output_below_are_left_alone(
    output: OutputFolder, path: str, text: str
) -> None:
    put(output.path, {path: text})
    files = {"web/x.yaml": own("web", "x", sources=["intents/web/x.intent"])}
    for expected in (files, {}):
        outcome = write_tree(output, expected)
        assert outcome.value is not None
        assert tree(output.path) == {path: text} | expected


def test_files_beside_sources_that_are_gone_are_removed(output: OutputFolder) -> None:
    sources = ["intents/app/a.intent", "intents/app/b.intent"]
    gone = {
        "app/shop.db.yaml": own("shop", "db", sources=sources[:1]),
        "app/shop.api.yaml": own("shop", "api", sources=sources),
        "app/kustomization.yaml": header(()) + "kind: Kustomization\n",
    }
    left = {"web/shop.web.yaml": own("shop", "web", sources=["intents/web/a.intent"])}
    for before in (gone, left, gone | left):
        write_tree(output, before)
    assert tree(output.path) == gone | left
    removed = write_tree(output, left).value
    assert removed == Written(written=0, removed=tuple(sorted(gone)), unchanged=1)
    assert tree(output.path) == left


def test_an_edited_own_file_is_restored(output: OutputFolder) -> None:
    write_tree(output, FILES)
    put(output.path, {"web.yaml": OWN + "edited\n", "shop/db.yaml": ""})
    assert write_tree(output, FILES).value == Written(written=2, unchanged=1)
    assert tree(output.path) == FILES


def test_a_refused_write_leaves_everything_as_it_was(
    output: OutputFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_tree(output, FILES | {"old.yaml": OWN})
    before = tree(output.path)
    real = os.write
    written: list[bytes] = []

    def full(handle: int, data: bytes) -> int:
        if data.endswith(b"more\n"):
            written.append(data)
            if len(written) == 3:
                raise OSError(28, "No space left on device")
        return real(handle, data)

    monkeypatch.setattr(os, "write", full)
    outcome = write_tree(output, {name: text + "more\n" for name, text in FILES.items()})
    assert [found.rule.code for found in outcome.diagnostics] == ["NP710"]
    assert "no space left" in outcome.diagnostics[0].message
    assert tree(output.path) == before


def test_what_a_killed_run_left_is_removed(output: OutputFolder) -> None:
    write_tree(output, FILES)
    debris = {
        ".netpolc-0123456789abcdef.tmp/db.yaml": OWN,
        "shop/.netpolc-0123456789abcdef.tmp": "half",
    }
    theirs = {"shop/.netpolc-notes.tmp": "mine"}
    put(output.path, debris | theirs)
    assert inspect_tree(output, FILES).value.writes == {}
    assert write_tree(output, FILES).value == Written(written=0, unchanged=3)
    assert tree(output.path) == FILES | theirs


def test_two_killed_runs_leave_nothing_in_an_empty_folder(
    output: OutputFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first was killed when it had emptied a folder, the second before it moved its files there."""
    (output.path / "shop").mkdir(parents=True)
    with monkeypatch.context() as killed:
        killed.setattr(FolderHandles, "move", _killed)
        killed.setattr(FolderHandles, "discard", lambda *_: None)
        with pytest.raises(KeyboardInterrupt):
            write_tree(output, FILES)
    assert any(".netpolc-" in name for name in tree(output.path))
    kept = {"web.yaml": FILES["web.yaml"]}
    assert write_tree(output, kept).value is not None
    assert tree(output.path) == kept


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_the_umask_decides_who_may_read(output: OutputFolder) -> None:
    before = os.umask(0o027)
    try:
        write_tree(output, FILES)
    finally:
        os.umask(before)
    assert stat.S_IMODE((output.path / "web.yaml").stat().st_mode) == 0o640
    assert stat.S_IMODE((output.path / "shop").stat().st_mode) == 0o750


def test_half_characters_are_written_out(output: OutputFolder) -> None:
    assert write_tree(output, {"a.yaml": OWN + "\udce4\n"}).value is not None
    assert (output.path / "a.yaml").read_text() == OWN + "\\udce4\n"


def test_differences_name_every_file_with_a_diff(output: OutputFolder) -> None:
    write_tree(output, FILES | {"old.yaml": own("old", "x")})
    put(output.path, {"web.yaml": OWN + "edited \x1b[2J\n"})
    (output.path / "shop/db.yaml").unlink()
    todo = inspect_tree(output, FILES).value
    found = list(differences(todo))
    assert found == [
        ("old.yaml", Difference.LEFT_OVER),
        ("shop/db.yaml", Difference.MISSING),
        ("web.yaml", Difference.DIFFERENT),
    ]
    old, db, web = (difference_text(todo, *one, "out") for one in found)
    assert old.startswith(
        "left over: out/old.yaml\n--- out/old.yaml\n+++ /dev/null\n@@ -1,6 +0,0 @@\n"
    )
    assert db.startswith("missing: out/shop/db.yaml\n--- /dev/null\n+++ out/shop/db.yaml\n")
    assert web.splitlines()[1:6] == [
        "--- out/web.yaml",
        "+++ out/web.yaml",
        "@@ -1,2 +1,6 @@",
        f" {OWN.rstrip()}",
        "-edited \\x1b[2J",
    ]


def test_a_missing_line_end_is_said(output: OutputFolder) -> None:
    write_tree(output, FILES)
    put(output.path, {"web.yaml": FILES["web.yaml"].rstrip()})
    todo = inspect_tree(output, FILES).value
    assert "\\ No newline at end of file" in difference_text(
        todo, "web.yaml", Difference.DIFFERENT, "out"
    )


def test_a_tree_as_it_should_be_has_no_differences(output: OutputFolder) -> None:
    write_tree(output, FILES)
    assert list(differences(inspect_tree(output, FILES).value)) == []


def _trees(paths: Mapping[str, tuple[str, str]]) -> st.SearchStrategy[Tree]:
    """Trees with policies (namespace, name) by path, each in one of two forms."""
    return st.fixed_dictionaries(
        {},
        optional={
            path: st.sampled_from([own(*policy, more="one\n"), own(*policy, more="two\n")])
            for path, policy in paths.items()
        },
    )


TREES = _trees(
    {
        "a.yaml": ("a", "x"),
        "b.allow.yaml": ("b", "x"),
        "namespace.kustomization.yaml": ("kustomization", "x"),
        "s/a.yaml": ("s", "a"),
        "s/b.yaml": ("s", "b"),
        "u/d.yaml": ("u", "d"),
        "n.c.yaml": ("n", "c"),
    }
)


@given(st.lists(TREES, min_size=1, max_size=4))
def test_after_any_compiles_the_folder_holds_the_last(
    tmp_path_factory: pytest.TempPathFactory, trees: list[Tree]
) -> None:
    project = tmp_path_factory.mktemp("project")
    output = OutputFolder(path=project / "out", name="out", project=project)
    for files in trees:
        assert write_tree(output, files).value is not None
        assert tree(output.path) == files
        assert list(differences(inspect_tree(output, files).value)) == []
