"""From the IR to manifests: the lesson's policies, whose policy is whose, and what is too much."""

import re
from typing import Any

import pytest
import yaml

from netpolc.ir.build import policies
from netpolc.ir.model import Allow, Policies, Subject
from netpolc.kube.peers import Pods
from netpolc.kube.ports import EVERY_PORT, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, NOTHING, Selector
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.policy_names import INTENTS
from netpolc.manifest.write import write
from netpolc.passes.emit import TOO_LARGE, Stamp, emit
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.provenance import Role
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.ir.examples import (
    ANYONE,
    EGRESS,
    INGRESS,
    app,
    closed,
    every_pod_of,
    meaning,
    named,
    opened,
    outside,
    own,
    said,
    tcp,
)
from tests.manifest.validity import problems

DB, API = app("db"), app("api")
DNS = said("dns: kube-dns", role=Role.DNS, path="")
DENY = said("default: deny", role=Role.DEFAULT)
PODS_DB = {"podSelector": {"matchLabels": {"app": "db"}}}
FROM_API = {"podSelector": {"matchLabels": {"app": "api"}}}


def emitted(*parts: Subject | Allow) -> dict[str, NetworkPolicy]:
    """The manifests of a namespace by name."""
    outcome = emit(normalise(meaning(*parts)))
    assert {one.rule.code for one in outcome.diagnostics} <= {"NP457"}
    for policy in outcome.value:
        assert problems(yaml.safe_load(write(policy))) == []
    return {policy.name: policy for policy in outcome.value}


def specs(*parts: Subject | Allow) -> dict[str, Any]:
    """The specs of a namespace's manifests by name, as YAML has them."""
    return {name: yaml.safe_load(write(one))["spec"] for name, one in emitted(*parts).items()}


@pytest.mark.parametrize(
    ("parts", "rules"),
    [
        pytest.param([closed(DB)], None, id="a: db <- none"),
        pytest.param([opened(DB, own("api"))], [{"from": [FROM_API]}], id="b: db <- api"),
        pytest.param(
            [opened(DB, own("api"), tcp(5432))],
            [{"from": [FROM_API], "ports": [{"protocol": "TCP", "port": 5432}]}],
            id="b: db <- api:5432",
        ),
        pytest.param(
            [opened(DB, own("api"), tcp(5432)), opened(DB, every_pod_of("monitoring"))],
            [
                {
                    "from": [
                        {
                            "namespaceSelector": {
                                "matchLabels": {"kubernetes.io/metadata.name": "monitoring"}
                            }
                        }
                    ]
                },
                {"from": [FROM_API], "ports": [{"protocol": "TCP", "port": 5432}]},
            ],
            id="c: db <- api:5432, ns monitoring is OR",
        ),
        pytest.param(
            [opened(DB, Pods(Selector.labels({"env": "production"}), API))],
            [{"from": [{"namespaceSelector": {"matchLabels": {"env": "production"}}, **FROM_API}]}],
            id="d: db <- api in ns {env=production} is AND",
        ),
        pytest.param(
            [opened(DB, outside("192.168.1.0/24")), opened(DB, own("api"))],
            [{"from": [FROM_API, {"ipBlock": {"cidr": "192.168.1.0/24"}}]}],
            id="e: db <- 192.168.1.0/24, api is OR",
        ),
    ],
)
def test_the_lesson(parts: list[Subject | Allow], rules: list[object] | None) -> None:
    spec: dict[str, Any] = {**PODS_DB, "policyTypes": ["Ingress"]}
    if rules is not None:
        spec["ingress"] = rules
    assert specs(*parts) == {"db-ingress": spec}


def test_the_lessons_default_covers_pods_that_no_arrow_names() -> None:
    assert specs(closed(EVERYTHING, INGRESS, DENY), opened(DB, own("api"))) == {
        "db-ingress": {**PODS_DB, "policyTypes": ["Ingress"], "ingress": [{"from": [FROM_API]}]},
        "deny-all-ingress": {"podSelector": {}, "policyTypes": ["Ingress"]},
    }


def test_the_lessons_db_alone_is_protected() -> None:
    assert list(specs(opened(DB, own("api"), tcp(5432)))) == ["db-ingress"]


def test_the_defaults_dns_and_arrows_of_everyone_are_three_policies() -> None:
    arrow = said("* -> api:80")
    found = emitted(
        closed(EVERYTHING, EGRESS, DENY),
        opened(EVERYTHING, every_pod_of("kube-system"), tcp(53), DNS, direction=EGRESS),
        opened(EVERYTHING, own("api"), tcp(80), arrow, direction=EGRESS),
    )
    assert {name: one.annotations[INTENTS] for name, one in found.items()} == {
        "all-egress": "* -> api:80",
        "allow-dns-egress": "dns: kube-dns",
        "deny-all-egress": "default: deny",
    }
    assert found["deny-all-egress"].egress is None
    assert found["allow-dns-egress"].sources == ()


def test_closing_everyone_without_a_default_is_the_policy_of_the_arrow() -> None:
    none = said("* <- none")
    assert list(emitted(closed(EVERYTHING, INGRESS, none))) == ["all-ingress"]
    both = emitted(closed(EVERYTHING, INGRESS, DENY), closed(EVERYTHING, INGRESS, none))
    assert {name: one.annotations[INTENTS] for name, one in both.items()} == {
        "deny-all-ingress": "* <- none\ndefault: deny"
    }


def test_dns_that_an_arrow_asks_for_as_well_is_the_arrows() -> None:
    peer, arrow = every_pod_of("kube-system"), said("* -> dns")
    found = emitted(
        closed(EVERYTHING, EGRESS, DENY),
        opened(EVERYTHING, peer, tcp(53), DNS, arrow, direction=EGRESS),
    )
    assert sorted(found) == ["all-egress", "deny-all-egress"]


def test_dns_of_a_subject_is_in_its_own_policy() -> None:
    found = emitted(
        opened(API, every_pod_of("kube-system"), tcp(53), DNS, direction=EGRESS),
        opened(API, own("db"), tcp(5432), said("api -> db:5432"), direction=EGRESS),
    )
    assert {name: one.annotations[INTENTS] for name, one in found.items()} == {
        "api-egress": "api -> db:5432\ndns: kube-dns"
    }


def test_everyone_is_a_rule_without_entries_even_beside_others() -> None:
    parts = [opened(DB, own("api"), tcp(80)), opened(DB, ANYONE, tcp(80))]
    for value in (meaning(*parts), normalise(meaning(*parts))):
        (policy,) = emit(value).value
        assert yaml.safe_load(write(policy))["spec"]["ingress"] == [
            {"ports": [{"protocol": "TCP", "port": 80}]}
        ]
    assert specs(opened(DB, ANYONE, EVERY_PORT))["db-ingress"]["ingress"] == [{}]


def test_what_permits_nothing_never_becomes_a_rule_that_permits_everything() -> None:
    for part in (opened(DB, ANYONE, Traffic()), opened(DB, outside())):
        (policy,) = emit(meaning(part)).value
        assert policy.ingress is None
    with pytest.raises(ValueError, match="nothing meets"):
        emit(meaning(closed(NOTHING)))


def test_ports_are_in_order_and_as_short_as_they_can_be() -> None:
    traffic = Traffic.of(
        [
            (Protocol.SCTP, 1, 65535),
            (Protocol.UDP, 53, 53),
            (Protocol.TCP, 8080, 8090),
            (Protocol.TCP, 80, 80),
        ],
        [NamedPort(Protocol.TCP, "web"), NamedPort(Protocol.TCP, "metrics")],
    )
    assert specs(opened(DB, own("api"), traffic))["db-ingress"]["ingress"][0]["ports"] == [
        {"protocol": "TCP", "port": 80},
        {"protocol": "TCP", "port": 8080, "endPort": 8090},
        {"protocol": "TCP", "port": "metrics"},
        {"protocol": "TCP", "port": "web"},
        {"protocol": "UDP", "port": 53},
        {"protocol": "SCTP"},
    ]


def test_selectors_are_labels_where_they_can_be() -> None:
    subject = Selector.of(
        [
            ("app", ValueSet.among("db")),
            ("canary", ABSENT),
            ("env", ValueSet(frozenset(["dev"]), complement=True)),
            ("owner", PRESENT),
            ("role", ValueSet.among("b", "a")),
            ("tier", ValueSet.other_than("web")),
        ]
    )
    (spec,) = specs(closed(subject)).values()
    assert spec["podSelector"] == {
        "matchLabels": {"app": "db"},
        "matchExpressions": [
            {"key": "canary", "operator": "DoesNotExist"},
            {"key": "env", "operator": "Exists"},
            {"key": "env", "operator": "NotIn", "values": ["dev"]},
            {"key": "owner", "operator": "Exists"},
            {"key": "role", "operator": "In", "values": ["a", "b"]},
            {"key": "tier", "operator": "NotIn", "values": ["web"]},
        ],
    }


def test_a_policy_knows_its_files_and_the_one_that_it_belongs_to() -> None:
    mirror = said("db <- api", role=Role.MIRROR, path="a/db.intent")
    arrow = said("api -> web", path="b/api.intent")
    found = emitted(
        opened(API, own("db"), EVERY_PORT, mirror, direction=EGRESS),
        opened(API, own("web"), EVERY_PORT, arrow, direction=EGRESS),
        opened(API, own("dns"), EVERY_PORT, DNS, direction=EGRESS),
    )["api-egress"]
    assert found.sources == ("a/db.intent", "b/api.intent")
    assert found.home == "b/api.intent"


def test_names_come_from_statements_and_tell_subjects_apart() -> None:
    one, other = app("a"), app("b")
    found = emitted(
        closed(one, INGRESS, said("x", by="db"), said("y", by="zz")),
        closed(one, EGRESS),
        closed(other, INGRESS, said("x", by="DB")),
        closed(app("deny-all")),
    )
    assert sorted(found) == [
        "db-672924-ingress",
        "db-69a67f-egress",
        "db-69a67f-ingress",
        "deny-all-6d9ea6-ingress",
    ]


def test_the_stamp_is_on_every_manifest_and_does_not_override_ours() -> None:
    stamp = Stamp(
        labels={"team": "platform", "app.kubernetes.io/managed-by": "me"},
        annotations={"argocd.argoproj.io/sync-wave": "-1", INTENTS: "nothing"},
    )
    (policy,) = emit(meaning(closed(DB, INGRESS, said("db <- none"))), stamp=stamp).value
    assert policy.labels == {"team": "platform", "app.kubernetes.io/managed-by": "netpolc"}
    assert policy.annotations == {
        "argocd.argoproj.io/sync-wave": "-1",
        INTENTS: "db <- none",
    }


def test_statements_are_told_once_and_not_without_end() -> None:
    many = [said(f"db <- api{number:05}", path=f"{number}") for number in range(5000)]
    twice = said("db <- api00000", path="elsewhere")
    (policy,) = emit(meaning(closed(DB, INGRESS, *many, twice))).value
    text = policy.annotations[INTENTS]
    lines = text.splitlines()
    assert lines[:2] == ["db <- api00000", "db <- api00001"]
    assert lines[-1] == f"... and {5000 - len(lines) + 1} more statements"
    assert 32_000 < len(text) < 33_000


def test_one_endless_statement_is_cut() -> None:
    (policy,) = emit(meaning(closed(DB, INGRESS, said("db <- " + "api, " * 20_000)))).value
    assert policy.annotations[INTENTS].startswith("db <- api, api, ")
    assert policy.annotations[INTENTS].endswith(" ... and 95910 more characters")


def test_what_no_cluster_can_store_is_an_error() -> None:
    values = ValueSet.among(*(f"{number:050}" for number in range(30_000)))
    many = Selector.of([("app", values)])
    for part in (closed(many), opened(DB, Pods(None, many)), opened(DB, Pods(many, EVERYTHING))):
        found, *names = emit(meaning(part)).diagnostics[::-1]
        assert found.rule is TOO_LARGE
        assert {one.rule.code for one in names} <= {"NP457"}
        assert "of namespace `default` is too large" in found.message
        assert re.search(r"has 1\.[6-9] MiB", found.label.text)
    peers = (outside(f"10.{i // 256}.{i % 256}.1/32") for i in range(3_000))
    assert emit(normalise(meaning(*(opened(DB, peer) for peer in peers)))).diagnostics == ()


def test_everything_is_ordered_by_namespace_then_name() -> None:
    parts = [*meaning(closed(DB), closed(API), namespace="b").namespaces.values()]
    parts += meaning(closed(DB), namespace="a").namespaces.values()
    both: Policies = policies(parts)
    assert [(one.namespace, one.name) for one in emit(both).value] == [
        ("a", "db-ingress"),
        ("b", "api-ingress"),
        ("b", "db-ingress"),
    ]
    assert emit(meaning(opened(DB, Pods(named("x"), API)))).value[0].namespace == "default"


@pytest.mark.parametrize(("length", "codes"), [(40, []), (60, ["NP457"])])
def test_names_that_some_plugins_ignore_are_noted(length: int, codes: list[str]) -> None:
    text = f"namespace shop\n{'x' * length} <- api\n"
    program = resolve([parse(SourceFile("a.intent", text)).value]).value
    emitted = emit(normalise(lower(program).value))
    assert sorted({one.rule.code for one in emitted.diagnostics}) == codes


def test_policies_that_need_a_server_side_apply_are_noted() -> None:
    blocks = ", ".join(f"10.{n // 256}.{n % 256}.1/32" for n in range(6000))
    text = f"namespace shop\ndb <- {blocks}\n"
    program = resolve([parse(SourceFile("a.intent", text)).value]).value
    (note,) = emit(normalise(lower(program).value)).diagnostics
    assert note.rule.code == "NP456"
