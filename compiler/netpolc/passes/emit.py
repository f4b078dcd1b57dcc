"""From the meaning of policies to the NetworkPolicy objects that a cluster is given.

For each subject and direction one policy: its isolation is the policy itself, its
allows are the rules. Allows of the same traffic share a rule, each peer an entry of its
own, so that entries are OR and only the parts of one entry are AND. The subject `*`
has up to three policies in a direction, for three things that people look for apart:
the namespace's default, the dns that comes with it, and arrows.

What the API reads out of missing and empty fields is dangerous (an emptied list of
peers means everyone), so fields are either absent on purpose or have members, and
`policyTypes` is always written (API reference, NetworkPolicySpec).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache, partial
from operator import attrgetter

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.peers import Anyone, Direction
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector
from netpolc.manifest.model import LabelSelector, NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule
from netpolc.manifest.policy_names import (
    ALL,
    ALLOW_DNS,
    DENY_ALL,
    INTENTS,
    MANAGED_BY,
    MANAGER,
    stems,
)
from netpolc.manifest.to_api import label_selector, peer_entries, port_entries
from netpolc.manifest.write import write
from netpolc.memory import NO_MEMORY, Memory
from netpolc.provenance import Origin, Origins, Role, merged
from netpolc.source import SourceFile, Span
from netpolc.values import frozen, maker

_ANNOTATION_BYTES = 32 * 1024
"""The limit of the annotation; all annotations of an object may take 256 KiB (API server)."""
_STATEMENT_CHARACTERS = 4 * 1024

_INGRESS, _EGRESS = ("Ingress",), ("Egress",)
_SPEAKERS = frozenset({Role.ARROW, Role.DEFAULT, Role.POLICY})
"""Origins that speak of their subject themselves, and not only touch it from the other end."""


@frozen
class Stamp:
    """Labels and annotations that every manifest gets, as `netpolc.toml` has them."""

    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)


NO_STAMP = Stamp()

TOO_LARGE = Rule(code="NP451", name="policy-too-large", severity=Severity.ERROR)
LARGE_POLICY = Rule(code="NP456", name="large-policy", severity=Severity.NOTE)
LONG_NAME = Rule(code="NP457", name="long-policy-name", severity=Severity.NOTE)
_STORED_BYTES = 3 * 512 * 1024
APPLIED_BYTES = 256 * 1024
"""The limit of an object that `kubectl apply` copies into an annotation."""
LABEL_CHARACTERS = 63
"""The limit of a label's value, and so of a name that a network plugin puts in one."""
_SURELY_SMALL = 2_000
"""So many labels, values and ports stay below it, each written as long as the API lets it be."""


def emit(
    policies: Policies, *, stamp: Stamp = NO_STAMP, memory: Memory = NO_MEMORY
) -> Outcome[tuple[NetworkPolicy, ...]]:
    """The manifests that mean what the policy sets mean.

    Args:
        policies: policy sets, normalised.
        stamp: labels and annotations for every manifest; those of netpolc itself win.
        memory: what is remembered of an earlier state.

    Returns:
        One policy for each subject and direction, and for the subject `*` one for each of
        default, dns and arrows; by namespace, then name. A policy that no cluster could
        store is a finding.
    """
    emitted: list[NetworkPolicy] = []
    found: list[Diagnostic] = []
    # One object, so that its labels are printed once.
    marked = replace(stamp, labels={**stamp.labels, MANAGED_BY: MANAGER})
    kept = memory.same("stamp", "", marked)
    counts: dict[int, int] = {}
    for name in sorted(policies.namespaces):
        one = policies.namespaces[name]
        work = partial(_in_namespace, one, kept, counts)
        outcome = memory.once("emitted", name, (one, kept), work)
        emitted += outcome.value
        found += outcome.diagnostics
    return Outcome(tuple(emitted), tuple(found))


def _in_namespace(
    one: PolicySet, stamp: Stamp, counts: dict[int, int]
) -> Outcome[tuple[NetworkPolicy, ...]]:
    emitted = sorted(_emitted(one, stamp), key=lambda policy: policy.name)
    return Outcome(tuple(emitted), tuple(_too_large(emitted, counts)))


@frozen
class _Part:
    """The parts of one policy; `origins` are those it shows, in order."""

    stem: str
    subject: Selector
    direction: Direction
    allows: Sequence[Allow]
    origins: Origins


def _emitted(policy: PolicySet, stamp: Stamp) -> Iterator[NetworkPolicy]:
    origins = [(one, _all_origins(one)) for one in policy.subjects]
    names: dict[Selector, set[str]] = {}
    for subject, found in origins:
        if not subject.selector.is_everything:
            names.setdefault(subject.selector, set()).update(one.subject for one in found)
    called = stems(names)
    for subject, found in origins:
        if subject.selector.is_everything:
            for part in _everyones(subject):
                yield _policy(part, policy.namespace, stamp)
        else:
            stem = called[subject.selector]
            part = _Part(stem, subject.selector, subject.direction, subject.allows, found)
            yield _policy(part, policy.namespace, stamp)


def _all_origins(subject: Subject) -> Origins:
    """The origins of a subject and its allows, which nearly always are the subject's own once more."""
    found = dict.fromkeys(map(id, subject.origins))
    more = tuple(one for allow in subject.allows for one in allow.origins if id(one) not in found)
    return merged(subject.origins, more) if more else subject.origins


def _everyones(subject: Subject) -> Iterator[_Part]:
    """The policies of the subject `*` in one direction."""
    default = tuple(o for o in subject.origins if o.role is Role.DEFAULT)
    others = tuple(o for o in subject.origins if o.role not in {Role.DEFAULT, Role.DNS})
    dns: list[Allow] = []
    listed: list[Allow] = []
    for allow in subject.allows:
        (dns if _is_dns(allow) else listed).append(allow)
    has_own = bool(listed or not default)
    if default:
        yield _part(DENY_ALL, subject, (), default if has_own else subject.origins)
    if dns:
        yield _part(ALLOW_DNS, subject, dns, ())
    if has_own:
        yield _part(ALL, subject, listed, others)


def _is_dns(allow: Allow) -> bool:
    """Whether only the dns setting asks for it."""
    return bool(allow.origins) and all(origin.role is Role.DNS for origin in allow.origins)


def _part(stem: str, subject: Subject, allows: Sequence[Allow], origins: Origins) -> _Part:
    """A policy of the subject `*`, for some of its allows."""
    selector, direction = subject.selector, subject.direction
    found = merged(origins, *(allow.origins for allow in allows))
    return _Part(stem, selector, direction, allows, found)


def _policy(part: _Part, namespace: str, stamp: Stamp) -> NetworkPolicy:
    rules = tuple(_rules(part.allows)) or None
    ingress = part.direction is Direction.INGRESS
    home = _home(part.origins)
    annotations = dict(stamp.annotations)
    if text := _intents(part.origins):
        annotations[INTENTS] = text
    return NetworkPolicy(
        name=f"{part.stem}-{part.direction.value}",
        namespace=namespace,
        labels=stamp.labels,
        annotations=annotations,
        pod_selector=label_selector(part.subject),
        policy_types=_INGRESS if ingress else _EGRESS,
        ingress=rules if ingress else None,
        egress=None if ingress else rules,
        sources=tuple(sorted({origin.path for origin in part.origins if origin.path})),
        home=home.path if home else "",
        span=home.span if home else None,
    )


def _home(origins: Origins) -> Origin | None:
    """The statement whose file the policy belongs to: the first that speaks of its subject."""
    placed = [origin for origin in origins if origin.path]
    return next((one for one in placed if one.role in _SPEAKERS), placed[0] if placed else None)


_statement = attrgetter("source.text")


def _intents(origins: Origins) -> str:
    """The statements, each once, in order, one a line; so many as an annotation may hold."""
    statements = sorted(filter(None, set(map(_statement, origins))))
    text = "\n".join(statements)
    if len(text) < _STATEMENT_CHARACTERS:  # No character takes more than four bytes.
        return text
    lines, size = [], 0
    for index, statement in enumerate(statements):
        line = _shortened(statement)
        size += len(line.encode(errors="replace")) + 1
        if size > _ANNOTATION_BYTES:
            more = len(statements) - index
            lines.append(f"... and {more} more statement{'s' if more > 1 else ''}")
            break
        lines.append(line)
    return "\n".join(lines)


def _shortened(statement: str) -> str:
    if len(statement) <= _STATEMENT_CHARACTERS:
        return statement
    left_out = len(statement) - _STATEMENT_CHARACTERS
    return f"{statement[:_STATEMENT_CHARACTERS]} ... and {left_out} more characters"


def _too_large(policies: Iterable[NetworkPolicy], counts: dict[int, int]) -> Iterator[Diagnostic]:
    for policy in policies:
        is_large = _count(policy, counts) > _SURELY_SMALL
        size = len(write(policy).encode(errors="replace")) if is_large else 0
        span = policy.span or SourceFile(policy.home or "<ir>", "").whole()
        if len(policy.name) > LABEL_CHARACTERS:
            yield Diagnostic(
                rule=LONG_NAME,
                message=f"policy name `{policy.name}` has {len(policy.name)} characters",
                label=Label(
                    span, f"some network plugins ignore names of more than {LABEL_CHARACTERS}"
                ),
                help="declare the service under a shorter name",
            )
        if APPLIED_BYTES < size <= _STORED_BYTES:
            yield Diagnostic(
                rule=LARGE_POLICY,
                message=f"policy `{policy.name}` is too large for a client-side `kubectl apply`",
                label=Label(span, f"has {size // 1024} KiB; the annotation it makes holds 256"),
                help="apply it with `kubectl apply --server-side`",
            )
        if size > _STORED_BYTES:
            yield Diagnostic(
                rule=TOO_LARGE,
                message=f"policy `{policy.name}` of namespace `{policy.namespace}` is too large",
                label=Label(span, f"has {size / 1024**2:.1f} MiB; a cluster stores at most 1.5"),
                help="say the same in fewer peers: wider blocks, a common label, whole namespaces",
            )


def _count(policy: NetworkPolicy, counts: dict[int, int]) -> int:
    """The labels, values and ports of a policy; `counts` are those of peers, which are shared."""
    total = _selector_count(policy.pod_selector)
    for rule in (*(policy.ingress or ()), *(policy.egress or ())):
        total += len(rule.ports or ())
        for peer in rule.peers or ():
            found = counts.get(id(peer))
            if found is None:
                found = counts[id(peer)] = _peer_count(peer)
            total += found
    return total


def _peer_count(peer: PolicyPeer) -> int:
    holes = len(peer.ip_block.excepts) if peer.ip_block else 0
    pods, namespaces = _selector_count(peer.pod_selector), _selector_count(peer.namespace_selector)
    return 1 + holes + pods + namespaces


def _selector_count(selector: LabelSelector | None) -> int:
    if selector is None:
        return 0
    values = sum(1 + len(one.values) for one in selector.match_expressions)
    return len(selector.match_labels) + values


def _rules(allows: Iterable[Allow]) -> Iterator[PolicyRule]:
    """One rule for each traffic, everything first, then in order; entries as the allows are."""
    listed: dict[Traffic, list[PolicyPeer]] = {}
    everyone: set[Traffic] = set()
    for allow in allows:
        traffic = allow.traffic
        entries = listed.get(traffic)
        if entries is None:
            entries = listed[traffic] = []
        if isinstance(allow.peer, Anyone):
            everyone.add(traffic)
        else:
            entries += peer_entries(allow.peer)
    for traffic in sorted(listed, key=_traffic_key) if len(listed) > 1 else listed:
        peers = None if traffic in everyone else tuple(listed[traffic])
        # Without ports or entries a rule would permit every port, or everyone: where there
        # is nothing to permit, there must be no rule.
        if traffic and peers != ():
            yield _rule(peers, port_entries(traffic), None)


_rule: Callable[
    [tuple[PolicyPeer, ...] | None, tuple[PolicyPort, ...] | None, Span | None], PolicyRule
] = maker(PolicyRule)


@lru_cache(maxsize=1 << 16)
def _traffic_key(traffic: Traffic) -> tuple[object, ...]:
    return not traffic.is_everything, traffic.sort_key()
