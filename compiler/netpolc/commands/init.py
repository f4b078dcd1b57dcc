"""`netpolc init`: manifests in, proposed intents out."""

from netpolc.bootstrap.existing_policies import existing_policies
from netpolc.bootstrap.first_intents import FirstIntents, first_intents
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.project import Request, open_manifests
from netpolc.manifest.foreign_files import set_aside_foreign_files
from netpolc.manifest.manifest_set import duplicates, inventory
from netpolc.manifest.read import read
from netpolc.manifest.references import mentions
from netpolc.source import SourceFile

NO_WORKLOADS = Rule(code="NP717", name="no-workloads", severity=Severity.ERROR)


def begin_project(request: Request, *, platform: bool = False) -> Outcome[FirstIntents | None]:
    """Read manifests and propose intents.

    Args:
        request: what was asked for; its sources are the manifests, its namespace is that of
            objects whose metadata have none.
        platform: whether namespaces of the platform, such as kube-system, are closed too.

    Returns:
        The proposal; None with an error among the findings.
    """
    opened = open_manifests(request)
    files, home = opened.value.files, opened.value.namespace
    found: list[Diagnostic] = [*opened.diagnostics]
    manifests = []
    for outcome in set_aside_foreign_files(read(file, namespace=home) for file in files):
        manifests.append(outcome.value)
        found += outcome.diagnostics
    found += duplicates(manifests)
    known = inventory(manifests)
    found += known.diagnostics
    found = list(dict.fromkeys(found))
    if not known.value.workloads and not has_errors(found):
        name = files[0].path if files else "<stdin>"
        found.append(_finding(NO_WORKLOADS, "the manifests contain no workload", name))
    if has_errors(found):
        return Outcome(None, tuple(found))
    found += existing_policies(manifests)
    texts = mentions(files, namespace=home)
    labels = {one.name: one.labels for some in manifests for one in some.namespaces}
    return Outcome(
        first_intents(known.value, texts, labels=labels, platform=platform), tuple(found)
    )


def _finding(rule: Rule, message: str, name: str) -> Diagnostic:
    return Diagnostic(rule=rule, message=message, label=Label(SourceFile(name, "").whole()))
