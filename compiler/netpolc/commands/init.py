"""`netpolc init`: manifests in, proposed intents out."""

from collections.abc import Mapping
from dataclasses import replace

from netpolc.bootstrap.existing_policies import existing_policies
from netpolc.bootstrap.first_intents import FirstIntents, first_intents
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.given_manifests import files_as_named_in, open_manifests
from netpolc.io.project import Request
from netpolc.kube.inventory import Inventory
from netpolc.manifest.foreign_files import set_aside_foreign_files
from netpolc.manifest.manifest_set import duplicates, inventory
from netpolc.manifest.read import read
from netpolc.manifest.references import mentions
from netpolc.source import SourceFile

NO_WORKLOADS = Rule(code="NP717", name="no-workloads", severity=Severity.ERROR)


def begin_project(
    request: Request, *, output: str = "-", platform: bool = False
) -> Outcome[FirstIntents | None]:
    """Read manifests and propose intents.

    Args:
        request: what was asked for; its sources are the manifests, its namespace is that of
            objects whose metadata have none.
        output: the folder of the intents, from which the names of the manifests in them follow;
            `-` if they go to none.
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
        findings.append(
            _no_workloads(name, has_policies=any(m.policies or m.tiers for m in manifests))
        )
    if has_errors(findings):
        return Outcome(None, tuple(findings))
    findings += existing_policies(manifests)
    named = files if output == "-" else files_as_named_in(output, opened.value, request.here)
    renamed = dict(zip(files, named, strict=True))
    texts = mentions(named, namespace=home)
    labels = {
        namespace.name: namespace.labels for some in manifests for namespace in some.namespaces
    }
    return Outcome(
        first_intents(_renamed(known.value, renamed), texts, labels=labels, platform=platform),
        tuple(findings),
    )


def _renamed(inventory: Inventory, files: Mapping[SourceFile, SourceFile]) -> Inventory:
    """The inventory with workloads in files of other names."""
    workloads = (
        workload
        if workload.span is None
        else replace(workload, span=replace(workload.span, file=files[workload.span.file]))
        for workload in inventory.workloads
    )
    return replace(inventory, workloads=tuple(workloads))


def _no_workloads(name: str, *, has_policies: bool) -> Diagnostic:
    """The error about manifests without workloads, with the command that reads policies alone."""
    return Diagnostic(
        rule=NO_WORKLOADS,
        message="the manifests contain no workload",
        label=Label(SourceFile(name, "").whole()),
        help="turn policies into intents with `netpolc import`"
        if has_policies
        else "give the Deployments, Services and ConfigMaps of what runs",
    )
