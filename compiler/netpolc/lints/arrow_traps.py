"""Arrows that select nothing, or the wrong thing, in nearly every cluster.

The mistakes are those that the lints on manifests find (`lints.manifests`), and the rules
are the same: an author makes them in either form. In intents the advice is better, because
the language has a word for what was meant.
"""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic, Label, Rule
from netpolc.kube.cidr import Block
from netpolc.kube.inventory import Inventory
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Outside, Peer, Pods
from netpolc.kube.platform import (
    API_SERVER_PORT,
    NAME_SERVICE,
    OWN_NAMESPACES,
    is_api_server,
    name_by_label,
    platform_pods,
    run_elsewhere,
    service_at,
)
from netpolc.kube.ports import EVERY_PORT, Traffic
from netpolc.kube.selectors import Selector
from netpolc.lints.written_peer import peer_span
from netpolc.program.model import Arrow, NamedGrant, Namespace
from netpolc.sets import ValueSet
from netpolc.source import Span
from netpolc.values import frozen

_METADATA = ip_address("169.254.169.254")
_METADATA_V6 = ip_address("fd00:ec2::254")
_HTTP, _DNS, _OPENSHIFT_DNS = 80, 53, 5353

Stated: TypeAlias = Mapping[str, Mapping[str, str]]
"""The labels that namespaces are known to have, by their names."""


def arrow_traps(namespace: Namespace, stated: Stated, inventory: Inventory) -> Iterator[Diagnostic]:
    """Report the arrows of a namespace whose subject or peer is one of the well-known mistakes."""
    for arrow in namespace.arrows:
        for index, trap in _traps(stated, namespace, arrow, inventory):
            span = peer_span(arrow.origin, index)
            if span is not None:
                yield trap.finding(span)


def is_platform_peer(namespace: Namespace, arrow: Arrow, granted: NamedGrant) -> bool:
    """Whether a peer is pods of the platform that do not run in the arrow's namespace."""
    peer = granted.grant.peer
    if not isinstance(peer, Pods) or peer.namespaces is not None:
        return False
    platform = platform_pods(peer, arrow.direction, granted.grant.traffic)
    return platform is not None and run_elsewhere(platform, namespace.name)


@frozen(kw_only=True)
class _Trap:
    """A mistake in an arrow, by the rule that finds it in manifests as well."""

    rule: str
    message: str
    label: str
    help: str

    def finding(self, span: Span) -> Diagnostic:
        """The finding at the arrow."""
        return Diagnostic(
            rule=_rules()[self.rule],
            message=self.message,
            label=Label(span, self.label),
            help=self.help,
        )


def _rules() -> Mapping[str, Rule]:
    """The rules of the lints on manifests, which are loaded only when one of them is broken."""
    from netpolc.lints.manifests.api_server import API_SERVER_AS_PODS  # noqa: PLC0415
    from netpolc.lints.manifests.dns_egress import (  # noqa: PLC0415
        DNS_OF_ANYONE,
        DNS_OVER_TCP_ONLY,
        DNS_OVER_UDP_ONLY,
    )
    from netpolc.lints.manifests.mesh_and_dns_ports import OPENSHIFT_DNS  # noqa: PLC0415
    from netpolc.lints.manifests.metadata_service import (  # noqa: PLC0415
        METADATA_SERVICE_OPEN,
        WHOLE_WORLD,
    )
    from netpolc.lints.manifests.namespace_label import (  # noqa: PLC0415
        NAMESPACE_BY_NAME_LABEL,
        NAMESPACE_LABEL_ON_PODS,
        UNSET_NAMESPACE_LABEL,
    )
    from netpolc.lints.manifests.platform_pods_elsewhere import FOREIGN_PODS  # noqa: PLC0415
    from netpolc.lints.manifests.service_address import SERVICE_ADDRESS  # noqa: PLC0415

    return {
        rule.code: rule
        for rule in (
            API_SERVER_AS_PODS,
            DNS_OF_ANYONE,
            DNS_OVER_TCP_ONLY,
            DNS_OVER_UDP_ONLY,
            OPENSHIFT_DNS,
            METADATA_SERVICE_OPEN,
            WHOLE_WORLD,
            NAMESPACE_BY_NAME_LABEL,
            NAMESPACE_LABEL_ON_PODS,
            UNSET_NAMESPACE_LABEL,
            FOREIGN_PODS,
            SERVICE_ADDRESS,
        )
    }


def _traps(
    stated: Stated, namespace: Namespace, arrow: Arrow, inventory: Inventory
) -> Iterator[tuple[int, _Trap]]:
    """The traps of an arrow, each with the index of the peer that it is about; -1 for the subject."""
    # In place, because this loop runs for each arrow of a program.
    for key, allowed in arrow.subject.requirements:
        if key == METADATA_NAME and not allowed.absent:
            yield -1, _label_of_namespaces(allowed)
    for granted in arrow.grants:
        for trap in _traps_of_peer(stated, namespace, arrow, granted, inventory):
            yield granted.index, trap


def _traps_of_peer(
    stated: Stated,
    namespace: Namespace,
    arrow: Arrow,
    granted: NamedGrant,
    inventory: Inventory,
) -> Iterator[_Trap]:
    peer, traffic = granted.grant.peer, granted.grant.traffic
    if arrow.direction is Direction.EGRESS and _is_about_port_53(traffic):
        yield from _name_service(namespace, arrow, peer, traffic)
    if isinstance(peer, Pods):
        for key, allowed in peer.pods.requirements:
            if key == METADATA_NAME and not allowed.absent:
                yield _label_of_namespaces(allowed)
        if peer.namespaces is not None:
            yield from _labels_of_namespaces(stated, peer.namespaces)
        yield from _api_server(arrow.direction, peer, traffic)
        if is_platform_peer(namespace, arrow, granted) and not _is_here(
            namespace, granted.name, peer.pods, inventory
        ):
            yield from _platform(namespace, arrow, peer, traffic)
    elif isinstance(peer, Outside) and arrow.direction is Direction.EGRESS:
        for block in peer.addresses.blocks:
            yield from _service(namespace, block, traffic)
            yield from _metadata(block, traffic)


def _is_about_port_53(traffic: Traffic) -> bool:
    return traffic != EVERY_PORT and (_DNS in traffic.udp or _DNS in traffic.tcp)


def _name_service(
    namespace: Namespace, arrow: Arrow, peer: Peer, traffic: Traffic
) -> Iterator[_Trap]:
    """The traps of an arrow to name servers: half of the protocols, any server, or the wrong port."""
    from netpolc.lints.manifests.dns_egress import is_dns_only, is_whole_world  # noqa: PLC0415

    if is_dns_only(traffic) and is_whole_world(peer):
        yield _Trap(
            rule="NP628",
            message="DNS is open to any address",
            label="port 53 of any peer",
            help="write `dns`, or the addresses of the name servers",
        )
    if (
        isinstance(peer, Pods)
        and peer.home(namespace.name) == "openshift-dns"
        and _OPENSHIFT_DNS not in traffic.udp | traffic.tcp
    ):
        yield _Trap(
            rule="NP650",
            message="the pods in namespace `openshift-dns` listen on port 5353, not 53",
            label="a policy sees the port of the pods",
            help="write port 5353, or `dns: ns openshift-dns:[5353/udp, 5353/tcp]` once",
        )
    yield from _one_protocol(namespace, arrow, traffic)


def _one_protocol(namespace: Namespace, arrow: Arrow, traffic: Traffic) -> Iterator[_Trap]:
    """Whether the name service is open by one protocol alone, to pods that no `dns:` opens it to."""
    if namespace.dns or traffic.tcp == traffic.udp:
        return
    opened = [
        granted.grant.traffic
        for other in namespace.arrows
        if other.direction is Direction.EGRESS and not other.subject.isdisjoint(arrow.subject)
        for granted in other.grants
    ]
    port = (_DNS, _DNS)
    if port in traffic.udp.ranges and not any(_DNS in some.tcp for some in opened):
        yield _Trap(
            rule="NP626",
            message="DNS is open on UDP only",
            label="long answers need TCP",
            help="write `[53/udp, 53/tcp]`",
        )
    elif port in traffic.tcp.ranges and not any(_DNS in some.udp for some in opened):
        yield _Trap(
            rule="NP627",
            message="the name service is open by TCP alone",
            label="resolvers ask by UDP first",
            help="write `[53/udp, 53/tcp]`",
        )


def _is_here(namespace: Namespace, name: str, pods: Selector, inventory: Inventory) -> bool:
    """Whether pods of a namespace are known: by a workload, or by the service that names them."""
    service = namespace.services.get(name)
    is_declared = service is not None and service.declared is not None
    return is_declared or bool(inventory.matching(namespace.name, pods))


def _label_of_namespaces(allowed: ValueSet) -> _Trap:
    """The trap of a selector of pods by the label with the namespace's name."""
    return _Trap(
        rule="NP631",
        message=f"pods do not have the label `{METADATA_NAME}`",
        label="selects no pod",
        help=f"write `ns {allowed.single or 'NAMESPACE'}`",
    )


def _labels_of_namespaces(stated: Stated, namespaces: Selector) -> Iterator[_Trap]:
    if not name_by_label(namespaces, ()):
        return
    in_use = {labels["name"] for labels in stated.values() if "name" in labels}
    if name := name_by_label(namespaces, in_use):
        known = name in OWN_NAMESPACES or name in stated
        message = "namespaces have no label `name` unless somebody sets it"
        yield _Trap(
            rule="NP629" if known else "NP630",
            message=f"namespace `{name}` has no label `name`" if known else message,
            label="tests the label `name`",
            help=f"write `ns {name}`",
        )


def _api_server(direction: Direction, peer: Pods, traffic: Traffic) -> Iterator[_Trap]:
    whole = peer.namespaces is not None and peer.pods.is_everything
    egress = direction is Direction.EGRESS
    if is_api_server(peer, traffic) or (egress and whole and traffic <= API_SERVER_PORT):
        yield _Trap(
            rule="NP637",
            message="no selector matches the API server",
            label="selects pods, and the API server is on the host's network",
            help="write its addresses, as a group: `group kube-api = 192.0.2.1/32:6443`",
        )


def _platform(namespace: Namespace, arrow: Arrow, peer: Pods, traffic: Traffic) -> Iterator[_Trap]:
    platform = platform_pods(peer, arrow.direction, traffic)
    assert platform is not None
    name = (peer.pods.exact_labels() or {}).get(namespace.label)
    advice = f"write `{name or 'NAME'} in ns {platform.namespace}`, or the namespace it runs in"
    if platform is NAME_SERVICE:
        advice = _dns(namespace)
    yield _Trap(
        rule="NP636",
        message=f"{platform.who} does not run in namespace `{namespace.name}`",
        label="a bare peer is in the arrow's own namespace",
        help=advice,
    )


def _dns(namespace: Namespace) -> str:
    """The advice for the name service, which closed pods always reach."""
    if namespace.dns:
        return "leave it out: pods whose egress is closed reach `dns` already"
    return "write `dns`"


def _service(namespace: Namespace, block: Block, traffic: Traffic) -> Iterator[_Trap]:
    service = service_at(block.cidr, traffic)
    if service is not None:
        what, where = service
        advice = "write the API server's own addresses, as a group: `group kube-api = …`"
        yield _Trap(
            rule="NP633",
            message=f"`{block.cidr}` is the Service of {what} on {where}",
            label="policies are applied after a Service's address is translated",
            help=_dns(namespace) if what == NAME_SERVICE.who else advice,
        )


def _metadata(block: Block, traffic: Traffic) -> Iterator[_Trap]:
    if block.cidr.prefix or _HTTP not in traffic.tcp:
        return
    address = _METADATA if block.cidr.version == 4 else _METADATA_V6  # noqa: PLR2004
    numbers = block.numbers()
    if int(address) not in numbers:
        return
    yield _Trap(
        rule="NP634" if block.excepts else "NP635",
        message=f"`{block.cidr}` has the cloud's metadata service, {address}"
        if block.excepts
        else f"`{block.cidr}` has private networks and the cloud's metadata service, {address}",
        label="permits it on HTTP",
        help="for public addresses write `internet`",
    )
