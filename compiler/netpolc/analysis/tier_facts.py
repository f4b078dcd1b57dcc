"""The unknown facts that tiers depend on, each with the rules that it decides about."""

from collections.abc import Iterator

from netpolc.analysis.block_reading import EVERY_ADDRESS
from netpolc.analysis.concrete_evaluator import Connection, Pod, may_match
from netpolc.analysis.tiers import (
    Domains,
    Group,
    Networks,
    Nodes,
    TierPeer,
    TierReading,
    TierRule,
    Tiers,
)
from netpolc.analysis.unknown_facts import (
    EqualPriority,
    IpVersion,
    NodeAddress,
    PodAddress,
    ResolvedName,
    UnknownFact,
)
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import Direction


def tier_facts(reading: TierReading, connection: Connection | None = None) -> list[UnknownFact]:
    """The unknown facts of tiers, each once; with a connection, those that may decide about it."""
    return list(dict.fromkeys(_facts(reading, connection)))


def _facts(reading: TierReading, connection: Connection | None) -> Iterator[UnknownFact]:
    groups = _near(reading, connection)
    for group in groups:
        fact = _tie(reading, group, connection)
        if fact is not None:
            yield fact
    for rule in Tiers.of(rule for group in groups for rules in group for rule in rules).rules:
        if connection is None or may_match(reading, rule, connection):
            pods = _pods_at_other_end(reading, rule, connection)
            for peer in rule.peers:
                yield from _about_peer(reading, rule, peer, pods)


def _pods_at_other_end(
    reading: TierReading, rule: TierRule, connection: Connection | None
) -> Addresses:
    """The addresses that pods may have at the end that the peers of a rule are about; none where an address is that end."""
    if connection is None:
        return reading.pods_of(None)
    ingress = rule.direction is Direction.INGRESS
    other = connection.sender if ingress else connection.receiver
    return reading.pods_of(connection.version) if isinstance(other, Pod) else Addresses()


def _near(reading: TierReading, connection: Connection | None) -> list[Group]:
    """All groups of rules; with a connection, the policies of each that may be about its pods."""
    if connection is None:
        return [group for groups in reading.groups.values() for group in groups]
    ends = {Direction.EGRESS: connection.sender, Direction.INGRESS: connection.receiver}
    return [
        tuple(sorted(group, key=lambda rules: rules[0].policy))
        for tier, direction in reading.groups
        if isinstance(pod := ends[direction], Pod)
        for group in reading.about(tier, direction, pod.labels, pod.namespace_labels)
    ]


def version_facts(reading: TierReading) -> tuple[IpVersion, ...]:
    """The facts that each connection between pods settles by its IP version."""
    return tuple(fact for fact in tier_facts(reading) if isinstance(fact, IpVersion))


def _tie(reading: TierReading, group: Group, connection: Connection | None) -> EqualPriority | None:
    """Policies of one priority that decide differently; None where they agree."""
    about = [
        [rule for rule in rules if connection is None or may_match(reading, rule, connection)]
        for rules in group
    ]
    policies = [rules for rules in about if rules]
    if len(policies) < 2 or len({rule.action for rules in policies for rule in rules}) < 2:  # noqa: PLR2004
        return None
    return EqualPriority(tuple(rules[0].policy for rules in policies), policies[0][0].priority)


def _about_peer(
    reading: TierReading, rule: TierRule, peer: TierPeer, pods: Addresses
) -> Iterator[PodAddress | IpVersion | NodeAddress | ResolvedName]:
    match peer:
        case Networks(addresses):
            if not addresses.meets(pods) or pods <= addresses:
                return
            is_of_version = pods != EVERY_ADDRESS and not any(
                _is_cut(pods.of_version(each), addresses) for each in (4, 6)
            )
            yield IpVersion(rule.policy) if is_of_version else PodAddress(rule.policy)
        case Nodes():
            if reading.nodes:
                yield NodeAddress(rule.policy)
        case Domains():
            yield ResolvedName(rule.policy)
        case _:
            return


def _is_cut(pods: Addresses, network: Addresses) -> bool:
    """Whether a network has some of the addresses of pods but not all."""
    return network.meets(pods) and not pods <= network
