"""What is proposed at a cursor, which a `|` marks."""

from pathlib import Path

import pytest

from netpolc.ide.completion import completions
from tests.ide.project import FILES, snapshot

PATH = "intents/new.intent"


def proposed(folder: Path, text: str) -> list[str]:
    before, _, after = text.partition("|")
    state = snapshot(folder, {PATH: before + after})
    return [one.text for one in completions(state, PATH, len(before))]


@pytest.mark.parametrize(
    ("line", "wanted", "refused"),
    [
        ("|", ["db", "api", "never", "service", "default: deny"], ["pods:", "any"]),
        ("nev|", ["never"], ["always"]),
        ("db <- |", ["api", "observers", "ns", "any", "wallet in ns pay"], ["never"]),
        ("db <- api:5432, obs|", ["observers"], ["api"]),
        ("never |", ["db", "*"], ["never"]),
        ("db <- api in |", ["ns"], ["api"]),
        ("db <- api in ns |", ["pay", "shop", "monitoring", "*"], ["api"]),
        ("namespace |", ["pay", "shop"], ["*"]),
        ("db <- ns {|}", ["env", "kubernetes.io/metadata.name"], ["app"]),
        ("db <- ns {env=|}", ["dev", "production"], ["postgres"]),
        ("db <- {|}", ["app", "role", "tier"], ["env"]),
        ("db <- {app in (api, |)}", ["postgres", "api"], ["dev"]),
        ("db <- api:|", ["5432", "sql", "9187"], ["8080"]),
        ("db <- api:[5432, |]", ["sql"], ["http"]),
        ("db -> api:|", ["8080", "http", "metrics"], ["sql"]),
        ("db -> api in ns shop:|", ["8080"], ["5432"]),
        ("db <- api:53/|", ["udp", "sctp"], ["api"]),
        ("db <- api:5432 |", ["in ns", "until", "because"], ["api"]),
        ("db |", ["<-", "->"], ["until"]),
        ("db <- api:5432 until |", ["2026-12-27"], ["because"]),
        ("db <- api:5432 because |", ['"OPS-1"'], ["until"]),
        ('db <- api:5432 because "|"', ["OPS-1"], ["until"]),
        ("service |", ["postgres = {app=postgres, role=primary}"], ["db"]),
        ("service postgres = |", ["{app=postgres, role=primary}"], ["db"]),
        ("default: |", ["deny", "allow"], ["yes"]),
        ("default: deny |", ["ingress", "egress"], ["allow"]),
        ("mirror: |", ["yes", "no"], ["deny"]),
        ("label: |", ["app", "tier"], ["deny"]),
        ("dns: |", ["ns"], ["deny"]),
        ("db <- api:5432  # |", [], ["db"]),
        ("db <- api:5432,\n  |", ["observers"], ["never"]),
    ],
)
def test_a_place_proposes_what_can_come_there(
    tmp_path: Path, line: str, wanted: list[str], refused: list[str]
) -> None:
    found = proposed(tmp_path, f"namespace shop\n{line}\n")
    assert set(wanted) <= set(found)
    assert not set(refused) & set(found)


def test_only_workloads_of_the_namespace_are_proposed_as_services(tmp_path: Path) -> None:
    line = "service postgres = |\n"
    assert proposed(tmp_path, f"namespace shop\n{line}")[0] == "{app=postgres, role=primary}"
    assert proposed(tmp_path, f"namespace pay\n{line}") == []


def test_facts_of_the_cluster_are_proposed_in_its_section(tmp_path: Path) -> None:
    found = proposed(tmp_path, "cluster\n|\n")
    assert {"pods:", "blocks: outside", "enforce"} <= set(found)


def test_everywhere_something_or_nothing_is_proposed(tmp_path: Path) -> None:
    text = FILES["intents/db.intent"]
    state = snapshot(tmp_path)
    for offset in range(len(text) + 1):
        found = completions(state, "intents/db.intent", offset)
        assert all(one.span.start <= offset == one.span.end for one in found)


@pytest.mark.parametrize(
    ("line", "some"),
    [("db <- api:5432 ", False), ("default: deny ", False), (" ", False), ("db <- ", True)],
)
def test_a_blank_proposes_only_where_the_statement_goes_on(
    tmp_path: Path, line: str, *, some: bool
) -> None:
    text = f"namespace shop\n{line}"
    state = snapshot(tmp_path, {PATH: text})
    assert bool(completions(state, PATH, len(text), asked=False)) is some
    assert completions(state, PATH, len(text))
