"""Arrows to pods of an ambient mesh that leave out the port on which its traffic arrives.

The same mistake in a manifest is found by `lints.manifests.mesh_and_dns_ports`.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Direction
from netpolc.kube.platform import MESH_PORT
from netpolc.lints.manifests.mesh_and_dns_ports import AMBIENT_MESH, is_in_mesh
from netpolc.program.model import Arrow, Namespace, Program


def ambient_mesh_arrows(
    program: Program, whole: Policies, inventory: Inventory
) -> Iterator[Diagnostic]:
    """Report, once for each namespace, an arrow whose pods nobody may reach by the mesh."""
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
                yield Diagnostic(
                    rule=AMBIENT_MESH,
                    message=f"traffic of the ambient mesh arrives on port {MESH_PORT}, which no arrow permits",
                    label=Label(arrow.origin.span, "to pods of the mesh"),
                    help=f"add port {MESH_PORT}, or write `* <- ns *:{MESH_PORT}` once",
                )
                break


def _opens_mesh(namespace: Namespace, arrow: Arrow) -> bool:
    """Whether an arrow opens the mesh's port to all pods of the arrow's subject."""
    return any(
        MESH_PORT in granted.grant.traffic.tcp
        for other in namespace.arrows
        if other.direction is Direction.INGRESS and arrow.subject <= other.subject
        for granted in other.grants
    )
