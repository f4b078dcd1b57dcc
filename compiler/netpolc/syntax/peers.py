"""Peers, selectors, ports and blocks: from the grammar's parse to nodes of the tree.

These are the parts that several statements share. A part that is wrong is reported and
left out, so that one line can report all that is wrong with it; whoever uses these parts
must throw the statement away once there is a finding.
"""

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from netpolc.diagnostics import Diagnostic, Fix, Label
from netpolc.kube.cidr import Block
from netpolc.source import SourceFile, Span
from netpolc.syntax import literals, rules
from netpolc.syntax.keywords import is_number
from netpolc.syntax.literals import Refused
from netpolc.syntax.tree import (
    BlockPeer,
    LabelTest,
    Name,
    Operator,
    Peer,
    PeerPorts,
    PodPeer,
    PodTest,
    Port,
    Requirement,
    Star,
    Word,
    WordPeer,
)

if TYPE_CHECKING:
    from lark import Token, Tree

S = TypeVar("S")
T = TypeVar("T")
Part: TypeAlias = "Tree[Token] | Token"

_OPERATORS = {
    "exists": Operator.EXISTS,
    "absent": Operator.ABSENT,
    "equal": Operator.IN,
    "among": Operator.IN,
    "unequal": Operator.NOT_IN,
    "not_among": Operator.NOT_IN,
}


class PeerBuilder:
    """Makes the nodes inside one line; what is wrong with them is gathered in `found`."""

    def __init__(self, file: SourceFile, start: int) -> None:
        """Make nodes of a line that begins at the offset `start` of the file."""
        self.file = file
        self.start = start
        self.found: list[Diagnostic] = []

    def peers(self, tree: "Tree[Token]") -> tuple[PeerPorts, ...]:
        """The peers of a list, none for `none`."""
        if is_token(tree.children[0]):
            return ()
        written = [tree_of(part) for part in tree.children]
        self._refuse_loose_ports(written)
        if self.found:
            return ()
        peers = self.each(self._peer_ports, written)
        self._refuse_loose_holes(peers)
        return peers

    def _refuse_loose_ports(self, written: "list[Tree[Token]]") -> None:
        """Refuse `api:5432, 5433`: a number that stands where a peer must."""
        for index in range(1, len(written)):
            if not (_is_number(written[index]) and _has_ports(written[index - 1])):
                continue
            last = index
            while last + 1 < len(written) and _is_number(written[last + 1]):
                last += 1
            ports = tree_of(written[index - 1].children[-1])
            span = self.span(ports).to(self.span(written[last]))
            texts = [str(token_of(port)) for port in ports.children]
            texts += [self.span(loose).text for loose in written[index : last + 1]]
            fixed = f":[{', '.join(texts)}]"
            self.found.append(
                Diagnostic(
                    rule=rules.MISSING_BRACKET,
                    message=f"`{texts[-1]}` stands where a peer must",
                    label=Label(self.span(written[index]), "a port without its peer"),
                    help=f"several ports of one peer stand in brackets: write `{fixed}`",
                    fixes=(Fix(span=span, replacement=fixed, safe=True),),
                )
            )
            return

    def _refuse_loose_holes(self, peers: tuple[PeerPorts, ...]) -> None:
        """Refuse `BLOCK except PART, PART`: it reads as two exceptions and is a new peer."""
        for before, after in pairwise(peers):
            if before.ports is not None or "[" in before.span.text:
                continue
            match before.peer, after.peer:
                case BlockPeer(Block(outer, (hole,))), BlockPeer(Block(inner, ())) if (
                    inner in outer and inner not in hole
                ):
                    self.found.append(
                        Diagnostic(
                            rule=rules.MISSING_BRACKET,
                            message=f"`{inner}` is not excepted but permitted",
                            label=Label(after.peer.span, "a peer of its own"),
                            help=f"several exceptions stand in brackets: `[{hole}, {inner}]`",
                        )
                    )

    def _peer_ports(self, tree: "Tree[Token]") -> PeerPorts:
        place = tree_of(tree.children[0])
        peer = self._peer(place)
        ports: tuple[Port, ...] | None = None
        if len(tree.children) > 1:
            ports = self.each(self._port, map(token_of, tree_of(tree.children[1]).children))
        return PeerPorts(peer=peer, ports=ports, span=self.span(tree))

    def _port(self, token: "Token") -> Port:
        return literals.port(str(token), self.token_span(token))

    def _peer(self, tree: "Tree[Token]") -> Peer:
        match str(tree.data):
            case "block":
                return self.block(tree)
            case "reserved":
                return WordPeer(Word(str(tree.children[0])), self.span(tree))
            case _:
                return self.pod_peer(tree)

    def pod_peer(self, tree: "Tree[Token]") -> PodPeer:
        """Pods, by a test of their own or of their namespace or both."""
        rule, parts = str(tree.data), tree.children
        pods = None if rule == "namespaces" else self._pod_test(parts[0], literals.pod_name)
        namespaces = None if rule == "pods" else self._pod_test(parts[-1], literals.namespace_name)
        return PodPeer(pods=pods, namespaces=namespaces, span=self.span(tree))

    def _pod_test(self, part: Part, check: Callable[[str, Span], str]) -> PodTest:
        if is_token(part):
            return Star(self.token_span(token_of(part)))
        tree = tree_of(part)
        return self.selector(tree) if tree.data == "selector" else self.name(tree, check)

    def block(self, tree: "Tree[Token]") -> BlockPeer:
        """A block and its exceptions."""
        spans = [self.token_span(token_of(word)) for word in tree.children]
        cidrs = [literals.block(span.text, span) for span in spans]
        holes = list(zip(cidrs[1:], spans[1:], strict=True))
        return BlockPeer(literals.block_with_holes(cidrs[0], spans[0], holes), self.span(tree))

    def selector(self, tree: "Tree[Token]") -> LabelTest:
        """A selector in braces."""
        requirements = self.each(self._requirement, map(tree_of, tree.children))
        return LabelTest(requirements, self.span(tree))

    def _requirement(self, tree: "Tree[Token]") -> Requirement:
        key, *values = map(tree_of, tree.children)
        rule, span = str(tree.data), self.span(tree)
        named = self.each(lambda value: self.name(value, literals.label_value), values)
        if rule in {"equal", "unequal"} and not values:
            named = (Name("", self.file.span(span.end, span.end)),)
        return Requirement(
            key=self.name(key, literals.label_key),
            operator=_OPERATORS[rule],
            values=named,
            span=span,
        )

    def declared(self, part: Part) -> Name:
        """The name that a declaration gives."""
        return self.name(tree_of(part), literals.pod_name)

    def name(self, tree: "Tree[Token]", check: Callable[[str, Span], str]) -> Name:
        """A name, plain or quoted, that passes a check of `literals`."""
        token = token_of(tree.children[0])
        span = self.token_span(token)
        if token.type != "STRING":
            return Name(check(str(token), span), span)
        if check is literals.pod_name:
            check = literals.quoted_pod_name
        return Name(check(literals.unquoted(str(token), span), span), span)

    def each(self, make: Callable[[S], T], parts: Iterable[S]) -> tuple[T, ...]:
        """What is made of each part; those that are refused are reported and left out."""
        made: list[T] = []
        for part in parts:
            try:
                made.append(make(part))
            except Refused as refusal:
                self.found.append(refusal.finding)
        return tuple(made)

    def span(self, tree: "Tree[Token]") -> Span:
        """Where the words of a rule stand in the file."""
        return self.file.span(self.start + tree.meta.start_pos, self.start + tree.meta.end_pos)

    def token_span(self, token: "Token") -> Span:
        """Where a word stands in the file."""
        assert token.start_pos is not None and token.end_pos is not None  # noqa: PT018
        return self.file.span(self.start + token.start_pos, self.start + token.end_pos)


def is_token(part: Part) -> bool:
    """Whether a part of a parse is a single word."""
    return not hasattr(part, "children")


def tree_of(part: Part) -> "Tree[Token]":
    """A part of a parse that is known to be a rule."""
    return cast("Tree[Token]", part)


def token_of(part: Part) -> "Token":
    """A part of a parse that is known to be a word."""
    return cast("Token", part)


def _is_number(peer: "Tree[Token]") -> bool:
    """Whether a peer is a number without quotes, which only a port can be."""
    place = tree_of(peer.children[0])
    if len(peer.children) > 1 or place.data != "pods" or is_token(place.children[0]):
        return False
    if not tree_of(place.children[0]).children:  # `{}`
        return False
    word = tree_of(place.children[0]).children[0]
    return is_token(word) and token_of(word).type == "WORD" and is_number(str(word))


def _has_ports(peer: "Tree[Token]") -> bool:
    return len(peer.children) > 1
