"""A working folder to run commands in."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from netpolc.io.output_marker import MARKER
from netpolc.manifest.write import header
from tests.cli.diff_of_shop import SHOP as DIFFERING_SHOP
from tests.cli.shop import SHOP, WORKLOADS
from tests.repository import Scratch

GONE = f"""\
{header(())}apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: x
  namespace: gone
"""
"""`out/gone/x.yaml`, made from intents that are gone."""

Put: TypeAlias = Callable[[dict[str, str | bytes]], None]
Files: TypeAlias = Callable[[], dict[str, bytes]]


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Put:
    """Makes files below the working folder, which is empty; today is 2026-01-01."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")

    def make(files: dict[str, str | bytes]) -> None:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode() if isinstance(text, str) else text)

    return make


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Finds the files below the working folder, without the markers of output folders."""

    def find() -> dict[str, bytes]:
        return {
            path.relative_to(tmp_path).as_posix(): path.read_bytes()
            for path in sorted(tmp_path.rglob("*"))
            if path.is_file() and path.name != MARKER
        }

    return find


@pytest.fixture
def shop(put: Put) -> None:
    """A project with one namespace."""
    put({"intents/shop.intent": SHOP, "cluster/workloads.yaml": WORKLOADS})


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """A repository with a shop, which is the working folder; today is 2026-01-01."""
    scratch = Scratch(tmp_path / "repo", monkeypatch)
    monkeypatch.chdir(scratch.folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1767225600")
    scratch.commit(
        {"intents/shop.intent": DIFFERING_SHOP, "intents/pay.intent": "namespace pay\na <- b:1\n"}
    )
    return scratch
