"""The tree of an intent file: what is written, where, with its comments, and no meaning.

Nothing is resolved here: a bare name may be a service, a group or a mistake. Nodes
compare by what they say; places and comments are left out of equality. Selectors and
blocks are kept as written, for messages and the formatter; `passes.resolve` turns them
into their canonical forms.
"""

from dataclasses import field
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from netpolc.kube.cidr import Block
from netpolc.kube.peers import BlockScope
from netpolc.kube.ports import Protocol
from netpolc.source import NOWHERE, SourceFile, Span
from netpolc.syntax.tokens import Pieces, part_of
from netpolc.values import frozen


class Arrow(Enum):
    """The direction of an arrow, as it is written."""

    IN = "<-"
    OUT = "->"

    __hash__ = object.__hash__  # Members are single; Enum's own hashes the name each time.


class Operator(Enum):
    """The operator of a selector requirement."""

    IN = "in"
    NOT_IN = "notin"
    EXISTS = "exists"
    ABSENT = "absent"


class Setting(Enum):
    """The settings whose value is a list of blocks: facts about the cluster's addresses."""

    PODS = "pods"
    SERVICES = "services"
    NODES = "nodes"


class Part:
    """A part of a statement: `within` is the place of the statement, `at` the pieces of it.

    A part that no text has is nowhere; without pieces it is the whole place.
    """

    __slots__ = ()
    within: Span
    at: Pieces | None

    @property
    def span(self) -> Span:
        """Its place in the file, computed on demand."""
        return self.within if self.at is None else part_of(self.within, self.at)


@frozen
class Name(Part):
    """A word that names something; `text` is without its quotes."""

    text: str
    within: Span = field(default=NOWHERE, compare=False)
    at: Pieces | None = field(default=None, compare=False)


@frozen(kw_only=True)
class Requirement(Part):
    """One requirement of a selector. `k=v` and `k==v` are IN with one value, `k!=v` NOT_IN."""

    key: Name
    operator: Operator
    values: tuple[Name, ...] = ()
    within: Span = field(default=NOWHERE, compare=False)
    at: Pieces | None = field(default=None, compare=False)


@frozen
class LabelTest(Part):
    """A selector in braces; without requirements it is met by everything."""

    requirements: tuple[Requirement, ...]
    within: Span = field(default=NOWHERE, compare=False)
    at: Pieces | None = field(default=None, compare=False)


@frozen
class Star(Part):
    """`*`: every pod, or after `ns` every namespace."""

    within: Span = field(default=NOWHERE, compare=False)
    at: Pieces | None = field(default=None, compare=False)


PodTest: TypeAlias = Name | LabelTest | Star
NamespaceTest: TypeAlias = Name | LabelTest | Star


@frozen
class NumberPort(Part):
    """A range of ports, first and last included; `every` when written `*`."""

    protocol: Protocol
    first: int
    last: int
    within: Span = field(default=NOWHERE, compare=False)
    at: Pieces | None = field(default=None, compare=False)


@frozen
class NamePort(Part):
    """A container port's name."""

    protocol: Protocol
    name: str
    within: Span = field(default=NOWHERE, compare=False)
    at: Pieces | None = field(default=None, compare=False)


Port: TypeAlias = NumberPort | NamePort


@frozen(kw_only=True)
class PodPeer(Part):
    """Pods: `api`, `{…}`, `*`, each perhaps `in ns …`; or `ns …` alone, with `pods` None.

    A bare name may turn out to be a group.
    """

    pods: PodTest | None
    namespaces: NamespaceTest | None
    within: Span = field(default=NOWHERE, compare=False)
    at: Pieces | None = field(default=None, compare=False)


@frozen
class BlockPeer(Part):
    """An address block with its exceptions; already known to be well formed."""

    block: Block
    within: Span = field(default=NOWHERE, compare=False)
    at: Pieces | None = field(default=None, compare=False)


class Word(Enum):
    """The peers that are single reserved words."""

    ANY = "any"
    INTERNET = "internet"
    DNS = "dns"


@frozen
class WordPeer(Part):
    """`any`, `internet` or `dns`."""

    word: Word
    within: Span = field(default=NOWHERE, compare=False)
    at: Pieces | None = field(default=None, compare=False)


Peer: TypeAlias = PodPeer | BlockPeer | WordPeer


@frozen(kw_only=True)
class PeerPorts(Part):
    """A peer with its ports; `ports` is None where none are written (every port)."""

    peer: Peer
    ports: tuple[Port, ...] | None
    within: Span = field(default=NOWHERE, compare=False)
    at: Pieces | None = field(default=None, compare=False)


@frozen(kw_only=True)
class Connection(Part):
    """`SUBJECT ARROW PEERS`: the part that arrows and assertions share. `none` is an empty list.

    `subject_text` and `peers_text` are those of the line, None where no line has them: equal texts
    are equal nodes. The nodes of both ends may be made only when somebody asks for them.
    """

    subject: PodPeer
    arrow: Arrow
    peers: tuple[PeerPorts, ...]
    within: Span = field(default=NOWHERE, compare=False)
    at: Pieces | None = field(default=None, compare=False)
    subject_text: str | None = field(default=None, compare=False)
    peers_text: str | None = field(default=None, compare=False)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """Return the nodes of an end that have not been made yet."""
            if name not in {"subject", "peers"}:
                raise AttributeError(name)
            from netpolc.syntax.statement_builder import connection_at  # noqa: PLC0415 - it makes what is here

            made = connection_at(self.within)
            object.__setattr__(self, "subject", made.subject)
            object.__setattr__(self, "peers", made.peers)
            return getattr(made, name)


@frozen(kw_only=True)
class Comments:
    """The comments above a statement and the one after it, each with its `#`.

    An empty string in `before` is a blank line. `inside` are those between its lines.
    """

    before: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    after: str = ""


NO_COMMENTS = Comments()


@frozen(kw_only=True)
class NamespaceHeader:
    """`namespace NAME {facts}`."""

    name: Name
    facts: tuple[tuple[Name, Name], ...]
    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


@frozen(kw_only=True)
class ClusterHeader:
    """`cluster`."""

    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


@frozen(kw_only=True)
class DefaultSetting:
    """`default: deny [ingress] [egress]` or `default: allow`; no direction written is both None.

    `deny` alone closes ingress; `allow` is for both directions.
    """

    deny: bool
    ingress: bool
    egress: bool
    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


@frozen(kw_only=True)
class BaselineSetting:
    """`baseline: deny [ingress] [egress]`; no direction written is both False and means ingress."""

    ingress: bool
    egress: bool
    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


@frozen(kw_only=True)
class LabelSetting:
    """`label: KEY`."""

    key: Name
    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


@frozen(kw_only=True)
class DnsSetting:
    """`dns: PEERS`; `none` is an empty list."""

    peers: tuple[PeerPorts, ...]
    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


@frozen(kw_only=True)
class MirrorSetting:
    """`mirror: yes` or `mirror: no`."""

    mirror: bool
    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


@frozen(kw_only=True)
class BlocksSetting:
    """`blocks: outside` or `blocks: all`."""

    scope: BlockScope
    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


@frozen(kw_only=True)
class AddressSetting:
    """`pods: BLOCKS`, `services: BLOCKS` or `nodes: BLOCKS`."""

    setting: Setting
    blocks: tuple[BlockPeer, ...]
    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


@frozen(kw_only=True)
class ServiceDeclaration:
    """`service NAME = {…}`."""

    name: Name
    pods: LabelTest
    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


@frozen(kw_only=True)
class GroupDeclaration:
    """`group NAME = PEERS`."""

    name: Name
    peers: tuple[PeerPorts, ...]
    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


@frozen(kw_only=True)
class ArrowStatement:
    """An arrow with its end date and its reason."""

    connection: Connection
    until: date | None
    because: str | None
    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


class Claim(Enum):
    """The claim of an assertion."""

    NEVER = "never"
    ALWAYS = "always"
    ONLY = "only"


@frozen(kw_only=True)
class AssertionStatement:
    """`never`, `always` or `only` and a connection; a reason may be given.

    `enforced` is whether `enforce` comes before it.
    """

    claim: Claim
    enforced: bool = False
    connection: Connection
    because: str | None
    span: Span = field(compare=False)
    comments: Comments = field(default=NO_COMMENTS, compare=False)


Header: TypeAlias = NamespaceHeader | ClusterHeader
Statement: TypeAlias = (
    DefaultSetting
    | BaselineSetting
    | LabelSetting
    | DnsSetting
    | MirrorSetting
    | AddressSetting
    | BlocksSetting
    | ServiceDeclaration
    | GroupDeclaration
    | ArrowStatement
    | AssertionStatement
)
Node: TypeAlias = Header | Statement


@frozen(kw_only=True)
class Section:
    """A header and the statements below it; None before the first header of a file.

    `broken` marks a section whose header could not be read: its statements belong to
    nobody, and only syntax errors are reported in it.
    """

    header: Header | None
    statements: tuple[Statement, ...]
    broken: bool = False


@frozen(kw_only=True)
class IntentFile:
    """A whole file. `tail` are the comments after its last statement."""

    file: SourceFile = field(compare=False)
    sections: tuple[Section, ...]
    tail: tuple[str, ...] = field(default=(), compare=False)
