"""The only constructors of policy sets.

Passes find subjects and allows in the order of files and statements, some of them several
times. Out of that comes one value for each meaning: equal ones are one, with the origins of
all, and everything is in an order that is the same on every machine.

What breaks an invariant of the model is refused here with `ValueError`: it is a bug of
the caller. Values from outside are checked with `ir.verifier` before they come here.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import TypeAlias

from netpolc.ir.distinct import are_distinct
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Addresses
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Outside, Peer, Pods, peer_sort_key
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector
from netpolc.provenance import Origins, merged
from netpolc.values import maker

DIRECTIONS = (Direction.INGRESS, Direction.EGRESS)
"""The order in which directions are listed."""

_ORIGINS = attrgetter("origins")
_Closed: TypeAlias = tuple[Selector, Direction]
_Parts: TypeAlias = tuple[list[Origins], list[Allow]]


def policies(sets: Iterable[PolicySet]) -> Policies:
    """The policy sets of a program, in the order of their namespaces.

    Raises:
        ValueError: two of them are for the same namespace.
    """
    by_namespace: dict[str, PolicySet] = {}
    for listed in sorted(sets, key=lambda listed: listed.namespace):
        if listed.namespace in by_namespace:
            message = f"two policy sets for namespace {listed.namespace}"
            raise ValueError(message)
        by_namespace[listed.namespace] = listed
    return Policies(by_namespace)


def policy_set(
    *,
    namespace: str,
    parts: Iterable[Subject | Allow] = (),
    labels: Mapping[str, str] | None = None,
    complete: bool = False,
) -> PolicySet:
    """The policy set of one namespace, from parts in any order.

    Args:
        namespace: its name.
        parts: subjects, and allows by themselves; several may say the same.
        labels: its stated labels; kubernetes.io/metadata.name is added.
        complete: whether it surely has no others.

    Raises:
        ValueError: an allow whose subject and direction no part closes, a selector that the
            API cannot write, or labels that give another name.
    """
    by_subject: defaultdict[_Closed, _Parts] = defaultdict(lambda: ([], []))
    for part in parts:
        if isinstance(part, Subject):
            origins, allows = by_subject[part.selector, part.direction]
            origins.append(part.origins)
            allows += part.allows
        else:
            by_subject[part.subject, part.direction][1].append(part)
    subjects = [_subject(*key, *some, namespace) for key, some in by_subject.items()]
    subjects.sort(key=_subject_key)
    return PolicySet(
        namespace=namespace,
        labels=_with_name(namespace, labels or {}),
        complete=complete,
        subjects=tuple(subjects),
    )


def _subject(
    selector: Selector,
    direction: Direction,
    origins: list[Origins],
    allows: list[Allow],
    namespace: str,
) -> Subject:
    if not origins:
        message = f"{direction.value} of {selector} is opened but not closed"
        raise ValueError(message)
    united = _united(allows)
    distinct = not selector.impossible and are_distinct(united, namespace)
    _refuse(selector, () if distinct else united)
    return made_subject(selector, direction, united, merged(*origins), distinct)


def expressible(selector: Selector) -> bool:
    """Whether a LabelSelector can say it: no key may have one of some values *or* be absent."""
    return not any(
        allowed.absent and allowed.values and not allowed.complement
        for _, allowed in selector.requirements
    )


def _united(allows: list[Allow]) -> tuple[Allow, ...]:
    """The allows of one subject in order, equal ones made one."""
    if len({allow.peer for allow in allows}) == len(allows):  # As nearly always.
        if max(map(len, map(_ORIGINS, allows)), default=0) > 1:
            allows = [joined((allow,), allow.traffic) for allow in allows]
        allows.sort(key=by_peer)
        return tuple(allows)
    equal: dict[tuple[Peer, Traffic], list[Allow]] = {}
    for allow in allows:
        equal.setdefault((allow.peer, allow.traffic), []).append(allow)
    return tuple(sorted((joined(same, key[1]) for key, same in equal.items()), key=_allow_key))


def joined(same: Sequence[Allow], traffic: Traffic) -> Allow:
    """One allow of this traffic for several of one subject and direction.

    Their peers are equal, or all are addresses, of which every written CIDR block is kept.
    """
    first = same[0]
    if len(same) == 1 and len(first.origins) <= 1:
        return first
    peer = first.peer
    blocks = {allow.peer.addresses.blocks for allow in same if isinstance(allow.peer, Outside)}
    if len(blocks) > 1:
        peer = Outside(Addresses.of(block for some in blocks for block in some))
    origins = merged(*map(_ORIGINS, same))
    return made_allow(first.subject, first.direction, peer, traffic, origins)


made_subject: Callable[[Selector, Direction, tuple[Allow, ...], Origins, bool], Subject] = maker(
    Subject
)
"""Make a subject, quickly."""

made_allow: Callable[[Selector, Direction, Peer, Traffic, Origins], Allow] = maker(Allow)
"""Make an allow, quickly."""


def _with_name(namespace: str, labels: Mapping[str, str]) -> dict[str, str]:
    named = {**labels, METADATA_NAME: namespace}
    if labels.get(METADATA_NAME, namespace) != namespace:
        message = f"namespace {namespace} is labelled {METADATA_NAME}={labels[METADATA_NAME]}"
        raise ValueError(message)
    return dict(sorted(named.items()))


def _refuse(subject: Selector, allows: Iterable[Allow]) -> None:
    """Refuse selectors that the API cannot write; distinct allows have none."""
    if not expressible(subject) or not all(map(_is_expressible, {a.peer for a in allows})):
        message = f"no LabelSelector can say a selector of {subject} or its peers"
        raise ValueError(message)


def _is_expressible(peer: Peer) -> bool:
    if not isinstance(peer, Pods):
        return True
    return expressible(peer.pods) and (peer.namespaces is None or expressible(peer.namespaces))


def _subject_key(subject: Subject) -> tuple[object, ...]:
    return subject.selector.sort_key(), subject.direction is Direction.EGRESS


def by_peer(allow: Allow) -> tuple[object, ...]:
    """The order of a subject's allows that have different peers."""
    return peer_sort_key(allow.peer)


def _allow_key(allow: Allow) -> tuple[object, ...]:
    return peer_sort_key(allow.peer), allow.traffic.sort_key()
