"""The findings of a comparison for a reviewer, as data.

A reviewer asks of a change: what may connect now that could not before, what no longer
can, which line does it, and how bad is it? A `Difference` answers that for any two sides
(programs, manifests, IR). Everything in it is proved: the connections of its entries are
together exactly what one side permits and the other does not, over all pods that
could exist. Texts are in the intent language wherever it can say the thing.

Nothing here is safe to print as it is: texts come from the authors of the files. Each
renderer makes them visible or escapes them for its format.
"""

from collections.abc import Iterator
from dataclasses import field
from enum import Enum

from netpolc.analysis.concrete_evaluator import Connection
from netpolc.analysis.connection_sets import Connections
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.tiers import NO_TIERS, TierReading, Tiers
from netpolc.analysis.unknown_facts import UnknownFact
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Traffic
from netpolc.program.model import Program
from netpolc.provenance import Origin, Origins, StatementKind
from netpolc.values import frozen


@frozen(kw_only=True)
class Side:
    """One of the two sides of a comparison.

    `program` has its intents (empty for manifests and IR files), `policies` the meaning of all
    its sources, normalised, `lifted` that of the manifests rule by rule, and `tiers` the cluster-wide policies, of which `reading` is one reading
    (`changes.diff` sets it). `inventory` has its workloads.
    `name` is the name that the user gave: a revision, a folder, `the working tree`.
    """

    program: Program
    policies: Policies
    lifted: Policies = Policies({})
    inventory: Inventory = field(default_factory=Inventory)
    name: str = ""
    tiers: Tiers = NO_TIERS
    reading: TierReading | None = None


class Effect(Enum):
    """The effect on connections."""

    OPENED = "opened"
    """They are permitted after and were not before."""
    CLOSED = "closed"
    """They were permitted before and are not after."""

    @property
    def permitting(self) -> PolicyVersion:
        """The side that permits the connections."""
        return PolicyVersion.AFTER if self is Effect.OPENED else PolicyVersion.BEFORE


class Risk(Enum):
    """A reason to review an opened connection."""

    FROM_INTERNET = "from-internet"
    """Public addresses may reach the subject."""
    FROM_EVERY_NAMESPACE = "from-every-namespace"
    """Some pods of every namespace, future namespaces included, may reach it."""
    EVERY_PORT = "every-port"
    """Every port of a protocol is opened."""
    DEFAULT_REMOVED = "default-removed"
    """A namespace's `default: deny` is gone, or no longer closes a direction."""
    TO_INTERNET = "to-internet"
    """The subject may reach public addresses."""
    TO_METADATA = "to-metadata"
    """The subject may reach the cloud's metadata service."""
    TO_EVERYTHING = "to-everything"
    """The subject may reach every pod and every address."""

    @property
    def words(self) -> str:
        """The risk in a few words, to show."""
        return _RISK_WORDS[self]


_RISK_WORDS = {
    Risk.FROM_INTERNET: "opened to public addresses",
    Risk.FROM_EVERY_NAMESPACE: "opened to every namespace",
    Risk.EVERY_PORT: "opened on every port",
    Risk.DEFAULT_REMOVED: "a default is removed",
    Risk.TO_INTERNET: "egress opened to public addresses",
    Risk.TO_METADATA: "egress opened to the cloud's metadata service",
    Risk.TO_EVERYTHING: "egress opened to everything",
}


class Edit(Enum):
    """The kind of a change to a statement."""

    ADDED = "added"
    REMOVED = "removed"
    EDITED = "edited"


@frozen(kw_only=True)
class StatementChange:
    """A statement that differs between the sides, by file and line.

    `before` is None where it is added, `after` where it is removed. `namespace` is empty
    for a statement of the cluster section. `name` is what it declares or is about: a
    group, a service, an arrow's subject, a policy; empty for a setting.
    """

    what: StatementKind
    namespace: str
    name: str = ""
    before: Origin | None = None
    after: Origin | None = None

    @property
    def edit(self) -> Edit:
        """The kind of the change."""
        if self.before is None:
            return Edit.ADDED
        return Edit.REMOVED if self.after is None else Edit.EDITED


@frozen(kw_only=True)
class Reach:
    """Peers of an entry other than known pods of its own namespace.

    `unknown_pods`: pods that do not exist yet, not only workloads of the inventory.
    `other_namespaces`: pods at the far end in other namespaces than the subject's.
    `outside`: addresses outside the cluster.
    """

    unknown_pods: bool
    other_namespaces: bool
    outside: bool


@frozen(kw_only=True)
class FarEnd:
    """One peer of an entry with its ports, and exactly the connections that it means.

    `text` is the peer in the intent language (`api:5432`, `ns *`, `internet:443`) where
    `sayable`; otherwise it is in words. `peer` is the same without the ports. `traffic` is what
    is gained or lost with it. `namespace` is that of pods of one namespace, empty for all other
    peers; `pods` are pods as the peer writes them, empty for addresses and for every pod of
    namespaces; `service` is the service whose name the peer uses. `of_others` marks pods of
    every namespace but some that are named.
    """

    text: str
    peer: str
    traffic: Traffic
    connections: tuple[Connections, ...]
    sayable: bool = True
    namespace: str = ""
    pods: str = ""
    service: str = ""
    of_others: bool = False


@frozen(kw_only=True)
class Entry:
    """Connections of one subject, opened or closed by the same changed statements.

    `arrow` is all of it as one arrow of the intent language (`db <- api:5432`), as the
    section of `namespace` would write it, where `sayable`. `direction` is the arrow's:
    ingress is `<-`. `far` are the arrow's peers one by one.

    `permitting` is what permits the connections on the side that does, by statement
    (empty where both ends are open there); `closing` are the statements that
    isolate them on the other side. `witness` is one of the connections, confirmed to be permitted on exactly
    one side. `causes` are the changed statements responsible.

    `part_of` is for people, where `arrow` is long: the shorter arrow (or `* <- any`, where a
    default closes) that the entry is a part of: the part not permitted before, or not after.
    It means more than the entry; empty where the arrow itself is as short. `undecided` are the
    unknown facts on which the size of the change depends.
    """

    effect: Effect
    namespace: str
    subject: str
    direction: Direction
    arrow: str
    far: tuple[FarEnd, ...]
    permitting: Origins
    closing: Origins
    witness: Connection
    reach: Reach
    risks: tuple[Risk, ...] = ()
    causes: tuple[StatementChange, ...] = ()
    sayable: bool = True
    part_of: str = ""
    undecided: tuple[UnknownFact, ...] = ()

    @property
    def connections(self) -> tuple[Connections, ...]:
        """Exactly the connections that are opened or closed, as classes; they may overlap."""
        return tuple(connection for end in self.far for connection in end.connections)

    @property
    def before(self) -> Origins:
        """The deciding origins of the first side."""
        return self.closing if self.effect is Effect.OPENED else self.permitting

    @property
    def after(self) -> Origins:
        """The deciding origins of the second side."""
        return self.permitting if self.effect is Effect.OPENED else self.closing


@frozen(kw_only=True)
class IsolationChange:
    """Pods that became isolated in a direction, or stopped being isolated.

    `effect` is CLOSED where they are closed now. `default` marks those of a namespace's
    `default: deny`. `words` are the sentence for people. `before` and `after` are the
    statements that close the subject on each side, empty where nothing does.
    """

    effect: Effect
    namespace: str
    subject: str
    direction: Direction
    words: str
    before: Origins
    after: Origins
    default: bool = False
    risks: tuple[Risk, ...] = ()
    causes: tuple[StatementChange, ...] = ()


@frozen(kw_only=True)
class Cause:
    """Changed statements, and all of their effects.

    Mostly it is one statement; several where only together they open or close something
    (both ends of a connection across namespaces), none where no statement is known. An
    entry and an isolation change belong to exactly one cause.
    """

    statements: tuple[StatementChange, ...]
    isolations: tuple[IsolationChange, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def risks(self) -> tuple[Risk, ...]:
        """The risks of its effects, each once."""
        return _risks((*self.isolations, *self.entries))

    @property
    def subjects(self) -> tuple[tuple[str, str], ...]:
        """The namespaces and subjects of its effects."""
        changes: tuple[Entry | IsolationChange, ...] = (*self.isolations, *self.entries)
        return tuple(sorted({(change.namespace, change.subject) for change in changes}))

    @property
    def fans_out(self) -> bool:
        """Whether one change of text changes more than one subject."""
        return len(self.subjects) > 1


@frozen(kw_only=True)
class TierChange:
    """Connections that cluster-wide policies open or close, because these changed.

    `opening` and `closing` are the rules and statements that decide on the side that permits them
    and on the other, or, where unknown facts decide on both, what may decide there; `witness` is
    one of the connections. `risks` are those of an opening.
    `namespaces` are those of both ends, None where they are without number. `undecided` are the unknown facts without which
    nothing may have changed. `connections` are all that the rules change. With `by_blocks`, blocks of NetworkPolicies
    permit some of them.
    """

    effect: Effect
    opening: Origins
    closing: Origins
    witness: Connection
    connections: tuple[Connections, ...] = ()
    risks: tuple[Risk, ...] = ()
    namespaces: frozenset[str] | None = None
    undecided: tuple[UnknownFact, ...] = ()
    by_blocks: bool = False


@frozen(kw_only=True)
class Difference:
    """The differences between two sides.

    `causes` have every entry and isolation change. `rewordings`
    are changed statements that change no connection. `moved` counts statements that only
    are on another line or in another file. `whole` is False for a change that is too large
    to compute in full: the effects listed are right, and there are more. `tiers` are the changes
    that cluster-wide policies make.
    """

    before: str
    after: str
    causes: tuple[Cause, ...] = ()
    rewordings: tuple[StatementChange, ...] = ()
    moved: int = 0
    whole: bool = True
    tiers: tuple[TierChange, ...] = ()

    def __bool__(self) -> bool:
        """Whether some connection is opened or closed."""
        return bool(self.tiers) or any(cause.entries for cause in self.causes)

    def count(self, effect: Effect) -> int:
        """The number of entries and changes by tiers with the effect."""
        by_tiers = sum(change.effect is effect for change in self.tiers)
        return by_tiers + sum(entry.effect is effect for entry in self.entries)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every entry, by namespace, subject and direction, what is opened first."""
        caused = (entry for cause in self.causes for entry in cause.entries)
        return tuple(sorted(caused, key=entry_key))

    @property
    def isolations(self) -> tuple[IsolationChange, ...]:
        """Every isolation change, by namespace, subject and direction."""
        caused = (
            isolation_change for cause in self.causes for isolation_change in cause.isolations
        )
        return tuple(
            sorted(caused, key=lambda change: (change.namespace, change.subject, change.words))
        )

    @property
    def opened(self) -> tuple[Entry, ...]:
        """The entries of what is permitted after and was not before."""
        return tuple(entry for entry in self.entries if entry.effect is Effect.OPENED)

    @property
    def closed(self) -> tuple[Entry, ...]:
        """The entries of what was permitted before and is not after."""
        return tuple(entry for entry in self.entries if entry.effect is Effect.CLOSED)

    @property
    def risks(self) -> tuple[Risk, ...]:
        """The risks of the whole change, each once."""
        return _risks((*self.isolations, *self.entries, *self.tiers))


def _risks(changes: tuple[Entry | IsolationChange | TierChange, ...]) -> tuple[Risk, ...]:
    there = {risk for change in changes for risk in change.risks}
    return tuple(risk for risk in Risk if risk in there)


def entry_key(entry: Entry) -> tuple[object, ...]:
    """A key that orders entries: by subject and direction, what is opened first."""
    return (
        entry.namespace,
        entry.subject,
        entry.direction.value,
        entry.effect is Effect.CLOSED,
        entry.arrow,
    )


def statements_of(difference: Difference) -> Iterator[StatementChange]:
    """Every changed statement that changes a connection, once."""
    yield from dict.fromkeys(change for cause in difference.causes for change in cause.statements)
