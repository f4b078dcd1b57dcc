"""`netpolc ir`: the meaning of intents and manifests as JSON."""

from collections.abc import Iterator
from dataclasses import replace

from netpolc.analysis.tiers import Tiers
from netpolc.commands.left_out_of_ir import left_out_findings, statements_left_out
from netpolc.commands.merge_policies import unite
from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.io.project import Request, open_project
from netpolc.io.sources import nothing_came
from netpolc.ir.model import LeftOut
from netpolc.ir.serialize import dump
from netpolc.passes.normalise import normalise
from netpolc.source import SourceFile

CLUSTER_POLICIES_LEFT_OUT = Rule(
    code="NP759", name="cluster-policies-left-out", severity=Severity.WARNING
)


def ir(request: Request) -> Outcome[str]:
    """Return the policies of all sources as JSON, empty where there is an error."""
    opened = open_project(request)
    before = (*opened.diagnostics, *nothing_came(opened.value.sources))
    result = run(opened.value.sources, opened.value.options, before=before)
    united = unite(result.policies, result.given, SourceFile("manifests", ""))
    statements = statements_left_out(result.program)
    findings = (
        *result.diagnostics,
        *united.diagnostics,
        *_left_out(result.tiers),
        *left_out_findings(statements),
    )
    if result.failed or united.failed:
        return Outcome("", findings)
    left_out = {*statements, *result.left_out}
    if result.tiers.unread or result.tiers:
        left_out.add(LeftOut.CLUSTER_POLICIES)
    return Outcome(dump(replace(normalise(united.value), left_out=frozenset(left_out))), findings)


def _left_out(tiers: Tiers) -> Iterator[Diagnostic]:
    """The finding that the IR says nothing of cluster-wide policies."""
    spans = (origin.span for rule in tiers.rules for origin in rule.origins)
    span = next((span for span in spans if span is not None), None)
    if span is not None:
        yield Diagnostic(
            rule=CLUSTER_POLICIES_LEFT_OUT,
            message="the IR leaves out the cluster-wide policies",
            label=Label(span, "is one of them"),
            help="compile the intents themselves: what they enforce is not in the JSON",
        )
