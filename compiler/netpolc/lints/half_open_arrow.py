"""Arrows that the other end does not permit.

A connection needs both ends. Inside a namespace a `<-` arrow opens the sender's end too;
across namespaces, and for `->` arrows, each side speaks for itself. Where the other side
is in the same program, is closed, and does not permit what the arrow opens, the arrow
looks right and the connection fails. The line that would complete it is known.

Only peers of one known namespace are looked at: `ns *` is meant for any willing pod.
"""

from collections.abc import Iterator

from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.query import PodEnd, directed, ends
from netpolc.analysis.three_valued import find_permitted, line_of
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.selectors import Selector
from netpolc.lints.arrow_traps import is_platform_peer
from netpolc.program.model import Arrow, NamedGrant, Namespace, Program

HALF_OPEN_ARROW = Rule(code="NP605", name="half-open-arrow", severity=Severity.WARNING)


def half_open_arrows(
    program: Program, policies: Policies, cluster: Cluster, inventory: Inventory
) -> Iterator[Diagnostic]:
    """Name the arrows whose other end, in a namespace of the program, permits none of them."""
    closed = {
        (name, subject.direction)
        for name, one in policies.namespaces.items()
        for subject in one.subjects
    }
    directions = {direction for _, direction in closed}
    for namespace in program.namespaces.values():
        for arrow in namespace.arrows:
            other = arrow.direction.other
            for granted in arrow.grants if other in directions else ():
                home = _home(granted, namespace.name)
                if is_platform_peer(namespace, arrow, granted):
                    continue  # reported as such: it does not run there
                if (home, other) in closed and home in program.namespaces:
                    yield from _finding(namespace, arrow, granted, cluster, inventory)


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
    traffic, span = granted.grant.traffic, arrow.origin.span
    subject = PodEnd(Selector.namespace(namespace.name), arrow.subject)
    asked = [
        question
        for peer in ends(granted.grant.peer, namespace.name)
        if (question := directed(arrow.direction, subject, peer, traffic)) is not None
    ]
    if span is None or not asked or arrow.subject.impossible:
        return
    line = line_of(cluster, (traffic,))
    if any(find_permitted(cluster, line, one, inventory=inventory) for one in asked):
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
