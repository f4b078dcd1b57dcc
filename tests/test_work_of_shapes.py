"""The work for odd organisations, counted: it grows with them and not with their square."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from netpolc.analysis import permit_boxes, reachability, rule_reach, semantic_diff, tier_facts
from netpolc.analysis.namespace_partition import NamespaceClass
from netpolc.analysis.semantic_diff import compare, newly_permitted
from netpolc.analysis.symbolic_case import Case
from netpolc.analysis.tier_order import _Maker
from netpolc.analysis.workload_classes import WorkloadClasses
from netpolc.changes.diff import difference
from netpolc.commands.learn import intents_of
from netpolc.commands.list_ import listed
from netpolc.commands.listed import Listed
from netpolc.commands.pipeline import run
from netpolc.flowlogs.permitted import Comparison, Permitted
from netpolc.flowlogs.vocabulary import Names
from netpolc.io.config import FILE_NAME, TableReader
from netpolc.io.project import Options, Request, open_project, requests_of_outputs
from netpolc.io.sources import Sources
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import Selector
from netpolc.lints import written_peer
from netpolc.lints.ignore_comments import _Ignore
from netpolc.passes.resolve import names, slip_index, statements
from netpolc.provenance import StatementRef
from netpolc.sets import boxes
from netpolc.sets.value_index import ValueIndex
from netpolc.source import SourceFile
from tests.changes.changes import side
from tests.flowlogs.test_known_ends import flows_between
from tests.properties.test_tier_diff import egress, told

TODAY = Options(today=date(2026, 1, 1))
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: s{n}, namespace: shop}}
spec:
  podSelector: {{matchLabels: {{app: s{n}}}}}
  policyTypes: [Ingress]
  ingress: [{{from: [{{podSelector: {{matchLabels: {{app: s{n}}}}}}}], ports: [{{port: 80}}]}}]
---
apiVersion: v1
kind: Pod
metadata: {{name: s{n}, namespace: shop, labels: {{app: s{n}}}}}
spec: {{containers: [{{name: c}}]}}
---
"""


def calls(patch: pytest.MonkeyPatch, place: Any, name: str) -> list[int]:
    """The number of calls of a function from now on, in a list of one."""
    found = [0]
    real = getattr(place, name)

    def call(*arguments: Any, **options: Any) -> Any:
        found[0] += 1
        return real(*arguments, **options)

    patch.setattr(place, name, call)
    return found


def test_a_policy_is_compared_with_the_workloads_near_it(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = calls(monkeypatch, Workload, "may_match")

    def comparisons(workloads: int) -> int:
        before = compared[0]
        text = "".join(POLICY.format(n=n) for n in range(workloads))
        assert not run(Sources(manifests=(SourceFile("all.yaml", text),)), TODAY).failed
        return compared[0] - before

    assert comparisons(80) <= 2.1 * comparisons(40)


def test_the_statements_of_one_policy_are_not_compared_with_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = calls(monkeypatch, StatementRef, "__eq__")
    arrows = "".join(f"db <- a{n}:{1_000 + n}\n" for n in range(100))
    text = f"namespace shop\ndefault: deny\n{arrows}"
    assert not run(Sources(intents=(SourceFile("shop.intent", text),)), TODAY).failed
    assert compared[0] <= 2 * 100


def test_names_of_the_cluster_are_filed_once_for_all_namespaces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    filed = calls(monkeypatch, slip_index, "_keys")

    def spellings(number: int) -> int:
        before = filed[0]
        groups = "".join(f"group g{k} = a{k} in ns n{k}\n" for k in range(number))
        uses = "".join(f"namespace n{k}\ndb <- g{k}:80, other:81\n" for k in range(number))
        text = f"cluster\n{groups}{uses}"
        assert not run(Sources(intents=(SourceFile("a.intent", text),)), TODAY).failed
        return filed[0] - before

    assert spellings(80) <= 2.1 * spellings(40)


def test_a_service_that_overlaps_with_all_others_is_not_compared_with_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    listed = [0]
    real = ValueIndex._in_order

    def in_order(index: Any, numbers: Any) -> Any:
        found = real(index, numbers)
        listed[0] += len(found)
        return found

    monkeypatch.setattr(ValueIndex, "_in_order", in_order)

    def entries(services: int) -> int:
        before = listed[0]
        lines = (f"service s{k} = {{app=x, k{k}=v}}\ns{k} <- y:80\n" for k in range(services))
        text = "namespace shop\ndefault: deny\n" + "".join(lines)
        assert not run(Sources(intents=(SourceFile("a.intent", text),)), TODAY).failed
        return listed[0] - before

    assert entries(80) <= 2.1 * max(entries(40), 40)


def test_the_place_of_a_slip_is_looked_up_in_its_statement_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked = calls(monkeypatch, names, "named_pods")

    def lookups(peers: int) -> int:
        before = looked[0]
        far = ", ".join(f"p{n}" for n in range(peers))
        near = "".join(f"s{n} <- q{n}:80\n" for n in range(peers))
        text = f"namespace shop\ndefault: deny\n* <- {far}\n{near}"
        result = run(Sources(intents=(SourceFile("a.intent", text),)), TODAY)
        assert sum(finding.rule.code == "NP201" for finding in result.diagnostics) >= peers
        return looked[0] - before

    assert lookups(80) <= 2.5 * lookups(40)


def test_an_assertion_of_the_cluster_is_resolved_once_if_it_means_the_same_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolved = calls(monkeypatch, statements, "_assertion")
    claims = "".join(f"never s{n} in ns n{n} <- internet\n" for n in range(20))
    sections = "".join(f"namespace n{n}\ns{n} <- c:80\nc <- none\n" for n in range(20))
    text = f"cluster\n{claims}{sections}"
    assert not run(Sources(intents=(SourceFile("a.intent", text),)), TODAY).diagnostics
    assert resolved[0] == 20


def test_netpolc_toml_is_understood_once_for_all_its_outputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    understood = calls(monkeypatch, TableReader, "outputs")
    outputs = "".join(f'[outputs.o{n}]\nlabels = {{n = "{n}"}}\n' for n in range(5))
    (tmp_path / FILE_NAME).write_text(outputs, encoding="utf-8")
    requests = requests_of_outputs(Request(here=tmp_path, today=TODAY.today))
    labels = [open_project(request).value.options.labels for request in requests]
    assert labels == [{"n": str(n)} for n in range(5)]
    assert understood == [1]
    (tmp_path / FILE_NAME).write_text(outputs.replace('"0"', '"new"'), encoding="utf-8")
    assert open_project(requests[0]).value.options.labels == {"n": "new"}


def _peers_of_a_claim(claim: str, peers: int) -> Sources:
    """Sources in which a claim lists as many peers as there are arrows, one port each."""
    arrows = "".join(f"db <- p{n}:{n + 1}\n" for n in range(peers))
    listed = ", ".join(
        f"caller-{n}:{n + 1}" if claim == "never" else f"p{n}:{n + 1}" for n in range(peers)
    )
    text = f"namespace shop\n{arrows}{claim} db <- {listed}\n"
    return Sources(intents=(SourceFile("a.intent", text),))


def test_a_statement_is_read_again_once_for_all_findings_about_its_peers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parsed = calls(monkeypatch, written_peer, "parse")
    arrows = "".join(f"p{n} <- api:80\n" for n in range(4))
    text = f"namespace shop\n{arrows}never p1 <- q0:1, q1:2, q2:3, q3:4\n"
    result = run(Sources(intents=(SourceFile("a.intent", text),)), TODAY)
    assert sum(finding.rule.code == "NP613" for finding in result.diagnostics) == 4
    assert parsed[0] == 1


@pytest.mark.parametrize("claim", ["never", "always", "only"])
@pytest.mark.parametrize(
    ("place", "name"), [(permit_boxes, "allowed"), (Selector, "isdisjoint"), (boxes, "left_of")]
)
def test_each_peer_of_a_claim_is_compared_with_what_is_about_it(
    claim: str, place: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = calls(monkeypatch, place, name)

    def comparisons(peers: int) -> int:
        before = compared[0]
        assert not run(_peers_of_a_claim(claim, peers), TODAY).failed
        return compared[0] - before

    assert comparisons(80) <= 2.1 * comparisons(40) + 4


def test_namespaces_that_tiers_keep_apart_are_not_searched_in_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = Options(today=TODAY.today, tiers="v1alpha2")
    asked = calls(monkeypatch, Case, "asked")

    def cases(namespaces: int) -> int:
        before = asked[0]
        text = "".join(
            f"namespace n{n} {{env={('pci', 'dev')[n % 2]}}}\ndb <- api:80\nweb <- api in ns n{n}:80\n"
            for n in range(namespaces)
        )
        text += "cluster\nenforce never ns {env=pci} <- ns {env=dev}\n"
        assert not run(Sources(intents=(SourceFile("a.intent", text),)), options).failed
        return asked[0] - before

    assert cases(80) <= 2.2 * cases(40)


def test_rules_of_tiers_are_found_by_the_known_labels_of_namespaces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = Options(today=TODAY.today, tiers="v1alpha2")
    looked = calls(monkeypatch, _Maker, "_peers")

    def rules(namespaces: int) -> int:
        before = looked[0]
        text = "".join(f"namespace n{n} {{team=t{n}}}\ndb <- api:8\n" for n in range(namespaces))
        claims = "".join(f"enforce never ns {{team=t{n}}} <- ns *:80\n" for n in range(namespaces))
        sources = Sources(intents=(SourceFile("a.intent", f"{text}cluster\n{claims}"),))
        assert not run(sources, options).failed
        return looked[0] - before

    assert 0 < rules(80) <= 2.2 * rules(40)


@pytest.mark.parametrize("peer", ["api in ns n{0}", "api in ns {{team=t{0}}}", "x in ns *"])
def test_a_list_looks_at_the_namespaces_that_allows_name(
    peer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at each pair of namespaces, however many labels these have."""
    asked = calls(monkeypatch, Case, "asked")
    looked = calls(monkeypatch, NamespaceClass, "left")

    def work(namespaces: int) -> tuple[int, int]:
        before = asked[0], looked[0]
        text = "".join(
            f"namespace n{k} {{team=t{k}}}\ndb <- {peer.format(k + 1)}:80\n"
            for k in range(namespaces)
        )
        known = run(Sources(intents=(SourceFile("a.intent", text),)), TODAY)
        assert len(list(listed(known, exposure=False))) <= 3 * namespaces + 1
        return asked[0] - before[0], looked[0] - before[1]

    for more, fewer in zip(work(80), work(40), strict=True):
        assert more <= 2.2 * fewer


def test_classes_in_hundreds_of_allows_are_listed_by_allow() -> None:
    def rows(peers: int) -> list[Listed]:
        text = "".join(f"db <- {{a notin (v{k}, w{k})}}:{k + 1}\n" for k in range(peers))
        known = run(Sources(intents=(SourceFile("a.intent", text),)), TODAY)
        return list(listed(known, exposure=False))

    assert not any(row.overlaps for row in rows(100))
    many = rows(600)
    assert len(many) == 600
    assert all(row.overlaps for row in many)


TIER_POLICY = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {{name: p{n}}}
spec:
  tier: Admin
  priority: {n}
  subject: {{pods: {{namespaceSelector: {{}}, podSelector: {{matchLabels: {{app: s{n}}}}}}}}}
  ingress:
  - action: Accept
    from: [{{namespaces: {{matchLabels: {{team: t{n}}}}}}}]
    protocols: [{{tcp: {{destinationPort: {{number: 80}}}}}}]
---
"""


def test_a_rule_of_a_tier_is_compared_with_the_earlier_ones_that_meet_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = calls(monkeypatch, rule_reach, "_is_before")

    def comparisons(number: int) -> int:
        before = compared[0]
        text = "".join(TIER_POLICY.format(n=n) for n in range(number))
        assert not run(Sources(manifests=(SourceFile("all.yaml", text),)), TODAY).failed
        return compared[0] - before

    assert 0 < comparisons(40) <= 2.1 * comparisons(20)


@pytest.mark.parametrize(
    ("place", "name"), [(WorkloadClasses, "rule_matches"), (reachability, "meet")]
)
def test_a_row_beside_tiers_asks_about_the_rules_of_its_pods(
    place: Any, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = calls(monkeypatch, place, name)

    def comparisons(number: int) -> int:
        before = compared[0]
        text = "".join((POLICY + TIER_POLICY).format(n=n) for n in range(number))
        known = run(Sources(manifests=(SourceFile("all.yaml", text),)), TODAY)
        assert len(list(listed(known, exposure=True))) >= number**2
        return compared[0] - before

    assert comparisons(24) <= 4.4 * comparisons(12)


def test_a_finding_is_compared_with_the_ignore_comments_at_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = calls(monkeypatch, _Ignore, "silences")
    arrow = "s{n} <- api:80  # netpolc: ignore[NP604] kept\ns{n} <- api:80-90\n"
    text = "namespace shop\ndefault: deny\n" + "".join(arrow.format(n=n) for n in range(40))
    assert not run(Sources(intents=(SourceFile("a.intent", text),)), TODAY).diagnostics
    assert compared[0] == 40


def test_a_flow_between_known_workloads_is_compared_with_the_subjects_near_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = calls(monkeypatch, Case, "asked")
    compared = calls(monkeypatch, Selector, "isdisjoint")

    def work(services: int) -> tuple[int, int]:
        before = asked[0], compared[0]
        arrows = (
            f"{{tier=t{n}}} <- {{tier=t{n}}}:80\n{{tier=t{n}}} -> x:80\n" for n in range(services)
        )
        intents = (SourceFile("a.intent", "namespace shop\n" + "".join(arrows)),)
        pods = tuple(
            Workload(namespace="shop", name=f"s{n}", kind="Pod", labels={"app": f"s{n}"})
            for n in range(services)
        )
        known = intents_of(run(Sources(intents=intents), TODAY))
        comparison = Comparison(
            known, Names(known, ()), Inventory(workloads=pods), new=False, egress=False
        )
        kinds = flows_between(services)
        assert all(comparison.end_permits(k, d) is Permitted.YES for k in kinds for d in Direction)
        return asked[0] - before[0], compared[0] - before[1]

    (cases, more), (no_cases, fewer) = work(40), work(20)
    assert cases == no_cases
    assert more <= 2.1 * fewer


@pytest.mark.parametrize(
    ("before", "after"), [("deny", "deny ingress egress"), ("deny ingress egress", "deny")]
)
def test_a_closed_receiver_is_compared_with_the_senders_that_its_arrows_name(
    before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = calls(monkeypatch, Case, "asked")

    def cases(namespaces: int) -> int:
        earlier = asked[0]
        sides = (
            "".join(
                f"namespace n{k}\ndefault: {default}\ndb <- api:80\n" for k in range(namespaces)
            )
            for default in (before, after)
        )
        assert len(difference(*map(side, sides)).entries) == namespaces
        return asked[0] - earlier

    assert cases(40) <= 2.1 * cases(20)


def _denied_network(number: int, length: int) -> dict[str, Any]:
    policy = egress({"action": "Deny", "to": [{"networks": [f"10.0.{number}.0/{length}"]}]})
    pods = {"namespaceSelector": {}, "podSelector": {"matchLabels": {"app": f"s{number}"}}}
    spec = {**policy["spec"], "subject": {"pods": pods}, "priority": number}
    return {**policy, "metadata": {"name": f"p{number}"}, "spec": spec}


def test_facts_about_changed_tiers_are_those_of_rules_about_their_pods(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = []
    for number in (10, 20):
        sides = [[_denied_network(k, length) for k in range(number)] for length in (24, 25)]
        with monkeypatch.context() as patch:
            count = calls(patch, tier_facts, "may_match")
            assert told(*sides).tiers
            found.append(count[0])
    assert 0 < found[1] <= 2 * found[0] + 8


def test_connections_are_compared_with_the_widest_subjects_that_close_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cut = calls(monkeypatch, semantic_diff, "outside")

    def cuts(number: int) -> int:
        lines = "".join(f"{{e{k}=v}} -> any\n{{a{k}=v}} <- {{b{k}=v}}\n" for k in range(number))
        sides = [
            run(Sources(intents=(SourceFile("a.intent", text),)), TODAY).whole
            for text in (lines, lines.replace("any", "any:80", 1))
        ]
        before = cut[0]
        assert compare(*sides).lost
        return cut[0] - before

    assert 0 < cuts(8) <= 4.4 * cuts(4)


def test_an_opening_that_the_other_side_lists_as_well_is_not_compared_with_its_closings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where an arrow with a label key of its own becomes narrower, nothing is opened, and this takes little work."""

    def cuts(number: int) -> int:
        arrows = [
            *(f"{{e{k}=v}} -> any" for k in range(number)),
            *(f"{{a{k}=v}} <- {{b{k}=v}}" for k in range(number)),
        ]
        wide, narrow = "{a=v} <- {b=v}", "{a=v} <- {b=v, c=w}"
        before, after = (
            side("\n".join(["namespace shop", *arrows, last])).policies for last in (wide, narrow)
        )
        with monkeypatch.context() as patch:
            counted = calls(patch, semantic_diff, "outside")
            assert not newly_permitted(before, after, most=1, tiers=(None, None))
        return counted[0]

    assert cuts(8) <= cuts(4) * 3
