"""The only constructors of policy sets.

Passes find isolations and allows in the order of files and statements, some of them
several times. Out of that comes one value for each meaning: equal ones are one, with
the origins of all, and everything stands in an order that is the same on every machine.

What breaks an invariant of the model is refused here with `ValueError`: it is a bug of
the caller. Values from outside are looked at with `ir.check` before they come here.
"""

from collections.abc import Callable, Iterable, Mapping

from netpolc.ir.model import Allow, Isolation, Policies, PolicySet
from netpolc.kube.cidr import Addresses
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Outside, Peer, Pods, peer_sort_key
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector
from netpolc.provenance import Origins, merged
from netpolc.sets.making import maker

DIRECTIONS = (Direction.INGRESS, Direction.EGRESS)
"""The order in which directions are listed."""


def policies(sets: Iterable[PolicySet]) -> Policies:
    """The policy sets of a program, in the order of their namespaces.

    Raises:
        ValueError: two of them are for the same namespace.
    """
    found: dict[str, PolicySet] = {}
    for one in sorted(sets, key=lambda one: one.namespace):
        if one.namespace in found:
            message = f"two policy sets for namespace {one.namespace}"
            raise ValueError(message)
        found[one.namespace] = one
    return Policies(found)


def policy_set(
    *,
    namespace: str,
    labels: Mapping[str, str] | None = None,
    complete: bool = False,
    isolations: Iterable[Isolation] = (),
    allows: Iterable[Allow] = (),
) -> PolicySet:
    """All that the policies of one namespace mean, from parts in any order.

    Args:
        namespace: its name.
        labels: its stated labels; kubernetes.io/metadata.name is added.
        complete: whether it surely has no others.
        isolations: what closes subjects; several may say the same.
        allows: what opens them; several may say the same.

    Raises:
        ValueError: an allow without the isolation of its subject and direction, a
            selector that the API cannot write, or labels that give another name.
    """
    closed = _united_isolations(isolations)
    opened = _united_allows(allows)
    _refuse(closed, opened)
    return PolicySet(
        namespace=namespace,
        labels=_with_name(namespace, labels or {}),
        complete=complete,
        isolations=tuple(sorted(closed, key=_isolation_key)),
        allows=tuple(sorted(opened, key=_allow_key)),
    )


def with_allows(
    policy: PolicySet, isolations: Iterable[Isolation], groups: Iterable[Iterable[Allow]]
) -> PolicySet:
    """A policy set of which less is left, without looking at all of it again.

    Args:
        policy: the policy set.
        isolations: those of its own that are left, in its order.
        groups: for each subject and direction that is left, in its order, the allows, no two of
            the same peer.
    """
    return PolicySet(
        namespace=policy.namespace,
        labels=policy.labels,
        complete=policy.complete,
        isolations=tuple(isolations),
        allows=tuple(allow for group in groups for allow in sorted(group, key=_by_peer)),
    )


def expressible(selector: Selector) -> bool:
    """Whether a LabelSelector can say it: no key may have one of some values *or* be absent."""
    return not any(
        allowed.absent and allowed.values and not allowed.complement
        for _, allowed in selector.requirements
    )


def _united_isolations(isolations: Iterable[Isolation]) -> list[Isolation]:
    found: dict[tuple[Selector, Direction], list[Origins]] = {}
    for one in isolations:
        found.setdefault((one.subject, one.direction), []).append(one.origins)
    return [
        made_isolation(subject, direction, merged(*origins))
        for (subject, direction), origins in found.items()
    ]


def _united_allows(allows: Iterable[Allow]) -> list[Allow]:
    found: dict[tuple[Selector, Direction, Peer, Traffic], list[Allow]] = {}
    for allow in allows:
        key = (allow.subject, allow.direction, allow.peer, allow.traffic)
        found.setdefault(key, []).append(allow)
    return [
        same[0]
        if len(same) == 1 and len(same[0].origins) <= 1
        else made_allow(
            subject,
            direction,
            _united_peer([other.peer for other in same]),
            traffic,
            merged(*(other.origins for other in same)),
        )
        for (subject, direction, _, traffic), same in found.items()
    ]


made_isolation: Callable[[Selector, Direction, Origins], Isolation] = maker(Isolation)
"""Make an isolation, quickly."""

made_allow: Callable[[Selector, Direction, Peer, Traffic, Origins], Allow] = maker(Allow)
"""Make an allow, quickly."""


def _united_peer(same: list[Peer]) -> Peer:
    """One of equal peers; of equal addresses, written in the blocks of all."""
    blocks = {peer.addresses.blocks for peer in same if isinstance(peer, Outside)}
    if len(blocks) <= 1:
        return same[0]
    return Outside(Addresses.of(block for some in blocks for block in some))


def _with_name(namespace: str, labels: Mapping[str, str]) -> dict[str, str]:
    named = {**labels, METADATA_NAME: namespace}
    if labels.get(METADATA_NAME, namespace) != namespace:
        message = f"namespace {namespace} is labelled {METADATA_NAME}={labels[METADATA_NAME]}"
        raise ValueError(message)
    return dict(sorted(named.items()))


def _refuse(isolations: Iterable[Isolation], allows: Iterable[Allow]) -> None:
    closed = {(one.subject, one.direction) for one in isolations}
    for subject, direction in {(one.subject, one.direction) for one in allows} - closed:
        message = f"{direction.value} of {subject} is opened but not closed"
        raise ValueError(message)
    peers = {allow.peer for allow in allows if isinstance(allow.peer, Pods)}
    for selector in {subject for subject, _ in closed} | set(_selectors(peers)):
        if not expressible(selector):
            message = f"no LabelSelector can say {selector}"
            raise ValueError(message)


def _selectors(peers: Iterable[Peer]) -> Iterable[Selector]:
    for peer in peers:
        match peer:
            case Pods(namespaces, pods):
                yield pods
                if namespaces is not None:
                    yield namespaces
            case _:
                pass


def _isolation_key(one: Isolation) -> tuple[object, ...]:
    return one.subject.sort_key(), one.direction is Direction.EGRESS


def _by_peer(one: Allow) -> tuple[object, ...]:
    return peer_sort_key(one.peer)


def _allow_key(one: Allow) -> tuple[object, ...]:
    return (
        one.subject.sort_key(),
        one.direction is Direction.EGRESS,
        peer_sort_key(one.peer),
        one.traffic.sort_key(),
    )
