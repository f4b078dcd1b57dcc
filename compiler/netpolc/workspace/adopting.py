"""Beginning with intents: manifests in, the proposal and what is wrong with them out."""

from pathlib import Path

from netpolc.adoption.beginning import Beginning, begin
from netpolc.diagnostics import Diagnostic, Kind, Label, Outcome, Severity
from netpolc.diagnostics.model import has_errors
from netpolc.manifest.manifests import duplicates, inventory
from netpolc.manifest.mentions import mentions
from netpolc.manifest.read import read
from netpolc.source import SourceFile
from netpolc.workspace.project import open_manifests

NO_WORKLOADS = Kind(
    code="NP717",
    name="no-workloads",
    severity=Severity.ERROR,
    explanation="""\
The manifests hold no workload: no Deployment, StatefulSet, DaemonSet, Job, CronJob or Pod. There is
nothing to begin with.

    netpolc init policies/             # no-workloads

Give the manifests of what runs: `helm template CHART | netpolc init -`, or
`kubectl get deployments,services,configmaps,ingresses -A -o yaml | netpolc init -`.
""",
)


def begin_project(
    arguments: tuple[str, ...], here: Path, namespace: str | None
) -> Outcome[Beginning | None]:
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
    return Outcome(begin(known.value, mentions(files, namespace=home)), tuple(found))


def _finding(kind: Kind, message: str, name: str) -> Diagnostic:
    return Diagnostic(kind=kind, message=message, label=Label(SourceFile(name, "").whole()))
