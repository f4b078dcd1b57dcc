"""A rename changes names and nothing else, or is refused."""

from pathlib import Path

import pytest

from netpolc.commands.pipeline import run
from netpolc.ide.rename import edited, renamable_at, rename
from tests.ide.project import FILES, snapshot

DB = "intents/db.intent"


@pytest.mark.parametrize(
    ("mark", "new", "lines"),
    [
        ("db <- api", "orders", ["orders <- api:5432", "service orders = {app=postgres}"]),
        ("api:5432", "backend", ["db <- backend:5432", "service backend = {app=api}"]),
        ("observers", "watchers", ["db <- watchers:9187", "group watchers = prometheus in ns"]),
        ("shop", "store", ["namespace store {env=production}", "wallet <- db in ns store:80"]),
        ("db <- api", "ns", ['service "ns" = {app=postgres}', '"ns" <- api:5432']),
    ],
)
def test_a_rename_keeps_the_meaning(tmp_path: Path, mark: str, new: str, lines: list[str]) -> None:
    state = snapshot(tmp_path)
    name = renamable_at(state, DB, FILES[DB].index(mark))
    assert name is not None
    found = rename(state, name, new)
    assert not found.refusal
    after = edited(state.sources, found.edits)
    text = "\n".join(file.text for file in after.intents)
    assert all(line in text for line in lines)
    result = run(after, state.options)
    assert not result.failed
    if mark != "shop":
        assert result.policies == state.result.policies


@pytest.mark.parametrize(
    ("mark", "new", "why"),
    [
        ("db <- api", "api", "the policies of namespace `shop` would change"),
        ("shop", "pay", "there is a namespace `pay` already"),
        ("shop", "Shop", "not a valid namespace name"),
        ("observers", "db", "the policies of namespace `shop` would change"),
        ("api:5432", "db", "`db` has two meanings in namespace `shop`"),
        ("db <- api", "a b", "cannot be its name"),
    ],
)
def test_a_name_with_another_meaning_is_refused(
    tmp_path: Path, mark: str, new: str, why: str
) -> None:
    state = snapshot(tmp_path)
    name = renamable_at(state, DB, FILES[DB].index(mark))
    assert name is not None
    assert why in rename(state, name, new).refusal


def test_nothing_is_renamed_while_there_are_errors(tmp_path: Path) -> None:
    state = snapshot(tmp_path, {"intents/bad.intent": "db <-\n"})
    name = renamable_at(state, DB, FILES[DB].index("observers"))
    assert name is not None
    assert rename(state, name, "watchers").refusal == "the intents have errors: mend them first"


def test_ports_and_labels_are_not_renamed(tmp_path: Path) -> None:
    state = snapshot(tmp_path)
    assert renamable_at(state, DB, FILES[DB].index("env=")) is None
