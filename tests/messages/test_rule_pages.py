"""The examples in the pages of rules give the findings that the pages promise.

A comment with the name of the rule marks the example: `# missing-mask`. An example of a manifest
is a fragment, put here into the smallest policy that holds it; the examples after it on the page
show what to write instead.
"""

import re
from collections.abc import Mapping
from datetime import date
from textwrap import dedent, indent

import pytest

from netpolc.commands.pipeline import run
from netpolc.diagnostics import Rule
from netpolc.diagnostics.rule_pages import rule_page
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile
from tests.messages.test_messages import all_rules

_NEED_MORE = {
    "NP135": "a thousand wrong lines",
    "NP404": "a million values of aliases",
    "NP409": "a thousand documents",
    "NP432": "a container or a Service",
    "NP451": "40,000 blocks",
    "NP603": "a later day",
    "NP606": "a policy beside the intents",
    "NP607": "a policy beside the intents",
    "NP608": "workloads",
    "NP609": "workloads",
    "NP610": "workloads",
    "NP614": "workloads",
    "NP617": "workloads",
    "NP618": "workloads",
    "NP619": "workloads",
    "NP648": "Namespace objects",
    "NP662": "policies that are overruled",
}
"""Rules whose example needs more than its page shows, and what."""

_ITEM = "an item of a list"
_PARENTS = {
    "- ipBlock": "to",
    "- namespaceSelector": "from",
    "- ports": "egress",
    "- from": "ingress",
    "- to": "egress",
    "ipBlock": _ITEM,
    "ports": _ITEM,
    "from": _ITEM,
    "to": _ITEM,
    "matchLabels": "podSelector",
    "matchExpressions": "podSelector",
    "podSelector": "spec",
    "policyTypes": "spec",
    "ingress": "spec",
    "egress": "spec",
    "annotations": "metadata",
}
"""The field around a fragment that begins with a field."""

_POLICY = {
    "metadata": "{name: p, namespace: shop}",
    "kind": "NetworkPolicy",
    "apiVersion": "networking.k8s.io/v1",
}
_TIER_POLICY = {
    "metadata": "{name: p}",
    "kind": "ClusterNetworkPolicy",
    "apiVersion": "policy.networking.k8s.io/v1alpha2",
}
_TIER_SPEC = {"tier": "Admin", "priority": "1", "subject": "{namespaces: {}}"}


def _examples(rule: Rule) -> list[str]:
    """The examples of a rule's page, if the first is marked."""
    blocks = re.findall(r"(?:^(?: {4}.*)?\n)+", rule_page(rule.code), re.MULTILINE)
    examples = [dedent(block).strip("\n") + "\n" for block in blocks if block.strip()]
    return examples if examples and f"# {rule.name}" in examples[0] else []


def _has_policies(rule: Rule) -> bool:
    return "NP410" <= rule.code < "NP500" or "NP620" <= rule.code < "NP650" or _has_tiers(rule)


def _has_tiers(rule: Rule) -> bool:
    return "NP460" <= rule.code < "NP470" or "NP660" <= rule.code < "NP670"


def _marked() -> list[Rule]:
    return [
        rule
        for rule in all_rules()
        if rule.code < "NP700" and rule.code not in _NEED_MORE and _examples(rule)
    ]


@pytest.mark.parametrize("rule", _marked(), ids=lambda rule: rule.code)
def test_marked_example_has_the_finding(rule: Rule) -> None:
    assert rule.code in _codes(rule, _examples(rule)[0])


@pytest.mark.parametrize(
    "rule", [rule for rule in _marked() if _has_policies(rule)], ids=lambda rule: rule.code
)
def test_advice_removes_the_finding(rule: Rule) -> None:
    for advice in _examples(rule)[1:]:
        assert rule.code not in _codes(rule, advice)


def _codes(rule: Rule, example: str) -> set[str]:
    """The codes of the findings in an example of a rule's page."""
    text = re.sub(rf" *# {rule.name}\b.*", "", example)
    options = Options(today=date(2026, 1, 1), tiers="v1alpha2")
    if _has_policies(rule):
        text = "---\n".join(_policy(rule, fragment) for fragment in text.split("---\n"))
    if _has_policies(rule) or "NP400" < rule.code < "NP410":
        sources = Sources(manifests=(SourceFile("example.yaml", text),))
    else:
        sources = Sources(intents=(SourceFile("example.intent", text),))
    return {finding.rule.code for finding in run(sources, options).diagnostics}


def _policy(rule: Rule, fragment: str) -> str:
    """The smallest policy that holds a fragment."""
    while parent := _PARENTS.get(_first_field(fragment)):
        inside = indent(fragment, "  ")
        fragment = f"- {inside[2:]}" if parent is _ITEM else f"{parent}:\n{inside}"
    if not re.search(r"^spec:", fragment, re.MULTILINE):
        fragment += "spec:\n"
    if not _has_tiers(rule):
        return _completed(_completed(fragment, {"podSelector": "{}"}, "  "), _POLICY)
    return _completed(_completed(fragment, _TIER_SPEC, "  "), _TIER_POLICY)


def _first_field(text: str) -> str:
    first = next(line for line in text.splitlines() if not line.startswith("#"))
    return first.partition(":")[0]


def _completed(text: str, fields: Mapping[str, str], margin: str = "") -> str:
    """A mapping, or its `spec` where there is a margin, with the fields that it lacks."""
    for field, value in fields.items():
        if not re.search(rf"^{margin}{field}:", text, re.MULTILINE):
            line = f"{margin}{field}: {value}\n"
            text = (
                re.sub(r"^spec:\n", rf"\g<0>{line}", text, flags=re.MULTILINE)
                if margin
                else line + text
            )
    return text
