"""Each change that is offered does what its title says."""

from pathlib import Path

from netpolc.ide.code_actions import CodeAction, code_actions, fix_all
from netpolc.ide.snapshot import Snapshot
from netpolc.ide.text_edit import applied
from netpolc.source import SourceFile
from tests.ide.project import FILES, snapshot

DB = "intents/db.intent"


def offered(state: Snapshot, path: str, mark: str) -> dict[str, CodeAction]:
    file = state.files[path]
    start = file.text.index(mark)
    found = code_actions(state, state.result.diagnostics, file.span(start, start))
    return {one.title: one for one in found}


def after(state: Snapshot, action: CodeAction, path: str) -> str:
    edits = [edit for edit in action.edits if edit.span.path == path]
    return applied(state.files[path].text, edits)


def test_a_fix_is_offered(tmp_path: Path) -> None:
    state = snapshot(tmp_path, {"intents/x.intent": "namespace shop\ndb <- 10.0.0.1/8\n"})
    found = offered(state, "intents/x.intent", "10.0.0.1")
    assert {"Write `10.0.0.0/8`", "Write `10.0.0.1/32`"} <= set(found)
    fixed = after(state, found["Write `10.0.0.0/8`"], "intents/x.intent")
    assert fixed == "namespace shop\ndb <- 10.0.0.0/8\n"


def test_the_other_end_of_a_half_open_arrow_is_completed_in_its_file(tmp_path: Path) -> None:
    state = snapshot(tmp_path)
    found = offered(state, "intents/pay.intent", "db in ns")
    line = "postgres -> wallet in ns pay:80"  # the pods of db, by the label convention
    action = found[f"Add `{line}` to namespace `shop` ({DB})"]
    assert action.is_preferred
    text = after(state, action, DB)
    assert text == f"{FILES[DB]}{line}\n"
    changed = snapshot(tmp_path, {DB: text})
    assert "NP605" not in [one.rule.code for one in changed.result.diagnostics]


def test_a_service_is_declared_from_the_workload(tmp_path: Path) -> None:
    state = snapshot(
        tmp_path, {"intents/x.intent": "namespace shop\npostgres <- api:5432\nprimary <- api\n"}
    )
    found = offered(state, "intents/x.intent", "primary")
    action = found[
        "Declare `service primary = {app=postgres, role=primary}`, "
        "the labels of shop/postgres[StatefulSet]"
    ]
    assert after(state, action, action.edits[0].span.path).count("service primary = {") == 1
    assert not [one for one in offered(state, "intents/x.intent", "postgres") if "Declare" in one]


def test_a_finding_is_silenced_where_that_is_allowed(tmp_path: Path) -> None:
    state = snapshot(tmp_path)
    found = offered(state, "intents/pay.intent", "db in ns")
    action = found["Silence NP605 here, with a reason"]
    text = after(state, action, "intents/pay.intent")
    assert "# netpolc: ignore[NP605] \nwallet <- db" in text
    codes = [
        one.rule.code for one in snapshot(tmp_path, {"intents/pay.intent": text}).result.diagnostics
    ]
    assert "NP605" not in codes
    assert "NP691" in codes  # It has no reason yet.
    broken = snapshot(tmp_path, {DB: FILES[DB] + "db <- ns {env=dev}:22\n"})
    assert not [one for one in offered(broken, DB, "never") if "Silence" in one]


def test_every_finding_is_explained(tmp_path: Path) -> None:
    state = snapshot(tmp_path)
    found = offered(state, "intents/pay.intent", "db in ns")
    assert found["Explain NP605 (half-open-arrow)"].explains == "NP605"


def test_all_safe_fixes_at_once() -> None:
    file = SourceFile("a.intent", "db <- api:53/UDP, web:54/UDP\n")
    assert applied(file.text, list(fix_all(file))) == "db <- api:53/udp, web:54/udp\n"
