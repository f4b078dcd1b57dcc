"""The peers of an entry in words, from boxes.

In: boxes of one subject seen from its namespace, each with what it exactly means. Out:
the peers of one arrow, in the order in which people list them: own pods, pods elsewhere,
addresses. Boxes that differ only in their ports are one peer with several ports.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field, replace

from netpolc.analysis.address_line import on_line
from netpolc.analysis.port_encoding import NAME, TRAFFIC
from netpolc.analysis.query import EVERY_ADDRESS
from netpolc.analysis.symbolic_case import ADDRESS
from netpolc.changes.local_names import LocalNames
from netpolc.changes.model import FarEnd
from netpolc.changes.subject_view import (
    AWAY,
    HOME,
    PEER,
    SUBJECT,
    Frame,
    addresses_of,
    named_ports,
    names_of,
    selector_of,
    traffic_of,
    version_of,
    without,
)
from netpolc.kube.cidr import Addresses
from netpolc.kube.display import ports_text, selector_text
from netpolc.kube.ports import ALL_PORTS, NO_PORTS, PROTOCOLS, NamedPort, Traffic
from netpolc.sets import ValueSet
from netpolc.sets.boxes import Box, Possibilities, Variable
from netpolc.sets.value_set import ABSENT
from netpolc.values import frozen

_EVERY_ADDRESS = on_line(EVERY_ADDRESS.addresses)
_LABELS = frozenset((SUBJECT, HOME, PEER, AWAY))


_BLOCK = re.compile(r"[0-9a-f:.]+/[0-9]")
_HOLE = re.compile(r" except ([0-9a-f:.]+/[0-9]+)$")


@frozen(eq=False)
class ArrowBox:
    """A box to put into words, and the boxes that are exactly its meaning here."""

    box: Box
    exactly: tuple[Box, ...]


@frozen(kw_only=True, eq=False)
class _Peer:
    """One peer with its ports; `condition` is what no arrow can say."""

    box: Box
    traffic: Traffic
    exactly: tuple[Box, ...]
    condition: str = ""
    anyone: bool = field(default=False)


def peers_text(peers: Iterable[str]) -> str:
    """Return a list of peers in the language.

    A block after an exception without ports would be read as one more exception, so that exception
    gets brackets.
    """
    texts = list(peers)
    for number, after in enumerate(texts[1:]):
        if _BLOCK.match(after):
            texts[number] = _HOLE.sub(r" except [\1]", texts[number])
    return ", ".join(texts)


def subject_text(box: Box, frame: Frame, local: LocalNames) -> tuple[str, bool]:
    """The subject of a box, and whether the language can say it."""
    text = local.pods(selector_of(box, SUBJECT), frame.namespace)
    where = selector_of(box, HOME)
    if where.is_everything:
        return text, True
    return f"{text} where namespace {frame.namespace} is {selector_text(where)}", False


def far_ends(
    arrow_boxes: Iterable[ArrowBox], frame: Frame, local: LocalNames, written: Sequence[Addresses]
) -> tuple[FarEnd, ...]:
    """The peers that boxes of one subject describe."""
    peers = _with_anyone(_peers(arrow_boxes))
    ranked = sorted(
        ((_rank(peer, frame), _far_end(peer, frame, local, written)) for peer in peers),
        key=lambda pair: (pair[0], pair[1].text),
    )
    return tuple(end for _, end in ranked)


def sayable(box: Box) -> Iterator[Box]:
    """The box in parts whose labels the language can say: `k=v or !k` is two."""
    for variable, allowed in box.items():
        if not isinstance(allowed, ValueSet) or not isinstance(variable, tuple):
            continue
        is_two = allowed.absent and bool(allowed.values) and not allowed.complement
        if is_two and variable[0] in _LABELS:
            for part in (ValueSet(allowed.values), ABSENT):
                yield from sayable({**box, variable: part})
            return
    yield box


def _peers(arrow_boxes: Iterable[ArrowBox]) -> list[_Peer]:
    peers: dict[object, _Peer] = {}
    for arrow_box in arrow_boxes:
        far = without(arrow_box.box, (SUBJECT, HOME, TRAFFIC[0], NAME))
        traffic, named = _ports(arrow_box.box)
        version = version_of(arrow_box.box)
        over = "" if version is None else f"over IPv{version}"
        condition = " ".join(filter(None, (over, named)))
        key: tuple[object, ...] = (_frozen(far), condition, traffic if condition else None)
        first = peers.get(key)
        peer = _Peer(box=far, traffic=traffic, exactly=arrow_box.exactly, condition=condition)
        if first is not None:
            exactly = (*first.exactly, *arrow_box.exactly)
            peer = replace(peer, traffic=first.traffic | traffic, exactly=exactly)
        peers[key] = peer
    return list(peers.values())


def _frozen(box: Box) -> frozenset[tuple[Variable, Possibilities]]:
    return frozenset(box.items())


def _ports(box: Box) -> tuple[Traffic, str]:
    """The ports of a box as an arrow has them, and what an arrow cannot say of them."""
    traffic = traffic_of(box)
    names = sorted(named_ports(box), key=lambda pair: pair[0])
    if not names:
        return traffic, ""
    port, bears = names[0]
    if len(names) == 1 and bears.complement and _is_whole(traffic, port):
        return Traffic(named=frozenset((port,))), ""
    conditions = (f"{'' if allowed.complement else 'not '}named `{p.name}`" for p, allowed in names)
    return traffic, f"where the port is {' and '.join(conditions)} at the receiver"


def _is_whole(traffic: Traffic, port: NamedPort) -> bool:
    """Whether the traffic is the whole protocol of the port, and no other."""
    return all(
        traffic.numbers(protocol) == (ALL_PORTS if protocol is port.protocol else NO_PORTS)
        for protocol in PROTOCOLS
    )


def _with_anyone(peers: list[_Peer]) -> list[_Peer]:
    """Every pod and every address on the same ports are one peer, `any`."""
    every_pod = [p for p in peers if not p.condition and not p.box]
    every_address = [p for p in peers if not p.condition and p.box.get(ADDRESS) == _EVERY_ADDRESS]
    for pods in every_pod:
        for addresses in every_address:
            if pods.traffic == addresses.traffic:
                exactly = (*pods.exactly, *addresses.exactly)
                rest = [p for p in peers if p is not pods and p is not addresses]
                return [*rest, replace(pods, exactly=exactly, anyone=True)]
    return peers


def _rank(peer: _Peer, frame: Frame) -> tuple[int, bool]:
    """Own pods, then one other namespace, several, addresses, everyone."""
    if peer.anyone:
        return 4, False
    if ADDRESS in peer.box:
        return 3, False
    names = names_of(peer.box)
    if names == ValueSet.among(frame.namespace):
        return 0, False
    return (2 if names.complement else 1), len(names.values) > 1


def _far_end(peer: _Peer, frame: Frame, local: LocalNames, written: Sequence[Addresses]) -> FarEnd:
    addresses, others = addresses_of(peer.box), False
    known: dict[str, str] = {}
    if peer.anyone:
        texts = ["any"]
    elif addresses is not None:
        texts = local.addresses(addresses, written)
    else:
        labels, pods = selector_of(peer.box, AWAY), selector_of(peer.box, PEER)
        names = names_of(peer.box)
        texts = [local.peer(names, labels, pods, frame.namespace)]
        single = names.single if labels.is_everything else None
        others = labels.is_everything and names.complement and bool(names.values)
        home = frame.namespace if single is None else single
        is_every = pods.is_everything and single != frame.namespace
        known = {
            "namespace": single or "",
            "pods": "" if is_every else local.pods(pods, home),
            "service": local.service(pods, home),
        }
    ports = ports_text(peer.traffic)
    text = peers_text(f"{text}{ports}" for text in texts)
    return FarEnd(
        text=f"{text} {peer.condition}".rstrip(),
        peer=f"{peers_text(texts)} {peer.condition}".rstrip(),
        traffic=peer.traffic,
        connections=tuple(c for box in peer.exactly for c in frame.connections(box)),
        sayable=not peer.condition,
        of_others=others,
        **known,
    )
