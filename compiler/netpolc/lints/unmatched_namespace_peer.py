"""Arrows to namespaces by labels that none of the given ones has.

The same mistake in a manifest is found by `lints.manifests.unmatched_namespace`.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label
from netpolc.ir.model import Policies
from netpolc.kube.display import namespaces_text
from netpolc.kube.peers import Pods
from netpolc.lints.manifests.unmatched_namespace import (
    UNMATCHED_NAMESPACE,
    is_unmatched,
    meant_label,
)
from netpolc.lints.written_peer import peer_span
from netpolc.program.model import Program


def unmatched_namespace_peers(program: Program, whole: Policies) -> Iterator[Diagnostic]:
    """Report the peers in namespaces with labels that no Namespace object and no section has."""
    objects = [policies.labels for policies in whole.namespaces.values() if policies.complete]
    if not objects:
        return
    given = [policies.labels for policies in whole.namespaces.values()]
    for namespace in program.namespaces.values():
        for arrow in namespace.arrows:
            for granted in arrow.grants:
                peer = granted.grant.peer
                namespaces = peer.namespaces if isinstance(peer, Pods) else None
                if namespaces is None or not is_unmatched(namespaces, given):
                    continue
                guess = meant_label(namespaces, given)
                if (span := peer_span(arrow.origin, granted.index)) is not None:
                    yield Diagnostic(
                        rule=UNMATCHED_NAMESPACE,
                        message=f"`ns {namespaces_text(namespaces)}` matches no namespace that is given",
                        label=Label(span, "labels of namespaces"),
                        help=f"did you mean the label `{guess}`?"
                        if guess
                        else "correct the label, or give the manifest of the namespace",
                    )
