"""The viewpoint of a namespace's statements, and the meaning of peers from there.

The same words mean the same in every namespace that declares nothing of its own. Half of the
54,754 arrows of a large program have peers that others write in the same words, so what a list of
peers means is worked out once for all views that share a vocabulary.
"""

from collections.abc import Callable
from dataclasses import field

from netpolc.kube.peers import Grant
from netpolc.kube.ports import Traffic
from netpolc.program.model import NamedGrant
from netpolc.syntax.parts import Name, PodPeer
from netpolc.values import frozen, maker


@frozen(kw_only=True)
class Viewpoint:
    """The viewpoint from which a peer has its meaning.

    `namespace` is the home of bare peers, `egress` whether the peer is to receive, `dns` what the
    peer `dns` means here. `known` has the lists of peers that are expanded already, by their words.
    `peers` has those that were alone, without their ports, and `ports` the traffic that ports are and
    their canonical text.
    """

    namespace: str
    egress: bool
    dns: tuple[Grant, ...] = ()
    known: dict[str, "Expansion"] = field(default_factory=dict, compare=False)
    peers: dict[str, "Expansion"] = field(default_factory=dict, compare=False)
    ports: dict[str, tuple[Traffic, str]] = field(default_factory=dict, compare=False)


@frozen
class NamedPods:
    """A service that a peer names, in a namespace by name; None is the statement's own."""

    namespace: str | None
    name: Name


@frozen
class Expansion:
    """The grants of a list of peers, the names it uses, and the text of the peers.

    `through` are groups and reserved words, `services` the services, and `used` the declarations
    that were looked up, by scope and name.
    """

    grants: tuple[NamedGrant, ...]
    through: frozenset[str]
    services: tuple[NamedPods, ...]
    used: tuple[tuple[str, str], ...]
    text: str


def named_pods(peer: PodPeer) -> tuple[NamedPods, ...]:
    """The service that a peer names, if it names one."""
    if not isinstance(peer.pods, Name):
        return ()
    home = peer.namespaces.text if isinstance(peer.namespaces, Name) else None
    return (_named(home, peer.pods),)


_named: Callable[[str | None, Name], NamedPods] = maker(NamedPods)
