"""The place of a statement's subject or of one of its peers.

A finding is about one peer of an arrow, and must underline that peer. The program knows only where
the statement is: statements with equal peers share what these mean. So a statement is read again where
there is something to say about it, which is cheap because few have a finding. Where many of its peers have
one, these findings come one after the other, so the last statement is kept.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from operator import itemgetter

from netpolc.kube.selectors import Selector
from netpolc.passes.resolve.declared_names import selector_of
from netpolc.program.model import Service
from netpolc.provenance import Origin
from netpolc.source import SourceFile, Span
from netpolc.syntax.parser import parse
from netpolc.syntax.parts import LabelTest, Name, PodPeer, Star
from netpolc.syntax.tree import ArrowStatement, AssertionStatement, Connection

_NO_SERVICES: Mapping[str, Service] = {}


def written_connection(origin: Origin) -> Connection | None:
    """The connection of a statement as it is written; None where it has none or is a policy.

    `placed` says where its parts are.
    """
    written = _written(origin)
    return None if written is None else written.connection


def peer_span(origin: Origin, index: int) -> Span | None:
    """The place of a statement's peer, with its ports; that of the statement where it has no such peer."""
    written = _written(origin)
    if written is None or not 0 <= index < len(written.connection.peers):
        return origin.span
    return placed(written.connection.peers[index].span, origin)


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
    written = _written(origin)
    place = None if written is None else written.place_of(pods, services)
    return None if place is None else placed(place, origin)


def is_subject(span: Span, origin: Origin) -> bool:
    """Whether a place is that of a statement's subject."""
    written = _written(origin)
    return written is not None and placed(written.connection.subject.span, origin) == span


def namespace_span(origin: Origin, namespace: str) -> Span | None:
    """The place where a statement names all pods of a namespace; None where it does not."""
    written = _written(origin)
    place = None if written is None else written.namespaces.get(namespace)
    return None if place is None else placed(place, origin)


class _Written:
    """The subject and the peers of a statement in its own words, to be found by what they mean.

    `namespaces` has the places where it names all pods of a namespace, by the namespace's name.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        ends = (connection.subject, *(written.peer for written in connection.peers))
        self._pods = [end for end in ends if isinstance(end, PodPeer)]
        self.namespaces: dict[str, Span] = {}
        for peer in self._pods:
            if isinstance(peer.namespaces, Name) and (
                peer.pods is None or isinstance(peer.pods, Star)
            ):
                self.namespaces.setdefault(peer.namespaces.text, peer.span)
        self._services: Mapping[str, Service] | None = None
        self._places: dict[Selector | str, tuple[int, Span]] = {}

    def place_of(self, pods: Selector, services: Mapping[str, Service]) -> Span | None:
        """The first place of some pods, where names mean these services."""
        services = services or _NO_SERVICES
        if self._services is not services:
            self._services, self._places = services, {}
            for number, peer in enumerate(self._pods):
                for meaning in _meaning(peer, services):
                    self._places.setdefault(meaning, (number, peer.span))
        labels = pods.exact_labels() or {}
        meanings: list[Selector | str] = [pods, *(labels.values() if len(labels) == 1 else ())]
        places = [self._places[meaning] for meaning in meanings if meaning in self._places]
        return min(places, key=itemgetter(0))[1] if places else None


def _meaning(peer: PodPeer, services: Mapping[str, Service]) -> Iterable[Selector | str]:
    """The pods of a peer, or its name where that is the value of a label with any key."""
    if isinstance(peer.pods, LabelTest):
        yield selector_of(peer.pods, [])
    elif isinstance(peer.pods, Name):
        service = services.get(peer.pods.text)
        yield peer.pods.text if service is None else service.pods


def _written(origin: Origin) -> _Written | None:
    """The subject and the peers of a statement; None where it has none or is a policy."""
    if origin.span is None or origin.policy is not None:
        return None
    return _read(origin.path, origin.span.text)


@lru_cache(maxsize=1)
def _read(path: str, text: str) -> _Written | None:
    for section in parse(SourceFile(path, text)).value.sections:
        for statement in section.statements:
            if isinstance(statement, ArrowStatement | AssertionStatement):
                return _Written(statement.connection)
    return None


def placed(span: Span, origin: Origin) -> Span:
    """The place in its file of a part of a statement."""
    assert origin.span is not None
    start = origin.span.start
    return origin.span.file.span(start + span.start, start + span.end)
