"""Every form in which a caller may write a ResourceList."""

import json

import pytest
import yaml

from netpolc.commands.fn import function
from tests.krm.asked_function import DB, NOWHERE, ask, codes, config, names, policy

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
