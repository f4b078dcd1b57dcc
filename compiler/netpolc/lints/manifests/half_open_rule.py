"""Rules of which the other end permits nothing.

A connection needs both ends (traps 7), and in policies that somebody wrote they stand in
two files. Where the pods named are in a namespace whose policies are given, are closed,
and permit none of it, the rule looks right and the connection fails.

Only peers of one namespace are looked at, and only rules that name pods: one for everybody,
or for every pod of a namespace, is meant for whoever is willing.
"""

from collections.abc import Iterator

from netpolc.analysis.cluster import Cluster
from netpolc.analysis.decide import find_permitted, line_of
from netpolc.analysis.question import PodEnd, directed, ends, named
from netpolc.analysis.unprotected import open_pods
from netpolc.diagnostics import Diagnostic, Kind, Label, Severity
from netpolc.ir.model import Allow, Policies, PolicySet
from netpolc.kube.names import METADATA_NAME
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.wording import selector_text
from netpolc.kube.workloads import Inventory
from netpolc.origin import Role

HALF_OPEN_RULE = Kind(
    code="NP644",
    name="half-open-rule",
    severity=Severity.WARNING,
    explanation="""\
A rule opens one end of a connection, and the pods at the other end are closed by a policy that permits
none of it. Both ends must permit a connection, so it fails.

    kind: NetworkPolicy           # of app=db
      ingress:
      - from: [{podSelector: {matchLabels: {app: api}}}]      # half-open-rule
        ports: [{port: 5432}]
    kind: NetworkPolicy           # of app=api
      policyTypes: [Egress]
      egress: []

Open the other end too, in the policies of those pods:

      egress:
      - to: [{podSelector: {matchLabels: {app: db}}}]
        ports: [{port: 5432}]
""",
)

_OTHER = {Direction.INGRESS: Direction.EGRESS, Direction.EGRESS: Direction.INGRESS}


def half_open_rules(
    policies: Policies, cluster: Cluster, inventory: Inventory
) -> Iterator[Diagnostic]:
    """Name the entries of rules whose other end permits none of what they open."""
    for name, one in policies.namespaces.items():
        for allow in one.allows:
            peer = allow.peer
            if not isinstance(peer, Pods) or peer.pods.is_everything or allow.subject.impossible:
                continue
            there = policies.namespaces.get(_home(peer, name) or "")
            if there is not None and _is_closed(there, _OTHER[allow.direction], peer):
                yield from _finding(name, allow, peer, cluster, inventory)


def _home(peer: Pods, own: str) -> str | None:
    """The one namespace that a peer's pods live in, if there is one."""
    if peer.namespaces is None:
        return own
    return (peer.namespaces.exact_labels() or {}).get(METADATA_NAME)


def _is_closed(there: PolicySet, direction: Direction, peer: Pods) -> bool:
    """Whether every pod that is named is closed at the other end."""
    return not open_pods(there, direction, peer.pods)


def _finding(
    name: str, allow: Allow, peer: Pods, cluster: Cluster, inventory: Inventory
) -> Iterator[Diagnostic]:
    span = next((o.span for o in allow.origins if o.role is Role.POLICY and o.span), None)
    subject = PodEnd(named(name), allow.subject)
    asked = [
        question
        for end in ends(peer, name)
        if (question := directed(allow.direction, subject, end, allow.traffic)) is not None
    ]
    if span is None or not asked:
        return
    line = line_of(cluster, (allow.traffic,))
    if any(find_permitted(cluster, line, one, inventory=inventory) for one in asked):
        return
    other = _OTHER[allow.direction].value
    home = _home(peer, name)
    yield Diagnostic(
        kind=HALF_OPEN_RULE,
        message=f"the {other} of `{selector_text(peer.pods)}` in namespace `{home}` permits none of it",
        label=Label(span, "opened here, closed at the other end"),
        help=f"add an {other} rule for these pods there",
    )
