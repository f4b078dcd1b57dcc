"""Ends of flows whose address is not a peer's: loopback, link-local, multicast and the like."""

from netpolc.flowlogs.aggregate import FlowKind
from netpolc.flowlogs.flows import AddressParty
from netpolc.kube.special_addresses import metadata_service, special_use


def special_ends(kind: FlowKind) -> dict[AddressParty, str]:
    """The ends of a kind of flow with such an address, and what each address is."""
    meanings: dict[AddressParty, str] = {}
    if isinstance(kind.receiver, AddressParty):
        address = kind.receiver.address
        meanings[kind.receiver] = metadata_service(address) or special_use(address)
    if isinstance(kind.sender, AddressParty):
        meanings[kind.sender] = special_use(kind.sender.address)
    return {party: meaning for party, meaning in meanings.items() if meaning} if meanings else {}


def is_special(kind: FlowKind) -> bool:
    """Whether an end of a kind of flow has such an address."""
    return bool(special_ends(kind))
