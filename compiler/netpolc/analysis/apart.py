"""Allows that at a glance open nothing in common.

Whether some allows open all that another one opens is a question for boxes
(`redundant`), and a costly one: an organisation's 50,000 arrows would ask it 50,000
times. Nearly all are answered by looking at two peers: `web` and `api` share no pod,
two blocks share no address. What is not seen at a glance is left to the boxes.
"""

from netpolc.ir.model import Allow
from netpolc.kube.names import METADATA_NAME
from netpolc.kube.peers import Anyone, Outside, Peer, Pods
from netpolc.kube.ports import PROTOCOLS, Traffic
from netpolc.kube.selectors import Selector


def are_apart(one: Allow, other: Allow) -> bool:
    """Whether no connection is listed by both allows of one namespace and direction."""
    return _peers_apart(one.peer, other.peer) or _traffic_apart(one.traffic, other.traffic)


def says_something(allow: Allow) -> bool:
    """Whether the allow surely lists a connection that can happen.

    Only plain allows are: numbered ports, with a block or with pods of one namespace that
    one label chooses. No fact of a namespace speaks against its own name.
    """
    if not any(allow.traffic.numbers(protocol) for protocol in PROTOCOLS):
        return False
    match allow.peer:
        case Outside(addresses):
            return bool(addresses)
        case Pods(namespaces, pods):
            plain = namespaces is None or _only_label(namespaces)[0] == METADATA_NAME
            return plain and not pods.impossible and not allow.subject.impossible
        case _:
            return False


def _peers_apart(one: Peer, other: Peer) -> bool:
    if isinstance(one, Anyone) or isinstance(other, Anyone):
        return False
    if isinstance(one, Outside) or isinstance(other, Outside):
        return not (
            isinstance(one, Outside)
            and isinstance(other, Outside)
            and one.addresses.meets(other.addresses)
        )
    if _selectors_apart(one.pods, other.pods):
        return True
    if one.namespaces is None or other.namespaces is None:
        return False
    return _selectors_apart(one.namespaces, other.namespaces)


def _selectors_apart(one: Selector, other: Selector) -> bool:
    """Whether some label would need two values."""
    if one is other or not one.requirements or not other.requirements:
        return False
    theirs = dict(other.requirements)
    return any(
        key in theirs and allowed.isdisjoint(theirs[key]) for key, allowed in one.requirements
    )


def _traffic_apart(one: Traffic, other: Traffic) -> bool:
    """Whether no port is in both; which number a name stands for is not known."""
    if one is other or one.named or other.named:
        return False
    return all(one.numbers(p).isdisjoint(other.numbers(p)) for p in PROTOCOLS)


def _only_label(selector: Selector) -> tuple[str, str]:
    """The one label that a selector asks for; empty where it asks for something else."""
    labels = selector.exact_labels() or {}
    return next(iter(labels.items())) if len(labels) == 1 else ("", "")
