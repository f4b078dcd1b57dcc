"""NetworkPolicy v1 as the API defines it, with nothing interpreted.

This is the API's own shape (API reference, networking.k8s.io/v1), so that what is
missing, empty or doubtful can be distinguished: None is a missing field, an empty tuple an
empty list. `passes.emit` builds these values and `passes.lift` says what they mean.
"""

from collections.abc import Mapping
from dataclasses import field

from netpolc.source import Span
from netpolc.values import frozen


@frozen(kw_only=True)
class Expression:
    """LabelSelectorRequirement: key, operator (In, NotIn, Exists, DoesNotExist), values."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


@frozen
class LabelSelector:
    """LabelSelector; without labels and expressions it selects everything."""

    match_labels: Mapping[str, str] = field(default_factory=dict)
    match_expressions: tuple[Expression, ...] = ()


@frozen
class IPBlock:
    """IPBlock: a CIDR text and the CIDR texts left out of it."""

    cidr: str
    excepts: tuple[str, ...] = ()


@frozen(kw_only=True)
class PolicyPeer:
    """NetworkPolicyPeer: selectors (one or both) or a block."""

    pod_selector: LabelSelector | None = None
    namespace_selector: LabelSelector | None = None
    ip_block: IPBlock | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@frozen(kw_only=True)
class PolicyPort:
    """NetworkPolicyPort; a missing protocol is TCP, a missing port every port of it."""

    protocol: str | None = None
    port: int | str | None = None
    end_port: int | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@frozen(kw_only=True)
class PolicyRule:
    """NetworkPolicyIngressRule or EgressRule; `peers` is its `from` or `to`."""

    peers: tuple[PolicyPeer, ...] | None = None
    ports: tuple[PolicyPort, ...] | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


@frozen(kw_only=True)
class NetworkPolicy:
    """NetworkPolicy: metadata that matters here, and the spec's fields.

    `namespace` is None where metadata has none: the reader decides. `sources` are
    the intent files that one of ours was made from, in order, and `home` the one among
    them that it belongs to; both empty for a foreign policy.
    """

    name: str
    namespace: str | None
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    pod_selector: LabelSelector
    policy_types: tuple[str, ...] | None = None
    ingress: tuple[PolicyRule, ...] | None = None
    egress: tuple[PolicyRule, ...] | None = None
    sources: tuple[str, ...] = field(default=(), compare=False)
    home: str = field(default="", compare=False)
    span: Span | None = field(default=None, compare=False, repr=False)
