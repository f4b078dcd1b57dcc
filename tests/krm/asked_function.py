"""The function, asked with intents and the objects of a build."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from netpolc.commands.fn import Answer, function
from netpolc.io.project import Request

TODAY = date(2026, 1, 1)
NOWHERE = Request(here=Path("/nowhere"), today=TODAY)
DB = "namespace shop\ndb <- api:5432\n"
Objects = list[dict[str, Any]]


def config(name: str = "shop", **spec: object) -> dict[str, Any]:
    return {
        "apiVersion": "netpolc/v1alpha1",
        "kind": "NetworkIntents",
        "metadata": {"name": name},
        "spec": spec,
    }


def policy(name: str, *, function: str = "", spec: Mapping[str, Any] | None = None) -> Any:
    managed = {"labels": {"app.kubernetes.io/managed-by": "netpolc"}} if function else {}
    made = {"annotations": {"netpolc/function": function}} if function else {}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": "shop", **managed, **made},
        "spec": spec or {"podSelector": {"matchLabels": {"app": name}}},
    }


def ask(configured: object, items: Objects | None = None, here: Path = Path("/nowhere")) -> Answer:
    sent = {
        "apiVersion": "config.kubernetes.io/v1",
        "kind": "ResourceList",
        "items": items or [],
        "functionConfig": configured,
    }
    return function(yaml.safe_dump(sent, sort_keys=False).encode(), Request(here=here, today=TODAY))


def names(answer: Answer) -> list[str]:
    return [item["metadata"]["name"] for item in yaml.safe_load(answer.text)["items"]]


def codes(answer: Answer) -> list[str]:
    """The codes of the errors, in the results as in the findings."""
    results = yaml.safe_load(answer.text).get("results", [])
    errors = [result["tags"]["code"] for result in results if result["severity"] == "error"]
    assert answer.failed is bool(errors)
    return errors
