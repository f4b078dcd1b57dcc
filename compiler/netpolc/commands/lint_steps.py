"""The steps of a run that look for doubtful statements and policies, and prove assertions."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from netpolc.commands.assertion_findings import UNKNOWN_PODS, assertion_findings
from netpolc.commands.left_out_of_ir import incomplete_files
from netpolc.commands.pipeline_run import Run
from netpolc.diagnostics import Diagnostic
from netpolc.ir import verifier
from netpolc.lints import Meaning, namespace_lints, policy_lints, program_lints
from netpolc.lints.expired_arrow import expired_arrows
from netpolc.passes.resolve.name_uses import UNKNOWN_NAME
from netpolc.source import SourceFile

if TYPE_CHECKING:
    from netpolc.lints.manifests import Written


def lint_program(this: Run) -> None:
    """Look at statements by themselves, and set what other lints look at."""
    this.meaning = Meaning(
        program=this.program,
        own=this.own,
        whole=this.everything,
        tiers=this.manifests.tiers,
        inventory=this.manifests.inventory,
        memory=this.memory,
    )
    expired = expired_arrows(this.program, this.options.today, this.memory)
    this.findings.add((*program_lints(this.meaning), *expired))


def report_incomplete_ir(this: Run) -> None:
    """Say what IR files do not hold of their sources, if a check would prove it or a compile write it."""
    this.findings.add(incomplete_files(this.left_out))


def verify_policies(this: Run) -> None:
    """Check the normalised policies, unless their sources have errors: a finding here is a bug."""
    if not this.findings.broken:
        this.findings.add(verifier.check(this.policies, this.memory))


def lint_namespaces(this: Run) -> None:
    """Look at the meaning of each namespace by itself."""
    if not this.findings.broken:
        this.findings.add(namespace_lints(this.meaning))


def lint_policies(this: Run) -> None:
    """Prove assertions, and look at the meaning of all namespaces together."""
    this.judged = not this.findings.broken
    if this.judged:
        this.progress("proving", 0, 1)
        routes = (route for manifests in this.manifests.manifests for route in manifests.routes)
        this.meaning.written, this.meaning.routes = _written(this), tuple(routes)
        findings = tuple(policy_lints(this.meaning))
        this.findings.add(_without_slips(findings, this.findings.all))
        this.findings.add_comment_problems()
        _count_assertions(this, findings)


def _without_slips(
    findings: Iterable[Diagnostic], reported: Iterable[Diagnostic]
) -> Iterator[Diagnostic]:
    """Return the findings without those about pods whose name is reported as a slip, which also has the fix."""
    slips = {_beginning(finding) for finding in reported if finding.rule is UNKNOWN_NAME}
    return (
        finding
        for finding in findings
        if finding.rule.code not in UNKNOWN_PODS or _beginning(finding) not in slips
    )


def _beginning(finding: Diagnostic) -> tuple[SourceFile, int]:
    """The beginning of the place of a finding, which may be a name or a peer that begins with it."""
    return finding.label.span.file, finding.label.span.start


def _count_assertions(this: Run, findings: Iterable[Diagnostic]) -> None:
    """Count the assertions, as written, that no finding says otherwise of."""
    assertions = this.program.assertions
    this.against = assertion_findings(assertions, findings)
    this.vain = sum(finding.rule.code in UNKNOWN_PODS for finding in this.against.values())
    this.proved = len({assertion.origin.span for assertion in assertions}) - len(this.against)


def _written(this: Run) -> "Written | None":
    """Return the manifests that are given for themselves; beside intents they are others' affair."""
    if this.program.namespaces or not this.manifests.manifests:
        return None
    from netpolc.lints.manifests import as_written  # noqa: PLC0415 - with all lints on manifests

    read, beside = this.manifests, this.sources.beside
    judged = (
        replace(
            manifests,
            policies=tuple(p for p in manifests.policies if p.span and p.span.path not in beside),
        )
        for manifests in read.manifests
    )
    return as_written(judged, read.inventory, namespace=this.options.namespace, tiers=read.tiers)
