"""Selectors, peers and traffic in the API's own fields.

One meaning has many spellings in the API; these are the ones that netpolc writes: labels
where one value is asked for, one entry for each block and each pair of selectors, the
protocol always said, and a range only where there is more than one port.
"""

from collections.abc import Iterator

from netpolc.kube.cidr import Block
from netpolc.kube.peers import Outside, Peer, Pods
from netpolc.kube.ports import ALL_PORTS, EVERY_PORT, PROTOCOLS, Traffic
from netpolc.kube.selectors import Selector
from netpolc.manifest.model import Expression, IPBlock, LabelSelector, PolicyPeer, PolicyPort
from netpolc.sets import ValueSet


class Entries:
    """Peers, ports and selectors in the API's fields, each made once, and the size of the largest.

    Policies share them, so that code that reads or prints them can know again what it has seen; nobody
    changes them. `largest` counts labels, values and ports.
    """

    __slots__ = ("_peers", "_ports", "_selectors", "largest")

    def __init__(self) -> None:
        self._selectors: dict[Selector, LabelSelector] = {}
        # With the peer, so that no other object takes its place. Equal addresses may have other blocks.
        self._peers: dict[int, tuple[tuple[PolicyPeer, ...], Peer]] = {}
        self._ports: dict[Traffic, tuple[PolicyPort, ...] | None] = {EVERY_PORT: None}
        self.largest = 1

    def selector(self, selector: Selector) -> LabelSelector:
        """The selector as a LabelSelector.

        Raises:
            ValueError: the API has no words for it (`label_selector`).
        """
        made = self._selectors.get(selector)
        if made is None:
            made = self._selectors[selector] = label_selector(selector)
            self._measure(_selector_size(made))
        return made

    def peer(self, peer: Pods | Outside) -> tuple[PolicyPeer, ...]:
        """Entries of `from` or `to` for a peer, in canonical order."""
        known = self._peers.get(id(peer))
        if known is not None:
            return known[0]
        if isinstance(peer, Outside):
            entries = tuple(map(_block_entry, peer.addresses.blocks))
            self._measure(sum(1 + len(block.excepts) for block in peer.addresses.blocks))
        else:
            entries = (self._pods(peer),)
            self._measure(
                1
                + sum(map(_selector_size, (entries[0].pod_selector, entries[0].namespace_selector)))
            )
        self._peers[id(peer)] = entries, peer
        return entries

    def ports(self, traffic: Traffic) -> tuple[PolicyPort, ...] | None:
        """Entries of `ports` in canonical order; None for all traffic, which has no `ports`.

        Raises:
            ValueError: the traffic is empty. Without entries a rule would mean every port.
        """
        if traffic in self._ports:
            return self._ports[traffic]
        if not traffic:
            message = "no traffic has no entries"
            raise ValueError(message)
        policy_ports = self._ports[traffic] = tuple(_ports(traffic))
        self._measure(len(policy_ports))
        return policy_ports

    def _pods(self, peer: Pods) -> PolicyPeer:
        if peer.namespaces is None:
            return PolicyPeer(pod_selector=self.selector(peer.pods))
        namespaces = self.selector(peer.namespaces)
        pods = None if peer.pods.is_everything else self.selector(peer.pods)
        return PolicyPeer(namespace_selector=namespaces, pod_selector=pods)

    def _measure(self, size: int) -> None:
        self.largest = max(self.largest, size)


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


def _selector_size(selector: LabelSelector | None) -> int:
    if selector is None:
        return 0
    values = sum(1 + len(expression.values) for expression in selector.match_expressions)
    return len(selector.match_labels) + values


def _block_entry(block: Block) -> PolicyPeer:
    return PolicyPeer(ip_block=IPBlock(str(block.cidr), tuple(map(str, block.excepts))))


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
