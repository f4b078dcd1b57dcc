"""Hints between the words: selectors of bare names, and the DNS peers of closed pods."""

from collections.abc import Iterator

from netpolc.ide.occurrence import EVERYWHERE, NameKind, Use, scope_of
from netpolc.ide.snapshot import Snapshot
from netpolc.ide.statement_at import nodes
from netpolc.kube.display import peer_text, ports_text, selector_text
from netpolc.syntax.tree import DefaultSetting
from netpolc.values import frozen


@frozen
class InlayHint:
    """A text to show at an offset of a file."""

    offset: int
    text: str


def inlay_hints(snapshot: Snapshot, path: str, start: int, end: int) -> Iterator[InlayHint]:
    """Yield what to show between two offsets of a file."""
    yield from _names(snapshot, path, start, end)
    yield from _dns(snapshot, path, start, end)


def _names(snapshot: Snapshot, path: str, start: int, end: int) -> Iterator[InlayHint]:
    """The selectors of services; declarations say them, and groups have many."""
    namespaces = snapshot.understood.program.namespaces
    for name in snapshot.names.in_file(path):
        is_use = name.kind is NameKind.PODS and name.use is not Use.DECLARES
        namespace = namespaces.get(name.scope)
        if not is_use or namespace is None or not start <= name.span.end <= end:
            continue
        service = namespace.services.get(name.name)
        if service is not None and not snapshot.names.is_group(snapshot.names.symbol(name)):
            yield InlayHint(name.span.end, selector_text(service.pods))


def _dns(snapshot: Snapshot, path: str, start: int, end: int) -> Iterator[InlayHint]:
    """Show the peers for DNS where a default closes egress."""
    tree = snapshot.tree(path)
    for section in tree.sections if tree else ():
        scope = scope_of(section, snapshot.options.namespace)
        namespace = snapshot.understood.program.namespaces.get(scope)
        for node in nodes(section):
            is_closing = isinstance(node, DefaultSetting) and node.deny and node.egress
            if is_closing and scope != EVERYWHERE and start <= node.span.end <= end and namespace:
                peers = ", ".join(
                    f"{peer_text(grant.peer)}{ports_text(grant.traffic)}" for grant in namespace.dns
                )
                yield InlayHint(node.span.end, f"dns: {peers or 'none'}")
