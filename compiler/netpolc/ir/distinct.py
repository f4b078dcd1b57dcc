"""Whether the allows of a subject are distinct: nothing to unite, to drop or to call redundant.

Nearly all arrows of a large program name pods by one label in one namespace, or a block,
and no two of a subject come near each other. One look at them answers what normalising
and the search for redundant arrows would each find out anew. A no only means that they
have to look.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from netpolc.ir.model import Allow, PolicySet
from netpolc.kube.cidr import Cidr
from netpolc.kube.peers import Outside, Peer, Pods
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector, common_key

_Labels: TypeAlias = dict[str, set[str]]


def are_distinct(allows: Sequence[Allow], namespace: str) -> bool:
    """Whether allows of one subject, in order, surely are distinct, as `ir.model.Subject` says it.

    Args:
        allows: of a subject that can match a pod.
        namespace: the subject's, which no distinct allow calls by its name.
    """
    home = Selector.namespace(namespace)
    pods: dict[Selector | None, _Labels] = {}
    blocks: list[Cidr] = []
    spread: set[Traffic] = set()
    for allow in allows:
        peer, traffic = allow.peer, allow.traffic
        if len(allow.origins) != 1 or not (traffic.tcp or traffic.udp or traffic.sctp):
            return False
        if isinstance(peer, Pods):
            if peer.namespaces is home or not _is_new(peer, pods):
                return False
        elif isinstance(peer, Outside) and peer.addresses and traffic not in spread:
            spread.add(traffic)
            blocks += (block.cidr for block in peer.addresses.blocks)
        else:
            return False
    return len(blocks) < 2 or _are_apart(blocks)  # noqa: PLR2004 - one has no other


def opens_nothing_twice(policies: PolicySet) -> bool:
    """Whether surely no allow of a policy set opens anything that another one opens.

    So it is where every line is about pods with one label, the one that names services, and no
    two peers of a service come near each other.
    """
    opening = [subject for subject in policies.subjects if subject.allows]
    are_apart = not opening or common_key(one.selector for one in opening) is not None
    return are_apart and all(subject.distinct for subject in opening)


def surely_happens(allow: Allow) -> bool:
    """Whether the allow surely lists a connection that can happen.

    Only plain allows are seen to: numbered ports, with a block or with pods of one namespace.
    No fact about a namespace contradicts its own name.
    """
    traffic = allow.traffic
    numbered = bool(traffic.tcp or traffic.udp or traffic.sctp)
    return numbered and not allow.subject.impossible and _exists(allow.peer)


def _exists(peer: Peer) -> bool:
    match peer:
        case Outside(addresses):
            return bool(addresses)
        case Pods(namespaces, pods):
            return not pods.impossible and (namespaces is None or _is_name(namespaces))
        case _:
            return False


def _is_new(peer: Pods, known: dict[Selector | None, _Labels]) -> bool:
    """Whether pods of one label, or all of a namespace, share no pod with those known there."""
    namespaces, requirements = peer.namespaces, peer.pods.requirements
    if namespaces is not None and not _is_name(namespaces):
        return False
    there = known.get(namespaces)
    if not requirements:
        known[namespaces] = {"": set()}
        return there is None and not peer.pods.impossible
    key, allowed = requirements[0]
    value = allowed.single
    if len(requirements) > 1 or value is None:
        return False
    if there is None:
        known[namespaces] = {key: {value}}
        return True
    values = there.get(key)
    if values is None or value in values:
        return False
    values.add(value)
    return True


def _is_name(namespaces: Selector) -> bool:
    """Whether a selector asks for the name of one namespace and for nothing else."""
    return len(namespaces.requirements) == 1 and namespaces.namespace_name is not None


def _are_apart(blocks: Iterable[Cidr]) -> bool:
    """Whether no two blocks share an address; the blocks left out of them are not looked at."""
    last: Cidr | None = None
    for cidr in sorted(blocks):
        if last is not None and last.version == cidr.version and cidr.first <= last.last:
            return False
        last = cidr
    return True
