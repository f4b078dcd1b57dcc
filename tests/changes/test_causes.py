"""Each entry stands under the statement whose change makes it, however it fans out."""

import pytest

from netpolc.analysis.unknown_facts import HostNetwork
from netpolc.changes.diff import difference
from netpolc.changes.model import Difference, Edit, Effect, Side
from netpolc.kube.inventory import Inventory, Workload
from netpolc.manifest.read import read
from netpolc.passes.lift import lift_manifests
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.provenance import StatementKind
from netpolc.source import SourceFile
from tests.changes.changes import changed, folded, side


def test_a_group_that_changes_shows_every_effect_under_it() -> None:
    before = "group obs = ns mon\ndb <- obs:1\nweb <- obs:2"
    found = changed(before, before.replace("ns mon", "ns mon, ns ops"))
    (cause,) = found.causes
    (change,) = cause.statements
    assert (change.what, change.name, change.edit) == (StatementKind.GROUP, "obs", Edit.EDITED)
    assert folded(found) == {
        ("group obs = ns mon, ns ops",): ["+ db <- ns ops:1", "+ web <- ns ops:2"]
    }
    assert cause.fans_out


def test_a_group_inside_a_group_is_blamed() -> None:
    before = "group a = ns mon\ngroup b = a, ns other\ndb <- b:1"
    found = changed(before, before.replace("ns mon", "ns mon, ns ops"))
    assert folded(found) == {("group a = ns mon, ns ops",): ["+ db <- ns ops:1"]}


def test_a_group_of_the_cluster_fans_out_over_namespaces() -> None:
    text = "cluster\ngroup obs = {}\nnamespace shop\ndb <- obs:1\nnamespace pay\nledger <- obs:1\n"
    found = changed(
        {"a.intent": text.format("ns mon")}, {"a.intent": text.format("ns mon, ns ops")}
    )
    (cause,) = found.causes
    assert cause.subjects == (("pay", "ledger"), ("shop", "db"))
    assert cause.statements[0].namespace == ""


def test_a_service_that_changes_is_blamed_at_both_ends() -> None:
    before = "default: deny\nservice api = {app=old}\ndb <- api:1\napi <- web:2"
    found = changed(before, before.replace("old", "new"))
    assert folded(found) == {
        ("service api = {app=new}",): [
            "+ db <- new:1",
            "- db <- old:1",
            "+ new <- web:2",
            "- old <- web:2",
        ]
    }


def test_what_bare_names_stand_for_is_blamed_on_label() -> None:
    found = changed("* <- none\ndb <- {a=b}:1", "label: name\n* <- none\ndb <- {a=b}:1")
    (cause,) = found.causes
    assert [one.what for one in cause.statements] == [StatementKind.LABEL]
    assert [entry.subject for entry in cause.entries] == [
        "{app!=db, name=db}",
        "{app=db, name!=db}",
    ]


def test_settings_are_blamed_for_what_follows_from_them() -> None:
    found = changed("api -> none", "api -> none\ndns: 10.0.0.10/32:53/udp")
    assert list(folded(found)) == [("dns: 10.0.0.10/32:53/udp",)]
    found = changed(
        "dns: none\nmirror: no\napi -> none\ndb <- api:1", "dns: none\napi -> none\ndb <- api:1"
    )
    assert folded(found) == {("mirror: no",): ["+ api -> db:1"]}


def test_addresses_of_the_cluster_are_blamed_for_internet() -> None:
    text = "cluster\n{}\nnamespace shop\ndb <- internet:1\n"
    found = changed({"a.intent": text.format("")}, {"a.intent": text.format("nodes: 34.0.0.0/8")})
    assert folded(found) == {("nodes: 34.0.0.0/8",): ["- db <- 34.0.0.0/8:1"]}


def test_labels_of_a_namespace_are_blamed_where_nothing_else_changed() -> None:
    text = "namespace shop\ndb <- ns {{env=prod}}:1\nnamespace pay {{env={}}}\n"
    found = changed({"a.intent": text.format("dev")}, {"a.intent": text.format("prod")})
    (cause,) = found.causes
    assert [(one.what, one.namespace) for one in cause.statements] == [(StatementKind.FACTS, "pay")]


def test_two_ends_that_only_together_open_something_are_one_cause() -> None:
    before = {
        "shop.intent": "namespace shop\ndefault: deny\n",
        "pay.intent": "namespace pay\ndns: none\ndefault: deny egress\n",
    }
    after = {
        "shop.intent": before["shop.intent"] + "db <- api in ns pay:1\n",
        "pay.intent": before["pay.intent"] + "api -> db in ns shop:1\n",
    }
    assert folded(changed(before, after)) == {
        ("api -> db in ns shop:1", "db <- api in ns pay:1"): ["+ db <- api in ns pay:1"]
    }


def test_statements_that_become_one_allow_answer_each_for_its_own_part() -> None:
    found = changed("db <- none", "db <- api:1\ndb <- api:2\ndb <- 10.0.0.0/9\ndb <- 10.128.0.0/9")
    assert folded(found) == {
        ("db <- 10.0.0.0/9",): ["+ db <- 10.0.0.0/9"],
        ("db <- 10.128.0.0/9",): ["+ db <- 10.128.0.0/9"],
        ("db <- api:1",): ["+ db <- api:1"],
        ("db <- api:2",): ["+ db <- api:2"],
    }


def test_a_group_and_an_arrow_that_become_one_allow_are_told_apart() -> None:
    before = "group office = 10.0.0.0/16\ndb <- office"
    after = "group office = 11.0.0.0/8\ndb <- office\ndb <- 12.0.0.0/8"
    assert folded(changed(before, after)) == {
        ("db <- 12.0.0.0/8",): ["+ db <- 12.0.0.0/8"],
        ("group office = 11.0.0.0/8",): ["+ db <- 11.0.0.0/8", "- db <- 10.0.0.0/16"],
    }


def blamed(found: Difference) -> set[str]:
    """The statements after the change that some cause names."""
    return {
        origin.statement
        for cause in found.causes
        for one in cause.statements
        if (origin := one.after) is not None
    }


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("db <- api:1", "db <- ns *:1\ndb <- web:1", {"db <- ns *:1"}),
        ("db <- api:1", "db <- web:1\ndb <- any:1", {"db <- any:1"}),
        ("db <- none", "db <- {}:1\ndb <- web:1\ndb <- x:1", {"db <- {}:1"}),
        ("db <- none", "db <- 10.0.0.0/8\ndb <- 10.1.0.0/16:443", {"db <- 10.0.0.0/8"}),
        ("db <- none", "db <- web:[1-9]\ndb <- web:3", {"db <- web:1-9"}),
        ("dns: none\napi -> none", "dns: none\napi -> any\napi -> db:1", {"api -> any"}),
        ("db <- none", "db <- any:1\n{app=db} <- web:1", {"db <- any:1"}),
        ("db <- none", "db <- a:1\ndb <- b:1\ndb <- a:1, b:1", {"db <- a:1, b:1"}),
    ],
)
def test_a_statement_that_another_covers_is_not_blamed(
    before: str, after: str, expected: set[str]
) -> None:
    assert blamed(changed(before, after)) == expected


def test_of_statements_that_overlap_each_is_blamed_for_its_own_part() -> None:
    found = changed("db <- none", "db <- web:[1-5]\ndb <- web:[4-9]")
    assert folded(found) == {
        ("db <- web:1-5",): ["+ db <- web:1-5"],
        ("db <- web:4-9",): ["+ db <- web:4-9"],
    }


def test_what_was_closed_is_blamed_on_the_statement_that_covered_the_others() -> None:
    found = changed("db <- ns *:1\ndb <- web:1", "db <- api:1")
    gone = {one.before.statement for c in found.causes for one in c.statements if one.before}
    assert gone == {"db <- ns *:1"}


def test_what_new_arrows_close_is_blamed_on_the_arrow_that_closes_it() -> None:
    found = changed(
        "default: allow\nweb <- x", "default: allow\nweb <- x\ndb <- api:1\nqueue -> mail:2"
    )
    assert {statements: len(entries) for statements, entries in folded(found).items()} == {
        ("db <- api:1",): 1,
        ("queue -> mail:2",): 1,
    }


def test_an_edited_arrow_has_both_its_texts_by_line() -> None:
    found = changed("db <- api:1", "\ndb <- api:2")
    (cause,) = found.causes
    (change,) = cause.statements
    assert change.before is not None
    assert change.after is not None
    assert (change.edit, change.before.line, change.after.line) == (Edit.EDITED, 2, 3)


def test_a_new_namespace_under_the_default_of_the_cluster_names_it() -> None:
    cluster = "cluster\ndefault: deny\nnamespace shop\ndb <- api:1\n"
    found = changed({"a.intent": cluster}, {"a.intent": cluster + "namespace pay {a=b}\n"})
    named = {
        (one.namespace, one.after.statement)
        for cause in found.causes
        for one in cause.statements
        if one.after is not None
    }
    assert named == {("pay", "namespace pay {a=b}")}
    # The cluster's statement is old, and nothing else of the namespace can be named.
    found = changed({"a.intent": cluster}, {"a.intent": cluster + "namespace pay\n"})
    (cause,) = found.causes
    assert cause.statements == ()
    assert [one.statement for one in cause.entries[0].closing] == ["default: deny"]


def test_a_namespace_that_is_gone_is_named_by_its_section() -> None:
    cluster = "cluster\ndefault: deny\nnamespace shop\ndb <- api:1\n"
    found = changed({"a.intent": cluster + "namespace pay\nx <- y:1\n"}, {"a.intent": cluster})
    assert {one.before.statement for c in found.causes for one in c.statements if one.before} == {
        "x <- y:1"
    }


def test_ir_files_blame_the_statements_that_they_remember() -> None:
    def ir(text: str) -> Side:
        return Side(program=side({}).program, policies=side(text).policies)

    found = difference(ir("db <- api:1\nweb <- x:1"), ir("db <- api:2\nweb <- x:1"))
    assert folded(found) == {
        ("db <- api:1",): ["- db <- api:1"],
        ("db <- api:2",): ["+ db <- api:2"],
    }
    assert found.rewordings == ()


def test_intents_against_the_same_as_ir_blame_what_there_is() -> None:
    found = difference(
        Side(program=side({}).program, policies=side("db <- api:1").policies), side("db <- api:2")
    )
    assert {edit for cause in found.causes for edit in (s.edit for s in cause.statements)} == {
        Edit.ADDED,
        Edit.REMOVED,
    }


def test_a_cut_along_a_port_name_leaves_no_port_of_another_protocol() -> None:
    before = "group g = ns mon\ndb <- g:[80, 80/sctp]"
    found = changed(before, before.replace("ns mon", "ns *") + "\ndb <- api:http/sctp")
    assert set(folded(found)) == {("db <- api:http/sctp",), ("group g = ns *",)}


POLICY = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: {name}, namespace: shop}}
spec: {{podSelector: {{matchLabels: {{app: db}}}}, policyTypes: [Ingress], ingress: [{rules}]}}
"""


def deployed(**policies: str) -> Side:
    """A side of manifests: the peers and ports of one rule of each policy."""
    texts = (POLICY.format(name=name, rules=rules) for name, rules in policies.items())
    manifests = read(SourceFile("policies.yaml", "".join(texts))).value
    lifted = lift_manifests([manifests]).value
    empty = resolve([]).value
    return Side(program=empty, policies=normalise(lifted), lifted=lifted)


def rule(peer: str, port: int = 1) -> str:
    return f"{{from: [{peer}], ports: [{{port: {port}}}]}}"


WEB = "{podSelector: {matchLabels: {app: web}}}"


@pytest.mark.parametrize(
    ("after", "blamed"),
    [
        ({"wide": rule("{namespaceSelector: {}}"), "narrow": rule(WEB)}, {"wide"}),
        ({"a": rule(WEB), "b": rule(WEB, 2)}, {"a", "b"}),
        ({"wide": rule(WEB), "more": f"{rule(WEB)}, {rule(WEB, 2)}"}, {"more"}),
        ({"wide": rule("{podSelector: {}}"), "other": rule("{ipBlock: {cidr: 10.0.0.0/8}}")},
         {"wide", "other"}),
    ],
)  # fmt: skip
def test_a_policy_that_another_covers_is_not_blamed(
    after: dict[str, str], blamed: set[str]
) -> None:
    found = difference(
        deployed(one=rule("{podSelector: {matchLabels: {app: api}}}")), deployed(**after)
    )
    opened = [
        cause for cause in found.causes if any(e.effect is Effect.OPENED for e in cause.entries)
    ]
    assert {one.name for cause in opened for one in cause.statements} - {"one"} == blamed


def test_a_change_about_pods_on_the_hosts_network_is_undecided() -> None:
    pod = Workload(namespace="shop", name="x", kind="Pod", labels={"app": "web"}, host_network=True)
    inventory = Inventory(workloads=(pod,))
    before = side("db <- none", inventory=inventory)
    found = difference(before, side("db <- web:1", inventory=inventory))
    assert [entry.undecided for entry in found.entries] == [(HostNetwork("shop/x[Pod]"),)]
    found = difference(before, side("db <- api:1", inventory=inventory))
    assert [entry.undecided for entry in found.entries] == [()]


def test_ir_files_name_the_changed_statement_of_an_allow_made_of_several() -> None:
    def listed(before: str, after: str) -> list[tuple[Effect, list[str]]]:
        sides = [
            Side(program=side({}).program, policies=side(text).policies)
            for text in (f"db <- api:5432\ndb <- api:{before}", f"db <- api:{after}")
        ]
        return [
            (entry.effect, sorted(origin.statement for origin in entry.permitting))
            for entry in difference(*sides).entries
        ]

    assert sorted(listed("80", "5432\ndb <- api:81"), key=lambda one: one[1]) == [
        (Effect.CLOSED, ["db <- api:80"]),
        (Effect.OPENED, ["db <- api:81"]),
    ]
    # Of statements that are all gone, each may have permitted it.
    assert (Effect.CLOSED, ["db <- api:5432", "db <- api:80"]) in listed("80", "81")
