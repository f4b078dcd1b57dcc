"""The IR's JSON form: what is printed, what is read, and what is refused where."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from netpolc.ir.model import Policies
from netpolc.ir.serialize import IR_SCHEMA, IR_SYNTAX, dump, load
from netpolc.kube.peers import Pods
from netpolc.kube.selectors import EVERYTHING, NOTHING, Selector
from netpolc.passes.normalise import normalise
from netpolc.source import SourceFile
from tests.ir.examples import app, closed, meaning, opened, outside, own, said, tcp

SCHEMA = Path(__file__).parents[2] / "grammar" / "ir.schema.json"
EXAMPLE = normalise(
    meaning(
        opened(app("db"), own("api"), tcp(5432), said("db <- api:5432", by="db")),
        opened(app("db"), outside("10.0.0.0/8", "2001:db8::/32"), tcp(1, 2, 3)),
        env="production",
    )
)


def example() -> dict[str, Any]:
    """The example's document, to be spoilt; without digests, as other tools write it."""
    document = json.loads(dump(EXAMPLE))
    assert isinstance(document, dict)
    for namespace in document["namespaces"]:
        del namespace["digest"]
    return document


def loaded(document: object) -> tuple[list[str], Policies]:
    """The codes and messages of a document's findings, and what is left of it."""
    outcome = load(SourceFile("ir.json", json.dumps(document)))
    return [f"{one.rule.code} {one.message}" for one in outcome.diagnostics], outcome.value


def test_the_schema_is_a_schema_and_describes_everything() -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$id"]
    assert all("description" in one for one in schema["$defs"].values())


def test_the_text_is_canonical_and_can_be_read_by_people() -> None:
    text = dump(EXAMPLE)
    assert text.startswith(
        '{\n  "version": 2,\n  "namespaces": [\n    {\n      "namespace": "default"'
    )
    assert '"traffic": {"tcp": [[5432, 5432]]}' in text
    assert text.endswith("]\n}\n")
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    ("peer", "written"),
    [
        (Pods(None, app("api")), {"kind": "pods", "pods": {"app": {"in": ["api"]}}}),
        (
            Pods(EVERYTHING, app("api")),
            {"kind": "pods", "namespaces": {}, "pods": {"app": {"in": ["api"]}}},
        ),
        (
            Pods(Selector.labels({"env": "dev"}), EVERYTHING),
            {"kind": "pods", "namespaces": {"env": {"in": ["dev"]}}, "pods": {}},
        ),
    ],
)
def test_pods_of_the_own_namespace_and_of_others_are_told_apart(
    peer: Pods, written: dict[str, object]
) -> None:
    policies = meaning(opened(app("db"), peer))
    text = dump(policies)
    assert json.loads(text)["namespaces"][0]["allows"][0]["peer"] == written
    assert load(SourceFile("ir.json", text)).value == policies


def test_what_the_form_cannot_say_is_a_bug() -> None:
    with pytest.raises(ValueError, match="normalise first"):
        dump(meaning(closed(NOTHING)))


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("", 1, 1),
        ('{"version": 2,\n "namespaces" []}', 2, 15),
        ("[" * 100_000, 1, 1),
        ('{"version": 2, "namespaces": ' + "[" * 900 + "]" * 900 + "}", 1, 1),
        ('{"version": 2, "namespaces": ' + '{"a":' * 900 + "1" + "}" * 901, 1, 1),
        ("1" * 5_000, 1, 1),
        ('{"version": NaN}', 1, 1),
        ('{"version": 2,\n "a": {"b": 1, "b": 1}}', 2, 16),
        ("\x00", 1, 1),
    ],
)
def test_what_is_not_json_is_one_finding_at_its_place(text: str, line: int, column: int) -> None:
    outcome = load(SourceFile("ir.json", text))
    (found,) = outcome.diagnostics
    assert found.rule is IR_SYNTAX
    assert (found.label.span.line, found.label.span.column) == (line, column)
    assert not outcome.value.namespaces


def test_the_key_that_comes_twice_is_the_one_that_is_shown() -> None:
    outcome = load(SourceFile("ir.json", '{"a": 1,\n "a": {"b": 1, "b": 1}}'))
    (found,) = outcome.diagnostics
    assert found.message == "key `a` comes twice"
    assert found.label.span.text == '"a"'


def spoilt(path: list[str | int], value: object) -> dict[str, Any]:
    """The example with another value at a path below its namespace; `...` takes it away."""
    document = example()
    place: Any = document["namespaces"][0]
    for step in path[:-1]:
        place = place[step]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "the document is `null`, not of type object"),
        ({"version": 1}, "version 1 of the IR is not known to this netpolc"),
        ({"version": 10**99}, f"version 1{'0' * 56}... of the IR is not known to this netpolc"),
        ({"version": 2}, "the document has no `namespaces`"),
        ({"version": True, "namespaces": []}, "`$.version` is `true`, not `2`"),
        (
            {"version": 2, "namespaces": [], "x\x1b": 1},
            "the document has `x\\u001b`, which is unknown",
        ),
        (spoilt(["allows", 0, "traffic"], {}), "`$.namespaces[0].allows[0].traffic` is empty"),
        (
            spoilt(["allows", 0, "traffic", "tcp", 0], [1, 65536]),
            "`$.namespaces[0].allows[0].traffic.tcp[0][1]` is `65536`, the maximum is 65535",
        ),
        (
            spoilt(["allows", 0, "traffic", "tcp", 0], [1]),
            "`$.namespaces[0].allows[0].traffic.tcp[0]` has 1 parts, not 2",
        ),
        (
            spoilt(["isolations", 0, "subject"], ...),
            "`$.namespaces[0].isolations[0]` has no `subject`",
        ),
        (
            spoilt(["isolations", 0, "direction"], "Ingress"),
            '`$.namespaces[0].isolations[0].direction` is `"Ingress"`',
        ),
        (
            spoilt(["allows", 0, "peer", "kind"], "pod"),
            '`$.namespaces[0].allows[0].peer.kind` is `"pod"`',
        ),
        (
            spoilt(["allows", 0, "peer", "blocks"], []),
            "`$.namespaces[0].allows[0].peer` has `blocks`, which is unknown",
        ),
        (
            spoilt(["isolations", 0, "subject", "app"], {"in": ["a"], "exists": True}),
            "`$.namespaces[0].isolations[0].subject.app` has 2 parts, not 1",
        ),
        (
            spoilt(["isolations", 0, "subject", "app"], {"exists": False, "notIn": ["a"]}),
            "`$.namespaces[0].isolations[0].subject.app` has 2 parts, not 1",
        ),
        (
            spoilt(["isolations", 0, "subject", "app"], {"in": []}),
            "`$.namespaces[0].isolations[0].subject.app.in` is empty",
        ),
        (
            spoilt(["allows", 0, "origins", 0, "statement"], "a\nb"),
            "`$.namespaces[0].allows[0].origins[0].statement` "  # noqa: ISC004 - one message
            "has a character that a line of text cannot have",
        ),
    ],
)
def test_a_violation_of_the_schema_is_reported_at_its_path(document: object, message: str) -> None:
    found, left = loaded(document)
    assert found == [f"{IR_SCHEMA.code} {message}"]
    assert not left.namespaces


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            spoilt(["allows", 0, "traffic", "tcp", 0], [9, 8]),
            "NP354 range 9-8 ends before it begins",
        ),
        (
            spoilt(["allows", 1, "peer", "blocks", 0, "cidr"], "10.0.0.1/8"),
            "NP354 `10.0.0.1/8` is not an address block",
        ),
        (
            spoilt(["allows", 1, "peer", "blocks", 0, "cidr"], "10.0.0.1"),
            "NP354 block `10.0.0.1` has no mask",
        ),
        (
            spoilt(["allows", 1, "peer", "blocks", 0, "except"], ["11.0.0.0/16"]),
            "NP354 exception `11.0.0.0/16` is not inside its block `10.0.0.0/8`",
        ),
        (
            spoilt(["isolations"], []),
            "NP351 an allow opens ingress of a subject that nothing closes",
        ),
    ],
)
def test_what_no_schema_can_say_is_found_too(document: object, message: str) -> None:
    found, left = loaded(document)
    assert message in found
    assert len(set(found)) == 1
    assert not left.namespaces


def test_a_finding_stands_where_its_value_does() -> None:
    text = dump(EXAMPLE).replace("[1, 3]", "[3, 1]")
    (found,) = load(SourceFile("ir.json", text)).diagnostics
    line = found.label.span.file.line_text(found.label.span.line)
    assert line[found.label.span.column - 1 :].startswith("[3, 1]")


def test_a_namespace_that_is_wrong_costs_only_itself() -> None:
    document = example()
    document["namespaces"].append({"namespace": "-", "isolations": [], "allows": []})
    found, left = loaded(document)
    assert len(found) == 1
    assert left == EXAMPLE


def test_a_namespace_that_comes_twice_is_an_error() -> None:
    document = example()
    document["namespaces"] *= 2
    found, left = loaded(document)
    assert found == ["NP355 namespace `default` comes twice"]
    assert not left.namespaces


def test_what_may_be_left_out_may_be_left_out() -> None:
    document = spoilt(["labels"], ...)
    del document["namespaces"][0]["complete"]
    for part in (*document["namespaces"][0]["isolations"], *document["namespaces"][0]["allows"]):
        del part["origins"]
    found, left = loaded(document)
    assert found == []
    assert left.namespaces["default"].allows == EXAMPLE.namespaces["default"].allows


def test_a_number_with_a_point_is_the_same_number() -> None:
    text = json.dumps(example()).replace("[5432, 5432]", "[5432.0, 5.432e3]")
    outcome = load(SourceFile("ir.json", text))
    assert not outcome.diagnostics
    assert dump(outcome.value) == dump(EXAMPLE)
