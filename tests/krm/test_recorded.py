"""Recorded ResourceLists: what kustomize, kpt and others send, and what they get back.

A case is a folder with `input.yaml`, perhaps a working folder `here/`, and `expected.yaml`. Two are what
kustomize 5.5.0 sent for `integrations/kustomize`; the others are written by hand, in the form
that their senders have.
"""

from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from netpolc.commands.fn import Answer, function
from netpolc.io.project import Request
from tests.golden import check_text
from tests.manifest.validity import problems

CASES = sorted(path.parent for path in Path(__file__).parent.glob("*/input.yaml"))
FAILING = {"broken-intents", "facts"}

SPECIFIED = {
    "type": "object",
    "required": ["apiVersion", "kind", "items"],
    "properties": {
        "apiVersion": {"const": "config.kubernetes.io/v1"},
        "kind": {"const": "ResourceList"},
        "items": {"type": "array", "items": {"type": "object"}},
        "functionConfig": {"type": "object"},
        "results": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["message", "severity"],
                "additionalProperties": False,
                "dependentRequired": {"field": ["resourceRef"]},
                "properties": {
                    "message": {"type": "string"},
                    "severity": {"enum": ["error", "warning", "info"]},
                    "resourceRef": {
                        "type": "object",
                        "required": ["apiVersion", "kind", "name"],
                        "additionalProperties": {"type": "string"},
                    },
                    "field": {"type": "object", "required": ["path"]},
                    "file": {
                        "type": "object",
                        "required": ["path"],
                        "properties": {"path": {"type": "string"}, "index": {"type": "number"}},
                    },
                    "tags": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            },
        },
    },
}
"""The schema of the KRM Functions Specification, v1, in JSON Schema's words."""


def answered(case: Path) -> Answer:
    return function(
        (case / "input.yaml").read_bytes(), Request(here=case / "here", today=date(2026, 1, 1))
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_comes_back(case: Path, bless: bool) -> None:
    answer = answered(case)
    check_text(answer.text, case / "expected.yaml", bless=bless)
    assert answer.failed is (case.name in FAILING)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_it_is_what_the_specification_asks_for(case: Path) -> None:
    answer = answered(case)
    back = yaml.safe_load(answer.text)
    jsonschema.Draft202012Validator(SPECIFIED).validate(back)
    severities = {result["severity"] for result in back.get("results", ())}
    assert ("error" in severities) is answer.failed
    sent = yaml.safe_load((case / "input.yaml").read_bytes())
    assert back["functionConfig"] == sent["functionConfig"]
    if answer.failed:
        assert back["items"] == sent["items"]
    for item in back["items"]:
        if item.get("metadata", {}).get("annotations", {}).get("netpolc/function") == "shop":
            assert not problems(item)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_second_run_changes_nothing(case: Path) -> None:
    once = answered(case)
    again = function(once.text.encode(), Request(here=case / "here", today=date(2026, 1, 1)))
    assert again.text == once.text
