"""The ports that the receiver of an unfinished arrow is known to have."""

from netpolc.ide.completion_place import Cursor
from netpolc.ide.snapshot import Snapshot
from netpolc.kube.display import ports_of
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.ports import Protocol
from netpolc.kube.selectors import Selector

_ARROWS = {"<-", "->"}


def receiver_ports(snapshot: Snapshot, cursor: Cursor) -> dict[str, str]:
    """Return ports by their text, each with a few words: of containers, then those of arrows.

    Where the receiver is not a service by name, those of every workload of the namespace.
    """
    scope, name = _receiver(cursor)
    namespace = snapshot.understood.program.namespaces.get(scope)
    service = namespace.services.get(name) if namespace else None
    ports: dict[str, str] = {}
    for workload in snapshot.understood.inventory.workloads:
        if workload.namespace == scope and (service is None or workload.may_match(service.pods)):
            for port in workload.ports:
                mark = "" if port.protocol is Protocol.TCP else f"/{port.protocol.value.lower()}"
                ports.setdefault(f"{port.number}{mark}", f"of {workload}")
                if port.name:
                    ports.setdefault(f"{port.name}{mark}", f"{port.number} of {workload}")
    if service is not None:
        ports |= {
            text: "in another arrow"
            for text in _used(snapshot, scope, service.pods)
            if text not in ports
        }
    return ports


def _receiver(cursor: Cursor) -> tuple[str, str]:
    """The namespace and the name of the receiving service; the name is empty if it has none."""
    tokens = cursor.tokens
    arrow = next((index for index, token in enumerate(tokens) if token in _ARROWS), None)
    if arrow is None:
        return cursor.scope, ""
    if tokens[arrow] == "<-":
        return cursor.scope, tokens[arrow - 1].strip('"')
    end = len(tokens) - 1 - tokens[::-1].index(":")
    peer = tokens[max(_last_comma(tokens, end), arrow) + 1 : end]
    match peer:
        case (name, "in", "ns", namespace, *_):
            return namespace, name.strip('"')
        case ("ns", namespace, *_):
            return namespace, ""
        case (name, *_):
            return cursor.scope, name.strip('"')
        case _:
            return cursor.scope, ""


def _last_comma(tokens: tuple[str, ...], end: int) -> int:
    """The comma before the last peer: one that is not inside brackets."""
    depth = 0
    for index in range(end - 1, -1, -1):
        depth += (tokens[index] in "])}") - (tokens[index] in "[({")
        if tokens[index] == "," and depth == 0:
            return index
    return -1


def _used(snapshot: Snapshot, scope: str, pods: Selector) -> list[str]:
    """The ports on which arrows of any namespace let the pods be reached."""
    used: dict[str, None] = {}
    for home, policies in snapshot.understood.policies.namespaces.items():
        for subject in policies.subjects:
            for allow in subject.allows:
                peer = allow.peer
                is_ingress = subject.direction is Direction.INGRESS
                is_to = isinstance(peer, Pods) and peer.pods == pods and peer.home(home) == scope
                if (home == scope and is_ingress and subject.selector == pods) or (
                    not is_ingress and is_to
                ):
                    used |= dict.fromkeys(ports_of(allow.traffic))
    used.pop("*", None)
    return list(used)
