"""The function: whose policies it touches, what it counts, what it refuses, and whatever comes."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings

from netpolc.cli.main import run
from netpolc.commands.fn import function
from tests.krm.asked_function import DB, NOWHERE, ask, codes, config, names, policy
from tests.reference import language
from tests.reference.printing import to_text
from tests.reference.strategies import programs

GRAMMAR = Path(__file__).parent.parent.parent / "grammar"
SCHEMA = json.loads((GRAMMAR / "network-intents.schema.json").read_text())


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
