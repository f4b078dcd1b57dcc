"""A program: every intent file of the sources, merged, with nothing left to look up.

Names are resolved to selectors, groups to their members, settings to their values for
each namespace, and what the `cluster` section says has been given to every namespace.
What a statement *permits* is not worked out here; `passes.lower` does that.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import date
from enum import Enum

from netpolc.kube.cidr import Addresses
from netpolc.kube.peers import BlockScope, Direction, Grant, Pods
from netpolc.kube.selectors import Selector
from netpolc.provenance import Origin, Origins, StatementKind, merged
from netpolc.values import frozen


@frozen(kw_only=True)
class NamedGrant:
    """A grant, and the name by which a statement calls its pods (empty for a selector).

    `index` is that of the written peer that it comes from, among those of the statement.
    """

    grant: Grant
    name: str = ""
    index: int = field(default=-1, compare=False)


@frozen(kw_only=True)
class Arrow:
    """An arrow: it closes the subject in the direction and opens it to the grants.

    `through` are the names that its peers were looked up through: groups, those inside groups
    too, and the reserved words (`dns`, `internet`) whose meaning a setting decides.
    """

    subject: Selector
    direction: Direction
    grants: tuple[NamedGrant, ...]
    origin: Origin = field(compare=False)
    until: date | None = field(default=None, compare=False)
    through: frozenset[str] = field(default=frozenset(), compare=False)


@frozen(kw_only=True)
class Service:
    """A bare name of a namespace and the pods it means.

    `declared` is where a `service` statement says so; None where the label convention
    does. `named_in` are the statements that name it, as they were met.
    """

    name: str
    pods: Selector
    declared: Origin | None = field(default=None, compare=False)
    named_in: Origins = field(default=(), compare=False)

    @property
    def mentions(self) -> Origins:
        """The statements that name it, each once, in order."""
        return merged(self.named_in)


@frozen(kw_only=True)
class Namespace:
    """One namespace of the program.

    `labels` are its stated facts, kubernetes.io/metadata.name among them. `closed` has
    the directions in which its default denies, each with the setting that says so.
    `dns` is what pods with closed egress reach without saying so, with its origin (None
    for the built-in value). `label` is the key of bare names.
    """

    name: str
    labels: Mapping[str, str]
    label: str
    closed: Mapping[Direction, Origin]
    mirror: bool
    dns: tuple[Grant, ...]
    dns_origin: Origin = field(compare=False)
    arrows: tuple[Arrow, ...]
    services: Mapping[str, Service]


class Claim(Enum):
    """The claim of an assertion about its connections."""

    NEVER = "never"
    """None of them is permitted."""
    ALWAYS = "always"
    """Each of them is permitted."""
    ONLY = "only"
    """No other connection of the subject in this direction is permitted."""


@frozen(kw_only=True)
class Assertion:
    """A claim about the connections between a subject and peers, in a direction.

    `home` is the namespace that `Pods.namespaces` None means. An assertion of the cluster
    section is there once for each namespace where that makes a difference; its home is
    None only where the program has no namespace; it then means each namespace that is known otherwise.
    `enforced` ones become rules of the Admin tier. `of_cluster`: whether the cluster section has it.
    """

    claim: Claim
    home: str | None
    subject: Pods
    direction: Direction
    grants: tuple[Grant, ...]
    enforced: bool = False
    of_cluster: bool = field(default=False, compare=False)
    origin: Origin = field(compare=False)

    @property
    def is_local(self) -> bool:
        """Whether it is about pods of its home, and so means something else in each namespace."""
        ends = (self.subject, *(grant.peer for grant in self.grants))
        return any(isinstance(end, Pods) and end.namespaces is None for end in ends)


@frozen(kw_only=True)
class Baseline:
    """The directions that `baseline: deny` of the cluster section closes below all NetworkPolicies.

    `closed` has the directions, each with the setting. `dns` is what stays open for name
    resolution: the peers of the cluster section's dns setting.
    """

    closed: Mapping[Direction, Origin] = field(default_factory=dict)
    dns: tuple[Grant, ...] = ()


@frozen(kw_only=True)
class ClusterAddresses:
    """The addresses of the cluster that the cluster section states.

    `blocks` is which of them blocks match; None where nobody states it.
    """

    pods: Addresses = field(default_factory=Addresses)
    services: Addresses = field(default_factory=Addresses)
    nodes: Addresses = field(default_factory=Addresses)
    blocks: BlockScope | None = None


@frozen(kw_only=True)
class Declaration:
    """A declaration, a setting or a stated fact, as written.

    `namespace` is empty in the cluster section. `name` is that of the group or service,
    or the key of the fact; empty for a setting. `value` is the value of a fact, the key that
    `label:` sets, or the words of a default; empty for other statements.
    """

    kind: StatementKind
    namespace: str
    name: str = ""
    value: str = ""
    origin: Origin


@frozen(kw_only=True)
class Program:
    """The whole program, namespaces in the order of their names.

    `declarations` are kept for those who blame statements; their meaning is in the rest.
    """

    namespaces: Mapping[str, Namespace]
    assertions: tuple[Assertion, ...]
    addresses: ClusterAddresses
    baseline: Baseline = field(default_factory=Baseline)
    declarations: tuple[Declaration, ...] = field(default=(), compare=False)
