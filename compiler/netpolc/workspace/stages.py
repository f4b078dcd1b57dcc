"""The two halves of a first roll-out: what opens something, then what only closes.

Under the API a pod is closed by any policy that selects it, so there is no policy that
"only allows": one with rules closes its subject to exactly what its rules list (API
reference, NetworkPolicySpec, `podSelector` and `policyTypes`). What can be parted is this:

- `allow` has every policy that has a rule. The pods that they select are closed as they
  will be at the end; all other pods stay open. The dns rule of a namespace is among them:
  without it the pods that an egress arrow closes could not resolve a name. It selects every
  pod of the namespace, so where egress is denied by default, this half closes egress whole.
- `deny` has the policies without a rule: the namespaces' defaults, and `db <- none`. They
  permit nothing, so they may come one by one and in any order after the first half.

Of a pod that is closed the rules of both halves are those of the first alone. So from the
first half on, with any part of the second, everything is permitted that the whole permits.
"""

from collections.abc import Iterable
from enum import Enum

from netpolc.manifest.model import NetworkPolicy


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


def stage_of(policy: NetworkPolicy) -> Stage:
    """The half that a policy belongs to."""
    return Stage.ALLOW if policy.ingress or policy.egress else Stage.DENY


def half(policies: Iterable[NetworkPolicy], stage: Stage | None) -> tuple[NetworkPolicy, ...]:
    """The policies of a half, in their order; all of them where None is asked for."""
    return tuple(policy for policy in policies if stage in {None, stage_of(policy)})
