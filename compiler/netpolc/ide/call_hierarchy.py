"""Callers and callees of a service, by the arrows that name services."""

from collections.abc import Iterable, Iterator

from netpolc.ide.name_index import Symbol
from netpolc.ide.occurrence import EVERYWHERE, NameKind, Occurrence, Use
from netpolc.ide.snapshot import Snapshot
from netpolc.source import Span
from netpolc.syntax.formatter import peers_text
from netpolc.syntax.parts import PeerPorts, PodPeer
from netpolc.syntax.tree import Arrow, ArrowStatement
from netpolc.values import frozen


@frozen(kw_only=True)
class Party:
    """A service, or another end of a connection by its text; then `symbol` is None."""

    text: str
    span: Span
    symbol: Symbol | None = None


@frozen
class Call:
    """Another party, and the arrows by which it reaches the service or is reached from it."""

    party: Party
    arrows: tuple[Span, ...]


def party_at(snapshot: Snapshot, path: str, offset: int) -> Party | None:
    """Return the service that is named at an offset."""
    name = snapshot.names.at(path, offset)
    if name is None or name.kind is not NameKind.PODS:
        return None
    return _party(snapshot, name)


def party_of(snapshot: Snapshot, symbol: Symbol) -> Party | None:
    """Return a service by its symbol; None where nothing names it any more."""
    name = next(iter(snapshot.names.definitions(symbol) or snapshot.names.references(symbol)), None)
    return None if name is None else _party(snapshot, name)


def callers(snapshot: Snapshot, symbol: Symbol) -> list[Call]:
    """Return who may reach a service, as arrows at either end say."""
    return _calls(snapshot, symbol, own=Arrow.IN)


def callees(snapshot: Snapshot, symbol: Symbol) -> list[Call]:
    """Return whom a service may reach."""
    return _calls(snapshot, symbol, own=Arrow.OUT)


def _calls(snapshot: Snapshot, symbol: Symbol, *, own: Arrow) -> list[Call]:
    """The peers of the service's own arrows in a direction, and the subjects of others' to it."""
    by_party: dict[tuple[Symbol | None, str], tuple[Party, list[Span]]] = {}
    for occurrence in snapshot.names.references(symbol):
        arrow = occurrence.statement
        if not isinstance(arrow, ArrowStatement):
            continue
        direction = arrow.connection.arrow
        if occurrence.use is Use.SUBJECT and direction is own:
            others: Iterable[Party] = _peers(snapshot, occurrence.scope, arrow)
        elif occurrence.use is Use.PEER and direction is not own:
            others = _subject(snapshot, arrow)
        else:
            continue
        for party in others:
            _, spans = by_party.setdefault((party.symbol, party.text), (party, []))
            if arrow.span not in spans:
                spans.append(arrow.span)
    return [Call(party, tuple(spans)) for party, spans in by_party.values()]


def _peers(snapshot: Snapshot, scope: str, arrow: ArrowStatement) -> Iterator[Party]:
    for written in arrow.connection.peers:
        name = _name_of(snapshot, written)
        if name is not None:
            yield _party(snapshot, name)
        else:
            text = peers_text((PeerPorts(peer=written.peer, ports=None),))
            yield Party(
                text=f"{text} (seen from {scope})" if text == "*" else text, span=written.span
            )


def _name_of(snapshot: Snapshot, written: PeerPorts) -> Occurrence | None:
    if not isinstance(written.peer, PodPeer) or written.peer.pods is None:
        return None
    start = written.peer.pods.span.start
    name = snapshot.names.at(written.span.path, start)
    is_it = name is not None and name.kind is NameKind.PODS and name.span.start == start
    return name if is_it else None


def _subject(snapshot: Snapshot, arrow: ArrowStatement) -> Iterable[Party]:
    subject = arrow.connection.subject
    name = snapshot.names.at(subject.span.path, subject.span.start)
    if name is not None and name.kind is NameKind.PODS:
        return [_party(snapshot, name)]
    return [Party(text=subject.span.text, span=subject.span)]


def _party(snapshot: Snapshot, name: Occurrence) -> Party:
    symbol = snapshot.names.symbol(name)
    place = (snapshot.names.definitions(symbol) or [name])[0].span
    text = symbol.name if symbol.scope == EVERYWHERE else f"{symbol.name} in ns {symbol.scope}"
    return Party(text=text, span=place, symbol=symbol)
