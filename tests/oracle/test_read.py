"""Manifests that nobody here wrote, all of them read and lifted.

They lie beside the repository, `../shared/corpus` and `../shared/oracle`, with what is
known of each: whether an API server takes it and why not. Where they are not there,
these tests are skipped.
"""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netpolc.diagnostics import Severity
from netpolc.manifest.manifest_set import Manifests, duplicates
from netpolc.manifest.read import read
from netpolc.passes.lift import lift_manifests
from netpolc.source import SourceFile
from tests.oracle.quoted_words import quoted

SHARED = Path(__file__).parents[3] / "shared"
CORPUS = SHARED / "corpus"
ORACLE = SHARED / "oracle" / "netpol-analyzer"

REASONS = {
    "bad namespace 'NAMESPACE'": ("invalid-object-name", "metadata.namespace"),
    "spec.podSelector missing": ("missing-field", "spec.podSelector"),
    "peer namespaceSelector: unknown field matchlabels; peer podSelector: unknown field matchlabels": (
        "unknown-field",
        "spec.ingress[0].from[0].namespaceSelector.matchlabels",
    ),
    "bad port name '__API_SERVER_PORT__'": (
        "invalid-policy-port",
        "spec.egress[1].ports[0].port",
    ),
    "podSelector: selector is no mapping": ("wrong-type", "spec.podSelector"),
    "CIDR without mask '203.0.113.5'": (
        "invalid-policy-block",
        "spec.ingress[0].from[0].ipBlock.except[0]",
    ),
}
"""Of the corpus: what its index says, and what we say."""

TWICE = (
    "ahmetb+kubernetes-network-policy-recipes/11-deny-egress-traffic-from-an-application.md.yaml"
)
"""A page of the web that shows one policy in two forms. Applied together, one is lost."""

INVALID = {
    "bad_netpols-subdir1": ("invalid-policy-block", "spec.ingress[2].from[0].ipBlock.cidr"),
    "bad_netpols-subdir3": ("invalid-policy-peer", "spec.ingress[0].from[0]"),
    "bad_netpols-subdir7": (
        "invalid-manifest-label",
        "spec.egress[0].to[0].podSelector.matchLabels.app",
    ),
    "anp_bad_path_test_15": ("missing-field", "spec.ingress[0].from"),
    "anp_bad_path_test_2": ("invalid-priority", "spec.priority"),
    "anp_bad_path_test_4": ("missing-field", "spec.subject"),
    "anp_bad_path_test_6": ("missing-field", "spec.egress[0].to"),
    "anp_bad_path_test_9": ("invalid-tier-value", "spec.egress[1].action"),
    "banp_bad_path_test_1": ("duplicate-object", "again here"),
    "banp_bad_path_test_12": ("not-exactly-one", "spec.ingress[0].from[0]"),
    "banp_bad_path_test_2": ("invalid-baseline-name", "metadata.name"),
    "banp_bad_path_test_8": ("invalid-tier-value", "spec.egress[0].action"),
    "np_bad_path_test_1": ("duplicate-object", "again here"),
    "np_test_with_empty_port_range": ("invalid-policy-port", "spec.egress[0].ports[1].endPort"),
}
"""Of the oracle: the cases that must be refused, and for what."""

REQUIRED = "missing-field"
"""A peer `pods` without `podSelector`: "+required" (NamespacedPod), so an API server refuses it.

The oracle reads it into a Go type, where what is missing is empty.
"""


def rows() -> list[dict[str, str]]:
    """The files of the corpus, as its index has them."""
    if not CORPUS.is_dir():
        return []
    with (CORPUS / "index.tsv").open(encoding="utf-8", newline="") as index:
        return list(csv.DictReader(index, delimiter="\t"))


def cases() -> list[Path]:
    """The cases of the oracle."""
    return sorted(path.parent for path in ORACLE.glob("*/*/expected.json"))


def name_of(path: Path) -> str:
    """A case as its folder is called."""
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["file"])
def test_corpus(row: dict[str, str]) -> None:
    outcome = read(SourceFile(row["file"], (CORPUS / row["file"]).read_text(encoding="utf-8")))
    errors = [
        (one.rule.name, one.label.text)
        for one in outcome.diagnostics
        if one.severity is Severity.ERROR
    ]
    if row["valid"] in {"yes", "no: spec.podSelector missing"}:  # optional since Kubernetes 1.34
        assert errors == ([("duplicate-object", "again here")] if row["file"] == TWICE else [])
        assert len(outcome.value.policies) == int(row["policies"])
    else:
        assert errors
        assert errors[0] == REASONS.get(row["valid"].removeprefix("no: "), errors[0])
    lifted = lift_manifests([outcome.value]).value
    isolated = sum(len(one.subjects) for one in lifted.namespaces.values())
    assert bool(isolated) is bool(outcome.value.policies)


@pytest.mark.parametrize("case", cases(), ids=name_of)
def test_oracle(case: Path) -> None:
    expected: dict[str, Any] = json.loads((case / "expected.json").read_text(encoding="utf-8"))
    found = []
    for folder in folders(case):
        files = [
            read(SourceFile(str(path), quoted(path.read_text(encoding="utf-8")))) for path in folder
        ]
        manifests = [outcome.value for outcome in files]
        found += [one for outcome in files for one in outcome.diagnostics]
        found += [one for one in duplicates(manifests) if one not in found]
        assert set(lift_manifests(manifests).value.namespaces) >= policy_namespaces(manifests)
    errors = [(one.rule.name, one.label.text) for one in found if one.severity is Severity.ERROR]
    lenient = [(name, path) for name, path in errors if path.endswith(".pods.podSelector")]
    assert not lenient or (
        "admin" in expected["features"] and {name for name, _ in lenient} == {REQUIRED}
    )
    errors = [one for one in errors if one not in lenient]
    if case.parent.name != "invalid":
        assert errors == []
    else:
        assert errors
        assert errors == [INVALID.get(case.name, errors[0])]


def folders(case: Path) -> Iterator[list[Path]]:
    """The files that belong together: those of a case, or of each side of a diff."""
    for folder in ("manifests", "before", "after"):
        if (case / folder).is_dir():
            yield [
                path
                for path in sorted((case / folder).rglob("*"))
                if path.suffix in {".yaml", ".yml", ".json"}
            ]


def policy_namespaces(manifests: list[Manifests]) -> set[str]:
    """Where there are policies."""
    return {policy.namespace or "default" for one in manifests for policy in one.policies}


def test_what_is_refused_is_refused_for_its_reason() -> None:
    if not ORACLE.is_dir():
        pytest.skip(f"{ORACLE} is not there")
    refused = [case for case in cases() if case.parent.name == "invalid"]
    assert {case.name for case in refused} >= set(INVALID)
