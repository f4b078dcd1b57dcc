"""The findings of whole runs."""

from datetime import date

from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile


def test_an_error_of_the_intents_is_not_reported_again_for_the_ir() -> None:
    text = "namespace shop\ndb <- api:80\napi -> 10.0.0.0/8:https\n"
    options = Options(today=date(2026, 1, 1))
    found = run(Sources(intents=(SourceFile("a.intent", text),)), options).diagnostics
    assert [(finding.rule.code, finding.label.span.line) for finding in found] == [("NP224", 3)]
