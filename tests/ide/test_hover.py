"""What is shown about names, arrows and assertions."""

from pathlib import Path

import pytest

from netpolc.ide.hover import hover
from tests.ide.project import FILES, snapshot

DB = "intents/db.intent"


def shown(folder: Path, mark: str, after: int = 0, changed: dict[str, str] | None = None) -> str:
    state = snapshot(folder, changed)
    found = hover(state, DB, state.files[DB].text.index(mark) + after)
    return found.markdown if found else ""


@pytest.mark.parametrize(
    ("mark", "texts"),
    [
        (
            "db <- api",
            ["service `db`", "`{app=postgres}`", "`shop/postgres[StatefulSet]`", "`sql 5432/tcp`"],
        ),
        ("api:5432", ["means the pods `{app=api}` of namespace `shop`"]),
        ("observers", ["group `observers` of every namespace", "`intents/cluster.intent:2`"]),
        ("shop", ["labels `env=production`", "egress is closed by default", "2 arrows"]),
        ("env=dev", ["values of namespaces: `dev`, `production`"]),
        ("app=postgres", ["values of workloads: `api`, `postgres`"]),
    ],
)
def test_a_name_is_described(tmp_path: Path, mark: str, texts: list[str]) -> None:
    found = shown(tmp_path, mark)
    assert all(text in found for text in texts), found


def test_an_arrow_shows_what_decides_at_both_ends(tmp_path: Path) -> None:
    found = shown(tmp_path, "db <- api", 3)
    assert found.splitlines()[1].startswith(
        "yes: {app=api} in ns shop to {app=postgres} in ns shop:5432"
    )
    assert "receiver: opened by `db <- api:5432` (intents/db.intent:6)" in found
    assert "sender: opened by `db <- api:5432` (intents/db.intent:6)" in found


def test_an_assertion_shows_its_verdict_and_the_statements(tmp_path: Path) -> None:
    found = shown(tmp_path, "never")
    assert found.startswith("**proved**")
    assert "closed by `default: deny ingress egress` (intents/db.intent:2)" in found
    broken = {DB: FILES[DB] + "db <- ns {env=dev}:22\n"}
    assert shown(tmp_path, "never", changed=broken).startswith("**does not hold**")
    failed = {"intents/bad.intent": "db <-\n"}
    assert "the intents have errors" in shown(tmp_path, "never", changed=failed)


def test_nothing_is_shown_about_nothing(tmp_path: Path) -> None:
    assert shown(tmp_path, "\n\nservice", 1) == ""
