"""Occurrences of the names of services, groups, namespaces, labels and ports in intents."""

from collections.abc import Iterable, Iterator
from enum import Enum

from netpolc.kube.name_rules import METADATA_NAME
from netpolc.source import Span
from netpolc.syntax.parts import LabelTest, Name, NamePort, PeerPorts, PodPeer
from netpolc.syntax.tree import (
    ArrowStatement,
    AssertionStatement,
    ClusterHeader,
    Connection,
    DnsSetting,
    GroupDeclaration,
    Header,
    IntentFile,
    LabelSetting,
    NamespaceHeader,
    Section,
    ServiceDeclaration,
    Statement,
)
from netpolc.values import frozen

EVERYWHERE = ""
"""The scope of the cluster section, whose statements are about every namespace."""


class NameKind(Enum):
    """The kinds of things that have names."""

    PODS = "pods"
    """A service or a group."""
    NAMESPACE = "namespace"
    POD_LABEL = "pod label"
    """The key of a label of pods."""
    POD_LABEL_VALUE = "pod label value"
    NAMESPACE_LABEL = "namespace label"
    """The key of a label of namespaces."""
    NAMESPACE_LABEL_VALUE = "namespace label value"
    PORT = "port"


class Use(Enum):
    """The uses of a name in a statement."""

    DECLARES = "declares"
    SUBJECT = "subject"
    PEER = "peer"


@frozen(kw_only=True)
class Occurrence:
    """A name at one place; `scope` is the namespace in which it is looked up.

    `span` is the name as written, with its quotes where it has some. `key` is the key of the
    label that a value belongs to, empty for other names.
    """

    kind: NameKind
    name: str
    scope: str
    use: Use
    span: Span
    statement: Statement | Header
    key: str = ""


def occurrences(tree: IntentFile, default: str) -> Iterator[Occurrence]:
    """Yield the names in a file, each section's in the order of its statements.

    `default` is the namespace of statements before any header.
    """
    for section in tree.sections:
        if not section.broken:
            yield from _in_section(section, default)


def scope_of(section: Section, default: str) -> str:
    """Return the namespace that a section is about; empty for the cluster section."""
    match section.header:
        case NamespaceHeader(name=name):
            return name.text
        case ClusterHeader():
            return EVERYWHERE
        case None:
            return default


def _in_section(section: Section, default: str) -> Iterator[Occurrence]:
    scope = scope_of(section, default)
    if isinstance(section.header, NamespaceHeader):
        reader = _Reader(scope, section.header)
        yield reader.one(NameKind.NAMESPACE, section.header.name, Use.DECLARES)
        for key, value in section.header.facts:
            yield from reader.label(NameKind.NAMESPACE_LABEL, key, (value,), Use.DECLARES)
    for statement in section.statements:
        yield from _Reader(scope, statement).statement(statement)


class _Reader:
    """Reads the names of one statement."""

    def __init__(self, scope: str, node: Statement | Header) -> None:
        self._scope = scope
        self._node = node

    def one(
        self, kind: NameKind, name: Name, use: Use, scope: str | None = None, key: str = ""
    ) -> Occurrence:
        return Occurrence(
            kind=kind,
            name=name.text,
            scope=self._scope if scope is None else scope,
            use=use,
            span=name.span,
            statement=self._node,
            key=key,
        )

    def label(
        self, kind: NameKind, key: Name, values: Iterable[Name], use: Use
    ) -> Iterator[Occurrence]:
        """Yield the key of a label, then the values that are named with it."""
        yield self.one(kind, key, use)
        if key.text == METADATA_NAME and kind is NameKind.NAMESPACE_LABEL:
            yield from (self.one(NameKind.NAMESPACE, value, Use.PEER) for value in values)
        else:
            for value in values:
                yield self.one(_VALUES[kind], value, use, key=key.text)

    def statement(self, statement: Statement) -> Iterator[Occurrence]:
        match statement:
            case ServiceDeclaration(name=name, pods=pods):
                yield self.one(NameKind.PODS, name, Use.DECLARES)
                yield from self._labels(pods, NameKind.POD_LABEL)
            case GroupDeclaration(name=name, peers=peers):
                yield self.one(NameKind.PODS, name, Use.DECLARES)
                yield from self._peers(peers)
            case DnsSetting(peers=peers):
                yield from self._peers(peers)
            case LabelSetting(key=key):
                yield self.one(NameKind.POD_LABEL, key, Use.DECLARES)
            case ArrowStatement(connection=connection) | AssertionStatement(connection=connection):
                yield from self._connection(connection)
            case _:
                return

    def _connection(self, connection: Connection) -> Iterator[Occurrence]:
        yield from self._pods(connection.subject, Use.SUBJECT)
        yield from self._peers(connection.peers)

    def _peers(self, peers: Iterable[PeerPorts]) -> Iterator[Occurrence]:
        for written in peers:
            if isinstance(written.peer, PodPeer):
                yield from self._pods(written.peer, Use.PEER)
            for port in written.ports or ():
                if isinstance(port, NamePort):
                    yield self.one(NameKind.PORT, Name(port.name, port.span), Use.PEER)

    def _pods(self, peer: PodPeer, use: Use) -> Iterator[Occurrence]:
        scope = peer.namespaces.text if isinstance(peer.namespaces, Name) else self._scope
        match peer.pods:
            case Name() as name:
                yield self.one(NameKind.PODS, name, use, scope)
            case LabelTest() as test:
                yield from self._labels(test, NameKind.POD_LABEL)
            case _:
                pass
        match peer.namespaces:
            case Name() as name:
                yield self.one(NameKind.NAMESPACE, name, use)
            case LabelTest() as test:
                yield from self._labels(test, NameKind.NAMESPACE_LABEL)
            case _:
                pass

    def _labels(self, test: LabelTest, kind: NameKind) -> Iterator[Occurrence]:
        for requirement in test.requirements:
            yield from self.label(kind, requirement.key, requirement.values, Use.PEER)


_VALUES = {
    NameKind.POD_LABEL: NameKind.POD_LABEL_VALUE,
    NameKind.NAMESPACE_LABEL: NameKind.NAMESPACE_LABEL_VALUE,
}
"""The kind of the values for each kind of label key."""
