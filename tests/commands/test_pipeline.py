"""The findings of whole runs."""

import json
from datetime import date

import pytest

from netpolc.commands.pipeline import run
from netpolc.diagnostics.render.json import render as as_json
from netpolc.diagnostics.render.sarif import render as as_sarif
from netpolc.diagnostics.render.text import render as as_text
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir.serialize import dump
from netpolc.lints.lint_settings import LintSettings
from netpolc.source import SourceFile


def test_an_error_of_the_intents_is_not_reported_again_for_the_ir() -> None:
    text = "namespace shop\ndb <- api:80\napi -> 10.0.0.0/8:https\n"
    options = Options(today=date(2026, 1, 1))
    found = run(Sources(intents=(SourceFile("a.intent", text),)), options).diagnostics
    assert [(finding.rule.code, finding.label.span.line) for finding in found] == [("NP224", 3)]


@pytest.mark.parametrize(
    ("test", "labels", "message", "help_"),
    [
        ("env=prod", None, "whether namespace `shop` itself is meant is unknown", "{env=…}`"),
        ("env=prod", "{env: prod}", "namespace `shop` itself is meant", "`namespace shop {env=prod}`"),
        ("!env", "{}", "namespace `shop` itself is meant", "an arrow of their own"),
        ("env=prod", "{env: dev}", None, ""),
        ("env=prod", "{}", None, ""),
        ("!env", "{env: dev}", None, ""),
        ("name=ops", None, None, ""),
        ("name=ops", "{name: ops}", "namespace `shop` itself is meant", "`namespace shop {name=ops}`"),
    ],
)  # fmt: skip
def test_the_manifest_of_a_namespace_decides_whether_it_is_meant_itself(
    test: str, labels: str | None, message: str | None, help_: str
) -> None:
    text = f"namespace shop\ndefault: deny ingress egress\ndb <- ns {{{test}}}:5432\n"
    manifest = f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: shop, labels: {labels}}}\n"
    beside = () if labels is None else (SourceFile("shop.yaml", manifest),)
    sources = Sources(
        intents=(SourceFile("a.intent", text),),
        manifests=beside,
        beside=frozenset(file.path for file in beside),
    )
    compiled = run(sources, Options(today=date(2026, 1, 1)))
    found = [finding for finding in compiled.diagnostics if finding.rule.code == "NP301"]
    assert [finding.message.partition(",")[0] for finding in found] == [message] * bool(message)
    assert all(help_ in finding.help for finding in found)
    # Policies depend on the intents alone.
    alone = run(Sources(intents=sources.intents), Options(today=date(2026, 1, 1)))
    assert compiled.files == alone.files


def test_a_refutation_by_an_ir_file_names_the_lines_of_its_statements() -> None:
    text = "namespace shop\ndefault: deny\n\ndb <- any:5432\n"
    options = Options(today=date(2026, 1, 1))
    meant = run(Sources(intents=(SourceFile("a.intent", text),)), options).policies
    claim = SourceFile("b.intent", "namespace shop\nnever db <- internet\nalways web <- internet\n")
    sources = Sources(intents=(claim,), policies=(SourceFile("a.json", dump(meant)),))
    found = [
        finding for finding in run(sources, options).diagnostics if finding.rule.code == "NP501"
    ]
    places = [[(label.span.path, label.span.line) for label in one.others] for one in found]
    assert places == [[("a.intent", 4)], [("a.intent", 2)]]
    assert [label["line"] for one in json.loads(as_json(found)) for label in one["labels"]] == [
        4,
        2,
    ]
    (run_,) = json.loads(as_sarif(found))["runs"]
    regions = [
        place["physicalLocation"]["region"]
        for result in run_["results"]
        for place in result["relatedLocations"]
    ]
    assert regions == [{"startLine": 4}, {"startLine": 2}]
    assert "= line 4: opens the receiver: db <- any:5432" in as_text(found)


POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, labels: {app: web}}\nspec: {containers: []}\n"


@pytest.mark.parametrize("workloads", ["", POD])
@pytest.mark.parametrize("statement", ["never web <- wbe", "never wbe <- any", "web <- wbe:80"])
def test_a_slip_is_one_finding_and_its_assertion_is_not_proved(
    statement: str, workloads: str
) -> None:
    text = f"namespace shop\ndefault: deny\nweb <- api:80\n{statement}\n"
    manifests = (SourceFile("w.yaml", workloads),) if workloads else ()
    sources = Sources(
        intents=(SourceFile("a.intent", text),), manifests=manifests, beside=frozenset({"w.yaml"})
    )
    today = date(2026, 1, 1)
    first, other = (
        [
            finding.rule.code
            for finding in run(sources, Options(today=today, lint=lint, checking=True)).diagnostics
            if finding.label.span.line == 4 and finding.rule.code != "NP604"
        ]
        for lint in (LintSettings(), LintSettings(ignore=frozenset({"NP201"})))
    )
    assert first == ["NP201"]
    # Where it is silenced, the claim about nothing is still reported.
    assert other == (["NP608"] if workloads else ["NP613"] if "never" in statement else [])
    compiled = run(sources, Options(today=today, checking=True))
    assert compiled.proved == 0
