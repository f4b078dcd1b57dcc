"""What the peers of plain arrows stand for, looked up once for each text.

An organisation's arrows say the same again and again: half of 55,000 name one of a few
hundred `api:443`, which grants the same wherever the name stands for the same pods. That
is one value here, and only who asked is noted each time. Where a name is a group, or
something is wrong, the plain way knows nothing and `peers` expands the nodes.
"""

from typing import TypeAlias, TypeGuard

from netpolc.kube.peers import Grant, Peer, Pods, outside
from netpolc.kube.ports import EVERY_PORT, NamedPort
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.passes.resolve.names import Mention, Names
from netpolc.passes.resolve.peers import traffic_of
from netpolc.program.model import NamedGrant
from netpolc.syntax.tree import Arrow, ArrowStatement, Plain, PlainPeer, PlainPeers

PlainGrants: TypeAlias = tuple[tuple[NamedGrant, ...], tuple[Mention, ...]]
"""What peers grant, and the mentions of the names among them."""


class PlainArrows:
    """The plain arrows of a program, as far as they have been met."""

    def __init__(self, names: Names) -> None:
        """Look names up in `names`, which remembers their uses."""
        self._names = names
        self._found: dict[tuple[str, PlainPeers], PlainGrants | None] = {}
        self._granted: dict[tuple[PlainPeer, Selector], NamedGrant] = {}

    def grants(self, statement: ArrowStatement, plain: Plain, namespace: str) -> PlainGrants | None:
        """What an arrow's peers grant, seen from a namespace; None where that is not plain."""
        key = namespace, plain.peers
        try:
            found = self._found[key]
        except KeyError:
            found = self._found[key] = self._grants(statement, plain.peers, namespace)
        if found is not None and plain.arrow is Arrow.OUT and _names_ports_outside(plain.peers):
            return None
        return found

    def _grants(
        self, statement: ArrowStatement, peers: PlainPeers, namespace: str
    ) -> PlainGrants | None:
        if any(self._is_group(written, namespace) for written in peers.peers):
            return None
        found: list[NamedGrant] = []
        mentions: list[Mention] = []
        for written in peers.peers:
            pods = EVERYTHING
            if _is_name(written.pods):
                home = written.namespace or namespace
                mention = self._names.mention(home, written.pods, statement)
                mentions.append(mention)
                pods = mention.selector
            granted = self._granted.get((written, pods))
            if granted is None:
                granted = self._granted[written, pods] = _granted(written, pods)
            found.append(granted)
        return tuple(found), tuple(mentions)

    def _is_group(self, written: PlainPeer, namespace: str) -> bool:
        return (
            _is_name(written.pods)
            and written.namespace is None
            and self._names.group(namespace, written.pods) is not None
        )


def _is_name(pods: str | None) -> TypeGuard[str]:
    return pods is not None and pods != "*"


def _granted(written: PlainPeer, pods: Selector) -> NamedGrant:
    """What a peer grants, where its name, if it has one, stands for `pods`."""
    traffic = EVERY_PORT if written.ports is None else traffic_of(written.ports)
    called = written.pods if _is_name(written.pods) and written.namespace is None else ""
    return NamedGrant(grant=Grant(_peer(written, pods), traffic), name=called)


def _peer(written: PlainPeer, pods: Selector) -> Peer:
    if written.block is not None:
        return outside(written.block)
    home = written.namespace
    return Pods(None if home is None else Selector.namespace(home), pods)


def _names_ports_outside(peers: PlainPeers) -> bool:
    """Whether a block is given a port's name, which no arrow out may do."""
    return any(
        isinstance(port, NamedPort)
        for written in peers.peers
        if written.block is not None
        for port in written.ports or ()
    )
