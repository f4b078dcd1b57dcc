"""Which CODEOWNERS file is read: the given one, or the first of the usual places."""

from pathlib import Path

import pytest

from netpolc.changes.codeowners import PLACES
from netpolc.io.codeowners import read_codeowners


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder inside a checkout, which has no CODEOWNERS file."""
    (tmp_path / ".git").mkdir()
    folder = tmp_path / "team/policies"
    folder.mkdir(parents=True)
    return folder


def test_without_a_file_there_are_no_owners(project: Path) -> None:
    outcome = read_codeowners(None, project)
    assert (outcome.value, outcome.diagnostics) == (None, ())


def test_the_first_usual_place_of_the_checkout_counts(project: Path) -> None:
    root = project.parent.parent
    for place in reversed(PLACES):
        path = root / place
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"* @{place}\n")
        source = read_codeowners(None, project).value
        assert source is not None
        assert (source.path, source.text) == (place, f"* @{place}\n")


def test_a_folder_of_that_name_is_not_a_file(project: Path) -> None:
    root = project.parent.parent
    (root / PLACES[0]).mkdir(parents=True)
    last = root / PLACES[-1]
    last.parent.mkdir(exist_ok=True)
    last.write_text("* @a\n")
    source = read_codeowners(None, project).value
    assert source is not None
    assert source.path == PLACES[-1]


def test_a_given_file_is_seen_from_the_working_folder(project: Path) -> None:
    (project.parent.parent / "CODEOWNERS").write_text("* @root\n")
    (project / "owners").write_text("* @own\n")
    source = read_codeowners("owners", project).value
    assert source is not None
    assert (source.path, source.text) == ("owners", "* @own\n")


def test_a_given_file_that_is_missing_is_an_error(project: Path) -> None:
    (project.parent.parent / "CODEOWNERS").write_text("* @root\n")
    outcome = read_codeowners("owners", project)
    assert outcome.failed
    assert outcome.value is None
