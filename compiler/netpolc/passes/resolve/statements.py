"""Arrows, settings and assertions, resolved for each namespace that they hold for.

A statement of a namespace's section is about that namespace; one of the cluster section
is about every namespace of the program in turn, its bare names looked up in each.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from operator import attrgetter

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.dns import BUILT_IN_DNS
from netpolc.kube.name_rules import named_labels
from netpolc.kube.peers import Direction, Grant
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.passes.resolve.names import Names, Subject
from netpolc.passes.resolve.origins import origin_of, origin_of_arrow
from netpolc.passes.resolve.peers import expand, expand_connection, pods
from netpolc.passes.resolve.scopes import Scope, defaults, one_value, words
from netpolc.passes.resolve.viewpoint import NamedPods, Viewpoint, named_pods
from netpolc.program import model as program
from netpolc.program.model import NamedGrant
from netpolc.provenance import Origin, Role, StatementKind, StatementRef
from netpolc.syntax.formatter import pod_peer_text
from netpolc.syntax.parts import LabelTest, Name, PodPeer, Word, WordPeer
from netpolc.syntax.tree import (
    Arrow,
    ArrowStatement,
    AssertionStatement,
    BaselineSetting,
    Claim,
    Connection,
    DnsSetting,
    MirrorSetting,
)
from netpolc.values import maker

SUBJECT_ELSEWHERE = Rule(code="NP231", name="subject-elsewhere", severity=Severity.ERROR)
GROUP_AS_SUBJECT = Rule(code="NP232", name="group-as-subject", severity=Severity.ERROR)
_BUILT_IN_DNS_ORIGIN = Origin(
    path="",
    line=0,
    source=StatementRef(
        StatementKind.DNS, "dns: {k8s-app=kube-dns} in ns kube-system:[53/udp, 53/tcp]"
    ),
    role=Role.DNS,
)
_CLAIMS = {claim: program.Claim(claim.value) for claim in Claim}


def resolve_namespace(scope: Scope, cluster: Scope, names: Names) -> program.Namespace:
    """One namespace with its settings and arrows, the cluster section's among them."""
    dns, peer_dns, dns_origin = _dns(scope, cluster, names)
    ingress = names.viewpoint(scope.namespace, egress=False, dns=peer_dns)
    egress = names.viewpoint(scope.namespace, egress=True, dns=peer_dns)
    arrows = [
        arrow
        for source in (scope, cluster)
        for statement in source.of_type(ArrowStatement)
        if (arrow := _arrow(statement, ingress, egress, names)) is not None
    ]
    # No two statements begin in one line.
    arrows.sort(key=attrgetter("origin.path", "origin.line"))
    return program.Namespace(
        name=scope.namespace,
        labels=_labels(scope),
        label=names.label(scope.namespace),
        closed=_closed(scope, cluster, names.findings),
        mirror=_mirror(scope, cluster, names.findings),
        dns=dns,
        dns_origin=dns_origin,
        arrows=tuple(arrows),
        services={},
    )


def _labels(scope: Scope) -> Mapping[str, str]:
    stated = {key: value for key, (value, _) in scope.facts.items()}
    return dict(sorted(named_labels(stated, scope.namespace).items()))


def _closed(scope: Scope, cluster: Scope, findings: list[Diagnostic]) -> Mapping[Direction, Origin]:
    chosen = {**defaults(cluster, findings), **defaults(scope, findings)}
    return {
        direction: origin_of(chosen[direction], role=Role.DEFAULT)
        for direction in Direction
        if direction in chosen and chosen[direction].deny
    }


def _mirror(scope: Scope, cluster: Scope, findings: list[Diagnostic]) -> bool:
    for place in (scope, cluster):
        setting = one_value(place.of_type(MirrorSetting), findings, "mirror", words(place))
        if setting is not None:
            return setting.mirror
    return True


def _dns(
    scope: Scope, cluster: Scope, names: Names
) -> tuple[tuple[Grant, ...], tuple[Grant, ...], Origin]:
    """The automatic dns of closed pods, the value of the peer `dns`, and the origin of the first."""
    outer, peer, origin = BUILT_IN_DNS, BUILT_IN_DNS, _BUILT_IN_DNS_ORIGIN
    for place in (cluster, scope):
        setting = one_value(place.of_type(DnsSetting), names.findings, "dns", words(place))
        if setting is None:
            continue
        origin = origin_of(setting, role=Role.DNS)
        view = names.viewpoint(scope.namespace, egress=True, dns=peer)
        expansion = expand(setting.peers, view, names)
        names.used.update(expansion.used)
        names.note(expansion.services, scope.namespace, origin, setting)
        outer = tuple(named.grant for named in expansion.grants)
        peer = outer or peer
    return outer, peer, origin


def _arrow(
    statement: ArrowStatement, ingress: Viewpoint, egress: Viewpoint, names: Names
) -> program.Arrow | None:
    connection = statement.connection
    is_egress = connection.arrow is Arrow.OUT
    view = egress if is_egress else ingress
    subject = names.subjects.get(connection.subject_text or "")
    if subject is None:
        subject = _arrow_subject(connection, view.namespace, names)
    if subject is None:
        return None
    peers = expand_connection(connection, view, names)
    origin = origin_of_arrow(statement, subject, peers.text)
    if subject.mention is not None:
        subject.mention.origins.append(origin)
    names.note(peers.services, view.namespace, origin, connection)
    return _made(
        subject.pods,
        Direction.EGRESS if is_egress else Direction.INGRESS,
        peers.grants,
        origin,
        statement.until,
        peers.through,
    )


_made: Callable[
    [Selector, Direction, tuple[NamedGrant, ...], Origin, date | None, frozenset[str]],
    program.Arrow,
] = maker(program.Arrow)


def _arrow_subject(connection: Connection, namespace: str, names: Names) -> Subject | None:
    """The subject of an arrow; a name or `*` is worked out once in a namespace."""
    text = connection.subject_text or ""
    written = names.written_subjects.get(text) or connection.subject
    if written.namespaces is not None:
        names.findings.append(
            Diagnostic(
                rule=SUBJECT_ELSEWHERE,
                message="an arrow's subject lives in its section's namespace",
                label=Label(written.span, "names another"),
                help=f"move the arrow below the header of that namespace; this is `{namespace}`",
            )
        )
        return None
    if isinstance(written.pods, LabelTest):  # A finding in one has its place.
        return Subject(names.selector(written.pods), "", pod_peer_text(written))
    if not isinstance(written.pods, Name):
        known = Subject(EVERYTHING, "", pod_peer_text(written))
    elif _is_group(written.pods.text, connection, namespace, names):
        return None
    else:
        mention = names.mention(NamedPods(None, written.pods), namespace, connection)
        mention.subject = True
        known = Subject(mention.selector, written.pods.text, pod_peer_text(written), mention)
    if text:
        names.subjects[text], names.written_subjects[text] = known, written
    return known


def _is_group(name: str, connection: Connection, namespace: str, names: Names) -> bool:
    """Whether the name that is the subject of a connection is a group's, which is reported."""
    group = names.group(namespace, name)
    if group is None:
        return False
    names.findings.append(
        Diagnostic(
            rule=GROUP_AS_SUBJECT,
            message=f"the group `{name}` cannot be the subject",
            label=Label(connection.subject.span, "a group is a list of peers"),
            others=(Label(group.name.span, "declared as a group here"),),
            help="write an arrow for each service, or select them by labels",
        )
    )
    return True


def depends_on_home(connection: Connection) -> bool:
    """Whether the words of a connection may mean something else, or be wrong, in another namespace.

    Pods there without their namespace, and names in a namespace that is not itself a name: both
    are looked up in the section's namespace. So is `dns`, which is a setting.
    """
    return any(
        peer.word is Word.DNS
        if isinstance(peer, WordPeer)
        else isinstance(peer, PodPeer) and _depends_on_home(peer)
        for peer in (connection.subject, *(written.peer for written in connection.peers))
    )


def _depends_on_home(pods: PodPeer) -> bool:
    return pods.namespaces is None or (
        isinstance(pods.pods, Name) and not isinstance(pods.namespaces, Name)
    )


def resolve_assertions(
    cluster: Scope, of_cluster: Iterable[AssertionStatement], home: Scope, names: Names
) -> tuple[program.Assertion, ...]:
    """The assertions of a namespace, and some of the cluster section seen from it."""
    own = (
        assertion_statement
        for assertion_statement in home.of_type(AssertionStatement)
        if not assertion_statement.enforced
    )
    resolved = (
        _assertion(statement, home, cluster, names, of_cluster=shared)
        for statements, shared in ((own, False), (of_cluster, True))
        for statement in statements
    )
    return tuple(assertion for assertion in resolved if assertion is not None)


def distinct_assertions(several: Iterable[program.Assertion]) -> tuple[program.Assertion, ...]:
    """The assertions of a program in order.

    One of the cluster section that means the same everywhere, because it names no bare pods, is
    there once.
    """
    distinct: dict[tuple[object, ...], program.Assertion] = {}
    for assertion in several:
        distinct.setdefault(_identity(assertion), assertion)
    return tuple(sorted(distinct.values(), key=lambda a: (a.origin.sort_key(), a.home or "")))


def _identity(assertion: program.Assertion) -> tuple[object, ...]:
    """A key of the assertion's meaning and place; the namespace counts if a pod of it is meant."""
    return (
        assertion.origin.span,
        assertion.claim,
        assertion.enforced,
        assertion.home if assertion.is_local else None,
        assertion.subject,
        assertion.direction,
        assertion.grants,
    )


def _assertion(
    statement: AssertionStatement, home: Scope, cluster: Scope, names: Names, *, of_cluster: bool
) -> program.Assertion | None:
    connection, namespace = statement.connection, home.namespace
    written = connection.subject
    if (
        isinstance(written.pods, Name)
        and written.namespaces is None
        and _is_group(written.pods.text, connection, namespace, names)
    ):
        return None
    origin = origin_of(statement)
    egress = connection.arrow is Arrow.OUT
    _, dns, _ = _dns(home, cluster, names)
    view = names.viewpoint(namespace, egress=egress, dns=dns)
    subject = pods(written, view, names)
    if subject is None:
        return None
    names.note(named_pods(written), namespace, origin, connection)
    peers = expand_connection(connection, view, names)
    names.note(peers.services, namespace, origin, connection)
    return program.Assertion(
        claim=_CLAIMS[statement.claim],
        home=namespace or None,
        subject=subject,
        direction=Direction.EGRESS if egress else Direction.INGRESS,
        grants=tuple(named.grant for named in peers.grants),
        enforced=statement.enforced,
        of_cluster=of_cluster,
        origin=origin,
    )


def resolve_baseline(cluster: Scope, names: Names) -> program.Baseline:
    """Resolve the `baseline:` setting of the cluster section."""
    setting = one_value(
        cluster.of_type(BaselineSetting), names.findings, "baseline", "the cluster section"
    )
    if setting is None:
        return program.Baseline()
    origin = origin_of(setting, role=Role.DEFAULT)
    directions = (
        (Direction.INGRESS, setting.ingress or not setting.egress),
        (Direction.EGRESS, setting.egress),
    )
    dns, _, _ = _dns(Scope(""), cluster, names)
    return program.Baseline(
        closed={direction: origin for direction, is_closed in directions if is_closed}, dns=dns
    )
