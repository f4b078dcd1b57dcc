"""The meaning of network policies, and nothing else.

An `Isolation` closes a subject in a direction; an `Allow` opens it to a peer and some
traffic. A `PolicySet` is those two, for one namespace. Intents (by `passes.lower`) and
manifests (by `passes.lift`) both become this, so analysis, comparison and printing
never know which of the two they look at.

Meaning under the API (API reference, NetworkPolicySpec): a pod is closed in a direction
when the subject of some isolation of its namespace matches it; closed, it permits what
the allows whose subject matches it list; open, it permits everything. Allows only add.

Where a thing came from (`Origin`) and how it was written are not its meaning: these
fields are left out of equality. INVARIANT: every allow has an isolation of the same
subject and direction, because the API cannot open a pod without closing it first.

Build these values with `ir.build`, which keeps the invariants.
"""

from collections.abc import Mapping
from dataclasses import field

from netpolc.frozen import frozen
from netpolc.kube.peers import Direction, Peer
from netpolc.kube.ports import Traffic
from netpolc.kube.selectors import Selector
from netpolc.provenance import Origins


@frozen(kw_only=True)
class Isolation:
    """The subject is closed in the direction."""

    subject: Selector
    direction: Direction
    origins: Origins = field(default=(), compare=False)


@frozen(kw_only=True)
class Allow:
    """The subject, closed in the direction, permits this traffic with this peer."""

    subject: Selector
    direction: Direction
    peer: Peer
    traffic: Traffic
    origins: Origins = field(default=(), compare=False)


@frozen(kw_only=True)
class PolicySet:
    """All that the policies of one namespace mean.

    `labels` are the namespace's stated labels (with kubernetes.io/metadata.name);
    `complete` says that it has no others, as a Namespace manifest does.
    """

    namespace: str
    labels: Mapping[str, str] = field(default_factory=dict)
    complete: bool = False
    isolations: tuple[Isolation, ...] = ()
    allows: tuple[Allow, ...] = ()


@frozen
class Policies:
    """The policy sets of a whole program or of a set of manifests, by namespace."""

    namespaces: Mapping[str, PolicySet]
