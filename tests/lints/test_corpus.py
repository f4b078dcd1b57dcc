"""Lints on policies that others wrote, against what was found in them independently.

The corpus lies beside the checkout, `../shared/corpus`; without it these tests are skipped.
Its index says for each file what a script of its own, not this project's, found
suspicious. A lint that reports files of which the index says nothing cries wolf.
"""

import csv
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.manifest.read import read
from netpolc.source import SourceFile

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"

COUNTERPARTS = {
    "rules-without-effect": {"rules-in-absent-type"},
    "labels-of-nothing": {"empty-selector-written-as-null"},
    "list-of-nothing": {"empty-peers", "empty-ports"},
    "doubtful-or": {"maybe-or-for-and"},
    "swallowed-peer": {"maybe-or-for-and"},
    "pods-not-internet": {"pods-where-internet-meant"},
    "split-rule": {"from-and-ports-split"},
    "empty-list-of-peers": {"empty-peers"},
    "dns-forgotten": {"no-dns"},
    "dns-over-udp-only": {"dns-udp-only"},
    "dns-over-tcp-only": {"dns-tcp-only"},
    "dns-of-anyone": {"dns-to-anyone"},
    "unset-namespace-label": {"namespace-by-name-label"},
    "namespace-by-name-label": {"namespace-by-name-label"},
    "service-address": {"service-address-block"},
    "metadata-service-open": {"internet-with-metadata"},
    "ingress-closed-unsaid": {"types-omitted-closes-ingress"},
    "half-open-rule": {"half-open"},
    "promised-source": set(),
    "foreign-pods-in-own-namespace": {"foreign-pods-own-namespace", "dns-pods-own-namespace"},
}
"""For a lint the findings of the index that say the same."""

ELSEWHERE = {
    ("dns-of-anyone", "kyma-project"): "port 53 of 0.0.0.0/0",
    ("promised-source", "bcfriesen"): "from on-system RFC 1918 clients only, and no `from`",
    ("promised-source", "openshift+cluster-image-registry"): "from monitoring, and no `from`",
    ("foreign-pods-in-own-namespace", "echo-oops"): "kube-system and its pods as two entries",
}
"""Whose finding has no counterpart in the index, and what was seen there by eye."""


@cache
def reported() -> dict[str, set[str]]:
    """The files that each finding is about; files of one folder of origin are read together."""
    found: dict[str, set[str]] = {}
    for some in _groups():
        for one in _findings(some):
            found.setdefault(one.rule.name, set()).add(one.label.span.path)
    return found


@cache
def indexed() -> dict[str, set[str]]:
    """What the index says of each file."""
    with (CORPUS / "index.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t")
        return {row["file"]: set(row["findings"].split(",")) - {""} for row in rows}


@pytest.mark.parametrize("name", sorted(COUNTERPARTS))
def test_what_is_reported_was_seen_by_others(name: str) -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"{CORPUS} is not there")
    alone = {
        file
        for file in reported().get(name, ())
        if not indexed()[file] & COUNTERPARTS[name]
        and not any(name == lint and file.startswith(who) for lint, who in ELSEWHERE)
    }
    assert not alone


def _groups() -> Iterator[list[SourceFile]]:
    folders: dict[tuple[Path, str], list[SourceFile]] = {}
    for path in sorted(CORPUS.rglob("*.y*ml")):
        source = SourceFile(path.relative_to(CORPUS).as_posix(), path.read_text(encoding="utf-8"))
        if not read(source).failed:
            origin = path.parent, path.name.rpartition("__")[0]
            folders.setdefault(origin, []).append(source)
    yield from folders.values()


def _findings(files: list[SourceFile]) -> tuple[Diagnostic, ...]:
    found = run(Sources(manifests=tuple(files)), Options(today=date(2026, 1, 1))).diagnostics
    assert not has_errors(found)
    return found
