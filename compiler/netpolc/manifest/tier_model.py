"""The cluster-wide policies of the Admin and Baseline tiers as the API has them, with nothing interpreted.

Three kinds have one shape: ClusterNetworkPolicy (policy.networking.k8s.io/v1alpha2) names its
tier; AdminNetworkPolicy and BaselineAdminNetworkPolicy (v1alpha1) are one each, and call
`Accept` `Allow`. `manifest.read_tiers` makes these values and `analysis.lift_tiers` says
what they mean. None is a missing field.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from netpolc.manifest.model import LabelSelector
from netpolc.source import Span
from netpolc.values import frozen

TIER_GROUP = "policy.networking.k8s.io"
CLUSTER_NETWORK_POLICY = "ClusterNetworkPolicy"
TIER_VERSIONS = {
    CLUSTER_NETWORK_POLICY: ("v1alpha2", "v1beta1"),
    "AdminNetworkPolicy": ("v1alpha1",),
    "BaselineAdminNetworkPolicy": ("v1alpha1",),
}
"""The kinds that are read, each with the versions that have the same fields."""


class Tier(Enum):
    """A tier of cluster-wide policies: decided before NetworkPolicy, or after it."""

    ADMIN = "Admin"
    BASELINE = "Baseline"

    __hash__ = object.__hash__


class Action(Enum):
    """The action of a rule on matching traffic."""

    ACCEPT = "Accept"
    DENY = "Deny"
    PASS = "Pass"  # noqa: S105 - the API's word, not a password

    __hash__ = object.__hash__


@frozen(kw_only=True)
class TierPods:
    """Pods by the labels of their namespaces, and their own unless `pods` is None."""

    namespaces: LabelSelector
    pods: LabelSelector | None = None


@frozen(kw_only=True)
class TierPeer:
    """An entry of `from` or `to`: exactly one of these, or none that this version knows."""

    pods: TierPods | None = None
    networks: tuple[str, ...] | None = None
    nodes: LabelSelector | None = None
    domain_names: tuple[str, ...] | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@frozen(kw_only=True)
class TierPort:
    """An entry of `protocols` (v1alpha2) or `ports` (v1alpha1).

    Ports of one protocol from `first` to `last`, or the `name` of a container's port.
    """

    protocol: str | None = None
    first: int = 0
    last: int = 0
    name: str | None = None


@frozen(kw_only=True)
class TierRule:
    """A rule: its action, its peers, and its ports (None: all traffic)."""

    name: str = ""
    action: Action
    peers: tuple[TierPeer, ...]
    ports: tuple[TierPort, ...] | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@frozen(kw_only=True)
class TierPolicy:
    """One object of the three kinds; `version` is its apiVersion.

    `sources` are the intent files that one of ours was made from; none for a policy that was read.
    """

    kind: str
    version: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    tier: Tier
    priority: int
    subject: TierPods
    ingress: tuple[TierRule, ...] = ()
    egress: tuple[TierRule, ...] = ()
    sources: tuple[str, ...] = field(default=(), compare=False)
    span: Span | None = field(default=None, compare=False, repr=False)

    def __str__(self) -> str:
        """The policy as messages name it."""
        return f"{self.kind} {self.name}"
