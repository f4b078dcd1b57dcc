"""Traps of peers that are meant to be the name service, in arrows and in the dns setting.

Half of the protocols, servers that anybody may run, and the port that OpenShift's servers do not listen on.
"""

from collections.abc import Collection, Iterator

from netpolc.kube.peers import Direction, Grant, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, Protocol, Traffic
from netpolc.lints.trap import Trap
from netpolc.program.model import Arrow, Namespace

_DNS, _OPENSHIFT_DNS = 53, 5353


def name_service_traps(namespace: Namespace, peer: Peer, traffic: Traffic) -> Iterator[Trap]:
    """The traps of a peer to which egress is opened: any server, or the wrong port."""
    if not _is_about_names(traffic):
        return
    from netpolc.lints.manifests.dns_egress import is_dns_only, is_whole_world  # noqa: PLC0415

    if is_dns_only(traffic) and is_whole_world(peer):
        yield Trap(
            rule="NP628",
            message="DNS is open to any address",
            label="port 53 of any peer",
            help="write `dns`, or the addresses of the name servers",
        )
    numbers = traffic.udp | traffic.tcp
    if (
        isinstance(peer, Pods)
        and peer.home(namespace.name) == "openshift-dns"
        and _DNS in numbers
        and _OPENSHIFT_DNS not in numbers
    ):
        yield Trap(
            rule="NP650",
            message="the pods in namespace `openshift-dns` listen on port 5353, not 53",
            label="a policy sees the port of the pods",
            help="write port 5353, or `dns: ns openshift-dns:[5353/udp, 5353/tcp]` once",
        )


def one_protocol_of_arrow(namespace: Namespace, arrow: Arrow, traffic: Traffic) -> Iterator[Trap]:
    """The trap that an arrow opens the name service by one protocol alone, to pods that no `dns:` opens it to."""
    if namespace.dns or not _is_about_names(traffic) or traffic.tcp == traffic.udp:
        return
    yield from one_protocol(
        namespace.name,
        traffic,
        [
            granted.grant
            for other in namespace.arrows
            if other.direction is Direction.EGRESS and not other.subject.isdisjoint(arrow.subject)
            for granted in other.grants
        ],
    )


def one_protocol(home: str, traffic: Traffic, opened: Collection[Grant]) -> Iterator[Trap]:
    """The trap that traffic names port 53 by one protocol, and nothing opens the other one.

    Args:
        home: the namespace of the pods whose egress is opened.
        traffic: what a peer is opened for.
        opened: all that is opened to these pods.
    """
    from netpolc.lints.manifests.dns_egress import opens_name_service  # noqa: PLC0415

    def is_open(protocol: Protocol) -> bool:
        return any(
            opens_name_service(grant.peer, grant.traffic, home, protocol) for grant in opened
        )

    port = (_DNS, _DNS)
    if port in traffic.udp.ranges and not is_open(Protocol.TCP):
        yield Trap(
            rule="NP626",
            message="DNS is open on UDP only",
            label="long answers need TCP",
            help="write `[53/udp, 53/tcp]`",
        )
    elif port in traffic.tcp.ranges and not is_open(Protocol.UDP):
        yield Trap(
            rule="NP627",
            message="the name service is open by TCP alone",
            label="resolvers ask by UDP first",
            help="write `[53/udp, 53/tcp]`",
        )


def _is_about_names(traffic: Traffic) -> bool:
    """Whether traffic may have a port of the name service."""
    return traffic != EVERY_PORT and (
        bool(traffic.named)
        or any(
            port in numbers
            for port in (_DNS, _OPENSHIFT_DNS)
            for numbers in (traffic.udp, traffic.tcp)
        )
    )
