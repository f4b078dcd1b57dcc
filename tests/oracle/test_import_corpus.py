"""Real policies that nobody here wrote, imported with the proof, or refused as the API does.

They lie beside the repository, `../shared/corpus`; where they are not there, these tests
are skipped. Each file is imported alone and its text compiled: it must be as the
formatter leaves it, and free of warnings that the original did not deserve.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from netpolc.analysis.semantic_diff import equivalent
from netpolc.commands.import_ import Imported, import_policies
from netpolc.commands.pipeline import run, understand
from netpolc.diagnostics import Severity
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir.model import Policies
from netpolc.passes.decompile import By
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from tests.oracle.test_read import CORPUS, TWICE, rows

DESERVED = {
    "unknown-namespace-test",  # a label of namespaces that nobody guarantees
    "unprotected-service",  # pods that no policy selects, beside others
    "long-policy-name",  # made from a selector with many labels
    "redundant-arrow",  # a policy that another one makes needless
    "half-open-arrow",  # one end opens what the other keeps closed
    # Traps that the policies have already, found in intents as well.
    "block-without-exceptions",
    "dns-forgotten",
    "dns-of-anyone",
    "dns-over-tcp-only",
    "dns-over-udp-only",
    "openshift-dns-port",
    "foreign-pods-in-own-namespace",
    "metadata-service-open",
    "namespace-by-name-label",
    "service-address",
    "unset-namespace-label",
}
"""What is true of the manifests already."""

pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus lies beside a full checkout"
)


def imported(*paths: Path, by: By = By.SERVICE) -> Imported:
    """Some files of the corpus, imported together."""
    return import_policies(
        [SourceFile(path.name, path.read_text(encoding="utf-8")) for path in paths], by=by
    )


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["file"])
def test_a_file_is_imported_exactly_or_refused_by_the_api_s_rules(row: dict[str, str]) -> None:
    result = imported(CORPUS / row["file"])
    # Kubernetes 1.34 made podSelector optional.
    valid = row["valid"] in {"yes", "no: spec.podSelector missing"}
    refused = not valid or row["file"] == TWICE
    assert result.failed is refused
    if refused:
        errors = [d for d in result.diagnostics if d.severity is Severity.ERROR]
        assert {d.rule.code[:3] for d in errors} == {"NP4"}
        assert not result.files
        return
    assert result.policies == int(row["policies"])
    for path, text in result.files.items():
        assert format_file(parse(SourceFile(path, text)).value) == text
    files = tuple(SourceFile(path, text) for path, text in result.files.items())
    again = run(Sources(intents=files), Options(today=date(2026, 1, 1)))
    assert not again.failed
    assert {found.rule.name for found in again.diagnostics} <= DESERVED


def test_files_of_one_folder_belong_together() -> None:
    folder = CORPUS / "GoogleCloudPlatform+microservices-demo"
    result = imported(*sorted(folder.glob("*.yaml")), by=By.NAMESPACE)
    assert (result.failed, result.policies, list(result.files)) == (False, 13, ["default.intent"])
    assert "cartservice <- frontend:7070, checkoutservice:7070\n" in result.files["default.intent"]


@pytest.mark.parametrize("by", By)
def test_mirroring_is_given_up_only_where_it_would_widen(by: By) -> None:
    given_up = 0
    for row in rows():
        files = imported(CORPUS / row["file"], by=by).files
        if any("mirror: no\n" in text for text in files.values()):
            given_up += 1
            mirrored = {p: text.replace("mirror: no\n", "") for p, text in files.items()}
            assert not equivalent(meaning(files), meaning(mirrored)), row["file"]
    assert given_up > 0


def meaning(files: Mapping[str, str]) -> Policies:
    """What the texts of intent files mean."""
    sources = Sources(intents=tuple(SourceFile(path, text) for path, text in files.items()))
    understood = understand(sources, Options(today=date(2026, 1, 1)))
    assert not understood.failed
    return understood.policies
