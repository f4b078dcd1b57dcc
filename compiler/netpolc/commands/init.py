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
    findings: list[Diagnostic] = [*opened.diagnostics]
    manifests = []
    for outcome in set_aside_foreign_files(read(file, namespace=home) for file in files):
        manifests.append(outcome.value)
        findings += outcome.diagnostics
    findings += duplicates(manifests)
    known = inventory(manifests)
    findings += known.diagnostics
    findings = list(dict.fromkeys(findings))
    if not known.value.workloads and not has_errors(findings):
        name = files[0].path if files else "<stdin>"
        findings.append(_finding(NO_WORKLOADS, "the manifests contain no workload", name))
    if has_errors(findings):
        return Outcome(None, tuple(findings))
    findings += existing_policies(manifests)
    texts = mentions(files, namespace=home)
    labels = {
        namespace.name: namespace.labels for some in manifests for namespace in some.namespaces
    }
    return Outcome(
        first_intents(known.value, texts, labels=labels, platform=platform), tuple(findings)
    )


def _finding(rule: Rule, message: str, name: str) -> Diagnostic:
    return Diagnostic(rule=rule, message=message, label=Label(SourceFile(name, "").whole()))
