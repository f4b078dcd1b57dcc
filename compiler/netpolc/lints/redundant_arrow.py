"""Redundant arrows: removing them changes nothing.

An arrow that another one covers is not wrong, but it misleads: whoever removes it
believes that a connection is closed then. What covers it may have another subject, so
it is asked of the whole namespace (`analysis.redundant`), and every arrow that is named
can go together with the others.
"""

from collections.abc import Iterator

from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.namespace_redundancy import Redundant
from netpolc.analysis.redundant_statements import redundant_statements
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.memory import NO_MEMORY, Memory
from netpolc.provenance import Origin, Place, Role

REDUNDANT_ARROW = Rule(code="NP604", name="redundant-arrow", severity=Severity.WARNING)

_MOST_SHOWN = 8


def redundant_arrows(cluster: Cluster, memory: Memory = NO_MEMORY) -> Iterator[Diagnostic]:
    """Report the arrows, or rules of policies, that are redundant; policies as written, not merged."""
    for arrow in redundant_statements(cluster, memory):
        if arrow.origin.role in {Role.ARROW, Role.MIRROR} and arrow.origin.span is not None:
            yield _finding(arrow, Label(arrow.origin.span, "opens nothing that is not open"))


def _finding(arrow: Redundant, label: Label) -> Diagnostic:
    covering = {
        _statement(origin): origin
        for allow in arrow.covered_by
        for origin in allow.origins
        if _statement(origin) != _statement(arrow.origin)
    }
    spans = [origin.span for origin in covering.values() if origin.span is not None]
    hidden = len(spans) - _MOST_SHOWN
    return Diagnostic(
        rule=REDUNDANT_ARROW,
        message=f"`{arrow.origin.statement}` is redundant: removing it changes nothing",
        label=label,
        others=tuple(Label(span, "covers it") for span in spans[:_MOST_SHOWN]),
        help=f"remove it, or narrow what covers it{f' ({hidden:,} more)' if hidden > 0 else ''}",
    )


def _statement(origin: Origin) -> Place:
    return origin.place
