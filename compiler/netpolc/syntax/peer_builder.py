"""Peers, selectors, ports and blocks: from the plan of a shape to nodes of the tree.

A plan says which token is what (`grammar`). For each part of it a function is made once,
which then makes the node of every line of that shape: nothing about a shape is looked up
line by line.

A part that is wrong is reported and left out, so that one line can report everything that
is wrong with it; a statement with a finding is thrown away (`statement_builder`).
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise, takewhile
from typing import TypeAlias, TypeVar, cast

from netpolc.diagnostics import Diagnostic, Fix, Label
from netpolc.kube.cidr import Block, Cidr
from netpolc.kube.ports import Protocol
from netpolc.remembered import remembered_by_text
from netpolc.source import NOWHERE, Span
from netpolc.syntax import block_literals, literals, rules
from netpolc.syntax.keywords import is_number
from netpolc.syntax.literals import Refused
from netpolc.syntax.parts import (
    BlockPeer,
    LabelTest,
    Name,
    NamePort,
    NamespaceTest,
    NumberPort,
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
from netpolc.syntax.shape_table import Plan
from netpolc.syntax.tokens import Pieces, Tokens
from netpolc.values import maker

T = TypeVar("T")
Make: TypeAlias = Callable[[Tokens], T]
"""Makes the same part of every line of a shape; raises `Refused` where the part is wrong."""
Check: TypeAlias = Callable[[str, Span], T]
"""A function of `literals`."""

_OPERATORS = {
    "exists": Operator.EXISTS,
    "absent": Operator.ABSENT,
    "equal": Operator.IN,
    "among": Operator.IN,
    "unequal": Operator.NOT_IN,
    "not_among": Operator.NOT_IN,
}

# Most lines consist of these nodes; they are made without checks of their arguments.
_name: Callable[[str, Span, Pieces], Name] = maker(Name)
_pod_peer: Callable[[PodTest | None, NamespaceTest | None, Span, Pieces], PodPeer] = maker(PodPeer)
_block_peer: Callable[[Block, Span, Pieces], BlockPeer] = maker(BlockPeer)
_number_port: Callable[[Protocol, int, int, Span, Pieces], NumberPort] = maker(NumberPort)
_peer_ports: Callable[[Peer, tuple[Port, ...] | None, Span, Pieces], PeerPorts] = maker(PeerPorts)


class PeerBuilder:
    """Makes the functions for the parts that several statements share."""

    def __init__(self, kinds: Sequence[str]) -> None:
        """Take the kinds of the shape's tokens."""
        self.kinds = kinds

    def peers(self, plan: Plan) -> Make[tuple[PeerPorts, ...]]:
        """The peers of a list, none for `none`."""
        if isinstance(plan[3][0], int):
            return lambda _tokens: ()
        plans = rules_in(plan)
        each = in_turn([self._peer_ports(part) for part in plans])
        loose = self._perhaps_ports(plans)
        holes = self._perhaps_exceptions(plans)
        if not loose and not holes:
            return each

        def make(tokens: Tokens) -> tuple[PeerPorts, ...]:
            if any(_refuse_loose_ports(tokens, ports, words) for ports, words in loose):
                return ()
            peers = each(tokens)
            if len(peers) == len(plans):
                for number in holes:
                    _refuse_loose_exception(tokens, peers[number - 1], peers[number])
            return peers

        return make

    def _perhaps_ports(self, plans: Sequence[Plan]) -> list[tuple[Plan, list[int]]]:
        """The ports in a list of peers after which bare words follow, and those words."""
        ports_and_words: list[tuple[Plan, list[int]]] = []
        words: list[int] | None = None
        for _, first, last, parts in plans:
            if len(parts) > 1:
                words = []
                ports_and_words.append((cast("Plan", parts[1]), words))
            elif first == last and self.kinds[first] == "word" and words is not None:
                words.append(first)
            else:
                words = None
        return [(ports, words) for ports, words in ports_and_words if words]

    def _perhaps_exceptions(self, plans: Sequence[Plan]) -> list[int]:
        """The peers that are a block and follow a block with an exception without brackets."""
        return [
            number
            for number, (before, after) in enumerate(pairwise(plans), 1)
            if self._kinds_of(before)[1:] == ["except", self.kinds[before[2]]]
            and rule_in(before)[0] == rule_in(after)[0] == "block"
        ]

    def _kinds_of(self, plan: Plan) -> Sequence[str]:
        return self.kinds[plan[1] : plan[2] + 1]

    def _peer_ports(self, plan: Plan) -> Make[PeerPorts]:
        who, at = self._peer(rule_in(plan)), pieces_of(plan)
        if len(plan[3]) == 1:
            return lambda tokens: _peer_ports(who(tokens), None, tokens.place, at)
        ports = in_turn([_port(number) for number in tokens_in(rule_in(plan, 1))])
        return lambda tokens: _peer_ports(who(tokens), ports(tokens), tokens.place, at)

    def _peer(self, plan: Plan) -> Make[Peer]:
        match plan[0]:
            case "block":
                return self.block(plan)
            case "reserved":
                place, at = 2 * plan[1] + 1, pieces_of(plan)
                return lambda tokens: WordPeer(Word(tokens.pieces[place]), tokens.place, at)
            case _:
                return self.pod_peer(plan)

    def pod_peer(self, plan: Plan) -> Make[PodPeer]:
        """Pods, by a test of their own or of their namespace or both."""
        (rule, _, _, parts), at = plan, pieces_of(plan)
        if rule == "pods":
            test = self._pod_test(parts[0], literals.pod_name)
            return lambda tokens: _pod_peer(test(tokens), None, tokens.place, at)
        home = self._pod_test(parts[-1], literals.namespace_name)
        if rule == "namespaces":
            return lambda tokens: _pod_peer(None, home(tokens), tokens.place, at)
        pods = self._pod_test(parts[0], literals.pod_name)
        return lambda tokens: _pod_peer(pods(tokens), home(tokens), tokens.place, at)

    def _pod_test(self, part: Plan | int, check: Check[str]) -> Make[PodTest]:
        if not isinstance(part, int):
            return self.selector(part)
        if self.kinds[part] == "*":
            at = _piece(part)
            return lambda tokens: Star(tokens.place, at)
        return self.name(part, check)

    def block(self, plan: Plan) -> Make[BlockPeer]:
        """A block and its exceptions."""
        numbers, at = tokens_in(plan), pieces_of(plan)
        cidr, *holes = [_cidr(number) for number in numbers]
        places = [2 * number + 1 for number in numbers]
        if not holes:
            return lambda tokens: _block_peer(Block(cidr(tokens)), tokens.place, at)

        def make(tokens: Tokens) -> BlockPeer:
            excepted = tuple([hole(tokens) for hole in holes])
            block = block_literals.block_with_holes(
                cidr(tokens), excepted, lambda: [tokens.span(place) for place in places]
            )
            return _block_peer(block, tokens.place, at)

        return make

    def selector(self, plan: Plan) -> Make[LabelTest]:
        """A selector in braces."""
        requirements = in_turn([self._requirement(part) for part in rules_in(plan)])
        at = pieces_of(plan)
        return lambda tokens: LabelTest(requirements(tokens), tokens.place, at)

    def _requirement(self, plan: Plan) -> Make[Requirement]:
        first, *others = tokens_in(plan)
        key = self.name(first, literals.label_key)
        values = in_turn([self.name(part, literals.label_value) for part in others])
        operator, at = _OPERATORS[plan[0]], pieces_of(plan)
        if plan[0] in {"equal", "unequal"} and not others:
            values = _empty_value(2 * plan[2] + 2)

        def make(tokens: Tokens) -> Requirement:
            named = values(tokens)
            return Requirement(
                key=key(tokens), operator=operator, values=named, within=tokens.place, at=at
            )

        return make

    def name(self, number: int, check: Check[str]) -> Make[Name]:
        """A token as a name that passes a check of `literals`."""
        at = _piece(number)
        place = at[0]
        if self.kinds[number] == "string":
            quoted = literals.quoted_pod_name if check is literals.pod_name else check
            return lambda tokens: _quoted_name(tokens, place, quoted)

        read = _READERS[check]

        def make(tokens: Tokens) -> Name:
            text = tokens.pieces[place]
            try:
                read(text)
            except Refused:
                check(text, tokens.span(place))  # It raises, with the place.
            return _name(text, tokens.place, at)

        return make


def in_turn(makes: Sequence[Make[T]]) -> Make[tuple[T, ...]]:
    """A function for all of some parts; the parts that are refused are reported and left out."""

    def alone(tokens: Tokens) -> tuple[T, ...]:
        try:
            return (first(tokens),)
        except Refused as refusal:
            tokens.findings.append(refusal.finding)
            return ()

    if len(makes) == 1:
        (first,) = makes
        return alone

    def make(tokens: Tokens) -> tuple[T, ...]:
        made: list[T] = []
        for make_part in makes:
            try:
                made.append(make_part(tokens))
            except Refused as refusal:
                tokens.findings.append(refusal.finding)
        return tuple(made)

    return make


def pieces_of(plan: Plan) -> Pieces:
    """The pieces of a rule, from its first token to its last."""
    return 2 * plan[1] + 1, 2 * plan[2] + 2


def _piece(number: int) -> Pieces:
    """The piece that a token is."""
    return 2 * number + 1, 2 * number + 2


def rule_in(plan: Plan, number: int = 0) -> Plan:
    """A part of a rule that is known to be a rule."""
    return cast("Plan", plan[3][number])


def tokens_in(plan: Plan) -> list[int]:
    """The parts of a rule that are tokens."""
    return [part for part in plan[3] if isinstance(part, int)]


def rules_in(plan: Plan) -> list[Plan]:
    """The parts of a rule that are rules."""
    return [part for part in plan[3] if not isinstance(part, int)]


def _port(number: int) -> Make[Port]:
    at = _piece(number)
    place = at[0]

    def make(tokens: Tokens) -> Port:
        text = tokens.pieces[place]
        try:
            port = _read_port(text)
        except Refused:
            return literals.port(text, tokens.span(place))  # It raises, with the place.
        if isinstance(port, NumberPort):
            return _number_port(port.protocol, port.first, port.last, tokens.place, at)
        return NamePort(port.protocol, port.name, tokens.place, at)

    return make


def _cidr(number: int) -> Make[Cidr]:
    place = 2 * number + 1

    def make(tokens: Tokens) -> Cidr:
        text = tokens.pieces[place]
        try:
            return _read_block(text)
        except Refused:
            return block_literals.block(text, tokens.span(place))  # As above.

    return make


def _quoted_name(tokens: Tokens, place: int, check: Check[str]) -> Name:
    span = tokens.span(place)
    text = check(literals.unquoted(tokens.pieces[place], span), span)
    return Name(text, tokens.place, (place, place + 1))


def _empty_value(end: int) -> Make[tuple[Name, ...]]:
    """The value of `key=`, which is at the end of the requirement."""
    return lambda tokens: (Name("", tokens.place, (end, end)),)


def _refuse_loose_ports(tokens: Tokens, ports: Plan, words: Sequence[int]) -> bool:
    """Report numbers that are where a peer must be, as in `api:5432, 5433`; whether there are any."""
    places = [2 * word + 1 for word in words]
    loose = list(takewhile(lambda place: is_number(tokens.pieces[place]), places))
    if not loose:
        return False
    written = [tokens.pieces[2 * port + 1] for port in tokens_in(ports)]
    written += [tokens.pieces[place] for place in loose]
    fixed = f":[{', '.join(written)}]"
    tokens.findings.append(
        Diagnostic(
            rule=rules.MISSING_BRACKET,
            message=f"expected a peer, found a port: `{written[-1]}`",
            label=Label(tokens.span(loose[0]), "a port without its peer"),
            help=f"several ports of one peer go in brackets: write `{fixed}`",
            fixes=(
                Fix(
                    span=tokens.part(pieces_of(ports)).to(tokens.span(loose[-1])),
                    replacement=fixed,
                    safe=True,
                ),
            ),
        )
    )
    return True


def _refuse_loose_exception(tokens: Tokens, before: PeerPorts, after: PeerPorts) -> None:
    """Report `BLOCK except PART, PART`, which reads as two exceptions and is a new peer."""
    match before.peer, after.peer:
        case BlockPeer(Block(outer, (hole,))), BlockPeer(Block(inner, ())) if (
            inner in outer and inner != outer and inner not in hole
        ):
            tokens.findings.append(
                Diagnostic(
                    rule=rules.MISSING_BRACKET,
                    message=f"`{inner}` is permitted, not excepted",
                    label=Label(after.peer.span, "a peer of its own"),
                    help=f"several exceptions go in brackets: `[{hole}, {inner}]`",
                )
            )


def _reader(check: Check[T]) -> Callable[[str], T]:
    """A function of `literals` that remembers the values of texts, for few recur; it raises `Refused`, without the place."""
    return remembered_by_text(lambda text: check(text, NOWHERE))


_read_block, _read_port = _reader(block_literals.block), _reader(literals.port)
_READERS: Mapping[Check[str], Callable[[str], str]] = {
    check: _reader(check)
    for check in (
        literals.label_key,
        literals.label_value,
        literals.namespace_name,
        literals.pod_name,
    )
}
