"""A name service that closed pods may call, and that lets none of them in.

Pods with closed egress reach `dns` without an arrow. Where the namespace of the name service is in the same
program and closed, its own arrows have to permit that, or no name resolves.
"""

from collections.abc import Iterator

from netpolc.analysis.namespace_partition import Cluster
from netpolc.diagnostics import Diagnostic, Label
from netpolc.ir.model import Policies, Subject
from netpolc.kube.display import peer_text, pods_text, ports_text
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Direction, Grant, Pods
from netpolc.lints.half_open_arrow import HALF_OPEN_ARROW, works_somewhere
from netpolc.program.model import Arrow, NamedGrant, Namespace, Program
from netpolc.source import Span


def closed_name_services(
    program: Program, own: Policies, clusters: tuple[Cluster, ...], inventory: Inventory
) -> Iterator[Diagnostic]:
    """Report each name service that does not permit what `dns` opens to closed pods, at the first of these.

    Args:
        program: the program.
        own: what its policies mean.
        clusters: the same, to be asked; then, where there are tiers, read as what they permit at most.
        inventory: the known workloads.
    """
    callers: dict[Grant, list[tuple[Namespace, Subject]]] = {}
    for name, namespace in program.namespaces.items():
        if _is_of_program(namespace, program) and name in own.namespaces:
            for subject in own.namespaces[name].of(Direction.EGRESS):
                if not any(_resolves(namespace, subject, each, inventory) for each in clusters):
                    callers.setdefault(namespace.dns[0], []).append((namespace, subject))
    for grant, closed in callers.items():
        place = _place(*closed[0])
        if place is not None:
            yield _finding(grant, [namespace for namespace, _ in closed], place)


def _is_of_program(namespace: Namespace, program: Program) -> bool:
    """Whether all the peers of `dns` are pods in namespaces of the program."""
    return bool(namespace.dns) and all(
        isinstance(grant.peer, Pods) and grant.peer.home(namespace.name) in program.namespaces
        for grant in namespace.dns
    )


def _resolves(
    namespace: Namespace, subject: Subject, cluster: Cluster, inventory: Inventory
) -> bool:
    """Whether some pods of a subject may reach some name server."""
    call = Arrow(
        subject=subject.selector,
        direction=Direction.EGRESS,
        grants=tuple(NamedGrant(grant=grant) for grant in namespace.dns),
        origin=namespace.dns_origin,
    )
    return any(
        works_somewhere(namespace, call, granted, cluster, inventory) for granted in call.grants
    )


def _place(namespace: Namespace, subject: Subject) -> Span | None:
    """The dns setting; where it is built in, what closes the egress of the pods."""
    origins = (namespace.dns_origin, *subject.origins)
    return next((origin.span for origin in origins if origin.span is not None), None)


def _finding(grant: Grant, namespaces: list[Namespace], place: Span) -> Diagnostic:
    first, peer = namespaces[0], grant.peer
    assert isinstance(peer, Pods)
    home, ports = peer.home(first.name), ports_text(grant.traffic)
    who = f"ns {first.name}" if len({namespace.name for namespace in namespaces}) == 1 else "ns *"
    return Diagnostic(
        rule=HALF_OPEN_ARROW,
        message=f"`{peer_text(peer)}{ports}` cannot be reached: namespace `{home}` does not permit it",
        label=Label(place, f"closed pods of namespace `{first.name}` cannot resolve names"),
        help=f"in namespace `{home}` write `{pods_text(peer.pods)} <- {who}{ports}`",
    )
