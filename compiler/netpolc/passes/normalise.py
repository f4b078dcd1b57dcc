"""One form for one meaning.

Lowering and lifting say things as they find them: twice, in parts, or with one part
inside another. Here the policy sets of a program become the form in which equal meaning
is, as far as the form can say it, equality: what cannot apply is gone, what belongs
together is one, and what another allow covers is dropped, its origins kept there.

Each step looks at one subject and direction. Nothing is widened and nothing is
narrowed: blocks are joined only where the set of addresses is exactly the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from netpolc.ir.build import policies as collected
from netpolc.ir.build import policy_set
from netpolc.ir.covering import Covering
from netpolc.ir.model import Allow, Policies, PolicySet
from netpolc.kube.blocks import Addresses, Block
from netpolc.kube.names import METADATA_NAME
from netpolc.kube.peers import Direction, Outside, Peer, Pods, pods_of
from netpolc.kube.ports import PROTOCOLS, Traffic
from netpolc.kube.selectors import Selector
from netpolc.origin import Origins, merged


def normalise(policies: Policies) -> Policies:
    """The same meaning in canonical form.

    Args:
        policies: policy sets as `ir.build` makes them.

    Returns:
        Policy sets of the same namespaces in which, for each subject and direction,
        each peer comes once, address peers with equal traffic are one, no allow is
        covered by another, and nothing is left that no pod, address or port can meet.
        Normalising again changes nothing.
    """
    return collected(_normalised(one) for one in policies.namespaces.values())


def _normalised(policy: PolicySet) -> PolicySet:
    own = Selector.labels({METADATA_NAME: policy.namespace})
    groups: dict[tuple[Selector, Direction], list[Allow]] = {}
    for allow in policy.allows:
        if not allow.subject.impossible and allow.traffic and _satisfiable(allow.peer):
            groups.setdefault((allow.subject, allow.direction), []).append(_local(allow, own))
    return policy_set(
        namespace=policy.namespace,
        labels=policy.labels,
        complete=policy.complete,
        isolations=(one for one in policy.isolations if not one.subject.impossible),
        allows=(allow for group in groups.values() for allow in _reduced(group)),
    )


def _satisfiable(peer: Peer) -> bool:
    match peer:
        case Pods(namespaces, pods):
            return not pods.impossible and not (namespaces is not None and namespaces.impossible)
        case Outside(addresses):
            return bool(addresses)
        case _:
            return True


def _local(allow: Allow, own: Selector) -> Allow:
    """The allow, its own namespace not called by name."""
    if isinstance(allow.peer, Pods) and allow.peer.namespaces == own:
        return replace(allow, peer=pods_of(None, allow.peer.pods))
    return allow


def _reduced(group: Sequence[Allow]) -> Iterable[Allow]:
    """The allows of one subject and direction, as few as say the same."""
    if len(group) == 1 and not isinstance(group[0].peer, Outside):
        return group
    outside = (allow for allow in group if isinstance(allow.peer, Outside))
    others = (allow for allow in group if not isinstance(allow.peer, Outside))
    united = (*_by_peer(others), *_by_addresses(outside))
    subject, direction = group[0].subject, group[0].direction
    return _uncovered(
        [
            Allow(
                subject=subject,
                direction=direction,
                peer=part.peer,
                traffic=part.traffic,
                origins=part.origins,
            )
            for part in united
        ]
    )


def _uncovered(allows: Sequence[Allow]) -> Iterator[Allow]:
    """The allows that no other covers, with the origins of those that they cover."""
    if len(allows) == 1:
        yield from allows
        return
    covering = Covering(allows)
    above = [list(covering.over(allow)) for allow in allows]
    covered = {id(allow) for allow, wider in zip(allows, above, strict=True) if wider}
    gained: dict[int, list[Origins]] = {}
    for allow, wider in zip(allows, above, strict=True):
        for wide in wider:
            gained.setdefault(id(wide), []).append(allow.origins)
    for allow in allows:
        if id(allow) not in covered:
            more = gained.get(id(allow))
            yield replace(allow, origins=merged(allow.origins, *more)) if more else allow


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A peer and its traffic, where the subject and direction are understood."""

    peer: Peer
    traffic: Traffic
    origins: Origins


def _by_peer(allows: Iterable[Allow]) -> list[_Part]:
    """The traffic of equal peers, united."""
    found: dict[Peer, list[Allow]] = {}
    for allow in allows:
        found.setdefault(allow.peer, []).append(allow)
    return [
        _Part(
            peer=peer,
            traffic=_united(allow.traffic for allow in same),
            origins=merged(*(allow.origins for allow in same)),
        )
        for peer, same in found.items()
    ]


def _by_addresses(allows: Iterable[Allow]) -> list[_Part]:
    """The addresses of equal traffic, united, and the traffic of equal addresses.

    One can make the other possible: uniting two sets of addresses may give a third.
    """
    parts = [
        _Part(peer=allow.peer, traffic=allow.traffic, origins=allow.origins) for allow in allows
    ]
    while parts:
        by_traffic: dict[Traffic, list[_Part]] = {}
        for part in parts:
            by_traffic.setdefault(part.traffic, []).append(part)
        joined = [
            (_addresses(same), traffic, merged(*(part.origins for part in same)))
            for traffic, same in by_traffic.items()
        ]
        united = _by_equal_addresses(joined)
        if len(united) == len(joined):
            return united
        parts = united
    return []


def _by_equal_addresses(joined: Iterable[tuple[Addresses, Traffic, Origins]]) -> list[_Part]:
    found: dict[Addresses, list[tuple[Addresses, Traffic, Origins]]] = {}
    for one in joined:
        found.setdefault(one[0], []).append(one)
    return [
        _Part(
            peer=Outside(_written(addresses for addresses, _, _ in same)),
            traffic=_united(traffic for _, traffic, _ in same),
            origins=merged(*(origins for _, _, origins in same)),
        )
        for same in found.values()
    ]


def _addresses(parts: Iterable[_Part]) -> Addresses:
    return _written(part.peer.addresses for part in parts if isinstance(part.peer, Outside))


def _written(several: Iterable[Addresses]) -> Addresses:
    """The union of address sets, in the blocks of all, whatever their order."""
    blocks: set[Block] = {block for addresses in several for block in addresses.blocks}
    return Addresses.of(blocks)


def _united(several: Iterable[Traffic]) -> Traffic:
    """The union of traffic, made at once: a peer may have thousands of ports, one by one."""
    distinct = set(several)
    if len(distinct) == 1:
        return next(iter(distinct))
    return Traffic.of(
        (
            (protocol, low, high)
            for traffic in distinct
            for protocol in PROTOCOLS
            for low, high in traffic.numbers(protocol).ranges
        ),
        (name for traffic in distinct for name in traffic.named),
    )
