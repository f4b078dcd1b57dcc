"""Arrows to pods of an ambient mesh that leave out the port on which its traffic arrives.

The same mistake in a manifest is found by `lints.manifests.mesh_and_dns_ports`.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Direction, Peer, Pods
from netpolc.kube.platform import MESH_PORT
from netpolc.lints.manifests.mesh_and_dns_ports import AMBIENT_MESH, is_in_mesh, no_mesh_port
from netpolc.program.model import Arrow, Namespace, Program
from netpolc.source import Span


def ambient_mesh_arrows(
    program: Program, whole: Policies, inventory: Inventory
) -> Iterator[Diagnostic]:
    """Report, once for each namespace and direction, an arrow whose pods the mesh does not connect."""
    for name, namespace in program.namespaces.items():
        labels = whole.namespaces[name].labels if name in whole.namespaces else namespace.labels
        for arrow in namespace.arrows:
            if (
                arrow.direction is Direction.INGRESS
                and arrow.origin.span is not None
                and any(granted.grant.traffic.tcp for granted in arrow.grants)
                and is_in_mesh(name, labels, arrow.subject, inventory)
                and not _opens_mesh(namespace, arrow)
            ):
                yield _finding(arrow.direction, arrow.origin.span)
                break
        closed = (span for span in _closed_senders(name, whole, inventory) if span is not None)
        if (span := next(closed, None)) is not None:
            yield _finding(Direction.EGRESS, span)


def _finding(direction: Direction, span: Span) -> Diagnostic:
    arrow = "* <- ns *" if direction is Direction.INGRESS else "* -> ns *"
    return Diagnostic(
        rule=AMBIENT_MESH,
        message=no_mesh_port(direction, "arrow"),
        label=Label(span, "to pods of the mesh"),
        help=f"add port {MESH_PORT}, or write `{arrow}:{MESH_PORT}` once",
    )


def _closed_senders(name: str, whole: Policies, inventory: Inventory) -> Iterator[Span | None]:
    """The places of arrows, mirrored ones too, to the mesh from pods of it that may not send to its port."""
    if name not in whole.namespaces:
        return
    known = whole.namespaces[name]
    senders = known.of(Direction.EGRESS)
    for subject in senders:
        if not is_in_mesh(name, known.labels, subject.selector, inventory) or any(
            MESH_PORT in allow.traffic.tcp
            for other in senders
            if subject.selector <= other.selector
            for allow in other.allows
        ):
            continue
        for allow in subject.allows:
            if allow.traffic.tcp and _is_in_known_mesh(allow.peer, name, whole, inventory):
                yield from (origin.span for origin in allow.origins if origin.policy is None)


def _is_in_known_mesh(peer: Peer, name: str, whole: Policies, inventory: Inventory) -> bool:
    """Whether a peer, seen from a namespace, is pods of the mesh in a known namespace."""
    if not isinstance(peer, Pods):
        return False
    home = peer.home(name)
    known = None if home is None else whole.namespaces.get(home)
    return known is not None and is_in_mesh(known.namespace, known.labels, peer.pods, inventory)


def _opens_mesh(namespace: Namespace, arrow: Arrow) -> bool:
    """Whether an arrow opens the mesh's port to all pods of the arrow's subject."""
    return any(
        MESH_PORT in granted.grant.traffic.tcp
        for other in namespace.arrows
        if other.direction is Direction.INGRESS and arrow.subject <= other.subject
        for granted in other.grants
    )
