"""Policies as they were written, beside what they mean.

A mistake in a manifest is often a matter of form: two entries where one was meant, a list
left empty, a comment that contradicts the rule. The meaning alone
(`passes.lift`) no longer shows it, and the form alone does not show whether it matters.
So lints look at both, rule by rule, and at all policies of a namespace together, because
these add up.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field

from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.kube.inventory import Inventory
from netpolc.kube.name_rules import named_labels
from netpolc.kube.peers import Anyone, Direction, Peer
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector
from netpolc.manifest.manifest_set import Manifests
from netpolc.manifest.model import NetworkPolicy, PolicyPeer, PolicyRule
from netpolc.passes.lift import (
    closed_directions,
    peer_meant,
    rules_of,
    selector_meant,
    traffic_meant,
)
from netpolc.source import SourceFile, Span
from netpolc.values import frozen
from netpolc.yaml.comments import Comments

_LIST = {Direction.INGRESS: "from", Direction.EGRESS: "to"}


@frozen(kw_only=True)
class WrittenRule:
    """A rule of a policy that has an effect.

    `meant` are the peers in the order of `rule.peers`, or everyone alone where it has none.
    """

    policy: "WrittenPolicy"
    direction: Direction
    number: int
    rule: PolicyRule
    meant: tuple[Peer, ...]
    traffic: Traffic
    span: Span

    @property
    def path(self) -> str:
        """The rule's place in its policy, `spec.egress[0]`."""
        return f"spec.{self.direction.value}[{self.number}]"

    @property
    def field(self) -> str:
        """The name of its list of peers: `from` or `to`."""
        return _LIST[self.direction]

    def entries(self) -> Iterator[tuple[PolicyPeer, Peer, Span, str]]:
        """The entries of its list of peers: as written, what they mean, place and path."""
        for i, (peer, meant) in enumerate(zip(self.rule.peers or (), self.meant, strict=False)):
            yield peer, meant, peer.span or self.span, f"{self.path}.{self.field}[{i}]"

    def remarks(self) -> str:
        """The comments in the rule and directly above it, in lower case."""
        file, first = self.span.file, self.span.line
        last = file.position(max(self.span.start, self.span.end - 1))[0]
        above = first - 1
        while above > 0 and file.line_text(above).lstrip().startswith("#"):
            above -= 1
        texts = (self.policy.comments.on_line(number)[0] for number in range(above + 1, last + 1))
        return " ".join(text[1:] for text in texts if text).lower()


@frozen(kw_only=True, eq=False)
class WrittenPolicy:
    """A policy in the namespace in which it holds, and the directions that it closes."""

    policy: NetworkPolicy
    namespace: str
    subject: Selector
    closed: tuple[Direction, ...]
    span: Span
    comments: Comments
    rules: list[WrittenRule] = field(default_factory=list)

    def of(self, direction: Direction) -> list[WrittenRule]:
        """Its rules of a direction."""
        return [rule for rule in self.rules if rule.direction is direction]


@frozen(kw_only=True)
class Written:
    """All policies by namespace, labels of the Namespace objects, and what is known to run.

    `tiers` are the cluster-wide policies, which decide before these.
    """

    namespaces: Mapping[str, tuple[WrittenPolicy, ...]]
    labels: Mapping[str, Mapping[str, str]]
    inventory: Inventory
    tiers: Tiers = NO_TIERS

    def policies(self) -> Iterator[WrittenPolicy]:
        """Every policy."""
        for some in self.namespaces.values():
            yield from some

    def facts(self, namespace: str) -> Facts:
        """The known labels of a namespace: all of them if its object is given."""
        labels = self.labels.get(namespace)
        return Facts(named_labels(labels or {}, namespace), complete=labels is not None)

    def rules(self) -> Iterator[WrittenRule]:
        """Every rule that has an effect."""
        for policy in self.policies():
            yield from policy.rules

    def is_home(self, namespace: str, pods: Selector) -> bool:
        """Whether such pods belong to a namespace: they run there, have a policy, or an operator may make them."""
        return (
            any(policy.subject <= pods for policy in self.namespaces.get(namespace, ()))
            or bool(self.inventory.matching(namespace, pods))
            or self.inventory.may_be_made(namespace, pods)
        )


def as_written(
    files: Iterable[Manifests],
    inventory: Inventory,
    *,
    namespace: str = "default",
    tiers: Tiers = NO_TIERS,
) -> Written:
    """Collect the input of lints on manifests; `namespace` is that of policies that name none."""
    given = list(files)
    by_namespace: dict[str, list[WrittenPolicy]] = {}
    comments: dict[SourceFile, Comments] = {}
    for policy in (policy for manifests in given for policy in manifests.policies):
        if (span := policy.span) is not None:
            home = policy.namespace or namespace
            there = comments.setdefault(span.file, Comments(span.file))
            by_namespace.setdefault(home, []).append(_policy(policy, home, span, there))
    return Written(
        namespaces={name: tuple(some) for name, some in by_namespace.items()},
        labels={
            namespace.name: namespace.labels for some in given for namespace in some.namespaces
        },
        inventory=inventory,
        tiers=tiers,
    )


def within(span: Span, word: str) -> Span:
    """The first place of a word in a stretch of text; the stretch itself where it has none."""
    matched = re.search(rf"(?<![\w./-]){re.escape(word)}(?![\w/-])", span.text)
    if matched is None:
        return span
    return span.file.span(span.start + matched.start(), span.start + matched.end())


def _policy(policy: NetworkPolicy, home: str, span: Span, comments: Comments) -> WrittenPolicy:
    written = WrittenPolicy(
        policy=policy,
        namespace=home,
        subject=selector_meant(policy.pod_selector),
        closed=tuple(closed_directions(policy)),
        span=span,
        comments=comments,
    )
    for direction in written.closed:
        for number, rule in enumerate(rules_of(policy, direction)):
            written.rules.append(
                WrittenRule(
                    policy=written,
                    direction=direction,
                    number=number,
                    rule=rule,
                    meant=tuple(map(peer_meant, rule.peers or ())) or (Anyone(),),
                    traffic=traffic_meant(rule.ports),
                    span=rule.span or span,
                )
            )
    return written
