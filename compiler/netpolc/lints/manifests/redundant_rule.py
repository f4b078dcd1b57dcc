"""Entries of rules that could go without changing anything.

The same question as for arrows (`lints.redundant_arrow`), asked of policies that somebody
wrote: what an entry opens may be open already through another entry, rule or policy. It is
a note only, because policies repeat each other on purpose more often than arrows do.
"""

from collections.abc import Collection, Iterator

from netpolc.analysis.cluster import Cluster
from netpolc.analysis.redundant import Redundant, redundant
from netpolc.diagnostics import Diagnostic, Kind, Label, Severity
from netpolc.origin import Role
from netpolc.source import Span

REDUNDANT_RULE = Kind(
    code="NP643",
    name="redundant-rule",
    severity=Severity.NOTE,
    explanation="""\
Everything that an entry of a rule opens is open without it, through other entries, rules or policies
of the namespace. Removing it closes nothing, so somebody who removes it to close a connection would
be mistaken.

    ingress:
    - from:
      - podSelector: {}
      - podSelector: {matchLabels: {app: api}}        # redundant-rule
      ports: [{port: 5432}]

Remove it, or narrow what covers it:

    ingress:
    - from:
      - podSelector: {matchLabels: {app: api}}
      ports: [{port: 5432}]
""",
)


def redundant_rules(cluster: Cluster, said: Collection[Span]) -> Iterator[Diagnostic]:
    """Name the entries of policies that could go; policies as written, not merged.

    Args:
        cluster: what the policies mean.
        said: places of which other lints said this or more already: an entry there, or one
            that is covered from there, is passed over.
    """
    for found in redundant(cluster):
        span = found.origin.span
        if found.origin.role is not Role.POLICY or span is None or span in said:
            continue
        spans = [o.span for a in found.covered_by for o in a.origins]
        covering = next((place for place in spans if place not in {None, span}), None)
        if covering not in said:
            yield _finding(found, span, covering)


def _finding(found: Redundant, span: Span, covering: Span | None) -> Diagnostic:
    policy, _, path = found.origin.statement.partition(" ")
    return Diagnostic(
        kind=REDUNDANT_RULE,
        message=f"`spec.{path}` of `{policy}` could go without changing anything",
        label=Label(span, "opens nothing that is not open"),
        others=() if covering is None else (Label(covering, "covers it"),),
        help="remove it, or narrow what covers it",
    )
