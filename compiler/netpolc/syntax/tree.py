"""The tree of an intent file: what is written, where, with its comments, and no meaning.

Nothing is resolved here: a bare name may be a service, a group or a mistake. Nodes
compare by what they say; places and comments are left out of equality.
"""

from dataclasses import field
from datetime import date
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from netpolc.kube.peers import BlockScope
from netpolc.source import NOWHERE, SourceFile, Span
from netpolc.syntax.parts import BlockPeer, LabelTest, Name, Part, PeerPorts, PodPeer
from netpolc.syntax.tokens import Pieces
from netpolc.values import frozen


class Arrow(Enum):
    """The direction of an arrow, as it is written."""

    IN = "<-"
    OUT = "->"

    __hash__ = object.__hash__  # Members are single; Enum's own hashes the name each time.


class Setting(Enum):
    """The settings whose value is a list of blocks: facts about the cluster's addresses."""

    PODS = "pods"
    SERVICES = "services"
    NODES = "nodes"


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
