"""Beginning with intents: manifests in, the proposal and what is wrong with them out."""

from pathlib import Path

from netpolc.bootstrap.first_intents import FirstIntents, first_intents
from netpolc.commands.project import open_manifests
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.manifest.manifest_set import duplicates, inventory
from netpolc.manifest.read import read
from netpolc.manifest.references import mentions
from netpolc.source import SourceFile

NO_WORKLOADS = Rule(code="NP717", name="no-workloads", severity=Severity.ERROR)


def begin_project(
    arguments: tuple[str, ...], here: Path, namespace: str | None
) -> Outcome[FirstIntents | None]:
    """Read manifests and propose intents.

    Args:
        arguments: folders, files or `-`, relative to the working folder.
        here: the working folder, absolute.
        namespace: where objects stand whose metadata names none; None where that is left to
            netpolc.toml.

    Returns:
        The proposal; None with an error among the findings.
    """
    opened = open_manifests(arguments, here, namespace)
    files, home = opened.value.files, opened.value.namespace
    found: list[Diagnostic] = [*opened.diagnostics]
    manifests = []
    for file in files:
        outcome = read(file, namespace=home)
        manifests.append(outcome.value)
        found += outcome.diagnostics
    found += duplicates(manifests)
    known = inventory(manifests)
    found += known.diagnostics
    found = list(dict.fromkeys(found))
    if not known.value.workloads and not has_errors(found):
        name = files[0].path if files else "<stdin>"
        found.append(_finding(NO_WORKLOADS, "there is no workload in the manifests", name))
    if has_errors(found):
        return Outcome(None, tuple(found))
    return Outcome(first_intents(known.value, mentions(files, namespace=home)), tuple(found))


def _finding(kind: Rule, message: str, name: str) -> Diagnostic:
    return Diagnostic(rule=kind, message=message, label=Label(SourceFile(name, "").whole()))
