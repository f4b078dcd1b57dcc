"""Strings as YAML scalars: a string for every reader, and no quotes that are not needed."""

import json
import re

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from netpolc.yaml.quote_scalar import literal, scalar

# What some reader takes for something else than a string: YAML 1.1's and 1.2's null, bool,
# int, float, timestamp, merge and value; and what is an indicator or a comment.
OTHERWISE = """
~ null Null NULL true True TRUE false y Y yes Yes n N no NO on On OFF off
0 1 -1 +1 007 0o17 0x1F 0b11 1_000 12:30:45 190:20:30 1. .5 1.5 -1.5e3 1e3 1E-3 +.5 0.
.inf -.inf +.Inf .nan .NaN 685.230_15e+03 089 1__0
2026-01-01 2001-12-14t21:59:43.10-05:00 = << - ? : --- ... ! & * | > % @ ` ' " # , [ ] { }
[a] {a} "a" 'a' &a *a !a |a >a %a @a `a` #a a: a:\tb -\ta
""".split(" ")
PLAIN = """
db api-v2 kube-system app.kubernetes.io/name kubernetes.io/metadata.name TCP metrics
10.0.0.0/8 192.168.1.0/24 2001:db8::/32 ::/0 1.2.3 1e 0x 08-x 1a -a a-b a:b a#b <- é db_1 a.b yess
onn nullx 1.2.3.4 v1.27
""".split()


@pytest.mark.parametrize("text", sorted({w for part in OTHERWISE for w in part.split("\n")}))
def test_what_a_reader_could_take_for_something_else_is_quoted(text: str) -> None:
    assert scalar(text) == json.dumps(text)
    assert yaml.safe_load(scalar(text)) == text


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_surely_a_string_is_plain(text: str) -> None:
    assert scalar(text) == text
    assert yaml.safe_load(f"{text}: {text}") == {text: text}


@given(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
        st.text("0123456789abefinotuxyY.:/-+_=<~# \n", max_size=8),
        st.from_regex(re.compile(r"[-+]?[0-9]*[.:_exob-]?[0-9a-f]+([eE][-+]?[0-9]+)?\Z")),
    )
)
def test_any_string_is_read_back_as_key_value_and_item(text: str) -> None:
    written = scalar(text)
    assert "\n" not in written
    assert (
        yaml.safe_load(f"{written}: {written}\nb:\n- {written}\n")
        == {
            text: text,
            "b": [text],
        }
        or text == "b"
    )


@given(st.from_regex(r"\A[a-zA-Z0-9]([-a-zA-Z0-9_./]{0,8}[a-zA-Z0-9])?\Z"))
def test_the_glance_agrees_with_yaml(text: str) -> None:
    if scalar(text) == text:
        assert yaml.safe_load(text) == text
    elif yaml.safe_dump(text) == f"{text}\n...\n":
        # Quoted where PyYAML would not: only what YAML 1.2 or go-yaml reads otherwise.
        assert re.fullmatch(r"[yYnN]|0o[0-7]+|[0-9_]+(\.[0-9_]*)?([eE][0-9]+)?", text), text


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12), st.sampled_from(["  ", "    "])
)
def test_a_literal_block_is_the_string(text: str, indent: str) -> None:
    block = literal(text, indent)
    if block is not None:
        assert yaml.safe_load(f"a: {block}\nb: c\n") == {"a": text, "b": "c"}
