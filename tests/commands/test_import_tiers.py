"""Cluster-wide policies as enforced assertions: what is written, what is refused, and the meaning."""

import json
from dataclasses import replace
from datetime import date
from itertools import product
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.analysis.tier_equivalence import decide_alike
from netpolc.cli.main import run as netpolc
from netpolc.commands.import_tiers import import_tiers
from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory
from netpolc.manifest.read import read
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from tests.cli.conftest import Files, Put, files, put  # noqa: F401 - fixtures
from tests.properties.test_tiers import PLACES, pairs, verdicts
from tests.reference import tier_strategies as small
from tests.tries import tries

NAMED = "{namespaces: {matchLabels: {kubernetes.io/metadata.name: NAME}}}"
OPTIONS = Options(today=date(2026, 1, 1), tiers="v1alpha2")


def _policy(name: str, priority: int, direction: str, *rules: tuple[str, str]) -> str:
    peers = {"ingress": "from", "egress": "to"}[direction]
    listed = "".join(f"\n  - {{action: {action}, {peers}: [{peer}]}}" for action, peer in rules)
    return (
        "apiVersion: policy.networking.k8s.io/v1alpha1\nkind: AdminNetworkPolicy\n"
        f"metadata: {{name: {name}}}\nspec:\n  priority: {priority}\n"
        f"  subject: {_named('shop')}\n  {direction}:{listed}\n---\n"
    )


def _named(name: str) -> str:
    return NAMED.replace("NAME", name)


def test_rules_become_statements(put: Put, files: Files) -> None:  # noqa: F811
    text = _policy("a", 10, "ingress", ("Deny", _named("dev")), ("Allow", _named("ops")))
    text += _policy("b", 20, "egress", ("Deny", "{networks: [0.0.0.0/0, '::/0']}"))
    put({"a.yaml": text, "netpolc.toml": '[tiers]\napi = "v1alpha2"\n'})
    assert netpolc(["import", "a.yaml", "-o", "intents"]) == 0
    lines = files()["intents/_cluster.intent"].decode().splitlines()
    assert [line for line in lines if line.startswith("enforce")] == [
        "enforce never ns shop <- ns dev",
        "enforce always ns shop <- ns ops",
        "enforce never ns shop -> any",
    ]
    assert netpolc(["compile"]) == 0
    assert netpolc(["diff", "a.yaml", "out"]) == 0


def test_a_long_statement_is_broken_as_by_fmt(put: Put) -> None:  # noqa: F811
    peers = ", ".join(_named(letter * 50) for letter in "abc")
    put({"a.yaml": _policy("a", 10, "ingress", ("Deny", peers))})
    assert netpolc(["import", "a.yaml", "-o", "intents"]) == 0
    assert netpolc(["fmt", "--check", "intents"]) == 0


@pytest.mark.parametrize(
    ("policies", "reason"),
    [
        (_policy("a", 1, "ingress", ("Pass", _named("dev"))), "leaves the decision to others"),
        (_policy("a", 1, "egress", ("Deny", "{networks: [10.0.0.0/8]}")), "match pods as well"),
        (_policy("a", 1, "egress", ("Deny", "{nodes: {}}")), "a peer that the language does not have"),
        (
            _policy("a", 1, "ingress", ("Allow", _named("dev")), ("Deny", "{namespaces: {}}")),
            "this is not permitted",
        ),
        (_policy("a", 1, "ingress", ("Allow", _named("dev"))) + _policy("b", 1, "ingress", ("Deny", _named("dev"))),
         "this is not permitted"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_exactly_is_refused_and_kept(
    put: Put,  # noqa: F811
    files: Files,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    policies: str,
    reason: str,
) -> None:
    put({"a.yaml": policies})
    assert netpolc(["import", "a.yaml", "-o", "intents"]) == 1
    printed = capsys.readouterr().err
    assert "NP725" in printed
    assert reason in printed
    assert netpolc(["import", "a.yaml", "-o", "intents", "--keep-unliftable", "kept"]) == 0
    assert "kept/_cluster/a.yaml" in files()


@settings(max_examples=tries(25), deadline=None)
@given(small.cluster_policies(), st.integers(0, 1 << 30))
def test_what_is_written_and_what_is_kept_mean_the_same_together(
    cluster: list[dict[str, Any]], seed: int
) -> None:
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": cluster})
    given_policies = read(SourceFile("a.json", text)).value.tiers
    imported = import_tiers(given_policies, Policies({}), Inventory())
    file = SourceFile("_cluster.intent", imported.text)
    assert not imported.text or format_file(parse(file).value) == imported.text
    compiled = run(Sources(intents=(file,) if imported.text else ()), OPTIONS)
    written = [yaml.safe_load(one) for one in compiled.files.values()]
    kept = [
        one for one in cluster if f"{one['kind']} {one['metadata']['name']}" in imported.refused
    ]
    assert len(kept) < len(cluster) or not imported.text
    for pair, place in product(pairs(seed, 30), PLACES):
        assert verdicts(cluster, pair, [place]) == verdicts([*written, *kept], pair, [place])


@pytest.mark.parametrize(("action", "other"), [("Accept", "Deny"), ("Deny", "Accept")])
def test_a_policy_is_kept_if_it_would_change_places_with_networks_that_pods_may_be_in(
    action: str, other: str
) -> None:
    """Least and most are permitted in either order, but not to the same pods."""
    rules = [
        ("k1", 0, action, {"networks": ["10.0.0.0/8"]}),
        ("k2", 20, action, {"networks": ["11.0.0.0/8"]}),
        ("p", 30, other, {"namespaces": {}}),
    ]
    items = [
        {
            "apiVersion": "policy.networking.k8s.io/v1alpha2",
            "kind": "ClusterNetworkPolicy",
            "metadata": {"name": name},
            "spec": {
                "subject": {"namespaces": {}},
                "tier": "Admin",
                "priority": priority,
                "egress": [{"action": does, "to": [peer]}],
            },
        }
        for name, priority, does, peer in rules
    ]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": items})
    before = lift_tiers(read(SourceFile("a.json", text)).value.tiers).rules
    after = (before[0], replace(before[2], priority=1), before[1])
    assert decide_alike(before, after)
    policies = read(SourceFile("a.json", text)).value.tiers
    assert len(import_tiers(policies, Policies({}), Inventory()).refused) == len(items)
