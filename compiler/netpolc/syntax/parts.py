"""The parts of statements: names, label tests, ports and peers, as they are written.

A part compares by what it says; its place is left out of equality. Selectors and blocks are kept
as written, for messages and the formatter; `passes.resolve` turns them into their canonical forms.
"""

from dataclasses import field
from enum import Enum
from typing import TypeAlias

from netpolc.kube.cidr import Block
from netpolc.kube.ports import Protocol
from netpolc.source import NOWHERE, Span
from netpolc.syntax.tokens import Pieces, part_of
from netpolc.values import frozen


class Operator(Enum):
    """The operator of a selector requirement."""

    IN = "in"
    NOT_IN = "notin"
    EXISTS = "exists"
    ABSENT = "absent"


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
