"""Whose agreement a change needs: both sides of an arrow, and nobody who has no part in it."""

from dataclasses import replace
from datetime import date

import pytest

from netpolc.changes.diff import difference
from netpolc.changes.model import Side
from netpolc.changes.owners import Agreement, Part, agreement
from netpolc.changes.render.owners import OwnersReport
from netpolc.commands.pipeline import understand
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir.model import Policies
from netpolc.ir.serialize import load
from netpolc.manifest.read import read
from netpolc.passes.lift import lift_manifests
from netpolc.source import SourceFile

BEFORE = {
    "cluster.intent": "cluster\ndefault: deny\ngroup observers = prometheus in ns monitoring\n",
    "shop/db.intent": "namespace shop\ndb <- api:5432\n",
    "shop/web.intent": "namespace shop\nweb <- observers:9187\n",
    "pay/pay.intent": "namespace pay\nledger <- none\n",
    "pay/names.intent": "namespace pay\nservice ledger = {app=book}\n",
    "monitoring/m.intent": "namespace monitoring\nprometheus <- none\n",
    "lab/lab.intent": "namespace lab\nx <- none\n",
}


def side(files: dict[str, str]) -> Side:
    """What some files mean."""
    sources = Sources(intents=tuple(SourceFile(path, text) for path, text in files.items()))
    meant = understand(sources, Options(today=date(2026, 1, 1)))
    assert not meant.failed, meant.diagnostics
    return Side(program=meant.program, policies=meant.whole)


def asked(**changes: str) -> Agreement:
    """Whose agreement is needed where some files have other texts."""
    texts = {path.replace("/", "_").removesuffix(".intent"): path for path in BEFORE}
    after = BEFORE | {texts.get(name, f"{name}.intent"): text for name, text in changes.items()}
    before_side, after_side = side(BEFORE), side(after)
    return agreement(difference(before_side, after_side), before_side, after_side)


def add_policies(side: Side, policies: Policies) -> Side:
    """The side with the policies of more namespaces."""
    both = {**side.policies.namespaces, **policies.namespaces}
    return replace(side, policies=Policies(both))


def parts(found: Agreement) -> set[tuple[str, str]]:
    """The files with their parts."""
    return {
        (concern.path, reason.part.value)
        for concern in found.concerns
        for reason in concern.reasons
    }


def test_within_a_namespace_only_the_subjects_files_are_named() -> None:
    found = asked(shop_db="namespace shop\ndb <- api:5432, migrator:5432\n")
    assert parts(found) == {("shop/db.intent", "changed")}
    ((concern,), unspoken) = found.concerns, found.unspoken
    assert concern.reasons[0].change == "db <- migrator:5432"
    assert unspoken == ()


def test_an_arrow_across_namespaces_names_both_sides() -> None:
    found = asked(shop_db="namespace shop\ndb <- api:5432, ledger in ns pay:5432\n")
    assert parts(found) == {
        ("shop/db.intent", "changed"),
        ("pay/pay.intent", "other side"),
        ("pay/names.intent", "other side"),
    }


def test_a_group_names_those_whose_arrows_use_it_and_the_new_member() -> None:
    text = BEFORE["cluster.intent"].rstrip() + ", x in ns lab\n"
    assert parts(asked(cluster=text)) == {
        ("cluster.intent", "changed"),
        ("shop/web.intent", "subject"),
        ("lab/lab.intent", "other side"),
    }


def test_a_declared_service_names_where_it_is_declared() -> None:
    found = asked(pay_pay="namespace pay\nledger <- web in ns shop:80\n")
    assert ("pay/names.intent", "subject") in parts(found)
    assert {path for path, part in parts(found) if part == Part.OTHER.value} == {
        "shop/db.intent",
        "shop/web.intent",
    }


def test_every_namespace_is_nobody_in_particular() -> None:
    found = asked(shop_db="namespace shop\ndb <- api:5432, ns *:5432\n")
    assert parts(found) == {("shop/db.intent", "changed")}
    assert {reason.part for reason in found.everybody} == {Part.EVERYBODY}
    assert [reason.subject_namespace for reason in found.everybody] == ["shop"]


@pytest.mark.parametrize("peer", ["any", "ns {env=dev}", "ns {kubernetes.io/metadata.name!=pay}"])
def test_namespaces_that_nobody_knows_are_everybody(peer: str) -> None:
    found = asked(shop_db=f"namespace shop\ndb <- api:5432, {peer}:5432\n")
    assert found.everybody


@pytest.mark.parametrize("peer", ["ledger in ns pay", "internet", "web", "*"])
def test_who_is_named_is_not_everybody(peer: str) -> None:
    assert not asked(shop_db=f"namespace shop\ndb <- api:5432, {peer}:5432\n").everybody


def test_known_namespaces_with_the_labels_are_named() -> None:
    lab = {"lab/lab.intent": "namespace lab {env=dev}\nx <- none\n"}
    text = "namespace shop\ndb <- api:5432, ns {env=dev}:5432\n"
    before, after = side(BEFORE | lab), side(BEFORE | lab | {"shop/db.intent": text})
    found = agreement(difference(before, after), before, after)
    assert ("lab/lab.intent", "other side") in parts(found)


def test_a_namespace_without_files_is_said_to_have_no_voice() -> None:
    found = asked(shop_db="namespace shop\ndb <- api:5432, x in ns elsewhere\n")
    assert parts(found) == {("shop/db.intent", "changed")}
    assert found.unspoken == ("elsewhere",)


def test_a_default_names_the_namespaces_that_it_opens() -> None:
    text = BEFORE["cluster.intent"].replace("default: deny\n", "")
    paths = {path for path, part in parts(asked(cluster=text)) if part == Part.SUBJECT.value}
    assert {"shop/db.intent", "pay/pay.intent", "lab/lab.intent"} <= paths


def test_other_words_for_the_same_need_nobody() -> None:
    assert asked(shop_db="namespace shop\n\ndb <- {app=api}:5432\n") == Agreement(concerns=())


def test_a_namespace_of_manifests_alone_speaks_by_its_policies() -> None:
    policy = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api, namespace: elsewhere}
spec: {podSelector: {}, egress: [{}], policyTypes: [Egress]}
"""
    known = lift_manifests([read(SourceFile("with/api.yaml", policy)).value]).value
    after = BEFORE | {"shop/db.intent": "namespace shop\ndb <- api:5432, x in ns elsewhere\n"}
    old, new = (add_policies(side(files), known) for files in (BEFORE, after))
    found = agreement(difference(old, new), old, new)
    assert parts(found) == {("shop/db.intent", "changed"), ("with/api.yaml", "other side")}
    assert found.unspoken == ()


def test_a_statement_of_the_cluster_section_speaks_for_no_namespace() -> None:
    everywhere = BEFORE | {"all.intent": "cluster\n* <- ns monitoring:9090\n"}
    text = "namespace shop\ndb <- api:5432, x in ns lab:5432\n"
    before, after = side(everywhere), side(everywhere | {"shop/db.intent": text})
    found = agreement(difference(before, after), before, after)
    assert parts(found) == {("shop/db.intent", "changed"), ("lab/lab.intent", "other side")}


def test_a_change_that_no_file_states_is_not_lost() -> None:
    closed = (
        '{"version": 2, "namespaces": [{"namespace": "shop", "allows": [],'
        ' "isolations": [{"subject": {}, "direction": "ingress"%s}]}]}'
    )
    nowhere = ', "origins": [{"path": "", "line": 0, "role": "dns", "statement": "dns"}]'
    for origins in ("", nowhere):
        policies = load(SourceFile("ir.json", closed % origins)).value
        before, after = side({}), add_policies(side({}), policies)
        agreed = agreement(difference(before, after), before, after)
        assert agreed.concerns == ()
        assert agreed.unspoken == ("shop",)
        assert "no file is known" in OwnersReport(None, "").summary(agreed)
