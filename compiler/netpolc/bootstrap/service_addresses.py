"""Services and pods by their own addresses, for settings that name an address in place of a name.

A chart or an export may write a Service's clusterIP, an external one or that of its load balancer.
Policies apply at the pods to which the Service leads, so that an arrow names those.
"""

from collections.abc import Iterable, Mapping
from ipaddress import ip_address

from netpolc.kube.cidr import Address, Addresses, Block, Cidr
from netpolc.kube.inventory import KubeService, Workload


def services_by_address(services: Iterable[KubeService]) -> Mapping[Addresses, KubeService]:
    """The Services by each address that their manifests state; of several that share one, the first."""
    by_address: dict[Addresses, KubeService] = {}
    for service in services:
        for address in service.addresses:
            by_address.setdefault(address, service)
    return by_address


def workloads_by_address(workloads: Iterable[Workload]) -> Mapping[Addresses, Workload]:
    """The workloads by each address of their live pods."""
    return {address: workload for workload in workloads for address in workload.addresses}


def one_address(host: str) -> Addresses | None:
    """The address that a host is written as; None for a name."""
    address = ip_of(host)
    if address is None:
        return None
    return Addresses.of((Block(Cidr(address.version, int(address), address.max_prefixlen)),))


def ip_of(host: str) -> Address | None:
    """The address that a host is written as, also an IPv4 one inside of an IPv6 one; None for a name."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
