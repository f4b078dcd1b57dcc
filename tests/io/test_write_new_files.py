"""Files that people own are written all or none, and only over what they asked for."""

from pathlib import Path

import pytest

from netpolc.io.output_folder import OutputFolder
from netpolc.io.write_new_files import absent, new_folder, plan_new, write_new


@pytest.fixture
def output(tmp_path: Path) -> OutputFolder:
    """A folder that does not exist yet."""
    return OutputFolder(path=tmp_path / "intents", name="intents", project=tmp_path)


def put(output: OutputFolder, name: str, text: str) -> Path:
    """Make a file in the folder."""
    path = output.path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def codes(output: OutputFolder, *names: str, force: bool = False) -> list[str]:
    """The codes with which files are refused."""
    found = plan_new(output, dict.fromkeys(names, "new\n"), force=force).diagnostics
    return [one.rule.code for one in found]


def test_files_are_written_and_equal_ones_are_left(output: OutputFolder) -> None:
    put(output, "a.intent", "new\n")
    put(output, "note.md", "mine\n")
    files = {"a.intent": "new\n", "b/c.intent": "new\n"}
    todo = plan_new(output, files).value
    assert (set(todo.writes), todo.unchanged, todo.removals) == ({"b/c.intent"}, 1, ())
    assert todo.present == {"a.intent": b"new\n"}
    assert write_new(output, files, force=False).value == 1
    assert (output.path / "b/c.intent").read_text() == "new\n"
    assert (output.path / "note.md").read_text() == "mine\n"


def test_one_file_with_another_text_keeps_all_back(output: OutputFolder) -> None:
    put(output, "b.intent", "mine\n")
    files = {"a.intent": "new\n", "b.intent": "new\n"}
    outcome = write_new(output, files, force=False)
    assert [one.rule.code for one in outcome.diagnostics] == ["NP723"]
    assert outcome.value == 0
    assert not (output.path / "a.intent").exists()
    assert write_new(output, files, force=True).value == 2
    assert (output.path / "b.intent").read_text() == "new\n"


@pytest.mark.parametrize("name", ["x.intent", "deep/er/x.intent"])
def test_other_intents_that_would_join_are_named_once(output: OutputFolder, name: str) -> None:
    put(output, name, "mine\n")
    put(output, "y.intent", "mine\n")
    assert codes(output, "a.intent") == ["NP724"]
    assert codes(output, "a.intent", force=True) == []
    assert codes(output, "a.yaml") == []


def test_hidden_intents_and_other_files_join_nothing(output: OutputFolder) -> None:
    put(output, ".old/x.intent", "mine\n")
    put(output, "x.yaml", "mine\n")
    assert codes(output, "a.intent") == []


def test_paths_that_lead_out_or_through_links_are_refused(output: OutputFolder) -> None:
    assert codes(output, "../a.intent") == ["NP713"]
    target = put(output, "real", "mine\n")
    (output.path / "a.intent").symlink_to(target)
    (output.path / "link").symlink_to(output.path)
    for force in (False, True):
        assert codes(output, "a.intent", force=force) == ["NP712"]
        assert codes(output, "link/b.intent", force=force) == ["NP712"]
    assert target.read_text() == "mine\n"


def test_a_folder_and_a_file_never_replace_each_other(output: OutputFolder) -> None:
    (output.path / "a.intent").mkdir(parents=True)
    put(output, "b", "mine\n")
    for force in (False, True):
        assert codes(output, "a.intent", force=force) == ["NP711"]
        assert codes(output, "b/c.intent", force=force) == ["NP711"]


def test_a_file_in_the_place_of_the_folder_is_refused(output: OutputFolder) -> None:
    output.path.write_text("mine\n")
    assert codes(output, "a.intent") == ["NP711"]
    assert plan_new(output, {"a.intent": "new\n"}).value.writes == {}


def test_a_first_intent_is_absent_only_where_there_is_no_other(output: OutputFolder) -> None:
    paths = ("netpolc.toml", "intents/a.intent", "more/b.intent")
    assert absent(output, paths) == paths
    put(output, "intents/deep/mine.intent", "mine\n")
    put(output, "netpolc.toml", "")
    assert absent(output, paths) == ("more/b.intent",)


def test_dots_are_taken_out_of_the_text_of_a_path(tmp_path: Path) -> None:
    (tmp_path / "elsewhere/deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere/deep")
    assert new_folder(tmp_path, "link/../out").path == tmp_path / "out"
