"""Hints, lenses, links, and who reaches whom."""

from pathlib import Path

from netpolc.ide.call_hierarchy import callees, callers, party_at
from netpolc.ide.code_lenses import code_lenses
from netpolc.ide.document_links import document_links
from netpolc.ide.inlay_hints import inlay_hints
from netpolc.ide.outline import Fold, folds
from netpolc.ide.selection_range import selection_ranges
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.ide.project import FILES, snapshot

DB = "intents/db.intent"


def test_hints_show_what_names_and_defaults_say(tmp_path: Path) -> None:
    state, text = snapshot(tmp_path), FILES[DB]
    found = {one.offset: one.text for one in inlay_hints(state, DB, 0, len(text))}
    assert found[text.index("db <- api") + 2] == "{app=postgres}"
    assert found[text.index("api:5432") + 3] == "{app=api}"
    assert found[text.index(" egress") + 7].startswith("dns: {k8s-app=kube-dns} in ns kube-system")
    assert text.index("observers") + 9 not in found
    assert len(found) == 5


def test_lenses_count_callers_and_tell_verdicts(tmp_path: Path) -> None:
    state = snapshot(tmp_path)
    assert [one.text for one in code_lenses(state, DB)] == [
        "2 callers, not reachable from the internet",
        "proved",
    ]
    (lens,) = code_lenses(state, "intents/pay.intent")
    assert lens.text == "1 caller, 1 half-open, not reachable from the internet"
    broken = snapshot(tmp_path, {DB: FILES[DB] + "db <- ns {env=dev}:22\ndb <- internet:443\n"})
    texts = [one.text for one in code_lenses(broken, DB)]
    assert texts[0].endswith(", reachable from the internet")
    assert texts[1] == "does not hold"


def test_a_verdict_is_not_told_while_there_are_errors(tmp_path: Path) -> None:
    state = snapshot(tmp_path, {"intents/bad.intent": "db <-\n"})
    assert [one.text for one in code_lenses(state, DB)] == ["2 callers"]


def test_callers_and_callees(tmp_path: Path) -> None:
    state = snapshot(tmp_path)
    party = party_at(state, DB, FILES[DB].index("db <- api"))
    assert party is not None
    assert party.symbol is not None
    assert party.text == "db in ns shop"
    called = [one.party.text for one in callers(state, party.symbol)]
    assert called == ["api in ns shop", "observers"]
    (callee,) = callees(state, party.symbol)
    assert callee.party.text == "wallet in ns pay"
    assert [span.path for span in callee.arrows] == ["intents/pay.intent"]
    assert party_at(state, DB, FILES[DB].index("env=")) is None


def test_links_lead_to_the_web_and_to_rules() -> None:
    text = 'db <- api because "see https://example.com/a, b"  # netpolc: ignore[NP604] NP999\n'
    found = [one.target for one in document_links(SourceFile("a", text))]
    assert found == ["https://example.com/a", "NP604"]


def test_comments_sections_and_long_statements_fold() -> None:
    text = "# a\n# b\nnamespace x\ndb <- a,\n  b\n# c\ndb <- c\n"
    assert list(folds(parse(SourceFile("a", text)).value)) == [
        Fold(4, 5),
        Fold(3, 7),
        Fold(1, 2, is_comment=True),
    ]


def test_a_selection_grows_from_a_name_to_the_file(tmp_path: Path) -> None:
    state, text = snapshot(tmp_path), FILES[DB]
    tree = state.tree(DB)
    assert tree is not None
    found = [one.text for one in selection_ranges(tree, state.names, text.index("api:5432") + 1)]
    assert found == ["api", "api:5432", "db <- api:5432", text.rstrip("\n"), text]
    assert [one.text for one in selection_ranges(tree, state.names, len(text))] == [text]
