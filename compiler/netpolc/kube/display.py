"""Selectors, peers and traffic as the intent language writes them.

Answers, findings and diffs speak to people who write intents, so they say `{app=api} in
ns {env=dev}:5432` and not what the values look like inside. A pod selector that is just
a label with the given key is written as a bare name.

What the language cannot express in one piece (every name but some) is written in words.
"""

from netpolc.kube.cidr import Addresses, Block, Cidr, cidrs_of
from netpolc.kube.peers import Anyone, Outside, Peer, Pods
from netpolc.kube.ports import ALL_PORTS, PROTOCOLS, Protocol, Traffic
from netpolc.kube.public_addresses import internet
from netpolc.kube.selectors import Selector
from netpolc.sets import IntervalSet, ValueSet

_MANY_BLOCKS = 6
_INTERNET = internet()


def selector_text(selector: Selector) -> str:
    """The selector in braces, `*` where everything meets it."""
    if selector.impossible:
        return "nothing"
    if selector.is_everything:
        return "*"
    return "{" + ", ".join(requirements(selector)) + "}"


def requirements(selector: Selector) -> list[str]:
    """Each requirement as the language writes it."""
    return [text for key, allowed in selector.requirements for text in _requirement(key, allowed)]


def _requirement(key: str, allowed: ValueSet) -> list[str]:
    values = sorted(allowed.values)
    listed = ", ".join(value or '""' for value in values)
    if not allowed.complement:
        if not values:
            return [f"!{key}"]
        required = f"{key}={values[0]}" if len(values) == 1 else f"{key} in ({listed})"
        return [required] if not allowed.absent else [f"{required} or !{key}"]
    if not values:
        return [key]
    not_one = f"{key}!={values[0]}" if len(values) == 1 else f"{key} notin ({listed})"
    return [not_one] if allowed.absent else [key, not_one]


def pods_text(pods: Selector, label: str | None = None) -> str:
    """Pods of a namespace: a bare name where the label key says that it means them; an empty value names nothing."""
    labels = pods.exact_labels()
    if label is not None and labels is not None and list(labels) == [label]:
        return labels[label] or selector_text(pods)
    return selector_text(pods)


def namespaces_text(namespaces: Selector) -> str:
    """Return namespaces in the form that follows `ns`."""
    return namespaces.only_namespace_name or selector_text(namespaces)


def addresses_text(addresses: Addresses, *, whole: bool = False) -> str:
    """A set of addresses: `internet`, its blocks, or what is left out where that is shorter.

    Unless it is to be `whole`, only some of many blocks are named.
    """
    if addresses == _INTERNET:
        return "internet"
    blocks = [
        *_blocks_text(addresses, addresses.v4, 4),
        *_blocks_text(addresses, addresses.v6, 6),
    ]
    if whole or len(blocks) <= _MANY_BLOCKS:
        return ", ".join(blocks)
    return ", ".join(blocks[:_MANY_BLOCKS]) + f" and {len(blocks) - _MANY_BLOCKS} more blocks"


def _blocks_text(addresses: Addresses, numbers: IntervalSet, version: int) -> list[str]:
    blocks = [block for block in addresses.blocks if block.cidr.version == version]
    everything = Cidr(version, 0, 0)
    left_out = IntervalSet(((0, everything.last),)) - numbers
    holes = cidrs_of(left_out, version) if len(blocks) > _MANY_BLOCKS else []
    if holes and len(holes) < len(blocks) - 1:
        return [str(Block(everything, tuple(holes)))]
    return list(map(str, blocks))


def peer_text(peer: Peer, label: str | None = None) -> str:
    """The peer without ports."""
    match peer:
        case Anyone():
            return "any"
        case Outside(addresses):
            return addresses_text(addresses)
        case Pods(None, pods):
            return pods_text(pods, label)
        case Pods(namespaces, pods):
            assert namespaces is not None
            where = f"ns {namespaces_text(namespaces)}"
            return where if pods.is_everything else f"{pods_text(pods, label)} in {where}"


def ports_of(traffic: Traffic) -> list[str]:
    """Each port, range and name of the traffic as the language writes them."""
    ports = []
    for protocol in PROTOCOLS:
        mark = "" if protocol is Protocol.TCP else f"/{protocol.value.lower()}"
        numbers = traffic.numbers(protocol)
        if numbers == ALL_PORTS:
            ports.append(f"*{mark}")
        else:
            ranges = (str(low) if low == high else f"{low}-{high}" for low, high in numbers.ranges)
            ports += [f"{text}{mark}" for text in ranges]
        ports += [f"{p.name}{mark}" for p in sorted(traffic.named) if p.protocol is protocol]
    return ports


def ports_text(traffic: Traffic) -> str:
    """The text after a peer: `:5432`, `:[80, 443]`, or nothing for every port."""
    if traffic.is_everything:
        return ""
    ports = ports_of(traffic)
    return f":{ports[0]}" if len(ports) == 1 else f":[{', '.join(ports)}]"


def traffic_words(traffic: Traffic) -> str:
    """The traffic in words: `TCP 5432 and UDP 53`, `every port`."""
    if traffic.is_everything:
        return "every port"
    phrases = []
    for protocol in PROTOCOLS:
        numbers = traffic.numbers(protocol)
        parts = [str(low) if low == high else f"{low}-{high}" for low, high in numbers.ranges]
        if numbers == ALL_PORTS:
            parts = ["every port"]
        parts += [f"`{p.name}`" for p in sorted(traffic.named) if p.protocol is protocol]
        if parts:
            phrases.append(f"{protocol.value} {', '.join(parts)}")
    return " and ".join(phrases)
