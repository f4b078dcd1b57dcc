"""The other end of a connection, as NetworkPolicy can name it.

A peer is pods by labels in namespaces by labels, addresses outside the cluster, or
everyone (API reference, NetworkPolicyPeer). Blocks never match pods and selectors never
match addresses; only a rule without peers speaks of both.
"""

from enum import Enum
from typing import TypeAlias

from netpolc.kube.cidr import Addresses, Block
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import EVERYTHING, Labels, Selector
from netpolc.remembered import one_while_used
from netpolc.values import Keyed, frozen


class Direction(Enum):
    """The two ends of a connection: ingress at its receiver, egress at its sender."""

    INGRESS = "ingress"
    EGRESS = "egress"

    __hash__ = object.__hash__  # Members are single; Enum's own hashes the name each time.

    @property
    def other(self) -> "Direction":
        """The direction at the other end of the connection."""
        return Direction.EGRESS if self is Direction.INGRESS else Direction.INGRESS


class BlockScope(Enum):
    """Which addresses blocks match in a cluster; it depends on the network plugin."""

    OUTSIDE = "outside"
    """Only addresses outside the cluster."""
    ALL = "all"
    """Addresses of pods and nodes as well."""


@frozen(interned=True)
class Pods(Keyed):
    """Pods by labels, in namespaces by labels; `namespaces` None is the subject's own namespace."""

    namespaces: Selector | None
    pods: Selector

    def home(self, own: str) -> str | None:
        """The one namespace that they live in, seen from namespace `own`; None if not one."""
        return own if self.namespaces is None else self.namespaces.namespace_name


ANY_POD = Pods(EVERYTHING, EVERYTHING)
"""All pods of all namespaces."""


@frozen(cache_hash=True)
class Outside(Keyed):
    """Addresses outside the cluster. They never match a pod."""

    addresses: Addresses


@frozen
class Anyone:
    """Every pod and every address: the API's rule without peers."""


Peer: TypeAlias = Pods | Outside | Anyone


@frozen
class Grant:
    """A peer and the traffic that is permitted with it."""

    peer: Peer
    traffic: Traffic


@one_while_used
def outside(block: Block) -> Outside:
    """The addresses of one block, worked out once."""
    return Outside(Addresses.of((block,)))


def covers(wide: Peer, narrow: Peer) -> bool:
    """Whether the wide peer surely includes the narrow one, both seen from one namespace.

    Pods of the own namespace and pods of a namespace chosen by labels are compared only
    where the labels ask for nothing: whether labels choose the own namespace is not
    known here.
    """
    if isinstance(wide, Pods):
        if not isinstance(narrow, Pods) or not narrow.pods <= wide.pods:
            return False
        if wide.namespaces is None:
            return narrow.namespaces is None
        return wide.namespaces.is_everything or (
            narrow.namespaces is not None and narrow.namespaces <= wide.namespaces
        )
    if isinstance(wide, Outside):
        return isinstance(narrow, Outside) and narrow.addresses <= wide.addresses
    return True


def can_match(peer: Peer) -> bool:
    """Whether a pod or an address could exist that is the peer."""
    match peer:
        case Pods(namespaces, pods):
            return not pods.impossible and not (namespaces is not None and namespaces.impossible)
        case Outside(addresses):
            return bool(addresses)
        case _:
            return True


def without_own_name(peer: Peer, namespace: str) -> Peer:
    """The peer as a policy of the namespace writes it: its own pods without the namespace's name."""
    if isinstance(peer, Pods) and peer.namespaces == Selector.namespace(namespace):
        return Pods(None, peer.pods)
    return peer


def own_pods(peer: Peer, labels: Labels) -> Selector | None:
    """The pods of the own namespace, which has at least these labels, that surely are the peer.

    None where the peer has none, or where labels that are not stated decide.
    """
    match peer:
        case Pods(namespaces, pods):
            return pods if namespaces is None or namespaces.decided_by(labels) else None
        case Anyone():
            return EVERYTHING
        case Outside():
            return None


def peer_sort_key(peer: Peer) -> tuple[object, ...]:
    """A key that orders peers: own pods, pods elsewhere, addresses, everyone."""
    if isinstance(peer, Anyone):
        return (3,)
    try:
        return peer._key  # noqa: SLF001 - the room that these values have for it
    except AttributeError:
        key = _sort_key(peer)
        object.__setattr__(peer, "_key", key)
        return key


def _sort_key(peer: Pods | Outside) -> tuple[object, ...]:
    match peer:
        case Pods(None, pods):
            return (0, pods.sort_key())
        case Pods(namespaces, pods):
            assert namespaces is not None
            return (1, namespaces.sort_key(), pods.sort_key())
        case Outside(addresses):
            return (2, *addresses.sort_key())
