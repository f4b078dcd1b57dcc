"""The only constructors of policy sets.

Passes find isolations and allows in the order of files and statements, some of them
several times. Out of that comes one value for each meaning: equal ones are one, with
the origins of all, and everything stands in an order that is the same on every machine.

What breaks an invariant of the model is refused here with `ValueError`: it is a bug of
the caller. Values from outside are looked at with `ir.check` before they come here.
"""

from collections.abc import Iterable, Mapping

from netpolc.ir.model import Allow, Isolation, Policies, PolicySet
from netpolc.kube.blocks import Addresses
from netpolc.kube.names import METADATA_NAME
from netpolc.kube.peers import Direction, Outside, Peer, Pods, peer_sort_key
from netpolc.kube.selectors import Selector
from netpolc.origin import Origins, merged

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
    order = _Order()
    return PolicySet(
        namespace=namespace,
        labels=_with_name(namespace, labels or {}),
        complete=complete,
        isolations=tuple(sorted(closed, key=order.isolation)),
        allows=tuple(sorted(opened, key=order.allow)),
    )


def expressible(selector: Selector) -> bool:
    """Whether a LabelSelector can say it: no key may have one of some values *or* be absent."""
    return not any(
        allowed.absent and allowed.values and not allowed.complement
        for _, allowed in selector.requirements
    )


def _united_isolations(isolations: Iterable[Isolation]) -> list[Isolation]:
    found: dict[Isolation, list[Origins]] = {}
    for isolation in isolations:
        found.setdefault(isolation, []).append(isolation.origins)
    return [
        Isolation(subject=one.subject, direction=one.direction, origins=merged(*origins))
        for one, origins in found.items()
    ]


def _united_allows(allows: Iterable[Allow]) -> list[Allow]:
    found: dict[Allow, list[Allow]] = {}
    for allow in allows:
        found.setdefault(allow, []).append(allow)
    return [
        Allow(
            subject=one.subject,
            direction=one.direction,
            peer=_united_peer([other.peer for other in same]),
            traffic=one.traffic,
            origins=merged(*(other.origins for other in same)),
        )
        for one, same in found.items()
    ]


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
    for allow in allows:
        if (allow.subject, allow.direction) not in closed:
            message = f"{allow.direction.value} of {allow.subject} is opened but not closed"
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


class _Order:
    """Keys for sorting, each subject's found once: one subject has many allows."""

    def __init__(self) -> None:
        self._subjects: dict[Selector, tuple[object, ...]] = {}

    def isolation(self, one: Isolation) -> tuple[object, ...]:
        return self._subject(one.subject), DIRECTIONS.index(one.direction)

    def allow(self, one: Allow) -> tuple[object, ...]:
        return (
            self._subject(one.subject),
            DIRECTIONS.index(one.direction),
            peer_sort_key(one.peer),
            one.traffic.sort_key(),
        )

    def _subject(self, subject: Selector) -> tuple[object, ...]:
        found = self._subjects.get(subject)
        if found is None:
            found = self._subjects[subject] = subject.sort_key()
        return found
