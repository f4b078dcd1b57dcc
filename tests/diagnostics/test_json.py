"""Findings for programs: every field, where it stands, and nothing but ASCII."""

import json

from netpolc.diagnostics import Diagnostic, Fix, Label
from netpolc.diagnostics.render.json import render
from netpolc.io.read_file import UNREADABLE as ERROR
from netpolc.source import SourceFile


def test_every_field_is_there() -> None:
    file = SourceFile("a.intent", "db <-\n  äpi\n")
    span = file.span(8, 11)
    found = Diagnostic(
        rule=ERROR,
        message="it is wrong",
        label=Label(span, "here"),
        others=(Label(file.span(0, 11), "all"),),
        help="do it",
        fixes=(Fix(span=span, replacement="api", safe=True),),
    )
    text = render([found])
    assert text.isascii()
    place = {"path": "a.intent", "line": 2, "column": 3, "end_line": 2, "end_column": 6}
    assert json.loads(text) == [
        {
            "code": "NP702",
            "name": "unreadable-file",
            "severity": "error",
            "message": "it is wrong",
            **place,
            "label": "here",
            "labels": [{**place, "line": 1, "column": 1, "text": "all"}],
            "help": "do it",
            "fixes": [{**place, "replacement": "api", "safe": True}],
        }
    ]


def test_no_finding_is_an_empty_list() -> None:
    assert json.loads(render([])) == []


def test_half_characters_and_escapes_are_escaped() -> None:
    found = Diagnostic(
        rule=ERROR, message="\x1b[0m\udce4", label=Label(SourceFile("\udce4", "").whole())
    )
    text = render([found])
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)[0]["path"] == "\udce4"
