"""Exceptions of a block that another peer of the same subject opens again.

`except` takes addresses out of its own block and denies nothing. The exceptions of `internet` are nobody's
wall: a private block beside it is a peer of its own.
"""

from collections.abc import Iterable, Iterator

from netpolc.diagnostics import Diagnostic, Label
from netpolc.kube.cidr import Addresses, Block
from netpolc.kube.peers import Direction, Outside
from netpolc.kube.selectors import Selector
from netpolc.lints.written_peer import peer_span, written_connection
from netpolc.program.model import Arrow, NamedGrant
from netpolc.syntax.parts import WordPeer

_Granted = tuple[Arrow, NamedGrant, Outside]

_MOST = 10_000
"""Pairs of a peer and an exception about one subject; more are a list that a machine made."""


def voided_exceptions(arrows: Iterable[Arrow]) -> Iterator[Diagnostic]:
    """Report the first exception of each block that another peer permits on the same ports."""
    by_subject: dict[tuple[Selector, Direction], list[_Granted]] = {}
    for arrow in arrows:
        for granted in arrow.grants:
            peer = granted.grant.peer
            if isinstance(peer, Outside):
                key = arrow.subject, arrow.direction
                by_subject.setdefault(key, []).append((arrow, granted, peer))
    for same in by_subject.values():
        exceptions = sum(len(block.excepts) for *_, peer in same for block in peer.addresses.blocks)
        if len(same) > 1 and 0 < exceptions * len(same) <= _MOST:
            for arrow, granted, peer in same:
                yield from _voided(arrow, granted, peer, same)


def _voided(
    arrow: Arrow, granted: NamedGrant, peer: Outside, same: Iterable[_Granted]
) -> Iterator[Diagnostic]:
    for block in peer.addresses.blocks:
        for hole in block.excepts:
            opened = Addresses.of([Block(hole)])
            for other, opening, addresses in same:
                if opened <= addresses.addresses and granted.grant.traffic <= opening.grant.traffic:
                    yield from _finding(arrow, granted.index, str(hole), (other, opening.index))
                    return


def _finding(
    arrow: Arrow, index: int, hole: str, opening: tuple[Arrow, int]
) -> Iterator[Diagnostic]:
    from netpolc.lints.manifests.useless_except import VOIDED_EXCEPTION  # noqa: PLC0415 - few have one

    written = written_connection(arrow.origin)
    place, opened = peer_span(arrow.origin, index), peer_span(opening[0].origin, opening[1])
    if written is None or place is None or opened is None:
        return
    is_peer = 0 <= index < len(written.peers)
    if is_peer and isinstance(written.peers[index].peer, WordPeer):
        return
    yield Diagnostic(
        rule=VOIDED_EXCEPTION,
        message=f"`{hole}` is left out here and opened by another peer",
        label=Label(place, "an exception denies nothing"),
        others=(Label(opened, "opens it on the same ports"),),
        help="remove the exception, or what opens the addresses",
    )
