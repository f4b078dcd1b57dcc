"""A file is replaced whole or left as it was, and the finding says why."""

import os
import stat
from pathlib import Path

import pytest

from netpolc.io.atomic_replace import rewrite
from netpolc.source import SourceFile

OLD, NEW = "db<-api\n", "db <- api\n"
SOURCE = SourceFile("a.intent", OLD)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with the old text."""
    file = tmp_path / "a.intent"
    file.write_text(OLD)
    return file


def test_the_text_is_replaced_and_nothing_else(path: Path) -> None:
    path.chmod(0o640)
    assert rewrite(path, SOURCE, NEW) is None
    assert path.read_text() == NEW
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [each.name for each in path.parent.iterdir()] == ["a.intent"]


def test_a_byte_order_mark_stays(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbf" + OLD.encode())
    assert rewrite(path, SOURCE, NEW) is None
    assert path.read_bytes() == b"\xef\xbb\xbf" + NEW.encode()


def test_a_file_that_may_not_be_written_is_left(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rename would get past the file's own mode, so that it is asked first."""
    asked = []

    def refuse(where: Path, mode: int) -> bool:
        asked.append((where, mode))
        return False

    monkeypatch.setattr(os, "access", refuse)
    found = rewrite(path, SOURCE, NEW)
    assert found is not None
    assert found.rule.code == "NP782"
    assert "permission denied" in found.message
    assert asked == [(path.resolve(), os.W_OK)]
    assert path.read_text() == OLD


@pytest.mark.parametrize("now", [b"db <- web\n", b"\xff"])
def test_a_file_that_was_changed_meanwhile_is_left(path: Path, now: bytes) -> None:
    path.write_bytes(now)
    found = rewrite(path, SOURCE, NEW)
    assert found is not None
    assert "changed while netpolc was running" in found.message
    assert path.read_bytes() == now


def test_a_file_that_is_gone_is_not_made(path: Path) -> None:
    path.unlink()
    found = rewrite(path, SOURCE, NEW)
    assert found is not None
    assert "no such file" in found.message
    assert not path.exists()


def test_a_failed_write_leaves_the_file_and_no_other(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    found = rewrite(path, SOURCE, NEW)
    assert found is not None
    assert "no space left on device" in found.message
    assert path.read_text() == OLD
    assert [each.name for each in path.parent.iterdir()] == ["a.intent"]
