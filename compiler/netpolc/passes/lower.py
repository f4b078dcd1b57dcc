"""From a program to the meaning of its policies.

Each arrow closes its subject and opens it to its peers. Three things are not written
down and follow here: pods whose egress is closed reach dns; inside one namespace a `<-`
arrow opens the sender's end as well; and neither of these may close a pod that was
open. NetworkPolicy cannot open a pod without selecting it, and selecting closes, so the
mirrored end selects exactly those pods that the arrow's peer *and* some closed subject
match: the conjunction of both selectors.

Whether a peer's namespace test chooses the own namespace is decided from its stated
labels alone. A label that nobody states is unknown, and unknown opens nothing: that is
reported where it matters. The manifest of a namespace decides what is reported, but opens
nothing either, so that the policies depend on the intents alone.

Only namespace by namespace: nothing here looks at two of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby
from operator import attrgetter
from typing import TypeAlias

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.ir.build import made_allow, made_subject, policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.peers import Direction, Pods, own_pods
from netpolc.kube.platform import may_be_unset, unset_labels
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.memory import NO_MEMORY, Memory
from netpolc.program.model import Arrow, NamedGrant, Namespace, Program
from netpolc.provenance import Origin, Role

UNKNOWN_NAMESPACE_TEST = Rule(
    code="NP301", name="unknown-namespace-test", severity=Severity.WARNING
)

_CLOSED, _GRANT = attrgetter("subject", "direction"), attrgetter("grant")
_Labels: TypeAlias = Mapping[str, str]
_NO_MANIFESTS: Mapping[str, _Labels] = {}


def lower(
    program: Program,
    memory: Memory = NO_MEMORY,
    manifest_labels: Mapping[str, _Labels] = _NO_MANIFESTS,
) -> Outcome[Policies]:
    """Work out what the program permits.

    Args:
        program: a resolved program.
        memory: what is remembered of an earlier state.
        manifest_labels: the labels of the namespaces whose manifests are given.

    Returns:
        One policy set for each namespace, not yet normalised, and the findings.
    """
    findings: list[Diagnostic] = []
    sets: dict[str, PolicySet] = {}
    known = (
        *(namespace.labels for namespace in program.namespaces.values()),
        *manifest_labels.values(),
    )
    in_use = frozenset(
        label for labels in known for label in labels.items() if may_be_unset(label[0])
    )
    in_use = memory.same("labels that may be unset", "", in_use)
    for name, namespace in program.namespaces.items():
        # All but the services, which change with every mention of them elsewhere.
        inputs = (
            namespace.labels,
            namespace.closed,
            namespace.mirror,
            namespace.dns,
            namespace.dns_origin,
            namespace.arrows,
            manifest_labels.get(name),
            in_use,
        )
        work = partial(_lower, namespace, manifest_labels.get(name), in_use)
        lowered = memory.once("lowered", name, inputs, work)
        sets[name] = lowered.value
        findings += lowered.diagnostics
    return Outcome(Policies(sets), tuple(dict.fromkeys(findings)))


def _lower(
    namespace: Namespace, manifest_labels: _Labels | None, in_use: frozenset[tuple[str, str]]
) -> Outcome[PolicySet]:
    senders = _closed_subjects(namespace)
    parts: list[Subject | Allow] = [*_written(namespace)]
    for subject, name in senders:
        origins = (_renamed(namespace.dns_origin, Role.DNS, name),)
        parts += (
            made_allow(subject, Direction.EGRESS, grant.peer, grant.traffic, origins)
            for grant in namespace.dns
        )
    findings: list[Diagnostic] = []
    if namespace.mirror and senders:
        closed = SelectorIndex((subject, (subject, name)) for subject, name in senders)
        parts += _mirrored(namespace, closed)
        findings += _unknown_tests(namespace, closed, manifest_labels, in_use)
    lowered = policy_set(namespace=namespace.name, labels=namespace.labels, parts=parts)
    return Outcome(lowered, tuple(findings))


def _written(namespace: Namespace) -> Iterator[Subject]:
    """What defaults and arrows close, and what arrows open."""
    for direction, origin in namespace.closed.items():
        yield Subject(selector=EVERYTHING, direction=direction, origins=(origin,))
    # The arrows about a subject mostly follow each other.
    for (subject, direction), same in groupby(namespace.arrows, _CLOSED):
        arrows = list(same)
        allows = [
            made_allow(subject, direction, grant.peer, grant.traffic, (arrow.origin,))
            for arrow in arrows
            for grant in map(_GRANT, arrow.grants)
        ]
        origins = tuple([arrow.origin for arrow in arrows])
        yield made_subject(subject, direction, tuple(allows), origins, False)  # noqa: FBT003


def _mirrored(namespace: Namespace, closed: "_Senders") -> Iterator[Subject]:
    """The senders' end of what `<-` arrows permit inside the namespace."""
    for arrow, named in _received(namespace):
        senders = own_pods(named.grant.peer, namespace.labels)
        if senders is None:
            continue
        peer, traffic = Pods(None, arrow.subject), named.grant.traffic
        for subject, name in _among(closed, senders):
            called = named.name if subject == senders and named.name else name
            origins = (_renamed(arrow.origin, Role.MIRROR, called),)
            allow = made_allow(subject, Direction.EGRESS, peer, traffic, origins)
            yield Subject(
                selector=subject, direction=Direction.EGRESS, allows=(allow,), origins=origins
            )


def _unknown_tests(
    namespace: Namespace,
    closed: "_Senders",
    manifest_labels: _Labels | None,
    in_use: frozenset[tuple[str, str]],
) -> Iterator[Diagnostic]:
    """Report the arrows whose senders are closed because the namespace does not state a label.

    Nothing is to be reported where the manifest of the namespace shows that it is not meant. A lint
    reports the labels that no namespace has.
    """
    for arrow, named in _received(namespace):
        peer = named.grant.peer
        if (
            isinstance(peer, Pods)
            and peer.namespaces is not None
            and peer.namespaces.decided_by(namespace.labels) is None
            and (manifest_labels is None or peer.namespaces.matches(manifest_labels))
            and _among(closed, peer.pods)
        ):
            unset = [key for key, _ in unset_labels(peer.namespaces, in_use)]
            asked = {*peer.namespaces.keys()}.difference(namespace.labels, unset)
            if asked:
                yield _unknown(arrow, sorted(asked), namespace, manifest_labels)


def _received(namespace: Namespace) -> Iterator[tuple[Arrow, NamedGrant]]:
    """Each grant of the `<-` arrows whose subject can match a pod."""
    for arrow in namespace.arrows:
        if arrow.direction is Direction.INGRESS and not arrow.subject.impossible:
            yield from ((arrow, named) for named in arrow.grants)


def _unknown(
    arrow: Arrow,
    missing: Sequence[str],
    namespace: Namespace,
    manifest_labels: _Labels | None,
) -> Diagnostic:
    keys = ", ".join(f"`{key}`" for key in missing)
    name = namespace.name
    message = f"whether namespace `{name}` itself is meant is unknown"
    stated = [f"{missing[0]}=…"]
    if manifest_labels is not None:
        message = f"namespace `{name}` itself is meant, but its header does not say so"
        stated = [f"{key}={manifest_labels[key]}" for key in missing if key in manifest_labels]
    header = f"state it in the header: `namespace {name} {{{', '.join(stated)}}}`"
    by_arrow = "name the senders of this namespace in an arrow of their own"
    return Diagnostic(
        rule=UNKNOWN_NAMESPACE_TEST,
        message=message,
        label=Label(arrow.origin.shown_span, f"tests {keys}, which `{name}` does not state"),
        help=header if stated else by_arrow,
    )


def _renamed(origin: Origin, role: Role, subject: str) -> Origin:
    return replace(origin, role=role, subject=subject)


_Senders: TypeAlias = SelectorIndex[tuple[Selector, str]]
"""The subjects whose egress is closed, the fewest, each with the name that it goes by."""


def _among(closed: "_Senders", senders: Selector) -> list[tuple[Selector, str]]:
    """The closed pods among the senders: conjunctions that can be met, with their names."""
    names: dict[Selector, str] = {}
    for subject, name in closed.overlapping(senders):
        both = subject & senders
        names.setdefault(both, name if both == subject else "")
    widest = [s for s in names if not any(s != other and s <= other for other in names)]
    return [(selector, names[selector]) for selector in sorted(widest, key=Selector.sort_key)]


def _closed_subjects(namespace: Namespace) -> list[tuple[Selector, str]]:
    """The subjects whose egress is closed, each once, with the name it goes by."""
    if Direction.EGRESS in namespace.closed:
        return [(EVERYTHING, "")]
    by_subject: dict[Selector, set[str]] = {}
    for arrow in namespace.arrows:
        if arrow.direction is Direction.EGRESS and not arrow.subject.impossible:
            by_subject.setdefault(arrow.subject, set()).add(arrow.origin.subject)
    return [
        (subject, min(filter(None, names), default="")) for subject, names in by_subject.items()
    ]
