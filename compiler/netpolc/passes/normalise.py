"""One form for one meaning.

Lowering and lifting say things as they find them: twice, in parts, or with one part
inside another. Here the policy sets of a program become the form in which equal meaning
is, as far as the form can say it, equality: what cannot apply is gone, what belongs
together is one, and what another allow covers is dropped, its origins kept there.

Each step looks at one subject, and only at those whose allows are not distinct already. Nothing is widened and nothing is
narrowed: blocks are joined only where the set of addresses is exactly the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from netpolc.ir.build import by_peer, joined
from netpolc.ir.build import policies as collected
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.ir.subsumption import Covering
from netpolc.kube.peers import Outside, Peer, can_match, without_own_name
from netpolc.kube.ports import PROTOCOLS, Traffic
from netpolc.memory import NO_MEMORY, Memory
from netpolc.provenance import Origins, merged


def normalise(policies: Policies, memory: Memory = NO_MEMORY) -> Policies:
    """The same meaning in canonical form.

    Args:
        policies: policy sets as `ir.build` makes them.
        memory: what is remembered of an earlier state.

    Returns:
        Policy sets of the same namespaces in which, for each subject and direction,
        each peer comes once, address peers with equal traffic are one, no allow is
        covered by another, and nothing is left that no pod, address or port can meet.
        Normalising again changes nothing.
    """
    return collected(
        memory.once("normal", name, (policy_set,), partial(_normalised, policy_set))
        for name, policy_set in policies.namespaces.items()
    )


def _normalised(policy: PolicySet) -> PolicySet:
    if all(subject.distinct for subject in policy.subjects):
        return policy
    subjects = tuple(
        subject if subject.distinct else _simplified(subject, policy.namespace)
        for subject in policy.subjects
        if not subject.selector.impossible
    )
    return replace(policy, subjects=subjects)


def _simplified(subject: Subject, namespace: str) -> Subject:
    """The subject with as few allows as say the same."""
    possible = [allow for allow in subject.allows if allow.traffic and can_match(allow.peer)]
    outside = [allow for allow in possible if isinstance(allow.peer, Outside)]
    others = [_local(allow, namespace) for allow in possible if not isinstance(allow.peer, Outside)]
    fewest = _uncovered([*_by_peer(others), *_by_addresses(outside)])
    return replace(subject, allows=tuple(sorted(fewest, key=by_peer)))


def _local(allow: Allow, namespace: str) -> Allow:
    """The allow, its own namespace not called by name."""
    peer = without_own_name(allow.peer, namespace)
    return allow if peer is allow.peer else replace(allow, peer=peer)


def _uncovered(allows: Sequence[Allow]) -> Iterator[Allow]:
    """The allows that no other covers, with the origins of the allows that they cover."""
    if len(allows) == 1:
        yield from allows
        return
    covering = Covering(allows)
    above = {id(allow): list(covering.over(allow)) for allow in allows}
    gained: dict[int, list[Origins]] = {}
    for allow in allows:
        for wide in above[id(allow)]:
            gained.setdefault(id(wide), []).append(allow.origins)
    for allow in allows:
        if not above[id(allow)]:
            more = gained.get(id(allow))
            yield replace(allow, origins=merged(allow.origins, *more)) if more else allow


def _by_peer(allows: Sequence[Allow]) -> Sequence[Allow]:
    """The traffic of equal peers, united."""
    by_peer: dict[Peer, list[Allow]] = {}
    for allow in allows:
        by_peer.setdefault(allow.peer, []).append(allow)
    if len(by_peer) == len(allows):  # Nearly always: nothing to unite, nothing to make.
        return allows
    return [joined(same, _united(allow.traffic for allow in same)) for same in by_peer.values()]


def _by_addresses(allows: Sequence[Allow]) -> Sequence[Allow]:
    """The addresses of equal traffic, united, and the traffic of equal addresses.

    One can make the other possible: uniting two sets of addresses may give a third.
    """
    while True:
        by_traffic: dict[Traffic, list[Allow]] = {}
        for allow in allows:
            by_traffic.setdefault(allow.traffic, []).append(allow)
        of_traffic = [joined(same, traffic) for traffic, same in by_traffic.items()]
        allows = _by_peer(of_traffic)
        if len(allows) == len(of_traffic):
            return allows


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
