"""Rules that other rules imply, and that are therefore not written.

An arrow inside a namespace opens both ends, so the sender's own rule is left out; a rule
that a wider one covers is left out too. The comment of its author must not be lost
with it: it belongs to the arrow that now implies the rule.
"""

from collections.abc import Collection, Iterable, Mapping

from netpolc.ir.model import Allow
from netpolc.kube.peers import Direction, Peer, Pods, covers, own_pods
from netpolc.kube.selectors import Labels, Selector
from netpolc.provenance import Place, PolicyRef, Source


def implications(
    allows: Iterable[Allow], written: Iterable[Allow], labels: Labels, noted: Collection[Place]
) -> tuple[Mapping[Place, tuple[Place, ...]], tuple[Place, ...]]:
    """Assign each unwritten rule to the written rule that implies it.

    Args:
        allows: all of a namespace.
        written: those of them for which there will be an arrow.
        labels: the stated labels of the namespace.
        noted: the places that matter.

    Returns:
        The unwritten places by the place of the rule that implies them, and the places
        that no rule implies (name service, which a setting opens). A rule that is written in part
        is not among them.
    """
    words = _Written(list(written), labels)
    settled = {_rule(origin.place) for allow in words.allows for origin in allow.origins}
    implied: dict[Place, list[Place]] = {}
    rest: list[Place] = []
    for allow in sorted((open_allow for open_allow in allows if open_allow.origins), key=_first):
        for place in (origin.place for origin in allow.origins):
            if place not in noted or _rule(place) in settled:
                continue
            settled.add(_rule(place))
            saying = words.saying(allow)
            (rest if saying is None else implied.setdefault(_first(saying), [])).append(place)
    return {place: tuple(places) for place, places in implied.items()}, tuple(rest)


class _Written:
    """The written allows, and which of them implies another."""

    def __init__(self, allows: list[Allow], labels: Labels) -> None:
        self.allows = allows
        self._labels = labels
        self._exact: dict[tuple[Direction, Selector, Peer], Allow] = {}
        self._about: dict[tuple[Direction, Selector], list[Allow]] = {}
        for allow in allows:
            if allow.origins:
                exact = allow.direction, allow.subject, local_peer(allow.peer, labels)
                self._exact.setdefault(exact, allow)
                self._about.setdefault((allow.direction, allow.subject), []).append(allow)

    def saying(self, allow: Allow) -> Allow | None:
        """The first that covers an allow of its subject, or whose mirror it is."""
        for other in self._about.get((allow.direction, allow.subject), ()):
            if covers(other.peer, allow.peer) and allow.traffic <= other.traffic:
                return other
        receivers = local_peer(allow.peer, self._labels)
        if allow.direction is Direction.INGRESS or not isinstance(receivers, Pods):
            return None
        if receivers.namespaces is not None:
            return None
        pods = receivers.pods
        exact = self._exact.get((Direction.INGRESS, pods, Pods(None, allow.subject)))
        near = (other for other in self.allows if self._mirrors(other, allow.subject, pods))
        return exact or next(near, None)

    def _mirrors(self, other: Allow, sender: Selector, receiver: Selector) -> bool:
        """Whether the mirror of an ingress allow opens the one to a part of the other."""
        if other.direction is Direction.EGRESS or not other.origins:
            return False
        senders = own_pods(other.peer, self._labels)
        return (
            senders is not None
            and not senders.isdisjoint(sender)
            and not other.subject.isdisjoint(receiver)
        )


def local_peer(peer: Peer, labels: Labels) -> Peer:
    """A peer that surely chooses the own namespace by labels, as one without `ns`.

    It may choose other namespaces too; that does not matter where only the own is asked for.
    """
    if isinstance(peer, Pods) and peer.namespaces is not None and not peer.namespaces.is_everything:
        return Pods(None, peer.pods) if peer.namespaces.decided_by(labels) else peer
    return peer


def _first(allow: Allow) -> Place:
    return min(origin.place for origin in allow.origins)


def _rule(place: Place) -> tuple[str, Source]:
    """The file, and the rule that a place is of."""
    path, _, part = place
    return path, part.rule if isinstance(part, PolicyRef) else part
