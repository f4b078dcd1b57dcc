"""Selectors, peers and traffic in the API's own fields.

One meaning has many spellings in the API; these are the ones that netpolc writes: labels
where one value is asked for, one entry for each block and each pair of selectors, the
protocol always said, and a range only where there is more than one port.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from netpolc.kube.cidr import Block
from netpolc.kube.peers import Outside, Peer, Pods
from netpolc.kube.ports import ALL_PORTS, EVERY_PORT, PROTOCOLS, Traffic
from netpolc.kube.selectors import Selector
from netpolc.manifest.model import Expression, IPBlock, LabelSelector, PolicyPeer, PolicyPort
from netpolc.sets import ValueSet

_REMEMBERED = 1 << 16
"""So many entries are made once each. They are shared, so that code that reads or prints them
can know again what it has seen; nobody changes them."""


@lru_cache(maxsize=_REMEMBERED)
def label_selector(selector: Selector) -> LabelSelector:
    """The selector as a LabelSelector.

    Raises:
        ValueError: nothing meets it, or a key may have a value *or* be absent; the API
            cannot say either, and the nearest that it can say is wider.
    """
    if selector.impossible:
        message = "a selector that nothing meets has no API form"
        raise ValueError(message)
    labels: dict[str, str] = {}
    expressions: list[Expression] = []
    for key, allowed in selector.requirements:
        if (value := allowed.single) is not None:
            labels[key] = value
        else:
            expressions.extend(_expressions(key, allowed))
    return LabelSelector(labels, tuple(expressions))


def peer_entries(peer: Peer) -> Iterable[PolicyPeer]:
    """Entries of `from` or `to` for a peer, in canonical order.

    Raises:
        ValueError: the peer is everyone, which only a rule without entries can say.
    """
    if isinstance(peer, Pods):
        return _pods_entries(peer)
    if isinstance(peer, Outside):  # Equal addresses may be written in other blocks.
        return map(_block_entry, peer.addresses.blocks)
    message = "everyone has no entry"
    raise ValueError(message)


@lru_cache(maxsize=_REMEMBERED)
def _pods_entries(peer: Pods) -> tuple[PolicyPeer, ...]:
    if peer.namespaces is None:
        return (PolicyPeer(pod_selector=label_selector(peer.pods)),)
    namespaces = label_selector(peer.namespaces)
    pods = None if peer.pods.is_everything else label_selector(peer.pods)
    return (PolicyPeer(namespace_selector=namespaces, pod_selector=pods),)


@lru_cache(maxsize=_REMEMBERED)
def _block_entry(block: Block) -> PolicyPeer:
    return PolicyPeer(ip_block=IPBlock(str(block.cidr), tuple(map(str, block.excepts))))


@lru_cache(maxsize=_REMEMBERED)
def port_entries(traffic: Traffic) -> tuple[PolicyPort, ...] | None:
    """Entries of `ports` in canonical order; None for all traffic, which has no `ports`.

    Raises:
        ValueError: the traffic is empty. Without entries a rule would mean every port.
    """
    if traffic == EVERY_PORT:
        return None
    if not traffic:
        message = "no traffic has no entries"
        raise ValueError(message)
    return tuple(_ports(traffic))


def _ports(traffic: Traffic) -> Iterator[PolicyPort]:
    for protocol in PROTOCOLS:
        numbers = traffic.numbers(protocol)
        if numbers == ALL_PORTS:
            yield PolicyPort(protocol=protocol.value)
            continue
        for low, high in numbers.ranges:
            end = None if low == high else high
            yield PolicyPort(protocol=protocol.value, port=low, end_port=end)
        for name in sorted(port.name for port in traffic.named if port.protocol is protocol):
            yield PolicyPort(protocol=protocol.value, port=name)


def _expressions(key: str, allowed: ValueSet) -> Iterator[Expression]:
    values = tuple(sorted(allowed.values))
    match allowed.complement, allowed.absent:
        case True, True:
            yield Expression(key=key, operator="NotIn", values=values)
        case True, False:
            yield Expression(key=key, operator="Exists")
            if values:
                yield Expression(key=key, operator="NotIn", values=values)
        case False, False:
            yield Expression(key=key, operator="In", values=values)
        case _ if values:
            message = f"no LabelSelector says that {key} is one of {values} or absent"
            raise ValueError(message)
        case _:
            yield Expression(key=key, operator="DoesNotExist")
