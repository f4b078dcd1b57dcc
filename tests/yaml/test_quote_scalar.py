"""Strings as YAML scalars: a string for every reader, and no quotes that are not needed."""

import json
import random
import re
import subprocess
from pathlib import Path
from shutil import which

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from netpolc import remembered
from netpolc.diagnostics import Diagnostic
from netpolc.source import SourceFile
from netpolc.yaml import quote_scalar
from netpolc.yaml.quote_scalar import literal, scalar
from netpolc.yaml.read_scalar import read_literal, read_scalar
from netpolc.yaml.resolve_scalar import resolved
from netpolc.yaml.stream import documents

# What some reader does not read as a string: YAML 1.1's and 1.2's null, bool,
# int, float, timestamp, merge and value; and what is an indicator or a comment.
OTHERWISE = """
~ null Null NULL true True TRUE false y Y yes Yes n N no NO on On OFF off
0 1 -1 +1 007 0o17 0x1F 0b11 1_000 12:30:45 190:20:30 1. .5 1.5 -1.5e3 1e3 1E-3 +.5 0.
.inf -.inf +.Inf .nan .NaN 685.230_15e+03 089 1__0
2026-01-01 2001-12-14t21:59:43.10-05:00 = << - ? : --- ... ! & * | > % @ ` ' " # , [ ] { }
0X1f 0B1 0O17 1e_3 0_x1f 0_b1 1_e3 0x_1 +0X1 -0b_1 2001-1-2 9999-9-9
[a] {a} "a" 'a' &a *a !a |a >a %a @a `a` #a a: a:\tb -\ta
""".split(" ")
# What a reader of either version may take for the end of a line, an indicator or no text at all.
ODD_CHARACTERS = [
    *("\x85", "\u2028", "\u2029", "\ufeff", "\u00a0", "\x00", "\x01", "\x1b", "\x7f", "\t", "\r", "\n", "\u202e"),
    *("\ud7ff", "\ue000", "\ufffd", "\ufffe", "\uffff", "\U00010000", "\U0010ffff", "\u00e9", "\u0061\u0301", "\u200d"),
    *('"', "'", "\\", "\\u2028", "\\x85", "<<", "=", "~", "!", "&a", "*a", "%", "@", "|", ">", "- ", "? ", ": "),
    *(" #", "#", "---", "...", "{", "}", "[", "]", ",", "a", " ", "0o7", "1_000", "12:30:45", "0x1f", "null"),
]  # fmt: skip
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


_NUMBER_LIKE = st.text("0123456789eExXoObB_.-aAfFyYnN+:", min_size=1, max_size=8)
_LABELS = _NUMBER_LIKE.filter(lambda text: text[0].isalnum() and text[-1].isalnum())


@given(st.lists(_NUMBER_LIKE | st.text(max_size=8), unique=True))
def test_what_is_written_is_what_our_own_reader_reads(texts: list[str]) -> None:
    """It reads plain scalars as `kubectl` does, and most others as PyYAML does."""
    texts = [text.encode("utf-8", "replace").decode() for text in dict.fromkeys(texts)]
    written = "".join(f"{scalar(text)}: {scalar(text)}\n" for text in texts)
    found: list[Diagnostic] = []
    for document in documents(SourceFile("", written), found):
        assert isinstance(document.data, dict)
        assert {k: entry.value.data for k, entry in document.data.items()} == {t: t for t in texts}
    assert not found


@pytest.mark.skipif(which("kubectl") is None, reason="there is no kubectl on this machine")
def test_what_is_written_is_what_kubectl_reads(tmp_path: Path) -> None:
    drawn = random.Random(1)
    texts = {"0X1f", "0B1", "0O17", "1e_3", "0_x1f", "0_b1", "y", "2001-1-2", "1", "1.0", "on"}
    while len(texts) < 600:
        texts.add("".join(drawn.choices("0123456789eExXoObB_.-aAfFyYnN", k=drawn.randint(1, 8))))
    labels = {text: text for text in texts if text[0].isalnum() and text[-1].isalnum()}
    lines = "".join(f"    {scalar(text)}: {scalar(text)}\n" for text in labels)
    odd = ["".join(drawn.choices(ODD_CHARACTERS, k=drawn.randint(1, 6))) for _ in range(200)]
    notes = {f"n{number}": text for number, text in enumerate((*odd, *ODD_CHARACTERS))}
    lines += "  annotations:\n"
    for key, text in notes.items():
        lines += f"    {key}: {(literal(text, '      ') if key[-1] in '12345' else None) or scalar(text)}\n"
    file = tmp_path / "labels.yaml"
    file.write_text(
        f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  labels:\n{lines}", "utf-8"
    )
    done = subprocess.run(
        ["kubectl", "label", "--local", "-f", str(file), "zzz=1", "-o", "json"],
        capture_output=True,
        text=True,
        check=True,
    )
    metadata = json.loads(done.stdout)["metadata"]
    assert metadata["labels"] == labels | {"zzz": "1"}
    assert metadata["annotations"] == notes


@given(_LABELS, st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
def test_a_scalar_reads_back_as_its_string(label: str, text: str) -> None:
    for one in (label, text, f"{label} {text}"):
        assert read_scalar(scalar(one)) == one
        block = literal(one, "  ")
        assert block is None or read_literal(block, "  ") == one


@pytest.mark.parametrize("text", ["0X1f", "1e_3", "y", "on", "1.0", "a: b", "a #b", "- a", "~"])
def test_a_string_that_would_not_come_back_is_never_written(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quote_scalar, "_scalar", lambda text: text)
    monkeypatch.setattr(remembered, "MOST_CHARACTERS", 0)
    scalar("what was remembered is too much now")
    with pytest.raises(quote_scalar.MiswrittenError):
        scalar(text)


@pytest.mark.parametrize(
    "written", ["|-\n  a", "|\n  a\n  b", "|-\n  a\n b", "|-\n  a\nb", ">-\n  a\n  b"]
)
def test_a_block_that_would_not_come_back_is_never_written(
    written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quote_scalar, "_literal", lambda _text, _indent: written)
    with pytest.raises(quote_scalar.MiswrittenError):
        literal("a\nb", "  ")


@given(st.from_regex(r"\A[a-zA-Z0-9]([-a-zA-Z0-9_./]{0,8}[a-zA-Z0-9])?\Z"))
def test_the_glance_agrees_with_yaml(text: str) -> None:
    if scalar(text) == text:
        assert yaml.safe_load(text) == text
    elif yaml.safe_dump(text) == f"{text}\n...\n":
        # Quoted where PyYAML would not: only what YAML 1.2 or go-yaml reads otherwise.
        assert re.fullmatch(r"[yYnN]|0o[0-7]+|[0-9_]+(\.[0-9_]*)?([eE][0-9]+)?", text) or (
            not isinstance(resolved(text), str)
        ), text


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12), st.sampled_from(["  ", "    "])
)
def test_a_literal_block_is_the_string(text: str, indent: str) -> None:
    block = literal(text, indent)
    if block is not None:
        assert yaml.safe_load(f"a: {block}\nb: c\n") == {"a": text, "b": "c"}
