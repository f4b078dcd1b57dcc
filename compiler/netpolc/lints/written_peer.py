"""The place of a statement's subject or of one of its peers.

A finding is about one peer of an arrow, and must underline that peer. The program knows only where
the statement is: statements with equal peers share what these mean. So a statement is read again where
there is something to say about it, which is cheap because few have a finding.
"""

from collections.abc import Iterator, Mapping

from netpolc.kube.selectors import Selector
from netpolc.passes.resolve.declared_names import selector_of
from netpolc.program.model import Service
from netpolc.provenance import Origin
from netpolc.source import SourceFile, Span
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import (
    ArrowStatement,
    AssertionStatement,
    Connection,
    LabelTest,
    Name,
    PodPeer,
    Star,
)


def peer_span(origin: Origin, index: int) -> Span | None:
    """The place of a statement's peer, with its ports; that of the statement where it has no such peer."""
    connection = _connection(origin)
    if connection is None or not 0 <= index < len(connection.peers):
        return origin.span
    return _placed(connection.peers[index].span, origin)


def pods_span(origin: Origin, pods: Selector, services: Mapping[str, Service]) -> Span | None:
    """The place where a statement writes pods, as subject or peer; else that of the statement.

    Args:
        origin: the statement; of a policy, the place is the policy's own.
        pods: what is looked for.
        services: the services of the namespace that the pods are in.
    """
    return own_pods_span(origin, pods, services) or origin.span


def own_pods_span(origin: Origin, pods: Selector, services: Mapping[str, Service]) -> Span | None:
    """The same; None where only a group or `dns` of the statement means the pods."""
    for written in _pod_peers(origin):
        if _means(written, pods, services):
            return _placed(written.span, origin)
    return None


def namespace_span(origin: Origin, namespace: str) -> Span | None:
    """The place where a statement names all pods of a namespace; None where it does not."""
    for written in _pod_peers(origin):
        everyone = written.pods is None or isinstance(written.pods, Star)
        if (
            everyone
            and isinstance(written.namespaces, Name)
            and written.namespaces.text == namespace
        ):
            return _placed(written.span, origin)
    return None


def _pod_peers(origin: Origin) -> Iterator[PodPeer]:
    """The subject and the peers of a statement that are pods in its own words."""
    connection = _connection(origin)
    if connection is not None:
        peers = (written.peer for written in connection.peers)
        yield from (one for one in (connection.subject, *peers) if isinstance(one, PodPeer))


def _connection(origin: Origin) -> Connection | None:
    """The connection of a statement; None where it has none or is a policy."""
    if origin.span is None or origin.policy is not None:
        return None
    for section in parse(SourceFile(origin.path, origin.span.text)).value.sections:
        for statement in section.statements:
            if isinstance(statement, ArrowStatement | AssertionStatement):
                return statement.connection
    return None


def _means(written: PodPeer, pods: Selector, services: Mapping[str, Service]) -> bool:
    if isinstance(written.pods, LabelTest):
        return selector_of(written.pods, []) == pods
    if not isinstance(written.pods, Name):
        return False
    service = services.get(written.pods.text)
    if service is not None:
        return service.pods == pods
    return list((pods.exact_labels() or {}).values()) == [written.pods.text]


def _placed(span: Span, origin: Origin) -> Span:
    assert origin.span is not None
    start = origin.span.start
    return origin.span.file.span(start + span.start, start + span.end)
