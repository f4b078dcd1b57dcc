"""docs/api-server.md: what it says of netpolc is what netpolc does."""

from pathlib import Path

import pytest

from netpolc.diagnostics import Severity
from netpolc.manifest.manifest_set import duplicates
from netpolc.manifest.read import read
from netpolc.source import SourceFile

PAGE = Path(__file__).parents[2] / "docs" / "api-server.md"
POLICY = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\nspec: "
BLOCK = POLICY + "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: CIDR}}]}]}"
LABELS = POLICY + "{podSelector: {matchLabels: {LABEL}}}"
REFUSED = [
    (POLICY + "{podSelector: {}, ingress: [null]}", "NP411"),
    (POLICY + "{podSelector: {}, ingress: [{from: [null]}]}", "NP411"),
    (POLICY.replace("name:", "generateName:") + "{podSelector: {}}", "NP412"),
    (POLICY + "{podSelector: {}, podSelector: {}}", "NP402"),
    (LABELS.replace("LABEL", "app: y"), "NP417"),
    (LABELS.replace("LABEL", "N: db"), "NP417"),
    (LABELS.replace("LABEL", "app: !!binary aGk="), "NP401"),
    (BLOCK.replace("CIDR", "010.0.0.0/8"), "NP421"),
    (BLOCK.replace("CIDR", "'::ffff:10.0.0.0/104'"), "NP421"),
    (f"{POLICY}{{podSelector: {{}}}}\n---\n{POLICY}{{podSelector: {{}}}}", "NP430"),
]
TAKEN = [
    (POLICY + "{policyTypes: [Ingress]}", "NP427"),
    (BLOCK.replace("CIDR", "10.1.2.3/8"), "NP423"),
    (BLOCK.replace("CIDR", "10.0.0.0/08"), "NP423"),
    (POLICY + "{podSelector: {}}\nstatus: {}", "NP418"),
    (POLICY + "{podSelector: {}, ingress: [{ports: [{port: }]}]}", "NP454"),
]


@pytest.mark.parametrize(("text", "code"), REFUSED)
def test_what_only_netpolc_refuses(text: str, code: str) -> None:
    outcome = read(SourceFile("a.yaml", text))
    found = (*outcome.diagnostics, *duplicates([outcome.value]))
    assert {one.rule.code for one in found if one.severity is Severity.ERROR} == {code}
    assert f"error {code}" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("text", "code"), TAKEN)
def test_what_depends_on_the_version(text: str, code: str) -> None:
    outcome = read(SourceFile("a.yaml", text))
    assert [one.rule.code for one in outcome.diagnostics] == [code]
    assert not outcome.failed
    assert code in PAGE.read_text(encoding="utf-8")
