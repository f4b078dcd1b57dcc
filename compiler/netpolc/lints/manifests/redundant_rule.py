"""Redundant entries of rules: removing them changes nothing.

The same question as for arrows (`lints.redundant_arrow`), asked of policies that somebody
wrote: what an entry opens may be open already through another entry, rule or policy. It is
a note only, because policies repeat each other on purpose more often than arrows do.
"""

from collections.abc import Collection, Iterator

from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.redundant_statements import redundant_statements
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.provenance import PolicyRef
from netpolc.source import Span

REDUNDANT_RULE = Rule(code="NP643", name="redundant-rule", severity=Severity.NOTE)


def redundant_rules(cluster: Cluster, reported: Collection[Span]) -> Iterator[Diagnostic]:
    """Report the entries of policies that are redundant; policies as written, not merged.

    Args:
        cluster: what the policies mean.
        reported: places about which other lints have reported this or more: an entry there, or one
            that is covered from there, is ignored.
    """
    for arrow in redundant_statements(cluster):
        span = arrow.origin.span
        part = arrow.origin.policy
        if part is None or span is None or span in reported:
            continue
        spans = [o.span for a in arrow.covered_by for o in a.origins]
        covering = next((place for place in spans if place not in {None, span}), None)
        if covering not in reported:
            yield _finding(part, span, covering)


def _finding(part: PolicyRef, span: Span, covering: Span | None) -> Diagnostic:
    return Diagnostic(
        rule=REDUNDANT_RULE,
        message=f"`spec.{part.path}` of `{part.name}` is redundant: removing it changes nothing",
        label=Label(span, "opens nothing that is not open"),
        others=() if covering is None else (Label(covering, "covers it"),),
        help="remove it, or narrow what covers it",
    )
