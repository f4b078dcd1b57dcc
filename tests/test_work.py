"""The work that a run does, counted: it must not grow unnoticed.

No test measures time, because times depend on the machine. What would make a large
compile slow is counted instead: lines that lark parses, files that are written,
entries of manifests that are lifted.
"""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from netpolc.analysis import (
    block_reading,
    reachability,
)
from netpolc.analysis.exposure import Exposures
from netpolc.analysis.namespace_partition import Cluster
from netpolc.changes import changed_connections
from netpolc.changes.diff import difference
from netpolc.commands import can, meaning_steps, translation_validation
from netpolc.commands.pipeline import run, understand
from netpolc.io.output_folder import OutputFolder
from netpolc.io.output_writer import write_tree
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir import serialize as ir_json
from netpolc.kube.inventory import Workload
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import Selector
from netpolc.passes import lift
from netpolc.passes import lower as lowering
from netpolc.provenance import Origins, merged
from netpolc.sets import boxes
from netpolc.source import SourceFile
from netpolc.syntax import grammar, parse_question, parser, statement_builder
from tests.changes.changes import side
from tests.conftest import Count
from tests.counted_work import TODAY, compiled, organisation


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
