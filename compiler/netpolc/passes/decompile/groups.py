"""Groups: peers that several arrows list, and that are long enough to deserve a name.

A group says once what `0.0.0.0/0 except [10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16]`
says in every line, so that it is read once and changed in one place. Short peers stay as
they are: `ns monitoring` needs no name. Pods of the own namespace have services for it.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import TypeAlias

from netpolc.kube.cidr import Block, Cidr
from netpolc.kube.display import peer_text
from netpolc.kube.dns import is_dns
from netpolc.kube.peers import Grant, Outside, Pods
from netpolc.kube.ports import Traffic
from netpolc.kube.public_addresses import internet
from netpolc.kube.service_names import candidates, chosen
from netpolc.passes.decompile.minimise import StatementPlan
from netpolc.passes.decompile.policy_lines import Line, dns_of
from netpolc.values import frozen

Members: TypeAlias = Pods | frozenset[Block]
"""The members of a group: pods elsewhere, or blocks."""

_LONG = 40
_PRIVATE = tuple(map(Cidr.parse, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
_INTERNET = Outside(internet())


@frozen
class Group:
    """A group and its members."""

    name: str
    members: Members


def groups(
    program: Iterable[StatementPlan], usual: tuple[Grant, ...], taken: Collection[str]
) -> dict[str, tuple[Group, ...]]:
    """The groups of each namespace, and under the empty name those of the cluster section.

    Args:
        program: what all namespaces say.
        usual: what the peer `dns` means where a namespace does not say; where an arrow
            can say `dns`, no group is needed.
        taken: names that mean something else somewhere.
    """
    seen: dict[Members, list[str]] = {}
    for plan in program:
        dns = frozenset(plan.dns or usual)
        for line in plan.lines:
            for members in dict.fromkeys(_members_of(line, dns)):
                seen.setdefault(members, []).append(plan.namespace)
    by_namespace: dict[str, list[Group]] = {}
    names = set(taken)
    for members, homes in seen.items():
        if len(homes) > 1 and _length(members) > _LONG:
            name = chosen(_names(members), names)
            names.add(name)
            home = homes[0] if len(set(homes)) == 1 else ""
            by_namespace.setdefault(home, []).append(Group(name, members))
    return {home: tuple(some) for home, some in by_namespace.items()}


def block_lists(grants: Iterable[Grant]) -> dict[Traffic, list[Grant]]:
    """The address grants of a rule by their traffic, which are written as one list."""
    by_traffic: dict[Traffic, list[Grant]] = {}
    for grant in grants:
        if isinstance(grant.peer, Outside) and grant.peer != _INTERNET:
            by_traffic.setdefault(grant.traffic, []).append(grant)
    return by_traffic


def blocks_of(grants: Iterable[Grant]) -> frozenset[Block]:
    """The blocks in which address grants are written."""
    return frozenset(
        block for g in grants if isinstance(g.peer, Outside) for block in g.peer.addresses.blocks
    )


def _members_of(line: Line, dns: frozenset[Grant]) -> Iterator[Members]:
    called = {grant.peer for grant in dns} if dns <= dns_of(line) else set()
    for rule in line.rules:
        for traffic, listed in block_lists(rule.grants).items():
            if not (is_dns(traffic) and all(grant.peer in called for grant in listed)):
                yield blocks_of(listed)
        for grant in rule.grants:
            match grant.peer:
                case Pods(namespaces, _) as pods if namespaces is not None:
                    if not (pods in called and is_dns(grant.traffic)):
                        yield pods
                case _:
                    pass


def _length(members: Members) -> int:
    if isinstance(members, Pods):
        return len(peer_text(members))
    return sum(len(str(block)) + 2 for block in members) - 2


def _names(members: Members) -> Iterator[str]:
    if isinstance(members, Pods):
        yield from _pods_names(members)
        return
    spaces = {block.cidr for block in members}
    if spaces == {Cidr(4, 0, 0)}:
        stem = "internet4"
    elif all(any(space in private for private in _PRIVATE) for space in spaces):
        stem = "private-networks"
    else:
        stem = "networks"
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1


def _pods_names(pods: Pods) -> Iterator[str]:
    namespaces = pods.namespaces
    where = (namespaces.namespace_name or "") if namespaces else ""
    if not pods.pods.is_everything:
        name = next(candidates(pods.pods))
        yield name
        if where:
            yield f"{name}-in-{where}"
        yield from candidates(pods.pods)
    if namespaces is not None:
        number = 1
        stem = f"{next(candidates(namespaces))}-namespaces"
        while True:
            yield stem if number == 1 else f"{stem}-{number}"
            number += 1
