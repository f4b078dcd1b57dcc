"""Arrows to namespaces by labels that none of the given ones has.

The same mistake in a manifest is found by `lints.manifests.unmatched_namespace`.
"""

from collections.abc import Collection, Iterator, Mapping

from netpolc.diagnostics import Diagnostic, Label
from netpolc.ir.model import Policies
from netpolc.kube.display import namespaces_text
from netpolc.kube.peers import Peer, Pods
from netpolc.lints.manifests.unmatched_namespace import (
    UNMATCHED_NAMESPACE,
    is_unmatched,
    meant_label,
)
from netpolc.lints.written_peer import peer_span
from netpolc.program.model import Program
from netpolc.source import Span

_NO_GUESS = "correct the label, or give the manifest of the namespace"


def unmatched_namespace_peers(program: Program, whole: Policies) -> Iterator[Diagnostic]:
    """Report the peers in namespaces with labels that no Namespace object and no section has.

    A claim covers namespaces to come, so the peer of an assertion is reported only if a label is spelt nearly like
    a known one.
    """
    objects = [policies.labels for policies in whole.namespaces.values() if policies.complete]
    if not objects:
        return
    given = [policies.labels for policies in whole.namespaces.values()]
    for namespace in program.namespaces.values():
        for arrow in namespace.arrows:
            for granted in arrow.grants:
                finding = _finding(
                    granted.grant.peer, peer_span(arrow.origin, granted.index), given
                )
                if finding is not None:
                    yield finding
    yield from dict.fromkeys(_of_assertions(program, given))


def _of_assertions(program: Program, given: Collection[Mapping[str, str]]) -> Iterator[Diagnostic]:
    """The findings about assertions, those of a cluster section for each of its namespaces."""
    for assertion in program.assertions:
        for end in (assertion.subject, *(grant.peer for grant in assertion.grants)):
            finding = _finding(end, assertion.origin.span, given)
            if finding is not None and (end is assertion.subject or finding.help != _NO_GUESS):
                yield finding


def _finding(
    peer: Peer, span: Span | None, given: Collection[Mapping[str, str]]
) -> Diagnostic | None:
    """The finding about pods of namespaces with labels that none of the given ones has."""
    namespaces = peer.namespaces if isinstance(peer, Pods) else None
    if namespaces is None or span is None or not is_unmatched(namespaces, given):
        return None
    guess = meant_label(namespaces, given)
    return Diagnostic(
        rule=UNMATCHED_NAMESPACE,
        message=f"`ns {namespaces_text(namespaces)}` matches no namespace that is given",
        label=Label(span, "labels of namespaces"),
        help=_NO_GUESS if guess is None else f"did you mean the label `{guess}`?",
    )
