"""The origin of a thing: a statement, or a part of a policy.

A manifest, an answer or a refuted assertion must be able to name the lines that made it. An
`Origin` is that name: it survives lowering, merging and printing, and it is never part of
what a thing means.
"""

from collections.abc import Callable
from dataclasses import field
from enum import Enum
from itertools import chain
from operator import attrgetter, lt
from typing import Any, TypeAlias

from netpolc.source import SourceFile, Span
from netpolc.values import Keyed, frozen


class StatementKind(Enum):
    """The kinds of statement, and of what else can be changed in a source."""

    ARROW = "arrow"
    SERVICE = "service"
    GROUP = "group"
    LABEL = "label"
    DEFAULT = "default"
    DNS = "dns"
    MIRROR = "mirror"
    FACTS = "namespace labels"
    ADDRESSES = "cluster addresses"
    BLOCKS = "blocks"
    ASSERTION = "assertion"
    ENFORCEMENT = "enforced assertion"
    BASELINE = "baseline"
    POLICY = "policy"
    """Not a statement: a NetworkPolicy of a manifest."""
    IR_PART = "part of an IR file"
    """Not a statement: an isolation or allow of an IR file that comes from no statement."""

    __hash__ = object.__hash__


CLAIMS = frozenset({StatementKind.ASSERTION, StatementKind.ENFORCEMENT})
"""The kinds of assertions."""


class Role(Enum):
    """The role of a statement for the thing that comes from it."""

    ARROW = "arrow"
    """An arrow is about its subject."""
    MIRROR = "mirror"
    """An arrow opens the other end, inside one namespace."""
    DEFAULT = "default"
    """`default: deny`."""
    DNS = "dns"
    """The dns setting, for pods whose egress is closed."""
    POLICY = "policy"
    """An existing manifest."""

    __hash__ = object.__hash__  # Members are single; Enum's own hashes the name each time.


_ROLES = {role: role.value for role in Role}
_KINDS = {
    Role.ARROW: StatementKind.ARROW,
    Role.MIRROR: StatementKind.ARROW,
    Role.DEFAULT: StatementKind.DEFAULT,
    Role.DNS: StatementKind.DNS,
    Role.POLICY: StatementKind.POLICY,
}


class StatementRef:
    """A statement of an intent file; its canonical text is printed when it is first needed.

    Few of the statements of a large program are ever shown, and their place tells nearly all
    of them apart. Equal texts of one kind are equal, so a statement is the same wherever it is.
    """

    __slots__ = ("_node", "_text", "kind")

    def __init__(
        self, kind: StatementKind, text: str | Callable[[Any], str], node: object = None
    ) -> None:
        """Take the text, or what prints it and the node of the tree to print."""
        self.kind = kind
        self._text = text
        self._node = node

    @property
    def text(self) -> str:
        """The statement as the formatter prints it."""
        if not isinstance(self._text, str):
            self._text, self._node = self._text(self._node), None
        return self._text

    def __str__(self) -> str:
        """The text."""
        return self.text

    def __repr__(self) -> str:
        """The kind and the text."""
        return f"StatementRef({self.kind}, {self.text!r})"

    def __eq__(self, other: object) -> bool:
        """Whether kind and text are equal."""
        return self is other or (
            isinstance(other, StatementRef) and self.kind is other.kind and self.text == other.text
        )

    def __lt__(self, other: "StatementRef") -> bool:
        """By text, then by kind."""
        return (self.text, self.kind.value) < (other.text, other.kind.value)

    def __hash__(self) -> int:
        """The kind's: a hash must not print the statement."""
        return hash(self.kind)


@frozen(order=True)
class PolicyRef:
    """A policy of a manifest, a rule of it, or a peer of a rule.

    `direction` is `ingress` or `egress`. `indexes` are those of the rule and of the peer in
    it, as far as they are meant: both empty for the policy as a whole.
    """

    name: str
    direction: str = ""
    indexes: tuple[int, ...] = ()

    @property
    def kind(self) -> StatementKind:
        """A policy."""
        return StatementKind.POLICY

    @property
    def policy(self) -> "PolicyRef":
        """The policy as a whole."""
        return PolicyRef(self.name)

    @property
    def rule(self) -> "PolicyRef":
        """The rule, or the policy where no rule is meant."""
        return PolicyRef(self.name, self.direction, self.indexes[:1])

    @property
    def path(self) -> str:
        """The rule or peer as a path below `spec`, such as `ingress[0].from[1]`."""
        if not self.indexes:
            return self.direction
        rule, *peer = self.indexes
        peers = "from" if self.direction == "ingress" else "to"
        return f"{self.direction}[{rule}]" + "".join(f".{peers}[{index}]" for index in peer)

    @property
    def text(self) -> str:
        """The policy's name and the path in it."""
        return f"{self.name} {self.path}".rstrip()

    def __str__(self) -> str:
        """The text."""
        return self.text


Source: TypeAlias = StatementRef | PolicyRef
Place: TypeAlias = tuple[str, int, Source]
"""Path, line and what is there: what tells statements and parts of policies apart."""
OriginKey: TypeAlias = tuple[str, int, str, Source, str, str]


@frozen(cache_hash=True, kw_only=True)
class Origin(Keyed):
    """A statement, or a part of a policy, that a thing comes from.

    `subject` is the name by which the statement calls the thing's subject, empty where it
    uses a selector. `line` counts from 1. `because` is the reason given, empty where there
    is none.
    """

    path: str
    line: int
    source: Source
    role: Role
    subject: str = ""
    because: str = ""
    span: Span | None = field(default=None, compare=False, repr=False)

    @property
    def shown_span(self) -> Span:
        """The span; if the text is not known, as in an IR file, the line without its text."""
        return self.span or SourceFile(self.path, "", first_line=self.line).whole()

    @property
    def statement(self) -> str:
        """The statement, or the name and path of the part of a policy, as text to show."""
        return self.source.text

    @property
    def place(self) -> Place:
        """The identity of the statement, whatever its role here."""
        return self.path, self.line, self.source

    @property
    def policy(self) -> PolicyRef | None:
        """The part of a policy; None for a statement."""
        return self.source if isinstance(self.source, PolicyRef) else None

    def sort_key(self) -> OriginKey:
        """A key that orders origins by place; it is all that makes two of them equal."""
        try:
            return self._key  # type: ignore[return-value]
        except AttributeError:
            key = (
                self.path,
                self.line,
                _ROLES[self.role],
                self.source,
                self.subject,
                self.because,
            )
            object.__setattr__(self, "_key", key)
            return key


Origins: TypeAlias = tuple[Origin, ...]


def source_of(role: Role, text: str) -> StatementRef:
    """A statement by its text, where only its role is known."""
    return StatementRef(_KINDS[role], text)


def closing(origins: Origins) -> Origins:
    """The origins of an isolation that close by themselves; empty where there are none.

    The mirror of an arrow, and automatic dns, are there for pods that something else closes.
    """
    return tuple(o for o in origins if o.role is not Role.MIRROR and o.role is not Role.DNS)


def closing_or_all(origins: Origins) -> Origins:
    """The origins of an isolation that close by themselves; all of them where there are none."""
    return closing(origins) or origins


_place = attrgetter("path", "line")


def merged(*origins: Origins) -> Origins:
    """All of the origins, each once, in their order."""
    several = origins[0] if len(origins) == 1 else tuple(chain.from_iterable(origins))
    places = list(map(_place, several))
    if all(map(lt, places, places[1:])):  # As nearly always.
        return several
    distinct: list[Origin] = []
    for origin in sorted({id(origin): origin for origin in several}.values(), key=Origin.sort_key):
        if not distinct or distinct[-1].sort_key() != origin.sort_key():
            distinct.append(origin)
    return tuple(distinct)
