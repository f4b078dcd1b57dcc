"""The lines of policies: one for each policy and direction.

People write, find and review policies one by one, so what one policy says stays
together, in the order of its rules, and a rule keeps what its author wrote above it.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from netpolc.ir.model import Allow, Subject
from netpolc.kube.cidr import Addresses
from netpolc.kube.dns import is_dns
from netpolc.kube.peers import Direction, Grant, Outside, Peer
from netpolc.kube.ports import Traffic
from netpolc.kube.public_addresses import internet
from netpolc.kube.selectors import Selector
from netpolc.provenance import Origin, Place, PolicyRef, Role, Source
from netpolc.values import frozen

_INTERNET = Outside(internet())


@frozen(order=True)
class Policy:
    """A policy as the source of lines: the file that it is in, and its name."""

    path: str
    name: str


@frozen(kw_only=True)
class Rule:
    """The grants of one rule of a policy, equal peers merged; `places` are its places."""

    grants: tuple[Grant, ...]
    places: tuple[Place, ...]


@frozen(kw_only=True)
class Line:
    """The rules of one policy for a subject in a direction; without rules it only closes.

    A line that is `whole` is one arrow, however long it is.
    """

    subject: Selector
    direction: Direction
    rules: tuple[Rule, ...]
    policy: Policy
    whole: bool = False


def written_lines(allows: Iterable[Allow], silent: Iterable[Subject]) -> Iterator[Line]:
    """The lines for allows, and for subjects without an allow, in order."""
    by_line: dict[tuple[Policy, Selector, Direction], list[Allow]] = {}
    order: dict[tuple[Policy, Selector, Direction], tuple[object, ...]] = {}
    parts = [
        *((allow.subject, allow.direction, allow.origins, [allow]) for allow in allows),
        *((closing.selector, closing.direction, closing.origins, []) for closing in silent),
    ]
    for subject, direction, origins, some in parts:
        first = _first(origins)
        key = policy_of(first), subject, direction
        by_line.setdefault(key, []).extend(some)
        place = _line_key(first, subject, direction)
        order[key] = min(order.get(key, place), place)
    for key in sorted(by_line, key=order.__getitem__):
        policy, subject, direction = key
        yield Line(
            subject=subject, direction=direction, rules=_rules(by_line[key], policy), policy=policy
        )


def dns_of(line: Line) -> frozenset[Grant]:
    """The name services among a line's grants."""
    by_peer: dict[Peer, Traffic] = {}
    for rule in line.rules:
        for grant in rule.grants:
            if is_dns(grant.traffic):
                by_peer[grant.peer] = by_peer.get(grant.peer, Traffic()) | grant.traffic
    return frozenset(Grant(peer, traffic) for peer, traffic in by_peer.items())


def policy_of(origin: Origin) -> Policy:
    """The policy that an origin is a part of; that of a statement has no name."""
    return Policy(origin.path, "" if origin.policy is None else origin.policy.name)


def policies_of(subjects: Iterable[Subject]) -> dict[Policy, Place]:
    """The policies that close something, in the order of the manifests, and their places."""
    origins = {origin for subject in subjects for origin in subject.origins}
    first_places: dict[Policy, Place] = {}
    for origin in sorted(origins, key=_place):
        first_places.setdefault(policy_of(origin), origin.place)
    return first_places


_NOBODY = Origin(path="", line=0, source=PolicyRef(""), role=Role.POLICY)


def _first(origins: Iterable[Origin]) -> Origin:
    """The origin that is first; one that says nothing where there is none."""
    return min(origins, key=_place, default=_NOBODY)


def _line_key(origin: Origin, subject: Selector, direction: Direction) -> tuple[object, ...]:
    """Ingress before egress where one policy has both."""
    return (*origin.place, direction is Direction.EGRESS, subject.sort_key())


def _rules(allows: Iterable[Allow], policy: Policy) -> tuple[Rule, ...]:
    """The rules of one policy, in their order."""
    placed = []
    for allow in allows:
        own = [origin for origin in allow.origins if policy_of(origin) == policy]
        first = _first(own)
        placed.append((_rule_of(first), first.place, allow, own))
    placed.sort(key=lambda place: (place[1], place[0]))
    return tuple(
        Rule(
            grants=_grants([allow for _, _, allow, _ in same]),
            places=tuple(origin.place for *_, own in same for origin in own),
        )
        for same in (list(some) for _, some in groupby(placed, key=lambda place: place[0]))
    )


def _place(origin: Origin) -> Place:
    return origin.place


def _rule_of(origin: Origin) -> Source:
    """The rule that an origin is a part of; a statement is its own."""
    return origin.source if origin.policy is None else origin.policy.rule


def _grants(allows: list[Allow]) -> tuple[Grant, ...]:
    """The grants, equal peers made one, and the blocks of `internet` called by that name."""
    by_peer: dict[Peer, Traffic] = {}
    for allow in allows:
        by_peer[allow.peer] = by_peer.get(allow.peer, Traffic()) | allow.traffic
    grants = tuple(Grant(peer, traffic) for peer, traffic in by_peer.items())
    for traffic in dict.fromkeys(by_peer.values()):
        blocks = [g for g in grants if isinstance(g.peer, Outside) and g.traffic == traffic]
        if len(blocks) > 1 and Outside(_union(blocks)) == _INTERNET:
            grants = (*(g for g in grants if g not in blocks), Grant(_INTERNET, traffic))
    return grants


def _union(grants: Iterable[Grant]) -> Addresses:
    return Addresses.of(
        block for g in grants if isinstance(g.peer, Outside) for block in g.peer.addresses.blocks
    )
