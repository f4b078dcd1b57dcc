"""Egress that is closed, and names that no longer resolve.

Whoever closes egress and lists the services a pod may call has to list the name service
too, over both protocols: resolvers ask by UDP and repeat by TCP what does not fit (RFC
7766). Without it every call fails, and it looks as if the policy of the service called
were wrong. Names are looked up only to call pods and hosts by name, so pods with no peers,
or with addresses alone, are left out.
"""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector
from netpolc.lints.accepting_rules import accepting_rules
from netpolc.lints.manifests.policy_source import Written, WrittenPolicy, WrittenRule

DNS_FORGOTTEN = Rule(code="NP625", name="dns-forgotten", severity=Severity.WARNING)
DNS_OVER_UDP_ONLY = Rule(code="NP626", name="dns-over-udp-only", severity=Severity.NOTE)
DNS_OVER_TCP_ONLY = Rule(code="NP627", name="dns-over-tcp-only", severity=Severity.WARNING)
DNS_OF_ANYONE = Rule(code="NP628", name="dns-of-anyone", severity=Severity.NOTE)

_BOTH = (Protocol.UDP, Protocol.TCP)
_PORTS = (53, 5353)
"""The port of the name service; OpenShift's pods listen on the second."""

_NAMES = {p: frozenset(NamedPort(p, n) for n in ("dns", "dns-tcp", "domain")) for p in _BOTH}
_EVERY_ADDRESS = 2**32
_OpenFor: TypeAlias = dict[Protocol, SelectorIndex[Selector]]
"""The subjects whose egress reaches the name service, by protocol."""


def name_services(written: Written) -> Iterator[Diagnostic]:
    """Report the policies and rules with which names do not resolve, or everywhere."""
    for name, policies in written.namespaces.items():
        rules = [rule for policy in policies for rule in policy.of(Direction.EGRESS)]
        accepting = tuple(accepting_rules(written.tiers, Direction.EGRESS, written.facts(name)))
        open_for = {
            p: SelectorIndex.of(
                [
                    *(r.policy.subject for r in rules if _opens(r, p)),
                    *(r.subject.pods for r in accepting if names_service(r.traffic, p)),
                ]
            )
            for p in _BOTH
        }
        yield from _forgotten(policies, open_for)
        for rule in rules:
            yield from _one_protocol(rule, open_for)
            if is_dns_only(rule.traffic) and any(map(is_whole_world, rule.meant)):
                yield Diagnostic(
                    rule=DNS_OF_ANYONE,
                    message="DNS is open to any address",
                    label=Label(rule.span, f"{rule.path}: port 53 of any peer"),
                    help="name the cluster's name service, `k8s-app: kube-dns` in `kube-system`",
                )


def is_dns(rule: WrittenRule) -> bool:
    """Whether a rule is about the name service and nothing else."""
    return is_dns_only(rule.traffic)


def _forgotten(policies: Sequence[WrittenPolicy], open_for: _OpenFor) -> Iterator[Diagnostic]:
    reported: set[Selector] = set()
    for policy in policies:
        pods = [
            r
            for r in policy.of(Direction.EGRESS)
            if any(is_found_by_name(m, policy.subject) for m in r.meant)
        ]
        if not pods or policy.subject in reported:
            continue
        if any(subjects.meets(policy.subject) for subjects in open_for.values()):
            continue
        reported.add(policy.subject)
        yield Diagnostic(
            rule=DNS_FORGOTTEN,
            message=f"the pods of `{policy.policy.name}` cannot resolve names",
            label=Label(pods[0].span, f"{pods[0].path}: they cannot look these peers up"),
            help="open port 53 to the name service, UDP and TCP",
        )


def _one_protocol(rule: WrittenRule, open_for: _OpenFor) -> Iterator[Diagnostic]:
    subject = rule.policy.subject
    udp, tcp = (_names_port(rule.traffic, protocol) for protocol in _BOTH)
    if udp and not open_for[Protocol.TCP].meets(subject):
        yield Diagnostic(
            rule=DNS_OVER_UDP_ONLY,
            message="DNS is open on UDP only",
            label=Label(rule.span, f"{rule.path}: long answers need TCP"),
            help="add `protocol: TCP` with the same port",
        )
    elif tcp and not open_for[Protocol.UDP].meets(subject):
        yield Diagnostic(
            rule=DNS_OVER_TCP_ONLY,
            message="the name service is open by TCP alone",
            label=Label(rule.span, f"{rule.path}: resolvers ask by UDP first"),
            help="add `protocol: UDP` with the same port; without `protocol` a port is TCP",
        )


def _opens(rule: WrittenRule, protocol: Protocol) -> bool:
    """Whether the name service may be reached through a rule, by this protocol."""
    home = rule.policy.namespace
    return any(opens_name_service(meant, rule.traffic, home, protocol) for meant in rule.meant)


def opens_name_service(meant: Peer, traffic: Traffic, home: str, protocol: Protocol) -> bool:
    """Whether the name service may be reached by a protocol, where a policy of namespace `home` permits traffic with a peer.

    The peer has to be elsewhere, or the port has to be that of the name service itself.
    """
    if isinstance(meant, Pods) and meant.home(home) == home and home != "kube-system":
        return is_dns_only(traffic) and names_service(traffic, protocol)
    return names_service(traffic, protocol)


def names_service(traffic: Traffic, protocol: Protocol) -> bool:
    """Whether the ports of the name service are among some traffic."""
    numbers = traffic.numbers(protocol)
    return any(port in numbers for port in _PORTS) or bool(_NAMES[protocol] & traffic.named)


def _names_port(traffic: Traffic, protocol: Protocol) -> bool:
    """Whether port 53 is named for itself, not as one of a range."""
    return (53, 53) in traffic.numbers(protocol).ranges


def is_dns_only(traffic: Traffic) -> bool:
    """Whether traffic is that of name services and nothing else."""
    return traffic <= _DNS and bool(traffic)


def is_found_by_name(meant: Peer, subject: Selector) -> bool:
    """Whether somebody has to be looked up: pods are, addresses and members of one set are not."""
    if meant == Pods(None, subject):
        return False
    return not isinstance(meant, Outside) or is_whole_world(meant)


def is_whole_world(meant: Peer) -> bool:
    """Whether a peer is every address."""
    return isinstance(meant, Anyone) or (
        isinstance(meant, Outside) and _count(meant.addresses) == _EVERY_ADDRESS
    )


def _count(addresses: Addresses) -> int:
    return addresses.v4.count()


_DNS = Traffic.of(
    [(p, port, port) for p in _BOTH for port in _PORTS],
    [name for names in _NAMES.values() for name in names],
)
