"""The JSON of a difference is what its published schema says."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.changes.diff import difference
from netpolc.changes.model import Edit, Effect, Risk, Side
from netpolc.changes.render.json import render
from netpolc.provenance import StatementKind
from tests.changes.changes import changed, side
from tests.properties.strategies import policies

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "grammar" / "diff.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def document(before: str, after: str) -> dict[str, Any]:
    found = json.loads(render(changed(before, after)))
    VALIDATOR.validate(found)
    assert isinstance(found, dict)
    return found


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_its_words_are_those_of_the_model() -> None:
    defs = SCHEMA["$defs"]
    assert defs["risk"]["properties"]["risk"]["enum"] == [risk.value for risk in Risk]
    assert defs["statement"]["properties"]["edit"]["enum"] == [edit.value for edit in Edit]
    assert defs["statement"]["properties"]["what"]["enum"] == [what.value for what in StatementKind]
    assert defs["entry"]["properties"]["effect"]["enum"] == [effect.value for effect in Effect]


def test_an_entry_in_full() -> None:
    found = document("db <- none", "db <- ns {env=prod}:[80, web]")
    (entry,) = found["causes"][0]["entries"]
    assert entry["arrow"] == "db <- ns {env=prod}:[80, web]"
    assert entry["after"] == [
        {"path": "shop.intent", "line": 2, "statement": "db <- ns {env=prod}:[80, web]"}
    ]
    assert entry["peers"][0]["ports"] == {"TCP": [[80, 80]], "named": ["web/tcp"]}
    assert entry["witness"]["to"]["labels"] == {"app": "db"}
    assert (found["opened"], found["closed"], found["same"]) == (1, 0, False)


@pytest.mark.parametrize("after", ["", "db <- any", "api -> internet", "default: deny"])
def test_it_is_valid_whatever_changes(after: str) -> None:
    document("default: deny ingress egress\ndb <- {a=b}:80", after)


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_it_is_valid_for_random_policies(data: st.DataObject) -> None:
    program = side({}).program
    sides = (Side(program=program, policies=data.draw(policies())) for _ in range(2))
    text = render(difference(*sides))
    assert text.isascii()
    VALIDATOR.validate(json.loads(text))


def test_a_class_of_pods_is_named_by_its_values() -> None:
    found = document("db <- none", "db <- {tier in (a, b)} in ns {env!=x}")
    sender = found["causes"][0]["entries"][0]["peers"][0]["connections"][0]["from"]
    assert sender["labels"] == {"tier": {"one_of": ["a", "b"], "or_absent": False}}
    assert sender["namespace_labels"] == {"env": {"any_but": ["x"], "or_absent": True}}
