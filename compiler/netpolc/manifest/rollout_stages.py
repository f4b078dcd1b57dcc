"""The two halves of a first roll-out: what opens something, then what only closes.

Under the API a pod is closed by any policy that selects it, so there is no policy that
"only allows": one with rules closes its subject to exactly what its rules list (API
reference, NetworkPolicySpec, `podSelector` and `policyTypes`). What can be parted is this:

- `allow` has every policy that has a rule. The pods that they select are closed as they
  will be at the end; all other pods stay open. The dns rule of a namespace is among them:
  without it the pods that an egress arrow closes could not resolve a name. It selects every
  pod of the namespace, so where egress is denied by default, this half closes egress whole.
- `deny` has the policies without a rule: the namespaces' defaults, and `db <- none`, and the
  cluster-wide policies that deny. They
  permit nothing, so they may come one by one and in any order after the first half.

Of a pod that is closed the rules of both halves are those of the first alone. So from the
first half on, with any part of the second, everything is permitted that the whole permits.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import TypeVar, assert_never

from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.tier_model import Action, TierPolicy
from netpolc.values import frozen

Policy = TypeVar("Policy", NetworkPolicy, TierPolicy)


class Stage(Enum):
    """A half of a compile."""

    ALLOW = "allow"
    """The policies that have a rule."""
    DENY = "deny"
    """The policies that have none, and so only close."""

    @property
    def other(self) -> "Stage":
        """The other half."""
        return Stage.DENY if self is Stage.ALLOW else Stage.ALLOW


@frozen
class OtherHalf:
    """The other stage of a compile: its manifests, and their paths."""

    stage: Stage
    paths: frozenset[str] = frozenset()

    def owns(self, path: str, text: str) -> bool:
        """Return whether a manifest in the output folder is left to the other half."""
        return path in self.paths or stage_of_text(text) is self.stage


def stage_of(policy: NetworkPolicy | TierPolicy) -> Stage:
    """The half that a policy belongs to."""
    if isinstance(policy, TierPolicy):
        denies = any(rule.action is Action.DENY for rule in (*policy.ingress, *policy.egress))
        return Stage.DENY if denies else Stage.ALLOW
    return Stage.ALLOW if policy.ingress or policy.egress else Stage.DENY


def stage_of_text(text: str) -> Stage:
    """Return the half that a file of netpolc's belongs to; one with both is of the first."""
    if re.search(r"^  - action: Deny$", text, re.MULTILINE):  # A cluster-wide policy.
        return Stage.DENY
    return Stage.ALLOW if re.search(r"^  (ingress|egress):$", text, re.MULTILINE) else Stage.DENY


def half(policies: Iterable[Policy], stage: Stage | None) -> tuple[Policy, ...]:
    """The policies of a half, in their order; all of them where None is asked for."""
    return tuple(policy for policy in policies if stage in {None, stage_of(policy)})


def annotated(
    policies: tuple[Policy, ...], annotations: Mapping[Stage, Mapping[str, str]]
) -> tuple[Policy, ...]:
    """The policies with the annotations of their halves; where both say a key, these win."""
    if not annotations:
        return policies
    return tuple(
        replace(policy, annotations={**policy.annotations, **annotations.get(stage_of(policy), {})})
        for policy in policies
    )


def effects(
    own: Sequence[NetworkPolicy], rest: Sequence[NetworkPolicy], stage: Stage | None
) -> Iterator[str]:
    """The effects of a half and its gaps, in lines for people.

    Args:
        own: the policies of the half.
        rest: those of the other.
        stage: which half it is; None for both, which needs no words.
    """
    match stage:
        case None:
            return
        case Stage.ALLOW:
            yield from _of_allow(own, rest)
        case Stage.DENY:
            yield from _of_deny(own, rest)
        case _:
            assert_never(stage)


def _of_allow(own: Sequence[NetworkPolicy], rest: Sequence[NetworkPolicy]) -> Iterator[str]:
    yield (
        "stage allow: the pods that its policies select are closed to all but what is listed;"
        " all others stay open"
    )
    whole = _whole(own)
    for direction, namespaces in whole.items():
        if namespaces:
            yield f"  already closed, {direction} of every pod: {_listed(namespaces)}"
    for direction, namespaces in _whole(rest).items():
        if left := sorted(set(namespaces) - set(whole[direction])):
            yield f"  not protected yet, {direction} of all other pods: {_listed(left)}"
    if single := [f"{policy.namespace}/{policy.name}" for policy in rest if not _is_whole(policy)]:
        yield f"  not closed yet, what nobody may reach or leave: {_listed(single)}"


def _of_deny(own: Sequence[NetworkPolicy], rest: Sequence[NetworkPolicy]) -> Iterator[str]:
    yield (
        "stage deny: its policies permit nothing, they only close; stage allow must be in force"
        " before them"
        if rest
        else "stage deny: its policies permit nothing, they only close; stage allow is empty"
    )
    for direction, namespaces in _whole(own).items():
        if namespaces:
            yield f"  closes {direction} of every pod: {_listed(namespaces)}"
    if single := [f"{policy.namespace}/{policy.name}" for policy in own if not _is_whole(policy)]:
        yield f"  closes what nobody may reach or leave: {_listed(single)}"


def _is_whole(policy: NetworkPolicy) -> bool:
    """Whether it selects every pod of its namespace."""
    selector = policy.pod_selector
    return not selector.match_labels and not selector.match_expressions


def _whole(policies: Iterable[NetworkPolicy]) -> dict[str, list[str]]:
    """The namespaces in which they select every pod, by direction."""
    by_direction: dict[str, set[str]] = {"ingress": set(), "egress": set()}
    for policy in policies:
        for kind in (policy.policy_types or ()) if _is_whole(policy) else ():
            by_direction[kind.lower()].add(policy.namespace or "")
    return {direction: sorted(namespaces) for direction, namespaces in by_direction.items()}


def _listed(names: Sequence[str]) -> str:
    """The first few, and how many more."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


_SHOWN = 8
