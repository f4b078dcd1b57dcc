"""Translate enforced assertions and `baseline: deny` to rules of tiers.

`enforce never` is a rule of the Admin tier that denies, `enforce always` one that accepts, each at
the subject's end, in a policy of its own. Priorities depend on nothing but the claim: two enforced
assertions that could meet and disagree contradict each other, so one of them is refuted, and no
order among them has to be chosen. Denials come first of all policies.

The API cannot say everything that the language can. An ingress rule names pods, never addresses; a
port's name has no protocol; `networks` match pods too; and every list has at most 25 entries. A
statement that does not fit is an error, never a wider or a narrower rule.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from netpolc.analysis.tiers import Networks, TierPeer, TierRule, Tiers
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.kube.cidr import Addresses, Block, Cidr, cidrs_of
from netpolc.kube.peers import ANY_POD, Anyone, Direction, Grant, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, PROTOCOLS, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.manifest.policy_names import canonical, cluster_policy_name, readable
from netpolc.manifest.tier_model import CLUSTER_NETWORK_POLICY, Action, Tier
from netpolc.program.model import Assertion, Baseline, Claim, ClusterAddresses, Program
from netpolc.provenance import Origin, Origins, merged
from netpolc.values import frozen

INEXPRESSIBLE_ENFORCEMENT = Rule(
    code="NP505", name="inexpressible-enforcement", severity=Severity.ERROR
)
NO_TIER_API = Rule(code="NP506", name="no-tier-api", severity=Severity.ERROR)
MOST_ENTRIES = 25
"""The most rules of a direction, peers of a rule, networks of a peer and protocols of a rule."""

_ACTIONS = {Claim.NEVER: Action.DENY, Claim.ALWAYS: Action.ACCEPT}
_PRIORITIES = {Action.DENY: 0, Action.ACCEPT: 1}
_DNS_PRIORITY, _BASELINE_PRIORITY = 999, 1000
_EVERYWHERE = Addresses.of(Block(Cidr(version, 0, 0)) for version in (4, 6))
_EVERYONE: tuple[TierPeer, ...] = (ANY_POD, Networks(_EVERYWHERE))


def enforced_tiers(program: Program) -> Outcome[Tiers]:
    """The rules that a program's cluster sections write, and why some cannot be written."""
    findings: list[Diagnostic] = []
    rules: list[TierRule] = []
    for each in _distinct(program):
        try:
            rules += _rules(each, program.addresses)
        except _InexpressibleError as problem:
            findings.append(_finding(each.origins[0], problem))
    for direction, origin in program.baseline.closed.items():
        try:
            rules += _baseline(program.baseline, direction, origin, program.addresses)
        except _InexpressibleError as problem:
            findings.append(_finding(origin, problem))
    return Outcome(Tiers.of(rules), tuple(findings))


def no_tier_api(origin: Origin) -> Diagnostic:
    """The finding that a statement needs cluster-wide policies, and the project writes none."""
    return Diagnostic(
        rule=NO_TIER_API,
        message=f"`{origin.statement}` needs a version of the tier API",
        label=Label(
            origin.shown_span,
            f"becomes a {CLUSTER_NETWORK_POLICY}, and netpolc.toml does not say in which version",
        ),
        help='add a table `[tiers]` with `api = "v1alpha2"` to netpolc.toml',
    )


class _InexpressibleError(Exception):
    """A rule that the API cannot express, with advice."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason, self.advice = reason, advice


def _finding(origin: Origin, problem: _InexpressibleError) -> Diagnostic:
    return Diagnostic(
        rule=INEXPRESSIBLE_ENFORCEMENT,
        message=f"a {CLUSTER_NETWORK_POLICY} cannot express `{origin.statement}`",
        label=Label(origin.shown_span, problem.reason),
        help=problem.advice,
    )


@frozen(kw_only=True)
class _Enforced:
    """An enforced assertion of one home, with the statements that make it."""

    assertion: Assertion
    home: str | None
    origins: Origins


def _distinct(program: Program) -> Iterator[_Enforced]:
    """The enforced assertions, those that mean the same joined, in the order of their places."""
    origins_by_assertion: dict[tuple[Assertion, str | None], list[Origin]] = {}
    for written in program.assertions:
        if written.enforced:
            home = written.home if written.is_local else None
            key = Assertion(
                claim=written.claim,
                home=home,
                subject=written.subject,
                direction=written.direction,
                grants=tuple(sorted(set(written.grants), key=_grant_key)),
                enforced=True,
                origin=written.origin,
            )
            origins_by_assertion.setdefault((key, home), []).append(written.origin)
    for (assertion, home), origins in origins_by_assertion.items():
        yield _Enforced(assertion=assertion, home=home, origins=merged(tuple(origins)))


def _grant_key(grant: Grant) -> tuple[str, str]:
    return _peer_text(grant.peer), str(grant.traffic.sort_key())


def _rules(enforced: _Enforced, stated: ClusterAddresses) -> Iterator[TierRule]:
    """The rules of one policy: one for each traffic."""
    claim = enforced.assertion
    action = _ACTIONS.get(claim.claim)
    if action is None:
        reason = "an Admin policy cannot deny every peer but some: no rule can name addresses that come in"
        raise _InexpressibleError(reason, "leave out `enforce`, or enforce `never` for each peer")
    subject = _somewhere(claim.subject, enforced)
    by_traffic: dict[Traffic, dict[TierPeer, None]] = {}
    for grant in claim.grants:
        peers = _peers(grant.peer, claim.direction, stated, enforced)
        by_traffic.setdefault(_numbered(grant.traffic), {}).update(dict.fromkeys(peers))
    _limit("rules", by_traffic)
    name = cluster_policy_name(
        (claim.claim.value, _words(subject), claim.direction.value), _meaning(claim, enforced.home)
    )
    for index, traffic in enumerate(sorted(by_traffic, key=Traffic.sort_key)):
        peers = tuple(by_traffic[traffic])
        _limit("peers", peers)
        yield TierRule(
            tier=Tier.ADMIN,
            priority=_PRIORITIES[action],
            policy=f"{CLUSTER_NETWORK_POLICY} {name}",
            index=index,
            direction=claim.direction,
            action=action,
            subject=subject,
            peers=peers,
            traffic=traffic,
            origins=enforced.origins,
        )


def _baseline(
    baseline: Baseline, direction: Direction, origin: Origin, stated: ClusterAddresses
) -> Iterator[TierRule]:
    """The rule that closes a direction, and before it those that keep names resolvable."""
    is_egress = direction is Direction.EGRESS
    deny = TierRule(
        tier=Tier.BASELINE,
        priority=_BASELINE_PRIORITY,
        policy=f"{CLUSTER_NETWORK_POLICY} baseline-deny-{direction.value}",
        index=0,
        direction=direction,
        action=Action.DENY,
        subject=ANY_POD,
        peers=_EVERYONE if is_egress else (ANY_POD,),
        traffic=EVERY_PORT,
        origins=(origin,),
    )
    yield deny
    accept = replace(deny, priority=_DNS_PRIORITY, action=Action.ACCEPT)
    for number, grant in enumerate(baseline.dns):
        traffic = _numbered(grant.traffic)
        if is_egress:
            peers = _peers(grant.peer, direction, stated, None)
            policy = f"{CLUSTER_NETWORK_POLICY} baseline-dns-egress"
            yield replace(accept, policy=policy, index=number, peers=peers, traffic=traffic)
        elif isinstance(grant.peer, Pods):
            subject = _somewhere(grant.peer, None)
            name = cluster_policy_name(
                ("baseline-dns-ingress",), f"{_peer_text(subject)}\n{traffic.sort_key()}"
            )
            policy = f"{CLUSTER_NETWORK_POLICY} {name}"
            yield replace(accept, policy=policy, subject=subject, traffic=traffic)


def _somewhere(pods: Pods, enforced: _Enforced | None) -> Pods:
    """Pods with a selector of their namespaces."""
    namespaces = pods.namespaces
    if namespaces is None:
        if enforced is None or enforced.home is None:
            reason = "the pods are in no namespace that the program knows"
            raise _InexpressibleError(reason, "say where they are: `in ns NAME` or `in ns *`")
        namespaces = Selector.namespace(enforced.home)
    if namespaces.impossible or pods.pods.impossible:
        reason = "no pod can have these labels"
        raise _InexpressibleError(reason, "check the labels")
    return Pods(namespaces, pods.pods)


def _peers(
    peer: Peer, direction: Direction, stated: ClusterAddresses, enforced: _Enforced | None
) -> tuple[TierPeer, ...]:
    if isinstance(peer, Pods):
        return (_somewhere(peer, enforced),)
    if direction is Direction.INGRESS:
        advice = "for every pod write `ns *`" if isinstance(peer, Anyone) else ""
        reason = "an ingress rule can name pods only, and no addresses"
        raise _InexpressibleError(reason, advice or "leave out `enforce` to prove it only")
    if isinstance(peer, Anyone):
        return _EVERYONE
    return tuple(_networks(peer, stated))


def _networks(peer: Outside, stated: ClusterAddresses) -> Iterator[Networks]:
    """The addresses in as many peers as they take; no pod may have one of them."""
    if not stated.pods or peer.addresses.meets(stated.pods):
        reason = "`networks` match pods as well, and pods may have these addresses"
        advice = "state the addresses of pods in a cluster section: `pods: 10.244.0.0/16`"
        if stated.pods:
            advice = "leave the addresses of pods out of the block"
        raise _InexpressibleError(reason, advice)
    blocks = (*cidrs_of(peer.addresses.v4, 4), *cidrs_of(peer.addresses.v6, 6))
    for first in range(0, len(blocks), MOST_ENTRIES):
        yield Networks(_addresses(blocks[first : first + MOST_ENTRIES]))


def _addresses(blocks: Sequence[Cidr]) -> Addresses:
    return Addresses.of(map(Block, blocks))


def _numbered(traffic: Traffic) -> Traffic:
    """Traffic that the API can say."""
    for port in sorted(traffic.named):
        reason = (
            f"the API's name of a port has no protocol, so `{port.name}` would match all of them"
        )
        raise _InexpressibleError(reason, "write the number of the port")
    if not traffic.is_everything:
        _limit("protocols", [part for p in PROTOCOLS for part in traffic.numbers(p).ranges])
    return traffic


def _limit(what: str, entries: Iterable[object]) -> None:
    count = len(tuple(entries))
    if count > MOST_ENTRIES:
        reason = f"it takes {count} {what}, and the API allows {MOST_ENTRIES}"
        raise _InexpressibleError(reason, "write several statements, or a common label")


def _words(subject: Pods) -> str:
    namespaces = subject.namespaces or EVERYTHING
    where = "" if namespaces.is_everything else readable(namespaces)
    return "-in-".join(filter(None, (readable(subject.pods), where))) or "all"


def _meaning(claim: Assertion, home: str | None) -> str:
    """A text that no other enforced assertion has. Never change it: names of policies hang on it."""
    grants = (f"{_peer_text(grant.peer)}: {grant.traffic.sort_key()}" for grant in claim.grants)
    return "\n".join(
        (claim.claim.value, home or "", _peer_text(claim.subject), claim.direction.value, *grants)
    )


def _peer_text(peer: Peer) -> str:
    match peer:
        case Pods(None, pods):
            return f"own\n{canonical(pods)}"
        case Pods(namespaces, pods):
            assert namespaces is not None
            return f"pods\n{canonical(namespaces)}\n{canonical(pods)}"
        case Outside(addresses):
            return f"addresses {addresses.sort_key()}"
        case Anyone():
            return "any"
