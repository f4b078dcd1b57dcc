"""The function: whose policies it touches, what it counts, what it refuses, and whatever comes."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings

from netpolc.cli.main import run
from netpolc.commands.fn import Answer, function
from netpolc.io.project import Request
from tests.reference import language
from tests.reference.printing import to_text
from tests.reference.strategies import programs

TODAY = date(2026, 1, 1)
NOWHERE = Request(here=Path("/nowhere"), today=TODAY)
DB = "namespace shop\ndb <- api:5432\n"
GRAMMAR = Path(__file__).parent.parent.parent / "grammar"
SCHEMA = json.loads((GRAMMAR / "network-intents.schema.json").read_text())

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


def test_only_own_policies_are_replaced_and_removed() -> None:
    others = [policy("web", function="web"), policy("hand-made")]
    own = [policy("db-ingress", function="shop"), policy("gone", function="shop")]
    answer = ask(config(intents=DB), [*others, *own])
    assert codes(answer) == []
    assert names(answer) == ["web", "hand-made", "db-ingress"]
    back = yaml.safe_load(answer.text)["items"]
    assert back[:2] == others
    assert back[2]["spec"]["ingress"], "the old one had no rule"


def test_an_own_policy_that_is_right_keeps_its_bytes() -> None:
    made = ask(config(intents=DB)).text
    touched = made.replace("  kind: NetworkPolicy", "  kind: NetworkPolicy   # reviewed", 1)
    assert touched != made
    assert function(touched.encode(), NOWHERE).text == touched


@pytest.mark.parametrize("other", [policy("db-ingress"), policy("db-ingress", function="web")])
def test_a_policy_of_another_is_not_replaced(other: Any) -> None:
    answer = ask(config(intents=DB), [other])
    assert codes(answer) == ["NP744"]
    assert yaml.safe_load(answer.text)["items"] == [other]


def test_a_policy_of_another_in_a_list_is_not_made_a_second_time() -> None:
    inner = {"apiVersion": "v1", "kind": "List", "items": [policy("db-ingress")]}
    outer = {"apiVersion": "v1", "kind": "List", "items": [inner]}
    answer = ask(config(intents=DB), [outer])
    assert codes(answer) == ["NP744"]
    assert yaml.safe_load(answer.text)["items"] == [outer]


def test_what_stays_is_counted_and_what_goes_is_not() -> None:
    claim = f"{DB}never db <- internet\n"
    wide = {"podSelector": {"matchLabels": {"app": "db"}}, "ingress": [{}]}
    assert codes(ask(config(intents=claim))) == []
    assert codes(ask(config(intents=claim), [policy("gone", function="shop", spec=wide)])) == []
    for function_name in ("", "web"):
        item = policy("wide", function=function_name, spec=wide)
        assert codes(ask(config(intents=claim), [item])) == ["NP501"]
        item["metadata"].setdefault("annotations", {})["config.kubernetes.io/local-config"] = "true"
        assert codes(ask(config(intents=claim), [item])) == []


@pytest.mark.parametrize(
    "key",
    [
        "config.kubernetes.io/local-config",
        "internal.config.kubernetes.io/path",
        "config.kubernetes.io/index",
        "config.k8s.io/id",
    ],
)
def test_annotations_that_would_lose_policies_are_refused(key: str) -> None:
    answer = ask(config(intents=DB, annotations={key: "true"}))
    assert codes(answer) == ["NP742"]
    assert names(answer) == []


NUMBERS = "x: .inf, y: -.inf, z: .nan, s: 'NaN Infinity'"
SCALARS = f"{NUMBERS}, n: 1e3, o: 0o17, w: on, d: 2026-01-01"
OBJECT = "{{apiVersion: example.com/v1, kind: X, metadata: {{name: a}}, spec: {{{}}}}}"
HEAD = "apiVersion: config.kubernetes.io/v1, kind: ResourceList"


def flow(*items: str) -> str:
    """A list in braces, which is not JSON."""
    return f"{{{HEAD}, functionConfig: {json.dumps(config(intents=DB))}, items: [{', '.join(items)}]}}\n"


def with_lost_anchor(item: str) -> str:
    """A list with an object in braces that refers to a part of one that goes, so all is printed as JSON."""
    gone = json.dumps({**policy("gone", function="shop"), "x": "&"}).replace('"&"', "&a {}")
    return flow(gone, f"{item[:-1]}, b: *a}}")


def test_scalars_in_braces_stay_as_they_are() -> None:
    answer = function(flow(OBJECT.format(SCALARS)).encode(), NOWHERE)
    assert names(answer) == ["a", "db-ingress"]
    assert SCALARS in answer.text


def test_numbers_that_json_does_not_have_stay_numbers() -> None:
    text = with_lost_anchor(OBJECT.format(NUMBERS))
    before = yaml.safe_load(text)["items"][1]
    after = yaml.safe_load(function(text.encode(), NOWHERE).text)["items"][0]
    assert str(before) == str(after)  # NaN is not equal to itself.


def test_json_stays_json() -> None:
    sent = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList", "items": []}
    text = json.dumps({**sent, "functionConfig": config(intents=DB)})
    assert names(function(text.encode(), NOWHERE)) == ["db-ingress"]
    assert json.loads(function(text.encode(), NOWHERE).text)["kind"] == "ResourceList"


def test_what_is_enforced_is_made_replaced_and_removed() -> None:
    text = f"cluster\nenforce never ns a <- ns b\n\n{DB}"
    assert codes(ask(config(intents=text))) == ["NP506"]
    enforcing = config(intents=text, tiers={"api": "v1alpha2"})
    made = ask(enforcing)
    kinds = [item["kind"] for item in yaml.safe_load(made.text)["items"]]
    assert kinds == ["NetworkPolicy", "ClusterNetworkPolicy"]
    assert function(made.text.encode(), NOWHERE).text == made.text
    items = yaml.safe_load(made.text)["items"]
    assert names(ask(config(intents=DB), items)) == ["db-ingress"]
    del items[1]["metadata"]["annotations"]
    assert codes(ask(enforcing, items)) == ["NP744"]


def test_the_objects_own_namespace_is_the_default() -> None:
    for own, said, meant in (
        ("shop", None, "shop"),
        ("shop", "pay", "pay"),
        (None, None, "default"),
    ):
        given = config(intents="db <- api:5432", namespace=said)
        given["metadata"] |= {"namespace": own} if own else {}
        (item,) = yaml.safe_load(ask(given).text)["items"]
        assert item["metadata"]["namespace"] == meant
    given["metadata"]["namespace"] = "No such"
    assert codes(ask(given)) == ["NP742"]


def test_a_namespace_is_a_fact() -> None:
    claim = "namespace shop\ndb <- ns {env=prod}:1\nalways db <- ns a:1\n"
    namespace: Any = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}
    assert codes(ask(config(intents=claim), [namespace])) == ["NP501"]
    namespace["metadata"]["labels"] = {"env": "prod"}
    assert codes(ask(config(intents=claim), [namespace])) == []


def test_options_reach_every_policy() -> None:
    answer = ask(
        config(
            intents={"a.intent": "db <- api:1", "b.intent": "default: deny"},
            namespace="shop",
            labels={"team": "x"},
            annotations={"argocd.argoproj.io/sync-wave": "-1"},
        )
    )
    items = yaml.safe_load(answer.text)["items"]
    assert names(answer) == ["db-ingress", "deny-all-ingress"]
    for item in items:
        assert item["metadata"]["namespace"] == "shop"
        assert item["metadata"]["labels"]["team"] == "x"
        assert item["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"] == "-1"
    staged = ask(config(intents=f"{DB}default: deny\n", stage="deny"))
    assert names(staged) == ["deny-all-ingress"]


def test_strict_makes_warnings_errors() -> None:
    assert codes(ask(config(intents=DB))) == []
    assert codes(ask(config(intents=DB, strict=True))) == ["NP601"]


def test_intents_in_files(tmp_path: Path) -> None:
    (tmp_path / "intents").mkdir()
    (tmp_path / "intents/db.intent").write_text("namespace shop\ndb <- api:99999\n")
    answer = ask(config(paths=["intents"]), here=tmp_path)
    assert codes(answer) == ["NP118"]
    (result,) = yaml.safe_load(answer.text)["results"]
    assert result["file"] == {"path": "intents/db.intent"}
    assert (result["tags"]["line"], result["tags"]["column"]) == ("2", "11")
    (tmp_path / "intents/db.intent").write_text(DB)
    assert names(ask(config(paths=["intents/db.intent"]), here=tmp_path)) == ["db-ingress"]
    assert codes(ask(config(paths=["nothing"]), here=tmp_path)) == ["NP701"]


@pytest.mark.parametrize(
    "path",
    ["..", "../secret", "/etc", "in/../../secret", "link", "linked", "in/link.intent", "odd"],
)
def test_no_path_leads_out(tmp_path: Path, path: str) -> None:
    here, secret = tmp_path / "here", tmp_path / "secret"
    (here / "in").mkdir(parents=True)
    (here / "linked").mkdir()
    secret.mkdir()
    (secret / "a.intent").write_text("password = hunter2\n")
    (here / "link").symlink_to(secret)
    (here / "linked/inner").symlink_to(secret)
    (here / "in/link.intent").symlink_to(secret / "a.intent")
    (here / "odd").mkdir()
    (here / "odd/\a.intent").symlink_to(secret / "a.intent")
    answer = ask(config(paths=[path]), here=here)
    assert codes(answer) == ["NP743"]
    assert "hunter2" not in answer.text


RIGHT: dict[str, dict[str, Any]] = {
    "a text": {"intents": DB},
    "files": {"intents": {"a.intent": DB, "b": "# nothing\n"}},
    "everything": {
        "intents": DB,
        "paths": None,
        "tiers": {"api": "v1beta1"},
        "namespace": "shop",
        "strict": False,
        "stage": "allow",
        "labels": {"team": "", "example.com/a_b": "x"},
        "annotations": {"example.com/note": "any text: at\nall"},
    },
}
WRONG: dict[str, dict[str, Any]] = {
    "nothing": {},
    "null": {"intents": None},
    "no file": {"intents": {}},
    "no path": {"paths": []},
    "a blank text": {"intents": " \n"},
    "blank files": {"intents": {"a.intent": "", "b": "\n"}},
    "a slip": {"intent": DB},
    "a number": {"intents": 1},
    "a version of tiers that is not written": {"intents": DB, "tiers": {"api": "v1alpha1"}},
    "tiers without a table": {"intents": DB, "tiers": "v1alpha2"},
    "a list": {"intents": [DB]},
    "a number in a file": {"intents": {"a.intent": 1}},
    "one path": {"paths": "intents"},
    "standard input": {"paths": ["-"]},
    "an empty path": {"paths": [""]},
    "a word for true": {"intents": DB, "strict": "yes"},
    "no namespace": {"intents": DB, "namespace": "Shop"},
    "no stage": {"intents": DB, "stage": "both"},
    "a label's value": {"intents": DB, "labels": {"team": "a b"}},
    "a label's key": {"intents": DB, "labels": {"a b": "x"}},
    "a number as label": {"intents": DB, "labels": {"team": 1}},
    "netpolc's own label": {"intents": DB, "labels": {"app.kubernetes.io/managed-by": "me"}},
    "netpolc's own annotation": {"intents": DB, "annotations": {"netpolc/function": "me"}},
    "a list of annotations": {"intents": DB, "annotations": ["a"]},
}


@pytest.mark.parametrize("case", RIGHT)
def test_a_right_configuration(case: str) -> None:
    assert codes(ask(config(**RIGHT[case]))) == []
    jsonschema.Draft202012Validator(SCHEMA).validate(config(**RIGHT[case]))


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_configuration(case: str) -> None:
    items = [policy("db-ingress", function="shop")]
    answer = ask(config(**WRONG[case]), items)
    assert set(codes(answer)) == {"NP742"}
    assert yaml.safe_load(answer.text)["items"] == items
    for result in yaml.safe_load(answer.text)["results"]:
        assert result["resourceRef"]["kind"] == "NetworkIntents"
        assert result["field"]["path"].startswith("spec")
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(config(**WRONG[case]))


@pytest.mark.parametrize(
    "configured",
    [
        None,
        "text",
        {},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {}},
        {**config(intents=DB), "spec": None},
        {**config(intents=DB), "metadata": {}},
        {**config(intents=DB), "strict": True},
        config(name="No Name", intents=DB),
        config(name="\x1b[31m", intents=DB),
    ],
)
def test_no_configuration(configured: object) -> None:
    answer = ask(configured)
    assert codes(answer) == ["NP742"]
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(configured)


GOOD = ask(config(intents=DB)).text
HOSTILE: dict[str, bytes] = {
    "nothing": b"",
    "a comment": b"# nothing\n",
    "no YAML": b"a: [",
    "no UTF-8": b"\xff\xfe",
    "nul": b"a\0b",
    "an object": b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
    "a list of others": b"apiVersion: v1\nkind: List\nitems: []\n",
    "another version": GOOD.replace("io/v1\n", "io/v9\n", 1).encode(),
    "escapes": b'apiVersion: "\\e[31m"\nkind: "\\u202e"\n',
    "two lists": f"{GOOD}---\n{GOOD}".encode(),
    "items that are none": b"apiVersion: config.kubernetes.io/v1\nkind: ResourceList\nitems: 1\n",
    "an item that is none": GOOD.replace("items:\n", "items:\n- 1\n").encode(),
    "a key twice": GOOD.replace("  kind:", "  kind: NetworkPolicy\n  kind:", 1).encode(),
    "deep": b"a: " + b"[" * 10_000,
    "a template": GOOD.replace("db <-", "{{ db <-").replace("|", "{{").encode(),
    "laughs": b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + b"".join(
        b"%c: &%c [%s]\n" % (n, n, b",".join([b"*%c" % (n - 1)] * 10)) for n in range(98, 110)
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_whatever_comes_a_list_goes_back(case: str) -> None:
    answer = function(HOSTILE[case], NOWHERE)
    assert codes(answer)
    back = yaml.safe_load(answer.text)
    assert (back["apiVersion"], back["kind"]) == ("config.kubernetes.io/v1", "ResourceList")
    assert all(char.isprintable() or char == "\n" for char in answer.text)


@pytest.mark.parametrize(
    "text", ["\U0001f600", "\x7f", "\x85\u2028\ufeff\uffff", "\\ud83d\\ude00", "é"]
)
def test_what_is_printed_as_json_is_yaml(text: str) -> None:
    escaped = "".join(f"\\U{ord(char):08x}" for char in text)
    given = with_lost_anchor(f'{{apiVersion: v1, kind: ConfigMap, data: {{a: "{escaped}"}}}}')
    answer = function(given.encode(), NOWHERE)
    assert codes(answer) == []
    assert yaml.safe_load(answer.text)["items"][0]["data"] == {"a": text}
    assert json.loads(answer.text)["items"][0]["data"] == {"a": text}
    assert function(answer.text.encode(), NOWHERE).text == answer.text


ODD: dict[str, str] = {
    "brackets": "items: [{kind: A, apiVersion: v1, metadata: {name: a}}]\n",
    "brackets over lines": "items: [\n  {kind: A, apiVersion: v1,\n  metadata: {name: a}},\n]\n",
    "indented": "items:\n    # why\n    - kind: A\n      apiVersion: v1   # here\n      x: |\n        # text\n      y: 1\n\n",
    "an alias": "items:\n- &a {kind: A, apiVersion: v1, metadata: &m {name: a}}\n- {kind: B, apiVersion: v1, metadata: *m}\n",
    "a dash on its own line": "items:\n-\n  # why\n  kind: A\n  apiVersion: v1\n",
    "null": "items:\n",
    "null in words": "items: null # none\n",
    "empty": "items: []   # none\n",
    "missing": "",
    "results": "items: []\nresults:\n- message: old\n  tags: {a: b}\n",
}


@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("case", ODD)
def test_odd_forms_of_a_list(case: str, end: str, last: bool) -> None:
    head = "apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n"
    configured = yaml.safe_dump({"functionConfig": config(intents=DB)})
    text = head + (configured + ODD[case] if last else ODD[case] + configured)
    text = text.rstrip("\n") + end
    answer = function(text.encode(), NOWHERE)
    assert codes(answer) == []
    before, after = yaml.safe_load(text), yaml.safe_load(answer.text)
    before["items"] = before.get("items") or []
    assert after["items"][:-1] == before["items"]
    assert after["items"][-1]["metadata"]["name"] == "db-ingress"
    assert [result["tags"]["code"] for result in after["results"]] == ["NP601"]
    for comment in ("# why", "# here", "# text", "# none"):
        assert text.count(comment) == answer.text.count(comment) or case == "empty"
    assert function(answer.text.encode(), NOWHERE).text == answer.text


@settings(max_examples=settings().max_examples // 3)  # three whole runs each
@given(programs(), programs())
def test_any_program_comes_and_goes(one: language.Program, other: language.Program) -> None:
    texts = [
        {name.replace("/", "-"): text for name, text in to_text(program).items()}
        for program in (one, other)
    ]
    first = ask(config(intents=texts[0]))
    if first.failed:
        return  # an assertion or a name that the program draws need not hold
    changed = yaml.safe_load(first.text)
    changed["functionConfig"] = config(intents=texts[1])
    second = function(yaml.safe_dump(changed).encode(), NOWHERE)
    fresh = ask(config(intents=texts[1]))
    assert second.failed is fresh.failed
    if not second.failed:
        made = {json.dumps(item, sort_keys=True) for item in yaml.safe_load(second.text)["items"]}
        wanted = {json.dumps(item, sort_keys=True) for item in yaml.safe_load(fresh.text)["items"]}
        assert made == wanted


def test_a_process_without_standard_input_gets_an_error(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert run(["fn"]) == 1
    assert "Traceback" not in capfd.readouterr().err
