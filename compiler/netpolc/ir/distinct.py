"""Whether the allows of a subject are distinct: nothing to unite, to drop or to call redundant.

Nearly all arrows of a large program name pods by one label in one namespace, or a block,
and no two of a subject come near each other. One look at them answers what normalising
and the search for redundant arrows would each find out anew. A no only means that they
have to look.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from netpolc.ir.model import Allow
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods, can_match
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import EVERYTHING, Selector, common_key
from netpolc.remembered import remembered_with_value
from netpolc.sets.interval_set import Range


def are_distinct(allows: Iterable[Allow], namespace: str) -> bool:
    """Whether allows of one subject surely are distinct, as `ir.model.Subject` says it.

    Args:
        allows: of a subject that can match a pod.
        namespace: the subject's, which no distinct allow calls by its name.
    """
    pods: list[Pods] = []
    v4: list[Range] = []
    v6: list[Range] = []
    spread: set[Traffic] = set()
    for allow in allows:
        peer, traffic = allow.peer, allow.traffic
        has_numbers = traffic.tcp.ranges or traffic.udp.ranges or traffic.sctp.ranges
        if len(allow.origins) != 1 or not has_numbers:
            return False
        if isinstance(peer, Pods):
            pods.append(peer)
        elif isinstance(peer, Outside) and peer.addresses.blocks and traffic not in spread:
            spread.add(traffic)
            v4 += peer.addresses.v4.ranges
            v6 += peer.addresses.v6.ranges
        else:
            return False
    return _are_apart(pods, namespace) and _share_nothing(v4) and _share_nothing(v6)


def surely_happens(allow: Allow) -> bool:
    """Whether the allow surely lists a connection that can happen.

    Only plain allows are seen to: with a block or with pods of one namespace, on numbered ports, or
    on named ones of pods, which may name any port so. No fact about a namespace contradicts its own name.
    """
    traffic = allow.traffic
    to_pods = allow.direction is Direction.INGRESS or isinstance(allow.peer, Pods)
    ports = traffic.tcp or traffic.udp or traffic.sctp or (to_pods and traffic.named)
    return bool(ports) and not allow.subject.impossible and _exists(allow.peer)


def _exists(peer: Peer) -> bool:
    if isinstance(peer, Pods) and peer.namespaces is not None and not _is_name(peer.namespaces):
        return False
    return not isinstance(peer, Anyone) and can_match(peer)


def _are_apart(peers: Sequence[Pods], namespace: str) -> bool:
    """Whether peers of a namespace's subject, each of one label or all of a namespace, share no pod."""
    spots = {(peer.namespaces, _label_key(peer)) for peer in peers}
    homes = {namespaces for namespaces, _ in spots}
    return (
        len(homes) == len(spots)  # One key in each namespace, or all of its pods.
        and len(set(peers)) == len(peers)
        and all(key is not None for _, key in spots)
        and Selector.namespace(namespace) not in homes
    )


@remembered_with_value
def _label_key(peer: Pods) -> str | None:
    """The key of the one label of pods in one namespace; empty if they are all, None if neither is so."""
    if peer.namespaces is not None and not _is_name(peer.namespaces):
        return None
    return "" if peer.pods is EVERYTHING else common_key((peer.pods,))


def _is_name(namespaces: Selector) -> bool:
    """Whether a selector asks for the name of one namespace and for nothing else."""
    return namespaces.only_namespace_name is not None


def _share_nothing(ranges: list[Range]) -> bool:
    """Whether no two ranges share a number."""
    if len(ranges) < 2:  # noqa: PLR2004 - one has no other
        return True
    ranges.sort()
    return all(low[1] < high[0] for low, high in pairwise(ranges))
