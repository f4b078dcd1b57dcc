"""Policies and assertions with one label in the place of another.

A rename may change a name and nothing else. So what intents mean after it must be what they meant
before, with the new name in the place of the old one. Names of services and groups are not part of
the meaning; the name of a namespace is the value of one of its labels.
"""

from dataclasses import replace
from typing import TypeAlias

from netpolc.analysis.tiers import TierPeer, TierRule
from netpolc.ir.model import PolicySet
from netpolc.kube.name_rules import METADATA_NAME, named_labels
from netpolc.kube.peers import Grant, Peer, Pods
from netpolc.kube.selectors import Labels, Selector
from netpolc.program.model import Assertion, Baseline
from netpolc.sets import ValueSet
from netpolc.values import frozen

Label: TypeAlias = tuple[str, str | None]
"""A key and a value; None for every value of the key."""


@frozen(kw_only=True)
class Substitution:
    """The label `new` in the place of `old`, of pods or of namespaces.

    Two labels with values have the same key.
    """

    of_pods: bool
    old: Label
    new: Label

    @property
    def inverse(self) -> "Substitution":
        """The old label in the place of the new one: together they tell whether two labels became one."""
        return replace(self, old=self.new, new=self.old)

    @property
    def old_text(self) -> str:
        """The old label as the language writes it."""
        key, value = self.old
        return key if value is None else f"{key}={value}"

    def is_about(self, labels: Labels) -> bool:
        """Return whether the old label is among these of a pod or a namespace."""
        key, value = self.old
        return key in labels and value in {None, labels[key]}

    def namespace(self, name: str) -> str:
        """Return what a namespace is called then."""
        is_name = not self.of_pods and self.old[0] == METADATA_NAME
        return self._value(name) if is_name else name

    def policies(self, policy_set: PolicySet) -> object:
        """Return what a policy set means; the order of its subjects has no meaning."""
        subjects = frozenset(
            (
                self._pods(subject.selector),
                subject.direction,
                frozenset((self._peer(allow.peer), allow.traffic) for allow in subject.allows),
            )
            for subject in policy_set.subjects
        )
        return self.namespace_labels(policy_set), policy_set.complete, subjects

    def namespace_labels(self, policies: PolicySet) -> Labels:
        """Return the stated labels of a policy set's namespace."""
        if self.of_pods:
            return named_labels(policies.labels, policies.namespace)
        old, new = self.old[0], self.new[0]
        labels = {
            new if key == old else key: self._value(value) if key == old else value
            for key, value in policies.labels.items()
        }
        return named_labels(labels, self.namespace(policies.namespace))

    def claim(self, assertion: Assertion) -> object:
        """Return what an assertion claims."""
        home = self.namespace(assertion.home) if assertion.home is not None else None
        subject = self._peer(assertion.subject)
        return (
            assertion.claim,
            assertion.enforced,
            home,
            subject,
            assertion.direction,
            self._grants(assertion.grants),
        )

    def baseline(self, setting: Baseline) -> object:
        """Return what a baseline closes and leaves open."""
        return frozenset(setting.closed), self._grants(setting.dns)

    def rule(self, tier_rule: TierRule) -> object:
        """Return what a rule of a cluster-wide policy says."""
        return self._peer(tier_rule.subject), tuple(map(self._peer, tier_rule.peers))

    def _grants(self, grants: tuple[Grant, ...]) -> object:
        return tuple((self._peer(grant.peer), grant.traffic) for grant in grants)

    def _peer(self, peer: Peer | TierPeer) -> Peer | TierPeer:
        if not isinstance(peer, Pods):
            return peer
        if self.of_pods:
            return Pods(peer.namespaces, self._pods(peer.pods))
        if peer.namespaces is None:
            return peer
        return Pods(self.selector(peer.namespaces), peer.pods)

    def _pods(self, selector: Selector) -> Selector:
        return self.selector(selector) if self.of_pods else selector

    def selector(self, selector: Selector) -> Selector:
        """Return a test of labels, of pods or namespaces, with the new label."""
        key = self.old[0]
        if all(label_key != key for label_key, _ in selector.requirements):
            return selector
        return Selector.of(
            (self.new[0], self._values(allowed)) if label_key == key else (label_key, allowed)
            for label_key, allowed in selector.requirements
        )

    def _values(self, allowed: ValueSet) -> ValueSet:
        return replace(allowed, values=frozenset(map(self._value, allowed.values)))

    def _value(self, value: str) -> str:
        return self.new[1] or value if value == self.old[1] else value


NO_SUBSTITUTION = Substitution(of_pods=True, old=("", None), new=("", None))
"""The substitution of labels for a rename of a service or a group: none."""
