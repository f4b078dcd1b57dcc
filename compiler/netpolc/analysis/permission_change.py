"""Connections that one set of policies permits and another does not, and classes of them joined."""

from dataclasses import replace

from netpolc.analysis.concrete_evaluator import Connection, End
from netpolc.analysis.connection_sets import Connections, EndClass, PodClass
from netpolc.analysis.permit_boxes import Closer, Opener
from netpolc.ir.model import Allow
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import Selector
from netpolc.sets import ValueSet
from netpolc.values import frozen


@frozen(kw_only=True)
class Change:
    """Connections that one side permits, and the other does not.

    `egress` and `ingress` are the allows that permit them where they are permitted, None
    for an open end; `closed` is the isolation that closes one end where they are not.
    The witness is one of them, with namespace labels as they are where it is permitted.
    """

    connections: Connections
    witness: Connection
    egress: Opener
    ingress: Opener
    closed: Closer

    def allow(self, direction: Direction) -> Allow | None:
        """The allow that permits them in a direction; None for an open end or a rule of a tier."""
        opener = self.ingress if direction is Direction.INGRESS else self.egress
        return opener if isinstance(opener, Allow) else None

    def home(self, direction: Direction) -> str | None:
        """The namespace of the end of a direction; None for addresses and several namespaces."""
        end = self._class(direction)
        return end.names.single if isinstance(end, PodClass) else None

    def pods(self, direction: Direction) -> Selector:
        """The pods at the end of a direction; everything where addresses are."""
        end = self._class(direction)
        return end.pods if isinstance(end, PodClass) else Selector()

    def witness_end(self, direction: Direction) -> End:
        """The end of the witness that a direction is about."""
        ingress = direction is Direction.INGRESS
        return self.witness.receiver if ingress else self.witness.sender

    def _class(self, direction: Direction) -> EndClass:
        ingress = direction is Direction.INGRESS
        return self.connections.receiver if ingress else self.connections.sender


def merged_changes(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Changes that differ in the names of namespaces at one end only, made one."""
    for end in ("sender", "receiver"):
        together: dict[object, Change] = {}
        for change in changes:
            key = (
                _without_names(change.connections, end),
                *map(id, (change.egress, change.ingress, change.closed)),
            )
            first = together.get(key)
            together[key] = change if first is None else _with_names_of(first, change, end)
        changes = tuple(together.values())
    return changes


def _without_names(ends: Connections, end: str) -> Connections:
    here = ends.sender if end == "sender" else ends.receiver
    return _with(ends, end, replace(here, names=ValueSet())) if isinstance(here, PodClass) else ends


def _with_names_of(first: Change, second: Change, end: str) -> Change:
    ends = (
        (c.sender if end == "sender" else c.receiver)
        for c in (first.connections, second.connections)
    )
    here, there = ends
    if not isinstance(here, PodClass) or not isinstance(there, PodClass):
        return first
    names = replace(here, names=here.names | there.names)
    return replace(first, connections=_with(first.connections, end, names))


def _with(ends: Connections, end: str, pods: PodClass) -> Connections:
    return replace(ends, sender=pods) if end == "sender" else replace(ends, receiver=pods)
