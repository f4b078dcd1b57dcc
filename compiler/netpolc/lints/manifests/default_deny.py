"""A default deny that another policy takes back.

Policies only add (API reference, NetworkPolicySpec). One that opens every pod of the
namespace to everybody voids the one beside it that closes them all, and both stand there.
"""

from collections.abc import Iterator, Sequence

from netpolc.diagnostics import Diagnostic, Kind, Label, Severity
from netpolc.kube.peers import Anyone, Direction
from netpolc.lints.manifests.written import Written, WrittenPolicy, WrittenRule

VOIDED_DEFAULT_DENY = Kind(
    code="NP639",
    name="voided-default-deny",
    severity=Severity.WARNING,
    explanation="""\
A policy closes every pod of a namespace, and another opens every pod of it to everybody, on every
port. Policies add up: nothing is closed in that direction, whatever the others say.

    metadata: {name: default-deny, namespace: shop}           # voided-default-deny
    spec: {podSelector: {}, policyTypes: [Egress]}
    ---
    metadata: {name: allow-all, namespace: shop}
    spec: {podSelector: {}, policyTypes: [Egress], egress: [{}]}

Remove the one that is not meant, or open only the pods that need it:

    spec: {podSelector: {matchLabels: {app: proxy}}, policyTypes: [Egress], egress: [{}]}
""",
)


def default_denies(written: Written) -> Iterator[Diagnostic]:
    """Name the policies that close a whole namespace which another policy opens whole."""
    for policies in written.namespaces.values():
        for direction in Direction:
            opening = next(filter(_opens_all, _rules(policies, direction)), None)
            for policy in policies if opening is not None else ():
                is_deny = direction in policy.closed and not policy.of(direction)
                if is_deny and policy.subject.is_everything and opening is not None:
                    yield Diagnostic(
                        kind=VOIDED_DEFAULT_DENY,
                        message=f"`{policy.policy.name}` closes no {direction.value}: another policy opens all of it",
                        label=Label(policy.span, "closes every pod of the namespace"),
                        others=(Label(opening.span, "opens every pod to everybody"),),
                        help="policies only add: remove the one that is not meant",
                    )


def _rules(policies: Sequence[WrittenPolicy], direction: Direction) -> Iterator[WrittenRule]:
    for policy in policies:
        if policy.subject.is_everything:
            yield from policy.of(direction)


def _opens_all(rule: WrittenRule) -> bool:
    return rule.traffic.is_everything and any(isinstance(meant, Anyone) for meant in rule.meant)
