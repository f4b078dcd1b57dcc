"""Arrows that the other end does not permit.

A connection needs both ends. Inside a namespace a `<-` arrow opens the sender's end too;
across namespaces, and for `->` arrows, each side speaks for itself. Where the other side
is in the same program, is closed, and does not permit what the arrow opens, the arrow
looks right and the connection fails. The line that would complete it is known.

Only peers of one known namespace are looked at: `ns *` is meant for any willing pod.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from functools import partial

from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.query import PodEnd, directed, ends
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.selectors import Selector
from netpolc.lints.arrow_traps import is_platform_peer
from netpolc.lints.host_name_peer import is_host_like
from netpolc.lints.written_peer import peer_span
from netpolc.memory import NO_MEMORY, Memory
from netpolc.program.model import Arrow, NamedGrant, Namespace, Program

HALF_OPEN_ARROW = Rule(code="NP605", name="half-open-arrow", severity=Severity.WARNING)


def half_open_arrows(
    program: Program,
    cluster: Cluster,
    inventory: Inventory,
    memory: Memory = NO_MEMORY,
    accepting: Cluster | None = None,
) -> Iterator[Diagnostic]:
    """Report the arrows whose other end, in a namespace of the program, permits none of them.

    `accepting` is the cluster with the rules of tiers: what an Admin rule may accept needs no other
    line, and what one denies cannot be completed by one. What is found depends on the arrows, and on what is open and closed at their two ends: an edit
    of a namespace that all others name changes little for most of these.
    """
    ends = {
        (name, direction): memory.same(("closed", direction), name, side.subjects)
        for name in program.namespaces
        for direction, side in zip(_DIRECTIONS, cluster.sides(name), strict=True)
        if side is not None
    }
    # Where no namespace of a program closes egress, no arrow that opens ingress can be half-open.
    closed = memory.same("closed directions", "", frozenset(direction for _, direction in ends))
    for name, namespace in program.namespaces.items():
        work = partial(_by_other_end, namespace, closed)
        for end, some in memory.once("other ends", name, (namespace.arrows, closed), work).items():
            if end not in ends:
                continue
            own = ends.get((name, end[1].other))
            inputs = (
                some,
                own,
                ends[end],
                namespace.label,
                cluster.facts,
                cluster.ports,
                inventory,
            )
            findings = memory.once(
                "half-open",
                (name, *end),
                inputs,
                partial(_findings, namespace, some, cluster, inventory),
            )
            if findings and accepting is not None:
                also = _findings(namespace, some, accepting, inventory)
                findings = [each for each in findings if each in also]
            yield from findings


_DIRECTIONS = (Direction.INGRESS, Direction.EGRESS)
_Granted = tuple[Arrow, NamedGrant]


def _by_other_end(
    namespace: Namespace, closed: AbstractSet[Direction]
) -> dict[tuple[str, Direction], tuple[_Granted, ...]]:
    """The grants of a namespace's arrows by the namespace and direction at the other end.

    Only those with the other end in one namespace and in a direction that some namespace closes.
    """
    by_end: dict[tuple[str, Direction], list[_Granted]] = {}
    for arrow in namespace.arrows:
        for granted in arrow.grants if arrow.direction.other in closed else ():
            home = _home(granted, namespace.name)
            # A platform peer and a host's name are reported as such: they do not run there.
            if (
                home is not None
                and not is_platform_peer(namespace, arrow.direction, granted.grant)
                and not _is_host(namespace, granted)
            ):
                by_end.setdefault((home, arrow.direction.other), []).append((arrow, granted))
    return {end: tuple(some) for end, some in by_end.items()}


def _is_host(namespace: Namespace, granted: NamedGrant) -> bool:
    service = namespace.services.get(granted.name)
    return is_host_like(granted.name) and (service is None or service.declared is None)


def _findings(
    namespace: Namespace, some: Iterable[_Granted], cluster: Cluster, inventory: Inventory
) -> list[Diagnostic]:
    return [
        finding
        for arrow, granted in some
        for finding in _finding(namespace, arrow, granted, cluster, inventory)
    ]


def _home(granted: NamedGrant, own: str) -> str | None:
    """The one namespace that a grant's pods live in, if there is one."""
    peer = granted.grant.peer
    return peer.home(own) if isinstance(peer, Pods) else None


def _finding(
    namespace: Namespace,
    arrow: Arrow,
    granted: NamedGrant,
    cluster: Cluster,
    inventory: Inventory,
) -> Iterator[Diagnostic]:
    if arrow.subject.impossible or works_somewhere(namespace, arrow, granted, cluster, inventory):
        return
    span = peer_span(arrow.origin, granted.index)
    if span is None:
        return
    home = _home(granted, namespace.name)
    other = "sender" if arrow.direction is Direction.INGRESS else "receiver"
    direction = arrow.direction.other.value
    verb = "connect" if arrow.direction is Direction.INGRESS else "be reached"
    yield Diagnostic(
        rule=HALF_OPEN_ARROW,
        message=f"`{_peer(namespace, granted)}` cannot {verb}: namespace `{home}` does not permit it",
        label=Label(span, f"the {other}'s {direction} is closed in namespace `{home}`"),
        help=f"in namespace `{home}` write `{completing_line(namespace, arrow, granted)}`",
    )


def works_somewhere(
    namespace: Namespace,
    arrow: Arrow,
    granted: NamedGrant,
    cluster: Cluster,
    inventory: Inventory,
) -> bool:
    """Whether both ends permit some connection that an arrow opens, or it opens none at all."""
    traffic = granted.grant.traffic
    if _surely_works(cluster, namespace, arrow, granted):
        return True
    subject = PodEnd(Selector.namespace(namespace.name), arrow.subject)
    asked = [
        question
        for peer in ends(granted.grant.peer, namespace.name)
        if (question := directed(arrow.direction, subject, peer, traffic)) is not None
    ]
    if not asked:
        return True
    from netpolc.analysis.three_valued import (  # noqa: PLC0415 - few programs close egress
        find_permitted,
        line_of,
    )

    line = line_of(cluster, (traffic,))
    return any(
        find_permitted(cluster, line, question, inventory=inventory) is not None
        for question in asked
    )


def _surely_works(
    cluster: Cluster, namespace: Namespace, arrow: Arrow, granted: NamedGrant
) -> bool:
    """Whether one allow or open pod of the other end shows that some of what the arrow opens is permitted.

    So it is for nearly all arrows, and a search takes ten times as long. Tiers and addresses of pods need one.
    """
    peer, traffic = granted.grant.peer, granted.grant.traffic
    if cluster.parts is not None or cluster.tiers != (None,) or not isinstance(peer, Pods):
        return False
    home = namespace.name if peer.namespaces is None else peer.namespaces.only_namespace_name
    if home is None:
        return False
    is_ingress = arrow.direction is Direction.INGRESS
    ends = cluster.senders if is_ingress else cluster.receivers
    side = ends.named(home).sides[PolicyVersion.ONLY]
    return side is not None and side.surely_permits(
        peer.pods, arrow.subject, namespace.name, traffic
    )


def _peer(namespace: Namespace, granted: NamedGrant) -> str:
    """The peer, as one of several in the arrow."""
    from netpolc.kube.display import peer_text, ports_text  # noqa: PLC0415 - for a finding alone

    text = peer_text(granted.grant.peer, namespace.label)
    return f"{text}{ports_text(granted.grant.traffic)}"


def completing_line(namespace: Namespace, arrow: Arrow, granted: NamedGrant) -> str:
    """Return the line of the peer's namespace that would open its end."""
    from netpolc.kube.display import (  # noqa: PLC0415 - for a finding alone
        pods_text,
        ports_text,
    )

    peer = granted.grant.peer
    assert isinstance(peer, Pods)
    there = granted.name or pods_text(peer.pods, namespace.label)
    here = arrow.origin.subject or pods_text(arrow.subject, namespace.label)
    if _home(granted, namespace.name) != namespace.name:
        here = f"ns {namespace.name}" if here == "*" else f"{here} in ns {namespace.name}"
    sign = "->" if arrow.direction is Direction.INGRESS else "<-"
    return f"{there} {sign} {here}{ports_text(granted.grant.traffic)}"
