"""Fixtures of the tests of files, folders and revisions."""

from pathlib import Path

import pytest

from netpolc.io.output_folder import OutputFolder
from tests.repository import Scratch


@pytest.fixture
def output(tmp_path: Path) -> OutputFolder:
    return OutputFolder(path=tmp_path / "out", name="out", project=tmp_path)


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """An empty repository, which is the working folder."""
    scratch = Scratch(tmp_path / "repo", monkeypatch)
    monkeypatch.chdir(scratch.folder)
    return scratch
