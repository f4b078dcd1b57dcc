"""YAML and JSON as kubectl reads them, broken and hostile texts among them."""

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from netpolc.diagnostics import Diagnostic
from netpolc.manifest.read import read
from netpolc.source import SourceFile
from netpolc.yaml import stream
from netpolc.yaml.compose import MAX_DEPTH
from netpolc.yaml.nodes import Node
from netpolc.yaml.stream import MAX_CHARACTERS

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {}
"""


@pytest.fixture(params=[True, False], ids=["libyaml", "python"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Everything here holds with libyaml and without."""
    if request.param and not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")
    monkeypatch.setattr(yaml, "__with_libyaml__", request.param)
    return bool(request.param)


def plain(node: Node) -> object:
    """A value without its places."""
    match node.data:
        case dict() as entries:
            return {name: plain(entry.value) for name, entry in entries.items()}
        case list() as items:
            return [plain(item) for item in items]
        case data:
            return data


def values(text: str) -> list[object]:
    """The documents of a text, which has no mistakes."""
    found: list[Diagnostic] = []
    read_documents = [plain(node) for node in stream.documents(SourceFile("a", text), found)]
    assert not found
    return read_documents


def refusal(text: str) -> Diagnostic:
    """The one finding in a text."""
    (found,) = read(SourceFile("a.yaml", text)).diagnostics
    return found


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("Off", False),
        ("y", "y"),
        ("n", "n"),
        ("TRUE", True),
        ("tRUE", "tRUE"),
        ("~", None),
        ("Null", None),
        ("'yes'", "yes"),
        ('"1"', "1"),
        ("!!str 1", "1"),
        ("!!int '1'", 1),
        ("!!float 1", 1),
        ("!mine 1", "1"),
        ("1", 1),
        ("+1", 1),
        ("-0x1f", -31),
        ("0b11", 3),
        ("0o17", 15),
        ("017", 15),
        ("018", 18.0),
        ("1_000", 1000),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e999", "1e999"),
        ("1:30", "1:30"),
        ("2026-01-01", "2026-01-01"),
        ("2026-99-99", "2026-99-99"),
        ("=", "="),
        ("<<", "<<"),
        ("-", [None]),
        ("--", "--"),
        ("0x", "0x"),
        ("_1", "_1"),
        ("\u0661", "\u0661"),
        ("|\n a\n b\n", "a\nb\n"),
        (">-\n a\n b\n", "a b"),
    ],
)
def test_scalars(text: str, value: object) -> None:
    (document,) = values(f"a: {text}" if text != "-" else "a:\n-")
    assert document == {"a": value}
    assert type(document["a"]) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{1: a, true: b, 1.5: c, 'd': e}", {"1": "a", "true": "b", "1.5": "c", "d": "e"}),
        ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x 1\nb: &x 2\nc: *x", {"a": 1, "b": 2, "c": 2}),
        ("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("- &x {a: 1}\n- &y {a: 2, b: 3}\n- <<: [*x, *y]", [{"a": 1}, {"a": 2, "b": 3}, {"a": 1, "b": 3}]),
        ("- '<<': 1", [{"<<": 1}]),
        ("a: [1, 2,]\n", {"a": [1, 2]}),
        ("a: b\n...\n", {"a": "b"}),
        ("\ufeffa: b\r\nc: d\r\n", {"a": "b", "c": "d"}),
        ("%YAML 1.1\n# c\n---\na: b\n", {"a": "b"}),
        ("\n# c\n\n---\na: b\n", {"a": "b"}),
        ("--- {a: b}\n", {"a": "b"}),
        ("--- # why\na: b\n", {"a": "b"}),
        ("a: |\n  ---\n  b\n", {"a": "---\nb\n"}),
        ('{"a":"\\u00e9\\/"}', {"a": "é/"}),
        ('{\n\t"a": [\n\t\t1\n\t]\n}\n', {"a": [1]}),
        ("a: 🙂 # smile", {"a": "🙂"}),
    ],
)  # fmt: skip
def test_documents(text: str, value: object) -> None:
    if "\t" in text and not yaml.__with_libyaml__:
        pytest.skip("PyYAML's own parser takes no tabs")
    assert values(text) == [value]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("\n# nothing\n", 0),
        ("---\n---\n---\n", 0),
        ("a: 1\n---\nb: 2", 2),
        ("---\r\na: 1\r\n---\r\nb: 2\r\n", 2),
        ('{"a": 1}\n{"b": 2} {"c": 3}', 3),
    ],
)
def test_streams(text: str, count: int) -> None:
    assert len([value for value in values(text) if value is not None]) == count


@pytest.mark.parametrize(
    ("text", "kind", "line", "column"),
    [
        ("a: b: c", "manifest-syntax", 1, 5),
        ("a: [1", "manifest-syntax", 1, 6),
        ("a: *nobody", "manifest-syntax", 1, 4),
        ("a: &x [*x]", "manifest-syntax", 1, 8),
        ("a: 1\nb: \x00", "manifest-syntax", 2, 4),
        ("a: \x1b[31m", "manifest-syntax", 1, 4),
        ("a: \ud800", "manifest-syntax", 1, 4),
        ("? [a]\n: b", "manifest-syntax", 1, 3),
        ("~: b", "manifest-syntax", 1, 1),
        ("<<: 5", "manifest-syntax", 1, 5),
        ("a: !!binary aGk=", "manifest-syntax", 1, 4),
        ("a: !!int x", "manifest-syntax", 1, 4),
        ("kind: X\n...\nc: d", "manifest-syntax", 3, 1),
        ("kind: X\na: 1\na: 2", "duplicate-key", 3, 1),
        ("kind: X\na: 1\n'a': 2", "duplicate-key", 3, 1),
        ("a: {{ .Values.a }}", "unrendered-template", 1, 4),
        ("{{- if .a }}\na: b\n{{- end }}", "unrendered-template", 1, 1),
        ("a: " + "[" * (MAX_DEPTH + 1), "manifest-too-large", 1, 4 + MAX_DEPTH - 1),
    ],
)
def test_refused(text: str, kind: str, line: int, column: int) -> None:
    found = refusal(text)
    span = found.label.span
    assert (found.rule.name, span.line, span.column) == (kind, line, column)


def test_tabs_cannot_indent() -> None:
    assert "tab" in refusal("a:\n\tb: 1\n").message


def test_a_broken_document_does_not_hide_the_others() -> None:
    outcome = read(SourceFile("a.yaml", f"---\na: b: c\n---\n{POLICY}---\n]\n"))
    assert [found.label.span.line for found in outcome.diagnostics] == [2, 10]
    assert len(outcome.value.policies) == 1


def test_a_template_in_quotes_is_named_for_what_it_is() -> None:
    assert refusal(POLICY.replace("db", '"{{ .Release.Name }}-db"')).rule.name == (
        "unrendered-template"
    )


@pytest.mark.parametrize(
    ("text", "underlined"),
    [
        ("a: {{ .Values.a }}", "{{ .Values.a }}"),
        ("{{ a }}: {{ b }}", "{{ a }}"),
        ("a: {{ .Values.a", "{{"),
        ("}}: {{ .Values.a", "{{"),
        ("---\n---\na: {{ b }}\n", "{{ b }}"),
    ],
)
def test_a_template_is_underlined_as_far_as_it_is_known(text: str, underlined: str) -> None:
    found = refusal(text)
    assert (found.rule.name, found.label.span.text) == ("unrendered-template", underlined)


def test_a_template_that_is_too_large_is_called_too_large() -> None:
    deep = "a: " + "[" * (MAX_DEPTH + 1)
    assert refusal(f"{deep} # {{{{ b }}}}").rule.name == "manifest-too-large"


@pytest.mark.parametrize("text", ['{"a": 1}{"b": 2}', '{"a": 1}\n{"a": {\n"b": 2}}\n \n'])
def test_json_after_json_is_read(text: str) -> None:
    assert len(values(text)) == 2


@pytest.mark.parametrize("text", ['{"a": 1}{"b": 2', '{"a": 1} b', '{"a": }{"b": 2}'])
def test_json_after_json_is_refused_where_a_part_is_not_json(text: str) -> None:
    found: list[Diagnostic] = []
    list(stream.documents(SourceFile("a.yaml", text), found))
    assert [one.rule.name for one in found] == ["manifest-syntax"]


def test_places_are_right_behind_characters_of_any_width() -> None:
    text = "\ufeff# 🙂é\r\n---\n" + POLICY.replace("{}", "{x🙂: 1}")
    found = refusal(text)
    assert found.label.span.text == "x🙂"
    assert found.label.span.line == 7


def test_a_bomb_of_aliases_is_refused_at_once() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]\n" for i in range(1, 30)
    )
    began = time.process_time()
    assert refusal(bomb).rule.name == "manifest-too-large"
    assert time.process_time() - began < 1


def test_a_bomb_of_merges_is_refused_at_once() -> None:
    wide = "a: &a {" + ", ".join(f"k{i}: 1" for i in range(1000)) + "}\n"
    bomb = wide + "b:\n" + "- {<<: [" + ", ".join(["*a"] * 10_000) + "]}\n"
    began = time.process_time()
    assert refusal(bomb).rule.name == "manifest-too-large"
    assert time.process_time() - began < 5


def test_aliases_shared_by_many_rules_are_read() -> None:
    text = POLICY + "  ingress:\n  - from: &f [{podSelector: {}}]\n" + "  - from: *f\n" * 1000
    (policy,) = read(SourceFile("a.yaml", text)).value.policies
    assert policy.ingress is not None
    assert len(policy.ingress) == 1001


def test_lists_inside_lists_are_opened_however_deep_their_aliases_go() -> None:
    levels = 800
    text = "a0: &a0 {kind: List, apiVersion: v1, items: []}\n" + "".join(
        f"a{i}: &a{i} {{kind: List, apiVersion: v1, items: [*a{i - 1}]}}\n"
        for i in range(1, levels)
    )
    outcome = read(
        SourceFile("a.yaml", f"{text}kind: List\napiVersion: v1\nitems: [*a{levels - 1}]\n")
    )
    assert not outcome.diagnostics


def test_absurd_files_are_refused_unread() -> None:
    began = time.process_time()
    assert refusal(" " * (MAX_CHARACTERS + 1)).rule.name == "manifest-too-large"
    assert refusal("[" * 1_000_000).rule.name == "manifest-too-large"
    assert refusal("a: '" + "x" * 1_000_000).rule.name == "manifest-syntax"
    assert time.process_time() - began < 5


def test_many_separators_and_json_texts_take_linear_time() -> None:
    began = time.process_time()
    assert not read(SourceFile("a", "%A\n" + "# c\n---\n" * 20_000)).value.policies
    assert read(SourceFile("a", '{"kind": "A"}' * 5_000)).value.others == {"A": 5_000}
    assert time.process_time() - began < 30


PIECES = (
    *("apiVersion: networking.k8s.io/v1\n", "kind: NetworkPolicy\n", "kind: List\n"),
    *("metadata: ", "{name: a}\n", "spec:\n", "  podSelector: ", "{}\n", "  ingress:\n"),
    *("  - ", "from:\n", "    - ", "ipBlock: ", "{cidr: 10.0.0.0/8}\n", "items: ", "[", "]", "{"),
    *("}", "---\n", "...\n", "\n", "\t", "&a ", "*a", "<<: ", "? ", "!!int ", "!x ", "|\n", ">\n"),
    *(
        "'",
        '"',
        "\\",
        "#",
        "%YAML 1.1\n",
        "{{ .a }}",
        "\x00",
        "\ud800",
        "\ufeff",
        "🙂",
        "\r",
        "\x85",
    ),
    *(
        "\u2028",
        "null",
        "1e999",
        "ports: ",
        "port: ",
        "kind: Pod\n",
        "apiVersion: v1\n",
        ": ",
        ", ",
    ),
)


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join))
def test_no_text_ends_in_a_traceback(text: str) -> None:
    outcome = read(SourceFile("a.yaml", text))
    for found in outcome.diagnostics:
        span = found.label.span
        assert 0 <= span.start <= span.end <= len(text)
        assert found.message
        assert "\n" not in found.message


def test_joined_documents_are_reported_once_with_the_separator() -> None:
    found: list[Diagnostic] = []
    list(stream.documents(SourceFile("a.yaml", "a: 1\nb: 2\n" * 3), found))
    (one,) = found
    assert one.rule.name == "duplicate-key"
    assert "`---`" in one.help
    found.clear()
    list(stream.documents(SourceFile("a.yaml", "a: 1\nb: 2\nb: 3\n"), found))
    assert [each.help for each in found] == ["write it once"]


def test_merged_members_count_like_those_that_are_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def least(text: str) -> int:
        """The smallest limit with which a text is read."""
        for limit in range(1, 100):
            monkeypatch.setattr("netpolc.yaml.compose.MAX_NODES", limit)
            found: list[Diagnostic] = []
            list(stream.documents(SourceFile("a.yaml", text), found))
            if not found:
                return limit
        raise AssertionError

    base = "a: &a {b: 1, c: 2, d: 3}\nx: "
    assert least(f"{base}{{<<: *a}}\n") == least(f"{base}{{k: *a}}\n") + 3
