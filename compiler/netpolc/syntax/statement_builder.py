"""Statements: from the plan of a shape to the node of a line.

What the grammar admits and the language does not (`none` with `never`, a fact that is a
test, a clause that appears twice) is refused here with a finding. A line with a finding gives no
statement, or it would mean something other than what is written.
"""

from collections.abc import Callable
from datetime import date
from typing import cast

from netpolc.diagnostics import Diagnostic, Label
from netpolc.remembered import remembered_by_text
from netpolc.source import Span
from netpolc.syntax import literals, rules
from netpolc.syntax.grammar import plan_of
from netpolc.syntax.literals import Refused, refused
from netpolc.syntax.parts import Name, Operator, PeerPorts, PodPeer, Requirement
from netpolc.syntax.peer_builder import (
    Make,
    pieces_of,
    rule_in,
    rules_in,
    tokens_in,
)
from netpolc.syntax.setting_builder import Build, SettingBuilder
from netpolc.syntax.shape_table import Plan
from netpolc.syntax.tokens import Pieces, Tokens
from netpolc.syntax.tree import (
    NO_COMMENTS,
    Arrow,
    ArrowStatement,
    AssertionStatement,
    Claim,
    ClusterHeader,
    Comments,
    Connection,
    GroupDeclaration,
    NamespaceHeader,
    Node,
    ServiceDeclaration,
)
from netpolc.values import maker

_ARROWS = {arrow.value: arrow for arrow in Arrow}

_connection: Callable[
    [PodPeer, Arrow, tuple[PeerPorts, ...], Span, Pieces, str, str], Connection
] = maker(Connection)
_arrow: Callable[[Connection, date | None, str | None, Span, Comments], ArrowStatement] = maker(
    ArrowStatement
)


def statement(tokens: Tokens, comments: Comments) -> tuple[Node | None, list[Diagnostic]] | None:
    """The node of one line, or None and what is wrong with it; None where the grammar refuses it."""
    shape = tokens.shape
    build = _builder(shape)
    if build is None:
        return None
    try:
        node = build(tokens, comments)
    except Refused as refusal:
        tokens.findings.append(refusal.finding)
        return None, tokens.findings
    return (None if tokens.findings else node), tokens.findings


def connection_at(place: Span) -> Connection:
    """The connection of an arrow without comments, read at its place."""
    tokens = Tokens(place.text, place.file, place.start)
    built = statement(tokens, NO_COMMENTS)
    if built is None or not isinstance(built[0], ArrowStatement):
        message = f"`{place.text}` was an arrow when it was read before"
        raise ValueError(message)
    return built[0].connection


def _build(shape: str) -> Build | None:
    """The builder for lines of a shape, None if the grammar refuses the shape."""
    plan = plan_of(shape)
    return None if plan is None else _StatementBuilder(shape.split()).build(plan)


_builder = remembered_by_text(_build, weight=8)


class _StatementBuilder(SettingBuilder):
    """Makes the function for a shape, each rule of the grammar by the method of its name."""

    def build(self, plan: Plan) -> Build:
        """The function for a whole line."""
        method: Callable[[Plan], Build] = getattr(self, f"_{plan[0]}")
        return method(plan)

    def _arrow(self, plan: Plan) -> Build:
        connection = self._connection(rule_in(plan))
        if len(plan[3]) == 1:
            return lambda tokens, comments: _arrow(
                connection(tokens), None, None, tokens.place, comments
            )
        clauses = self._clauses(rules_in(plan)[1:])

        def build(tokens: Tokens, comments: Comments) -> Node:
            made = connection(tokens)
            until, because = clauses(tokens)
            return _arrow(made, until, because, tokens.place, comments)

        return build

    def _assertion(self, plan: Plan) -> Build:
        *enforce, word = tokens_in(plan)
        claim = Claim(self.kinds[word])
        connected, *clauses = rules_in(plan)
        connection = self._connection(connected)
        clause = self._clauses(clauses)
        none = isinstance(rule_in(connected, 2)[3][0], int) and claim is not Claim.ONLY
        dated = next((pieces_of(part) for part in clauses if part[0] == "until"), None)

        def build(tokens: Tokens, comments: Comments) -> Node:
            made = connection(tokens)
            if none:
                raise refused(
                    rules.MISPLACED_NONE,
                    tokens.span(2 * word + 1),
                    f"`{claim.value}` with `none` is vacuous",
                    "no connection matches it",
                    "write `only … none` to prove that nobody is permitted",
                )
            _, because = clause(tokens)
            if dated is not None:
                raise refused(
                    rules.MISPLACED_CLAUSE,
                    tokens.part(dated),
                    "an assertion has no end date",
                    "not allowed here",
                    "remove it; only an arrow can end",
                )
            return AssertionStatement(
                claim=claim,
                enforced=bool(enforce),
                connection=made,
                because=because,
                span=tokens.place,
                comments=comments,
            )

        return build

    def _connection(self, plan: Plan) -> Make[Connection]:
        left, arrow, right = plan[3]
        subject = self.pod_peer(cast("Plan", left))
        listed = cast("Plan", right)
        about, written = slice(*pieces_of(cast("Plan", left))), slice(*pieces_of(listed))
        peers, sign, at = self.peers(listed), 2 * cast("int", arrow) + 1, pieces_of(plan)
        return lambda tokens: _connection(
            subject(tokens),
            _ARROWS[tokens.pieces[sign]],
            peers(tokens),
            tokens.place,
            at,
            "".join(tokens.pieces[about]),
            "".join(tokens.pieces[written]),
        )

    def _clauses(self, plans: list[Plan]) -> Make[tuple[date | None, str | None]]:
        """The end date and the reason of a line, in whatever order they are written."""

        def make(tokens: Tokens) -> tuple[date | None, str | None]:
            seen: dict[str, Plan] = {}
            until, because = None, None
            for plan in plans:
                rule, place = plan[0], 2 * plan[2] + 1
                if rule in seen:
                    raise refused(
                        rules.MISPLACED_CLAUSE,
                        tokens.part(pieces_of(plan)),
                        f"`{rule}` appears twice",
                        "the second one",
                        "remove one of the two",
                        others=(Label(tokens.part(pieces_of(seen[rule])), "first here"),),
                    )
                seen[rule] = plan
                if rule == "until":
                    until = literals.end_date(tokens.pieces[place], tokens.span(place))
                else:
                    because = literals.unquoted(tokens.pieces[place], tokens.span(place))
            return until, because

        return make

    def _namespace(self, plan: Plan) -> Build:
        name = self.name(tokens_in(plan)[0], literals.namespace_name)
        selector = self.selector(rule_in(plan, 1)) if len(plan[3]) > 1 else None

        def build(tokens: Tokens, comments: Comments) -> Node:
            called = name(tokens)
            facts = () if selector is None else _facts(selector(tokens).requirements)
            return NamespaceHeader(name=called, facts=facts, span=tokens.place, comments=comments)

        return build

    def _cluster(self, _plan: Plan) -> Build:
        return lambda tokens, comments: ClusterHeader(span=tokens.place, comments=comments)

    def _service(self, plan: Plan) -> Build:
        name = self.name(tokens_in(plan)[0], literals.pod_name)
        pods = self.selector(rule_in(plan, 1))
        return lambda tokens, comments: ServiceDeclaration(
            name=name(tokens), pods=pods(tokens), span=tokens.place, comments=comments
        )

    def _group(self, plan: Plan) -> Build:
        name = self.name(tokens_in(plan)[0], literals.pod_name)
        peers = self.peers(rule_in(plan, 1))
        return lambda tokens, comments: GroupDeclaration(
            name=name(tokens), peers=peers(tokens), span=tokens.place, comments=comments
        )


def _facts(requirements: tuple[Requirement, ...]) -> tuple[tuple[Name, Name], ...]:
    """The labels that a header states."""
    facts: dict[str, tuple[Name, Name]] = {}
    for requirement in requirements:
        key = requirement.key
        if requirement.operator is not Operator.IN or "=" not in requirement.span.text:
            raise refused(
                rules.INVALID_FACT,
                requirement.span,
                f"`{requirement.span.text}` does not state a label",
                "a test, not a fact",
                f"write the label that the namespace has: `{key.text}=…`",
            )
        if not requirement.values:
            continue  # The value was refused, and reported.
        first = facts.setdefault(key.text, (key, requirement.values[0]))
        if first[0] is not key:
            raise refused(
                rules.INVALID_FACT,
                requirement.span,
                f"label `{key.text}` is stated twice",
                "stated again",
                "a label has one value; remove one of the two",
                others=(Label(first[0].span, "first stated here"),),
            )
    return tuple(facts.values())
