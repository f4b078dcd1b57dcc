"""Arrows that select nothing, or the wrong thing, in nearly every cluster.

The mistakes are those that the lints on manifests find (`lints.manifests`), and the rules
are the same: an author makes them in either form. In intents the advice is better, because
the language has a word for what was meant.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic
from netpolc.kube.cidr import Addresses, Block
from netpolc.kube.inventory import Inventory
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Grant, Outside, Pods
from netpolc.kube.platform import (
    API_SERVER_PORT,
    NAME_SERVICE,
    OWN_NAMESPACES,
    is_api_server,
    is_reserved_label,
    may_be_unset,
    platform_pods,
    run_elsewhere,
    service_at,
    unset_labels,
)
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector
from netpolc.kube.special_addresses import instance_metadata_in
from netpolc.lints.name_service_traps import (
    name_service_traps,
    one_protocol,
    one_protocol_of_arrow,
)
from netpolc.lints.trap import Trap
from netpolc.lints.written_peer import peer_span
from netpolc.program.model import Arrow, NamedGrant, Namespace
from netpolc.sets import ValueSet

_HTTP = 80

Stated: TypeAlias = Mapping[str, Mapping[str, str]]
"""The labels that namespaces are known to have, by their names."""


def arrow_traps(namespace: Namespace, stated: Stated, inventory: Inventory) -> Iterator[Diagnostic]:
    """Report the arrows of a namespace, and its dns setting, with one of the well-known mistakes."""
    for arrow in namespace.arrows:
        for index, trap in _traps(stated, namespace, arrow, inventory):
            span = peer_span(arrow.origin, index)
            if span is not None:
                yield trap.finding(span)
    if (span := namespace.dns_origin.span) is not None:
        for trap in _traps_of_setting(stated, namespace, inventory):
            yield trap.finding(span)


def is_platform_peer(namespace: Namespace, direction: Direction, grant: Grant) -> bool:
    """Whether a peer is pods of the platform that do not run in the arrow's namespace."""
    peer = grant.peer
    if not isinstance(peer, Pods) or peer.home(namespace.name) != namespace.name:
        return False
    platform = platform_pods(peer, direction, grant.traffic)
    return platform is not None and run_elsewhere(platform, namespace.name)


def _traps(
    stated: Stated, namespace: Namespace, arrow: Arrow, inventory: Inventory
) -> Iterator[tuple[int, Trap]]:
    """The traps of an arrow, each with the index of the peer that it is about; -1 for the subject."""
    # In place, because this loop runs for each arrow of a program.
    for key, allowed in arrow.subject.requirements:
        if key == METADATA_NAME and not allowed.absent:
            yield -1, _label_of_namespaces(allowed)
    direction = arrow.direction
    of_setting = namespace.dns if "dns" in arrow.through else ()
    for granted in arrow.grants:
        if granted.grant in of_setting:
            continue
        for trap in _traps_of_peer(stated, namespace, direction, granted, inventory):
            yield granted.index, trap
        if direction is Direction.EGRESS:
            for trap in one_protocol_of_arrow(namespace, arrow, granted.grant.traffic):
                yield granted.index, trap


def _traps_of_setting(stated: Stated, namespace: Namespace, inventory: Inventory) -> Iterator[Trap]:
    """The traps of the peers of a namespace's dns setting, with advice for the setting."""
    for grant in namespace.dns:
        granted = NamedGrant(grant=grant)
        for trap in _traps_of_peer(stated, namespace, Direction.EGRESS, granted, inventory):
            advice = _ADVICE_FOR_DNS_SETTING.get(trap.rule)
            yield trap if advice is None else replace(trap, help=advice)
        yield from one_protocol(namespace.name, grant.traffic, namespace.dns)


_BUILT_IN_IS_RIGHT = (
    "remove the setting: without it, `dns` is the pods of the name service in `kube-system`"
)
_ADVICE_FOR_DNS_SETTING = {
    "NP628": "write the addresses of the name servers",
    "NP633": _BUILT_IN_IS_RIGHT,
    "NP634": "write the ports of the name service: `[53/udp, 53/tcp]`",
    "NP635": "write the ports of the name service: `[53/udp, 53/tcp]`",
    "NP636": _BUILT_IN_IS_RIGHT,
}


def _traps_of_peer(
    stated: Stated,
    namespace: Namespace,
    direction: Direction,
    granted: NamedGrant,
    inventory: Inventory,
) -> Iterator[Trap]:
    peer, traffic = granted.grant.peer, granted.grant.traffic
    if direction is Direction.EGRESS:
        yield from name_service_traps(namespace, peer, traffic)
    if isinstance(peer, Pods):
        for key, allowed in peer.pods.requirements:
            if key == METADATA_NAME and not allowed.absent:
                yield _label_of_namespaces(allowed)
        if peer.namespaces is not None:
            yield from _labels_of_namespaces(stated, peer.namespaces)
        yield from _api_server(direction, peer, traffic)
        if is_platform_peer(namespace, direction, granted.grant) and not _is_here(
            namespace, granted.name, peer.pods, inventory
        ):
            yield from _platform(namespace, direction, peer, traffic)
    elif isinstance(peer, Outside) and direction is Direction.EGRESS:
        for block in peer.addresses.blocks:
            yield from _service(namespace, block, traffic)
            yield from _metadata(block, traffic)


def _is_here(namespace: Namespace, name: str, pods: Selector, inventory: Inventory) -> bool:
    """Whether pods of a namespace are known: by a workload, or by the service that names them."""
    service = namespace.services.get(name)
    is_declared = service is not None and service.declared is not None
    return (
        is_declared
        or bool(inventory.matching(namespace.name, pods))
        or inventory.may_be_made(namespace.name, pods)
    )


def _label_of_namespaces(allowed: ValueSet) -> Trap:
    """The trap of a selector of pods by the label with the namespace's name."""
    return Trap(
        rule="NP631",
        message=f"pods do not have the label `{METADATA_NAME}`",
        label="selects no pod",
        help=f"write `ns {allowed.single or 'NAMESPACE'}`",
    )


def _labels_of_namespaces(stated: Stated, namespaces: Selector) -> Iterator[Trap]:
    """The traps of a selector of namespaces by labels that nobody sets."""
    if not unset_labels(namespaces, ()):
        return
    in_use = {
        label for labels in stated.values() for label in labels.items() if may_be_unset(label[0])
    }
    for key, allowed in unset_labels(namespaces, in_use):
        advice = f"write `{_by_name(allowed)}`"
        known = [v for v in sorted(allowed.values) if v in OWN_NAMESPACES or v in stated]
        if is_reserved_label(key):
            message = f"Kubernetes gives no namespace the label `{key}`"
            advice += ", or test a label that somebody sets"
        elif known:
            message = f"namespace `{known[0]}` has no label `name`"
        else:
            message = "namespaces have no label `name` unless somebody sets it"
        yield Trap(
            rule="NP629" if known or is_reserved_label(key) else "NP630",
            message=message,
            label=f"tests the label `{key}`",
            help=advice,
        )


def _by_name(names: ValueSet) -> str:
    """Namespaces of these names, as a peer."""
    if names.is_finite and len(names.values) > 1:
        return f"ns {{{METADATA_NAME} in ({', '.join(sorted(names.values))})}}"
    return f"ns {names.single or 'NAME'}"


def _api_server(direction: Direction, peer: Pods, traffic: Traffic) -> Iterator[Trap]:
    whole = peer.namespaces is not None and peer.pods.is_everything
    egress = direction is Direction.EGRESS
    if is_api_server(peer, traffic) or (egress and whole and traffic <= API_SERVER_PORT):
        yield Trap(
            rule="NP637",
            message="no selector matches the API server",
            label="selects pods, and the API server is on the host's network",
            help="write its addresses, as a group: `group kube-api = 192.0.2.1/32:6443`",
        )


def _platform(
    namespace: Namespace, direction: Direction, peer: Pods, traffic: Traffic
) -> Iterator[Trap]:
    platform = platform_pods(peer, direction, traffic)
    assert platform is not None
    name = (peer.pods.exact_labels() or {}).get(namespace.label)
    advice = f"write `{name or 'NAME'} in ns {platform.namespace}`, or the namespace it runs in"
    if platform is NAME_SERVICE:
        advice = _dns(namespace)
    yield Trap(
        rule="NP636",
        message=f"{platform.who} does not run in namespace `{namespace.name}`",
        label="selects pods of the arrow's own namespace",
        help=advice,
    )


def _dns(namespace: Namespace) -> str:
    """The advice for the name service, which closed pods always reach."""
    if namespace.dns:
        return "leave it out: pods whose egress is closed reach `dns` already"
    return "write `dns`"


def _service(namespace: Namespace, block: Block, traffic: Traffic) -> Iterator[Trap]:
    service = service_at(block.cidr, traffic)
    if service is not None:
        what, where = service
        advice = "write the API server's own addresses, as a group: `group kube-api = …`"
        yield Trap(
            rule="NP633",
            message=f"`{block.cidr}` is the Service of {what} on {where}",
            label="policies are applied after a Service's address is translated",
            help=_dns(namespace) if what == NAME_SERVICE.who else advice,
        )


def _metadata(block: Block, traffic: Traffic) -> Iterator[Trap]:
    if block.cidr.prefix or _HTTP not in traffic.tcp:
        return
    address = next(instance_metadata_in(Addresses.of((block,))), None)
    if address is None:
        return
    yield Trap(
        rule="NP634" if block.excepts else "NP635",
        message=f"`{block.cidr}` has the cloud's metadata service, {address}"
        if block.excepts
        else f"`{block.cidr}` has private networks and the cloud's metadata service, {address}",
        label="permits it on HTTP",
        help="for public addresses write `internet`",
    )
