"""Places where nothing is written: links, files of others, folders that cannot be meant."""

import os
from pathlib import Path

import pytest

from netpolc.diagnostics import Outcome
from netpolc.io import output_plan
from netpolc.io.folder_handles import HAS_HANDLES
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_plan import Plan, plan
from netpolc.io.output_writer import inspect_tree, write_planned, write_tree
from netpolc.manifest.write import HEADER
from tests.io.output_trees import FILES, OWN, Tree, own, put, tree


def refused(output: OutputFolder, files: Tree) -> list[str]:
    """The codes with which a compile is refused; it must have changed nothing."""
    before = tree(output.project)
    outcome = write_tree(output, files)
    assert outcome.value is None
    assert outcome.failed
    assert tree(output.project) == before
    inspected = inspect_tree(output, files)
    assert inspected.failed
    return [found.rule.code for found in outcome.diagnostics]


def test_a_file_with_a_comment_like_the_header_is_not_overwritten(output: OutputFolder) -> None:
    put(output.path, {"shop/db.yaml": f"{HEADER}-notes, ours\n"})
    assert refused(output, FILES) == ["NP711"]


def test_a_file_of_somebody_else_is_not_overwritten(output: OutputFolder) -> None:
    put(output.path, {"shop/db.yaml": "kind: NetworkPolicy\n", "old.yaml": OWN})
    assert refused(output, FILES) == ["NP711"]


@pytest.mark.parametrize("place", ["shop", "shop/db.yaml", "web.yaml"])
def test_nothing_is_written_through_a_link(
    output: OutputFolder, tmp_path: Path, place: str
) -> None:
    put(tmp_path, {"elsewhere/db.yaml": OWN})
    target = output.path / place
    target.parent.mkdir(parents=True, exist_ok=True)
    target.symlink_to(tmp_path / "elsewhere" / ("" if place == "shop" else "db.yaml"))
    assert set(refused(output, FILES)) == {"NP712"}


def test_the_folder_itself_may_be_no_link(output: OutputFolder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    output.path.symlink_to("elsewhere")
    assert refused(output, FILES) == ["NP712"]


def test_no_folder_of_the_project_on_the_way_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "deploy").symlink_to("elsewhere")
    output = OutputFolder(path=tmp_path / "deploy/out", name="deploy/out", project=tmp_path)
    assert refused(output, FILES) == ["NP712"]


def test_a_link_above_the_project_is_the_users_own_affair(tmp_path: Path) -> None:
    (tmp_path / "real/project").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    project = tmp_path / "link/project"
    output = OutputFolder(path=project / "out", name="out", project=project)
    assert write_tree(output, FILES).value is not None
    assert tree(tmp_path / "real/project/out") == FILES


@pytest.mark.parametrize(
    "path",
    ["../web.yaml", "shop/../../web.yaml", "/etc/web.yaml", "a//b.yaml", "a\\b.yaml", ".", "a\0"],
)
def test_nothing_is_written_outside(output: OutputFolder, path: str) -> None:
    assert refused(output, {path: OWN}) == ["NP713"]


@pytest.mark.parametrize(
    "paths",
    [
        ("Shop/db.yaml", "shop/db.yaml"),
        ("Shop/db.yaml", "shop/api.yaml"),
        ("a/STRASSE.yaml", "a/straße.yaml"),
        ("\u00e4.yaml", "a\u0308.yaml"),
        ("a.yaml", "a.yaml/b.yaml"),
    ],
)
def test_what_is_one_file_on_some_machine_is_refused(
    output: OutputFolder, paths: tuple[str, str]
) -> None:
    assert refused(output, dict.fromkeys(paths, OWN)) == ["NP714"]


def test_a_folder_or_a_pipe_where_a_file_should_be_is_refused(output: OutputFolder) -> None:
    (output.path / "web.yaml").mkdir(parents=True)
    (output.path / "shop").mkdir()
    os.mkfifo(output.path / "shop/db.yaml")
    assert refused_shallow(output) == ["NP711", "NP711"]


def refused_shallow(output: OutputFolder) -> list[str]:
    outcome = write_tree(output, FILES)
    assert outcome.value is None
    assert not (output.path / "shop/api.yaml").exists()
    return [found.rule.code for found in outcome.diagnostics]


def test_a_file_where_a_folder_should_be_is_refused(output: OutputFolder) -> None:
    put(output.path, {"shop": "mine"})
    assert refused(output, FILES) == ["NP711"]


def test_the_output_folder_may_be_no_file(output: OutputFolder) -> None:
    output.path.write_text("mine")
    assert refused(output, FILES) == ["NP711"]


def test_an_impossible_output_folder_is_refused(tmp_path: Path) -> None:
    for path in ("a\0b", "x" * 300):
        output = OutputFolder(path=tmp_path / path, name="out", project=tmp_path)
        assert write_tree(output, FILES).failed


@pytest.mark.skipif(not HAS_HANDLES, reason="the system opens no files from an open folder")
@pytest.mark.parametrize("swapped", ["shop", "deep/er", "deep", "."])
def test_a_link_that_appears_during_a_compile_leads_nowhere(
    output: OutputFolder, tmp_path: Path, swapped: str
) -> None:
    """Whoever may write to the folder swaps a folder for a link, after everything was looked at."""
    before = FILES | {"deep/er/a.yaml": own("deep", "a"), "deep/er/old.yaml": own("deep", "old")}
    write_tree(output, before)
    outside = tmp_path / "outside"
    for folder in ("shop", "deep/er", "er"):
        put(outside / folder, {"old.yaml": "mine", "a.yaml": "mine"})
    theirs = tree(outside)
    files = {name: f"{text}more\n" for name, text in before.items() if "old" not in name}

    def swap() -> Outcome[Plan]:
        planned = plan(output, files, None)
        folder = (output.path / swapped).resolve()
        folder.rename(tmp_path / "away")
        folder.symlink_to(outside)
        return planned

    outcome = write_planned(output, swap)
    assert tree(outside) == theirs
    if swapped != ".":  # The open folder is another one than its name now says, and is written to.
        assert [found.rule.code for found in outcome.diagnostics] == ["NP712"]


def test_the_root_of_the_file_system_is_refused_before_it_is_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "scandir", lambda _: pytest.fail("the root was looked through"))
    root = Path(tmp_path.anchor)
    outcome = plan(OutputFolder(path=root, name="/", project=tmp_path), {})
    assert [finding.rule.code for finding in outcome.diagnostics] == ["NP756"]


def test_a_tilde_that_no_shell_has_read_is_refused(tmp_path: Path) -> None:
    output = OutputFolder(path=tmp_path / "~" / "out", name="~/out", project=tmp_path)
    assert [finding.rule.code for finding in plan(output, {}).diagnostics] == ["NP756"]
    assert write_tree(output, {"a.yaml": own("n", "a")}).value is None
    assert tree(tmp_path) == {}


def test_a_folder_with_too_many_files_of_others_is_refused(
    output: OutputFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(output_plan, "_MOST_OTHERS", 3)
    output.path.mkdir()
    for number in range(3):
        (output.path / f"{number}.txt").touch()
        (output.path / f"{number}.yaml").write_text(own("n", str(number)))
    assert not plan(output, {}).failed
    (output.path / "3.txt").touch()
    assert [finding.rule.code for finding in plan(output, {}).diagnostics] == ["NP756"]
