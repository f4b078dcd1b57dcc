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
from functools import partial
from operator import attrgetter
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.peers import Anyone, Direction
from netpolc.kube.ports import EVERY_PORT, Traffic
from netpolc.kube.selectors import Selector
from netpolc.manifest.model import NetworkPolicy, PolicyPeer, PolicyPort, PolicyRule
from netpolc.manifest.policy_names import (
    ALL,
    ALLOW_DNS,
    DENY_ALL,
    INTENTS,
    MANAGED_BY,
    MANAGER,
    stems,
)
from netpolc.manifest.to_api import Entries
from netpolc.manifest.write import write
from netpolc.memory import NO_MEMORY, Memory
from netpolc.provenance import Origin, Origins, Role, StatementKind, merged
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
    findings: list[Diagnostic] = []
    # One object, so that its labels are printed once.
    marked = replace(stamp, labels={**stamp.labels, MANAGED_BY: MANAGER})
    kept = memory.same("stamp", "", marked)
    entries = Entries()
    for name in sorted(policies.namespaces):
        policy_set = policies.namespaces[name]
        work = partial(_in_namespace, policy_set, kept, entries)
        outcome = memory.once("emitted", name, (policy_set, kept), work)
        emitted += outcome.value
        findings += outcome.diagnostics
    return Outcome(tuple(emitted), tuple(findings))


def _in_namespace(
    policies: PolicySet, stamp: Stamp, entries: Entries
) -> Outcome[tuple[NetworkPolicy, ...]]:
    emitted = sorted(_emitted(policies, stamp, entries), key=attrgetter("name"))
    return Outcome(tuple(emitted), tuple(_findings(emitted, entries.largest)))


def _emitted(policy: PolicySet, stamp: Stamp, entries: Entries) -> Iterator[NetworkPolicy]:
    shown = [(subject, _all_origins(subject)) for subject in policy.subjects]
    names: dict[Selector, set[str]] = {}
    for subject, origins in shown:
        if not subject.selector.is_everything:
            names.setdefault(subject.selector, set()).update(map(_subject, origins))
    called = stems(names)
    for subject, origins in shown:
        if subject.selector.is_everything:
            for part in _everyones(subject):
                yield _policy(subject, part, policy.namespace, stamp, entries)
        else:
            part = called[subject.selector], subject.allows, origins
            yield _policy(subject, part, policy.namespace, stamp, entries)


def _all_origins(subject: Subject) -> Origins:
    """The origins of a subject and its allows, which nearly always are the subject's own once more."""
    known = {id(origin) for origin in subject.origins}
    if all([id(origin) in known for allow in subject.allows for origin in allow.origins]):  # noqa: C419 - half the time
        return subject.origins
    return merged(subject.origins, *map(_origins, subject.allows))


_Part: TypeAlias = tuple[str, Sequence[Allow], Origins]
"""The stem of a policy's name, what it opens, and the origins that it shows, in order."""


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
        yield DENY_ALL, (), default if has_own else subject.origins
    if dns:
        yield ALLOW_DNS, dns, merged(*map(_origins, dns))
    if has_own:
        yield ALL, listed, merged(others, *map(_origins, listed))


def _is_dns(allow: Allow) -> bool:
    """Whether only the dns setting asks for it."""
    return bool(allow.origins) and all(origin.role is Role.DNS for origin in allow.origins)


def _policy(
    subject: Subject, part: _Part, namespace: str, stamp: Stamp, entries: Entries
) -> NetworkPolicy:
    """The policy for a part of what a subject opens."""
    stem, allows, origins = part
    rules = tuple(_rules(allows, entries)) or None
    ingress = subject.direction is Direction.INGRESS
    home = _home(origins)
    intents = _intents(origins)
    return NetworkPolicy(
        name=f"{stem}-{subject.direction.value}",
        namespace=namespace,
        labels=stamp.labels,
        annotations={**stamp.annotations, INTENTS: intents} if intents else stamp.annotations,
        pod_selector=entries.selector(subject.selector),
        policy_types=_INGRESS if ingress else _EGRESS,
        ingress=rules if ingress else None,
        egress=None if ingress else rules,
        sources=tuple(sorted({origin.path for origin in origins} - {""})),
        home=home.path if home else "",
        span=home.span if home else None,
    )


def _home(origins: Origins) -> Origin | None:
    """The statement whose file the policy belongs to: the first that speaks of its subject."""
    speaking = (origin for origin in origins if origin.path and origin.role in _SPEAKERS)
    return next(speaking, None) or next((origin for origin in origins if origin.path), None)


_origins, _subject = attrgetter("origins"), attrgetter("subject")


def _intents(origins: Origins) -> str:
    """The statements, each once, in order, one a line; so many as an annotation may hold."""
    sources = (origin.source for origin in origins)
    statements = sorted(
        {source.text for source in sources if source.kind is not StatementKind.IR_PART} - {""}
    )
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


def _findings(policies: Iterable[NetworkPolicy], largest: int) -> Iterator[Diagnostic]:
    """The findings about names and sizes of policies; `largest` is the size of their largest entry."""
    for policy in policies:
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
        if _entries(policy) * largest > _SURELY_SMALL:
            yield from _too_large(policy, span)


def _too_large(policy: NetworkPolicy, span: Span) -> Iterator[Diagnostic]:
    size = len(write(policy).encode(errors="replace"))
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


def _entries(policy: NetworkPolicy) -> int:
    """The number of entries of a policy: its subject, peers, and lists of ports."""
    rules = policy.ingress or policy.egress or ()
    return 1 + len(rules) + sum([len(rule.peers or ()) for rule in rules])


def _rules(allows: Iterable[Allow], entries: Entries) -> Iterator[PolicyRule]:
    """One rule for each traffic, everything first, then in order; entries as the allows are."""
    listed: dict[Traffic, list[PolicyPeer]] = {}
    everyone: set[Traffic] = set()
    for allow in allows:
        peers = listed.setdefault(allow.traffic, [])
        if isinstance(allow.peer, Anyone):
            everyone.add(allow.traffic)
        else:
            peers += entries.peer(allow.peer)
    for traffic in sorted(listed, key=_everything_first) if len(listed) > 1 else listed:
        peers_or_all = None if traffic in everyone else tuple(listed[traffic])
        # Without ports or entries a rule would permit every port, or everyone: where there
        # is nothing to permit, there must be no rule.
        if traffic and peers_or_all != ():
            yield _rule(peers_or_all, entries.ports(traffic), None)


_rule: Callable[
    [tuple[PolicyPeer, ...] | None, tuple[PolicyPort, ...] | None, Span | None], PolicyRule
] = maker(PolicyRule)


def _everything_first(traffic: Traffic) -> tuple[object, ...]:
    return traffic is not EVERY_PORT, traffic.sort_key()
