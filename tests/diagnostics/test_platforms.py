"""Findings for platforms: SARIF, GitHub, GitLab; what comes from a file commands nobody."""

import json

from netpolc.diagnostics import Diagnostic, Fix, Label, rules
from netpolc.diagnostics.render import github, gitlab, sarif
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse

HOSTILE = "db <- api:0\n# ::error file=x::pwned\n%0A::warning::x <- \x1b[31m\n"


def hostile() -> list[Diagnostic]:
    """Findings of a file that tries to write commands."""
    return list(parse(SourceFile("a,b:c%0A/d.intent", HOSTILE)).diagnostics)


def moved(text: str) -> list[str]:
    """The fingerprints of a text's findings, as SARIF has them."""
    log = json.loads(sarif.render(parse(SourceFile("x.intent", text)).diagnostics))
    return [r["partialFingerprints"]["netpolc/v1"] for r in log["runs"][0]["results"]]


def test_a_workflow_command_is_one_line_and_cannot_be_left() -> None:
    found = hostile()
    lines = github.render(found).splitlines()
    assert len(found) == len(lines) > 1
    for line in lines:
        head, _, data = line.removeprefix("::").partition("::")
        assert head.startswith("error file=a%2Cb%3Ac%250A/d.intent,line=")
        assert "\x1b" not in line
        assert "\r" not in data


def test_columns_stand_only_where_one_line_is_meant() -> None:
    file = SourceFile("x.intent", "db <- api,\n  web\n")
    one, two = (
        Diagnostic(rule=rules()[0], message="m", label=Label(span))
        for span in (file.span(0, 2), file.span(6, 15))
    )
    assert ",line=1,endLine=1,title=" in github.render([one])
    assert ",col=1,endColumn=2::" in github.render([one])
    assert ",line=1,endLine=2,title=" in github.render([two])
    assert "col=" not in github.render([two])


def test_gitlab_has_the_fields_that_it_asks_for_and_unique_fingerprints() -> None:
    twice = "db <- api:0\ndb <- api:0\n"
    entries = json.loads(gitlab.render(parse(SourceFile("x.intent", twice)).diagnostics))
    assert len({entry["fingerprint"] for entry in entries}) == len(entries) == 2
    for entry in entries:
        assert entry.keys() == {"description", "check_name", "fingerprint", "severity", "location"}
        assert entry["location"]["lines"]["begin"] >= 1


def test_sarif_points_at_rules_and_places() -> None:
    log = json.loads(sarif.render(hostile()))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "a%2Cb%3Ac%250A/d.intent"
        assert place["region"]["startLine"] >= 1
    assert all(rule["help"]["text"] for rule in rules)


def test_fixes_and_further_places_are_in_sarif() -> None:
    file = SourceFile("x.intent", "db <- api\n")
    kind = rules()[0]
    found = Diagnostic(
        rule=kind,
        message="m",
        label=Label(file.span(0, 2), "here"),
        others=(Label(file.span(6, 9), "there"),),
        fixes=(Fix(span=file.span(6, 9), replacement="web"),),
    )
    (result,) = json.loads(sarif.render([found]))["runs"][0]["results"]
    assert result["relatedLocations"][0]["message"]["text"] == "there"
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["replacements"][0]["insertedContent"]["text"] == "web"


def test_fingerprints_survive_moved_lines_and_tell_twins_apart() -> None:
    assert moved("db <- api:0\n") == moved("# above\n\n  db  <-  api:0\n")
    one, two = moved("db <- api:0\ndb <- api:0\n")
    assert one != two
    assert moved("db <- api:0\n") == [one]
