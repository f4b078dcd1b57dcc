"""`netpolc learn`: what was seen against what is permitted, and honest about the rest."""

import gzip
import json
from typing import Any

import pytest

from netpolc.cli.main import run
from tests.adoption.shop.flows import lines
from tests.cli.conftest import Put

LOG = "".join(f"{line}\n" for line in lines(400))
INTENTS = "namespace shop\ndefault: deny\napi <- web:8080\ndb <- worker:5432\n"


def learned(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run(["learn", *arguments, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def arrows(found: dict[str, Any]) -> set[str]:
    return {one["arrow"] for line in found["proposed"] for one in line["arrows"]}


def test_compared_with_intents(put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    put({"flows.json": LOG, "intents/shop.intent": INTENTS})
    found = learned(capsys, "flows.json")
    assert found["permitted"] == 1
    assert found["never_seen"] == [
        {"path": "intents/shop.intent", "line": 4, "statement": "db <- worker:5432"}
    ]
    assert "db <- api:5432" in arrows(found)
    assert not any("web}:8080" in arrow for arrow in arrows(found))


def test_the_proposal_permits_what_was_seen(put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    put({"flows.json": LOG})
    assert run(["learn", "flows.json", "--format", "intent"]) == 0
    put({"intents/shop.intent": capsys.readouterr().out})
    found = learned(capsys, "flows.json")
    assert found["proposed"] == []
    assert found["permitted"] == 5
    assert found["never_seen"] == []
    assert run(["can", "db <- web:5432"]) == 1, "what was dropped is not proposed"


def test_dropped_and_unspeakable_flows_are_shown(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    put({"flows.json": LOG})
    found = learned(capsys, "flows.json")
    assert [line["connection"] for line in found["dropped"]] == [
        "shop/{app=web} to shop/{app=db}:5432"
    ]
    assert [line["note"] for line in found["not_proposed"]] == [
        "nodes and their health checks are no pods; most network plugins admit them"
    ]


def test_bad_lines_are_counted_and_named(put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    put({"flows.csv": "source,destination,port,protocol,verdict\nshop/app=a,shop/app=b,0,tcp,ok\n"})
    assert run(["learn", "flows.csv"]) == 0
    shown = capsys.readouterr().err
    assert "NP718" in shown
    assert "flows.csv:2" in shown


def test_csv_and_gzip(put: Put, capsys: pytest.CaptureFixture[str]) -> None:
    row = "shop/app=api;tier=back,shop/app=db,5432,tcp,forwarded,12,2026-03-01T10:00:00Z\n"
    put({"flows.csv.gz": gzip.compress(row.encode()), "bad.gz": b"no gzip"})
    found = learned(capsys, "flows.csv.gz")
    assert arrows(found) == {"db <- api:5432"}
    assert found["proposed"][0]["count"] == 12
    assert run(["learn", "bad.gz"]) == 1
