"""The work that a run does, counted: it must not grow unseen.

No clock stands here, because clocks depend on the machine. What would make a large
compile slow is counted instead: lines that lark parses, files that are written, allows
that are compared, entries of manifests that are lifted. And each hot path is held
against the plain way that it replaces.
"""

import os
import pickle
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import FrozenInstanceError, fields, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.analysis import (
    block_reading,
    disjointness,
    namespace_redundancy,
    policy_index,
    possibly_redundant,
    reachability,
    redundant_statements,
)
from netpolc.analysis.exposure import Exposures
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.policy_index import PolicyIndex
from netpolc.analysis.symbolic_case import Case
from netpolc.changes import changed_connections
from netpolc.changes.diff import difference
from netpolc.commands import can, meaning_steps, translation_validation
from netpolc.commands.pipeline import Compilation, run, understand
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_writer import write_tree
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir import serialize as ir_json
from netpolc.ir import subsumption
from netpolc.ir.build import made_allow, made_subject
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Block
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Protocol
from netpolc.kube.selectors import Selector
from netpolc.manifest.model import NetworkPolicy, PolicyRule
from netpolc.passes import lift
from netpolc.passes import lower as lowering
from netpolc.passes.emit import emit
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve, slip_index
from netpolc.provenance import Origin, Origins, Role, merged, source_of
from netpolc.sets import boxes
from netpolc.source import SourceFile, Span
from netpolc.syntax import grammar, logical_lines, parse_question, parser, statement_builder
from netpolc.syntax.logical_lines import cut
from netpolc.syntax.parts import NumberPort
from netpolc.values import maker
from tests.changes.changes import side
from tests.properties.strategies import policies as drawn_policies
from tests.reference import strategies
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.syntax.lines import arrows, files

TODAY = date(2026, 1, 1)
Count = Callable[[Any, str], Counter[str]]


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Count the calls of a function of a module, or of a method."""
    calls: Counter[str] = Counter()

    def counted(place: Any, name: str) -> Counter[str]:
        real = getattr(place, name)

        def call(*arguments: Any, **options: Any) -> Any:
            calls[name] += 1
            return real(*arguments, **options)

        monkeypatch.setattr(place, name, call)
        return calls

    return counted


def organisation(namespaces: int, services: int, peers: int = 4) -> tuple[SourceFile, ...]:
    """Namespaces that close themselves, each service open to some others of it and one outside."""
    return tuple(
        SourceFile(
            f"intents/ns{n}/s{s}.intent",
            f"namespace ns{n}\ndefault: deny\n"
            + "".join(f"s{s} <- s{(s + k + 1) % services}:{8000 + k}\n" for k in range(peers))
            + f"s{s} <- s{s} in ns ns{(n + 1) % namespaces}:443\ns{s} <- 10.{s}.0.0/16:80\n",
        )
        for n in range(namespaces)
        for s in range(services)
    )


def compiled(sources: tuple[SourceFile, ...]) -> Compilation:
    """A compile without findings."""
    result = run(Sources(intents=sources), Options(today=TODAY))
    assert not result.diagnostics
    return result


def test_lark_parses_a_shape_once_and_a_common_one_never(count: Count) -> None:
    calls = count(statement_builder, "plan_of")
    parses = count(grammar, "parsed")
    compiled(organisation(2, 6))
    assert parses["parsed"] == 0
    assert calls["plan_of"] <= 5
    lines = "".join(f"s1 <- {{tier!=t{n}, a, b, c in (d{n})}}:80\n" for n in range(20))
    compiled((*organisation(2, 6), SourceFile("odd.intent", f"namespace ns0\n{lines}")))
    assert parses["parsed"] == 1


def test_lines_of_known_words_are_not_read_again(count: Count) -> None:
    """Of ten more namespaces with 120 arrows each only what is new in them is read."""
    count(parser, "statement")
    calls = count(statement_builder, "connection_at")
    read = []
    for namespaces in (10, 20):
        calls.clear()
        compiled(organisation(namespaces, 20))
        read.append(calls["statement"])
        assert calls["connection_at"] == 0
    header, defaults, peers_elsewhere = 1, 20, 20
    assert read[1] - read[0] == 10 * (header + defaults + peers_elsewhere)


RARE = (
    "lark",
    "yaml",
    "jsonschema",
    "netpolc.ir.serialize",
    "netpolc.syntax.syntax_errors",
    "netpolc.analysis.assertion_report",
    "netpolc.analysis.lift_tiers",
    "netpolc.analysis.namespace_partition",
    "netpolc.analysis.redundant_statements",
    "netpolc.commands.output_diff",
    "netpolc.io.baseline",
    "netpolc.io.fleet_config",
    "netpolc.lints.half_open_arrow",
    "netpolc.lints.manifests",
    "netpolc.lints.receiver_port",
    "netpolc.diagnostics.render.gitlab",
    "netpolc.diagnostics.render.sarif",
    "netpolc.manifest.routes",
    "netpolc.sets.boxes",
    "click.shell_completion",
    "hashlib",
    "importlib.resources",
    "json",
    "shutil",
    "tempfile",
)
"""What a plain compile does without."""


@pytest.mark.parametrize("more", ["", "db <- 10.0.0.0/8:80\ndb <- 10.1.0.0/16:443\n"])
def test_plain_intents_load_only_what_they_need(tmp_path: Path, more: str) -> None:
    """Blocks that overlap on other ports are seen not to be redundant without boxes."""
    (tmp_path / "a.intent").write_text(f"namespace shop\ndefault: deny\ndb <- api:5432\n{more}")
    script = (
        "import sys; from netpolc.cli.main import run; code = run(['compile', 'a.intent']);"
        f"print(code, [m for m in {RARE} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "0 []\n"


def test_only_what_changed_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    real = os.open

    def open_file(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if flags & os.O_CREAT:
            made.append(str(path))
        return real(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr(os, "open", open_file)
    output = OutputFolder(path=tmp_path / "out", name="out", project=tmp_path)
    texts = dict(compiled(organisation(2, 6)).files)
    write_tree(output, texts)
    assert len(made) == len(texts)
    made.clear()
    write_tree(output, texts)
    assert made == []
    texts["ns1/s3-ingress.yaml"] += "# changed\n"
    write_tree(output, texts)
    assert len(made) == 1


@pytest.mark.parametrize("name", ["peer_meant", "traffic_meant", "selector_meant"])
def test_each_entry_of_the_manifests_is_lifted_once(name: str, count: Count) -> None:
    calls = count(lift, name)
    result = compiled(organisation(2, 6))
    rules = [rule for policy in result.manifests for rule in policy.ingress or ()]
    peers = {id(peer) for rule in rules for peer in rule.peers or ()}
    subjects = {id(policy.pod_selector) for policy in result.manifests}
    ports = {id(rule.ports) for rule in rules}
    # Peers of pods in other namespaces have two selectors, and addresses none.
    expected = {
        "peer_meant": len(peers),
        "traffic_meant": len(ports),
        "selector_meant": len(subjects) + 12 * 3,
    }
    assert 0 < calls[name] <= expected[name]


def test_a_proof_that_succeeds_builds_nothing(count: Count) -> None:
    lifted, normalised = count(translation_validation, "lift"), count(meaning_steps, "normalise")
    compiled(organisation(2, 6))
    assert (lifted["lift"], normalised["normalise"]) == (0, 2)  # The intents, and nothing beside.


@pytest.mark.parametrize(
    ("place", "name"),
    [(subsumption, "covers"), (disjointness, "is_irrelevant"), (namespace_redundancy, "allowed")],
)
def test_comparisons_grow_with_the_program(place: Any, name: str, count: Count) -> None:
    """Twice the services, twice the comparisons; twice the peers of each, not four times."""
    calls = count(place, name)
    found = []
    for services, peers in ((20, 16), (40, 16), (40, 32)):
        calls.clear()
        compiled(organisation(1, services, peers))
        found.append(calls[name])
    assert found[1] <= 2 * found[0] + 2
    assert found[2] <= 2.2 * found[1] + 2


@pytest.mark.parametrize(
    "peer",
    [
        "10.0.{}.0/24:80",
        "api in ns ns{}",
        "ns ns{}",
        "ns {{team=t{}}}",
        "{{app=api, tier=t{}}}",
        "s{}:80",
    ],
)
def test_comparisons_grow_with_the_peers_of_one_arrow(peer: str, count: Count) -> None:
    calls = count(disjointness, "is_irrelevant")
    found = []
    for peers in (40, 80):
        calls.clear()
        listed = ", ".join(peer.format(number) for number in range(peers))
        compiled((SourceFile("a.intent", f"namespace ns0\ndefault: deny\ndb <- {listed}\n"),))
        found.append(calls["is_irrelevant"])
    assert found[1] <= 2 * found[0] + 2


def test_open_services_are_compared_with_the_subjects_near_them(count: Count) -> None:
    """Whether anything closes a service is asked of its own label, not of every subject."""
    calls = count(Selector, "isdisjoint")
    found = []
    for services in (40, 80):
        calls.clear()
        arrows = "".join(f"{{app=s{n}, role=a}} <- open{n}:80\n" for n in range(services))
        sources = Sources(intents=(SourceFile("a.intent", f"namespace ns0\n{arrows}"),))
        run(sources, Options(today=TODAY))
        found.append(calls["isdisjoint"])
    assert 0 < found[1] <= 2 * found[0] + 2


@pytest.mark.parametrize(
    ("arrow", "place", "name"),
    [
        ("db <- {{k{n}=v}}:80\n", Selector, "isdisjoint"),
        ("{{e{n}=v}} <- {{k{n}=v}}:80\n", Selector, "isdisjoint"),
        ("db <- 10.{n}.0.0/16 except [10.{n}.1.0/24, 10.{n}.9.0/24]\n", Block, "numbers"),
        ("db <- 10.0.0.0/8 except [10.{n}.1.0/24, 10.{n}.9.0/24]\n", Block, "numbers"),
    ],
)
def test_peers_with_distinct_keys_or_exceptions_are_not_compared_in_pairs(
    count: Count, arrow: str, place: type, name: str
) -> None:
    calls = count(place, name)
    found = []
    for often in (40, 80):
        calls.clear()
        lines = "".join(arrow.format(n=n) for n in range(often))
        sources = Sources(intents=(SourceFile("a.intent", f"namespace ns0\n{lines}"),))
        run(sources, Options(today=TODAY))
        found.append(calls[name])
    assert found[1] <= 2 * found[0] + 2


@pytest.mark.parametrize(
    "arrow",
    [
        "db <- 10.0.0.0/8 except [10.{n}.1.0/24, 10.{n}.9.0/24]\n",
        "db <- api:{n}-{last}\n",
        "db <- api:[port-{n}, port-{next}]\n",
    ],
)
def test_arrows_that_all_overlap_are_compared_with_a_few_others(count: Count, arrow: str) -> None:
    """The first few others tell that an arrow is redundant."""
    calls = count(disjointness, "is_irrelevant")
    found = []
    for often in (80, 160):
        calls.clear()
        lines = "".join(arrow.format(n=n, next=n + 1, last=n + 4000) for n in range(1, often))
        sources = Sources(intents=(SourceFile("a.intent", f"namespace ns0\n{lines}"),))
        run(sources, Options(today=TODAY))
        found.append(calls["is_irrelevant"])
    assert 0 < found[1] <= 2.3 * found[0]


def test_the_allows_of_every_pod_are_indexed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each service's arrows are compared with those of `*`, which need one index for all."""
    indexed: list[int] = []

    class Counted(disjointness.Neighbours):
        def __init__(self, allows: Sequence[Allow], namespace: str) -> None:
            indexed.append(len(allows))
            super().__init__(allows, namespace)

    monkeypatch.setattr(possibly_redundant, "Neighbours", Counted)
    found = []
    for services in (20, 40):
        indexed.clear()
        arrows = "".join(f"s{n} <- api:80\n" for n in range(services))
        every = "".join(f"* <- {{!x{n}}} in ns other:80\n" for n in range(services))
        compiled((SourceFile("a.intent", f"namespace ns0\ndefault: deny\n{every}{arrows}"),))
        found.append(sum(indexed))
    assert 0 < found[1] <= 2 * found[0] + 2


@pytest.mark.parametrize(
    ("port", "owner", "name"),
    [("", policy_index, "_surely_has_some"), ("p", PolicyIndex, "_is_toward")],
)
def test_a_closed_namespace_is_looked_through_once_for_all_its_arrows(
    count: Count, port: str, owner: object, name: str
) -> None:
    """Whether the other end opens an arrow is asked of the allows about its pods alone.

    Arrows for named ports need a search, others do not.
    """
    calls = count(owner, name)
    found = []
    for services in (40, 80):
        calls.clear()
        written = (
            f"s{n} <- s{(n * 7 + k) % services}:{port}{k}\n"
            for n in range(services)
            for k in (1, 2)
        )
        compiled((SourceFile("a.intent", "default: deny ingress egress\n" + "".join(written)),))
        found.append(calls[name])
    assert 0 < found[1] <= 2 * found[0] + 2


@pytest.mark.parametrize(
    ("port", "owner", "name"), [("80", Selector, "matches"), ("p", Case, "subject")]
)
def test_a_mirrored_arrow_is_compared_with_the_subjects_of_its_own_pods(
    count: Count, port: str, owner: object, name: str
) -> None:
    """Whether the sender is closed is asked of the subjects that may be its pods, not of all.

    Arrows for named ports need a search, others do not.
    """
    calls = count(owner, name)
    found = []
    for services in (40, 80):
        calls.clear()
        written = (
            f"s{n} -> db:{port}\ns{n} <- s{(n + 1) % services}:{port}\n" for n in range(services)
        )
        sources = Sources(intents=(SourceFile("a.intent", "".join(written)),))
        run(sources, Options(today=TODAY))
        found.append(calls[name])
    assert 0 < found[1] <= 2 * found[0] + 2


def test_workloads_share_the_rows_of_namespaces_that_do_not_name_them(count: Count) -> None:
    calls = count(reachability.AskedCase, "rows")
    found = []
    for services in (8, 16):
        calls.clear()
        arrows = "".join(f"s{n} <- s{n + 1}:80\n" for n in range(services))
        files = (SourceFile(f"n{k}.intent", f"namespace n{k}\n{arrows}") for k in range(4))
        cluster = Cluster(run(Sources(intents=tuple(files)), Options(today=TODAY)).whole)
        exposures = Exposures(cluster)
        for name in (f"s{n}" for n in range(services)):
            labels = {"app": name}
            workload = Workload(namespace="n0", name=name, kind="Deployment", labels=labels)
            assert exposures.of(workload, Direction.EGRESS)
        found.append(calls["rows"])
    assert 0 < found[1] <= found[0] + 8  # Each workload's own namespace, and three others once.


def test_what_closes_a_namespace_is_worked_out_once_for_all_redundant_arrows(count: Count) -> None:
    calls = count(namespace_redundancy, "closing")
    found = []
    for services in (20, 40):
        calls.clear()
        lines = "".join(f"s{n} <- api:80\ns{n} <- api:80-90\n" for n in range(services))
        run(Sources(intents=(SourceFile("a.intent", lines),)), Options(today=TODAY))
        found.append(calls["closing"])
    assert 0 < found[1] <= 2 * found[0]


def test_subjects_that_all_meet_each_other_share_what_is_near_them(count: Count) -> None:
    calls = count(possibly_redundant, "Neighbours")
    found = []
    for services in (20, 40):
        calls.clear()
        lines = "".join(f"{{app notin (a{n}, b{n})}} <- x:80\n" for n in range(services))
        report = run(Sources(intents=(SourceFile("a.intent", lines),)), Options(today=TODAY))
        assert len(report.diagnostics) == services - 2  # Any two of them are about all pods.
        found.append(calls["Neighbours"])
    assert 0 < found[1] == found[0]


@pytest.mark.parametrize("peer", ["api:{n}", "s{n}:80"])
def test_subjects_that_all_meet_each_other_are_not_compared_in_pairs(
    peer: str, count: Count
) -> None:
    """Their allows are found by peer and port."""
    calls = count(Selector, "isdisjoint")
    found = []
    for subjects in (40, 80):
        calls.clear()
        arrow = f"{{{{app notin (a{{n}}, b{{n}})}}}} <- {peer}\n"
        lines = "".join(arrow.format(n=n + 1) for n in range(subjects))
        run(Sources(intents=(SourceFile("a.intent", lines),)), Options(today=TODAY))
        found.append(calls["isdisjoint"])
    assert 0 < found[1] <= 2.1 * found[0]


def test_pods_that_a_few_statements_close_are_not_held_against_all(count: Count) -> None:
    calls = count(namespace_redundancy, "_labels")
    found = []
    for services in (40, 80):
        calls.clear()
        lines = "".join(f"{{app notin (a{n}, b{n})}} <- x:80\n" for n in range(services))
        run(Sources(intents=(SourceFile("a.intent", lines),)), Options(today=TODAY))
        found.append(calls["_labels"])
    assert 0 < found[1] <= 3 * found[0]


@pytest.mark.parametrize("head", ["", "default: deny\n"])
@pytest.mark.parametrize("old", ["", "s{n} <- s{other}:81\n"])
@pytest.mark.parametrize(
    ("place", "name"),
    [
        (Selector, "matches"),
        (Selector, "isdisjoint"),
        (Selector, "__le__"),
        (boxes, "left_of"),
    ],
)
def test_a_difference_of_many_services_compares_each_with_those_near_it(
    count: Count, head: str, old: str, place: Any, name: str
) -> None:
    calls = count(place, name)
    found = []
    for services in (20, 40):
        before, after = (
            "".join(line.format(n=n, other=(n + 1) % services) for n in range(services))
            for line in (old, "s{n} <- s{other}:80\n")
        )
        sides = side(f"{head}{before}"), side(f"{head}{after}")
        calls.clear()
        assert difference(*sides).entries
        found.append(calls[name])
    assert found[1] <= 2 * found[0] + 8


def test_blocks_are_read_as_pods_only_in_namespaces_that_a_difference_is_about(
    count: Count,
) -> None:
    calls = count(block_reading, "_subject")
    found = []
    for namespaces in (4, 40):
        before, after = (
            {
                f"ns{n}.intent": f"namespace ns{n}\n{arrow if n == 0 else ''}db <- 10.{n}.0.0/16\n"
                for n in range(namespaces)
            }
            for arrow in ("", "db <- api:80\n")
        )
        sides = side(before), side(after)
        calls.clear()
        assert difference(*sides).entries[0].undecided
        found.append(calls["_subject"])
    assert 0 < found[0] == found[1]


def test_statements_of_a_difference_are_merged_once_for_all_entries_of_one_cause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes = list[int]()

    def counted(*origins: Origins) -> Origins:
        sizes.append(sum(map(len, origins)))
        return merged(*origins)

    monkeypatch.setattr(changed_connections, "merged", counted)
    found = []
    for services in (20, 40):
        lines = (f"s{n} <- s{(n + 1) % services}:80\n" for n in range(services))
        sides = side(""), side("default: deny\n" + "".join(lines))
        sizes.clear()
        assert len(difference(*sides).entries) >= services
        found.append(sum(sizes))
    assert found[1] <= 2 * found[0] + 8


def test_a_question_parses_each_source_once(count: Count) -> None:
    calls = count(meaning_steps, "parse")
    calls = count(parse_question, "parse")
    sources = Sources(intents=organisation(2, 6))
    known = understand(sources, Options(today=TODAY))
    can.ask("s1 <- s2:8000", known, home="ns0", namespace="default")
    assert calls["parse"] == len(sources.intents) + 1


def test_a_question_about_one_namespace_lowers_no_other(count: Count) -> None:
    calls = count(lowering, "_lower")
    question = "s1 <- s2:8000"
    narrow = partial(can.narrowed, question, home="ns0", namespace="default")
    known = understand(Sources(intents=organisation(4, 6)), Options(today=TODAY), narrow=narrow)
    assert calls["_lower"] == 1
    assert list(known.whole.namespaces) == ["ns0"]


def test_right_ir_needs_no_schema(count: Count) -> None:
    calls = count(ir_json, "_validator")
    text = ir_json.dump(compiled(organisation(2, 6)).policies)
    assert not ir_json.load(SourceFile("ir.json", text)).diagnostics
    assert calls["_validator"] == 0


# The hot paths against the plain ways.


def policies_of(program: Program) -> Policies:
    """What a drawn program means, not normalised."""
    trees = [parser.parse(SourceFile(p, t)).value for p, t in to_text(program).items()]
    return lower(resolve(trees).value).value


def plainly_said(manifests: tuple[NetworkPolicy, ...], meant: Policies) -> bool:
    """The proof by building: what is lifted, normalised, must be equal."""
    return not list(
        translation_validation._mismatches(meant, normalise(lift.lift(manifests).value))
    )


@given(drawn_policies(), st.data())
def test_the_quick_proof_proves_what_the_plain_one_does(
    drawn: Policies, data: st.DataObject
) -> None:
    meant = normalise(drawn)
    manifests = list(emit(meant).value)
    assert lift.manifests_match(manifests, meant)
    if not manifests:
        return
    index = data.draw(st.integers(0, len(manifests) - 1))
    manifests[index] = _broken(manifests[index], data.draw(st.integers(0, 4)))
    if lift.manifests_match(manifests, meant):
        assert plainly_said(tuple(manifests), meant)


def _broken(policy: NetworkPolicy, way: int) -> NetworkPolicy:
    """A policy that says something else, mostly."""
    rules = policy.ingress or policy.egress or ()
    if way == 0 or not rules:
        return replace(policy, policy_types=("Egress",), ingress=None, egress=rules or None)
    first: PolicyRule = rules[0]
    changed = (
        replace(first, peers=None),
        replace(first, ports=None),
        replace(first, peers=(first.peers or ())[1:] or None),
        PolicyRule(peers=None, ports=None),
    )
    left = rules if way > 3 else rules[1:]  # The last is one more rule: for everyone.
    if policy.ingress:
        return replace(policy, ingress=(changed[way - 1], *left))
    return replace(policy, egress=(changed[way - 1], *left))


def _looked_at_anew(policies: Policies) -> Policies:
    """The policies, of which no subject is known to be distinct."""
    return Policies(
        {
            name: replace(one, subjects=tuple(replace(s, distinct=False) for s in one.subjects))
            for name, one in policies.namespaces.items()
        }
    )


@given(strategies.programs())
def test_distinct_subjects_are_in_canonical_form(program: Program) -> None:
    policies = policies_of(program)
    assert normalise(policies) == normalise(_looked_at_anew(policies))


@given(strategies.programs(), st.sampled_from((0, 1, 16)))
def test_neighbours_hide_no_redundancy(program: Program, few: int) -> None:
    policies = policies_of(program)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(possibly_redundant, "_FEW", few)
        quick = list(redundant_statements.redundant_statements(Cluster(policies)))
    cluster = Cluster(_looked_at_anew(policies))
    with pytest.MonkeyPatch.context() as patch:
        for module in (namespace_redundancy, possibly_redundant):
            patch.setattr(module, "surely_happens", lambda _: False)
        patch.setattr(
            disjointness.Neighbours,
            "of",
            lambda self, one, _: (o for o in self._allows if o is not one),
        )
        patch.setattr(namespace_redundancy, "_ASKED_ALONE", 1 << 20)
        plain = list(redundant_statements.redundant_statements(cluster))
    assert [(q.namespace, q.origin, q.covered_by) for q in quick] == [
        (p.namespace, p.origin, p.covered_by) for p in plain
    ]


@given(strategies.programs())
def test_where_no_statement_may_be_redundant_none_is(program: Program) -> None:
    policies = policies_of(program)
    plain = _looked_at_anew(policies).namespaces
    alone = [
        one for one in policies.namespaces.values() if not possibly_redundant.may_be_redundant(one)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(possibly_redundant, "surely_happens", lambda _: False)
        for one in alone:
            cluster = Cluster(Policies({one.namespace: plain[one.namespace]}))
            assert not list(redundant_statements.redundant_statements(cluster))


def test_statements_that_open_the_same_may_be_redundant() -> None:
    text = "namespace shop\ndefault: deny\ndb <- api:5432\ndb <- 10.0.0.0/8\napi <- web"
    assert not possibly_redundant.may_be_redundant(_policies_of_shop(text))
    for other in (
        "* <- api:5432",
        "{app=db, tier=x} <- api:5432",
        "db <- api",
        "db <- 10.1.0.0/16:80",
    ):
        assert possibly_redundant.may_be_redundant(_policies_of_shop(f"{text}\n{other}\n"))


def _policies_of_shop(text: str) -> PolicySet:
    tree = parser.parse(SourceFile("a.intent", text)).value
    return lower(resolve([tree]).value).value.namespaces["shop"]


@given(st.one_of(files(), st.lists(arrows(), max_size=4).map("\n".join)))
def test_whole_lines_are_cut_as_others_are(text: str) -> None:
    quick = cut(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logical_lines, "_WHOLE", re.compile("(?!)"))
        assert cut(text) == quick


SPAN = SourceFile("a", "b").span(0, 1)
ORIGIN = Origin(path="a", line=1, source=source_of(Role.ARROW, "b"), role=Role.ARROW, span=SPAN)


@given(drawn_policies())
def test_made_values_are_the_values(drawn: Policies) -> None:
    for one in drawn.namespaces.values():
        for allow in one.allows:
            made = made_allow(*(getattr(allow, f.name) for f in fields(Allow)))
            assert (made, hash(made), repr(made)) == (allow, hash(allow), repr(allow))
        for subject in one.subjects:
            parts = (getattr(subject, f.name) for f in fields(Subject))
            assert made_subject(*parts) == subject


@pytest.mark.parametrize("value", [SPAN, ORIGIN, NumberPort(Protocol.TCP, 1, 1, SPAN)])
def test_made_values_are_as_frozen_as_any(value: Span | Origin | NumberPort) -> None:
    kind = type(value)
    made = maker(kind)(*(getattr(value, f.name) for f in fields(kind)))
    assert (type(made), made, repr(made)) == (kind, value, repr(value))
    assert not isinstance(made, Origin) or pickle.loads(pickle.dumps(made)) == value  # noqa: S301
    with pytest.raises(FrozenInstanceError):
        setattr(made, fields(kind)[0].name, 1)


def test_callers_that_no_arrow_is_about_are_not_compared_with_every_service(count: Count) -> None:
    calls = count(slip_index, "slips")
    names = [f"{'abcdefghij'[n % 10] * 3}{'klmnopqrst'[n // 10 % 10] * 3}" for n in range(100)]
    lines = "".join(f"{name}-service <- {name}-caller:80\n" for name in names)
    result = run(
        Sources(intents=(SourceFile("a.intent", f"namespace a\ndefault: deny\n{lines}"),)),
        Options(today=TODAY),
    )
    assert not result.diagnostics
    assert calls["slips"] < 100
