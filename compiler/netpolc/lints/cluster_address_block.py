"""Address blocks that hold addresses of the cluster itself.

An ipBlock is meant for addresses outside the cluster. Whether it also matches a pod, a
Service or a node is left open by the API and differs from one network plugin to the
next (API reference, IPBlock; traps 11 and 12), so such an arrow means one thing here and
another thing there.
"""

from collections.abc import Iterable, Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import PolicySet
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Outside, Peer
from netpolc.program.model import Arrow, ClusterAddresses
from netpolc.provenance import Origin, Role
from netpolc.source import Span

OWN_ADDRESSES = Rule(code="NP602", name="own-addresses", severity=Severity.WARNING)


def cluster_address_blocks(
    arrows: Iterable[Arrow], policies: PolicySet, own: ClusterAddresses, inventory: Inventory
) -> Iterator[Diagnostic]:
    """Report the arrows, and rules of policies, whose blocks meet the cluster's own addresses.

    The addresses come from the cluster section and from objects in manifests.
    `policies` are those of the same namespace as written, so that each rule of a manifest is
    reported by itself.
    """
    yield from _of_objects(policies, inventory)
    stated = (("pods", own.pods), ("services", own.services), ("nodes", own.nodes))
    known = tuple((what, addresses) for what, addresses in stated if addresses)
    if not known:
        return
    for arrow in arrows:
        yield from _meetings((n.grant.peer for n in arrow.grants), arrow.origin.span, known)
    for allow in policies.allows:
        for origin in allow.origins:
            if origin.role is Role.POLICY:
                yield from _meetings([allow.peer], origin.span, known)


def _meetings(
    peers: Iterable[Peer], span: Span | None, known: tuple[tuple[str, Addresses], ...]
) -> Iterator[Diagnostic]:
    for peer in peers:
        if not isinstance(peer, Outside) or span is None:
            continue
        for what, addresses in known:
            if peer.addresses.meets(addresses):
                blocks = ", ".join(map(str, addresses.blocks))
                yield Diagnostic(
                    rule=OWN_ADDRESSES,
                    message=f"`{', '.join(map(str, peer.addresses.blocks))}` meets the cluster's own {what}",
                    label=Label(span, f"the cluster section states `{what}: {blocks}`"),
                    help="name pods by labels, and leave the cluster's addresses out with `except`",
                )


def _of_objects(policies: PolicySet, inventory: Inventory) -> Iterator[Diagnostic]:
    """Report the blocks, other than those of every address, that have the address of an object."""
    reported: set[Origin] = set()
    for allow in policies.allows if inventory.addresses else ():
        peer = allow.peer
        if not isinstance(peer, Outside) or any(not b.cidr.prefix for b in peer.addresses.blocks):
            continue
        own_addresses = (own for own in inventory.addresses if own.addresses.meets(peer.addresses))
        own = next(own_addresses, None)
        for origin in allow.origins if own is not None else ():
            written = origin.role in {Role.ARROW, Role.POLICY}
            if own is not None and written and origin.span and origin not in reported:
                reported.add(origin)
                address = ", ".join(map(str, own.addresses.blocks))
                yield Diagnostic(
                    rule=OWN_ADDRESSES,
                    message=f"the block has `{address}`, the address of {own.owner}",
                    label=Label(origin.span, "whether it matches depends on the network plugin"),
                    help="name pods by labels; blocks are for addresses outside the cluster",
                )
