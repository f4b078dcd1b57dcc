"""From the grammar's parse of one line to a node of the tree.

lark says how the words of a line hang together; here each rule of `grammar/intent.lark`
becomes the node of its name. What the grammar admits and the language does not (an arrow
whose subject lives elsewhere, `none` with `never`, a fact that is a test) is refused here
with a finding; a line with a finding gives no statement, or it would mean something else
than was written.
"""

from datetime import date
from typing import TYPE_CHECKING, TypeAlias

from netpolc.diagnostics import Diagnostic, Fix, Label
from netpolc.diagnostics.spelling import nearest
from netpolc.kube.peers import BlockScope
from netpolc.source import SourceFile, Span
from netpolc.syntax import literals, rules
from netpolc.syntax.literals import Refused, refused
from netpolc.syntax.peers import PeerBuilder, is_token, token_of, tree_of
from netpolc.syntax.tree import (
    AddressSetting,
    Arrow,
    ArrowStatement,
    AssertionStatement,
    BlocksSetting,
    Claim,
    ClusterHeader,
    Comments,
    Connection,
    DefaultSetting,
    DnsSetting,
    GroupDeclaration,
    Header,
    LabelSetting,
    MirrorSetting,
    Name,
    NamespaceHeader,
    Operator,
    ServiceDeclaration,
    Setting,
    Statement,
)

if TYPE_CHECKING:
    from lark import Token, Tree

Node: TypeAlias = Statement | Header

_DIRECTIONS = ("ingress", "egress")


def build(
    tree: "Tree[Token]", file: SourceFile, start: int, comments: Comments
) -> tuple[Node | None, list[Diagnostic]]:
    """The node of one line's parse, or None and what is wrong with it.

    Args:
        tree: the parse of the line.
        file: the file that the line is in.
        start: the offset at which the line begins in it.
        comments: the comments that belong to the line.
    """
    builder = _Builder(file, start, comments)
    node: Node | None = None
    try:
        node = builder.node(tree)
    except Refused as refusal:
        builder.found.append(refusal.finding)
    return (None if builder.found else node), builder.found


class _Builder(PeerBuilder):
    """Makes the node of one line."""

    def __init__(self, file: SourceFile, start: int, comments: Comments) -> None:
        super().__init__(file, start)
        self.comments = comments

    def node(self, tree: "Tree[Token]") -> Node:
        """The node of a whole line."""
        rule = str(tree.data)
        span, comments = self.span(tree), self.comments
        parts = tree.children
        match rule:
            case "arrow" | "assertion":
                return self._arrow(tree) if rule == "arrow" else self._assertion(tree)
            case "namespace":
                name = self.name(tree_of(parts[0]), literals.namespace_name)
                facts = self._facts(tree_of(parts[1])) if len(parts) > 1 else ()
                return NamespaceHeader(name=name, facts=facts, span=span, comments=comments)
            case "cluster":
                return ClusterHeader(span=span, comments=comments)
            case "service":
                name, pods = self.declared(parts[0]), self.selector(tree_of(parts[1]))
                return ServiceDeclaration(name=name, pods=pods, span=span, comments=comments)
            case "group":
                name, peers = self.declared(parts[0]), self.peers(tree_of(parts[1]))
                return GroupDeclaration(name=name, peers=peers, span=span, comments=comments)
            case _:
                return self._setting(rule, tree)

    def _setting(self, rule: str, tree: "Tree[Token]") -> Statement:
        span, comments = self.span(tree), self.comments
        parts = tree.children
        match rule:
            case "default":
                return self._default(tree)
            case "label":
                key = self.name(tree_of(parts[0]), literals.label_key)
                return LabelSetting(key=key, span=span, comments=comments)
            case "dns":
                peers = self.peers(tree_of(parts[1]))
                return DnsSetting(peers=peers, span=span, comments=comments)
            case "mirror":
                return MirrorSetting(
                    mirror=self._yes(token_of(parts[0])), span=span, comments=comments
                )
            case "blocks":
                return BlocksSetting(
                    scope=self._scope(token_of(parts[0])), span=span, comments=comments
                )
            case _:
                return AddressSetting(
                    setting=Setting(str(parts[0])),
                    blocks=self.each(self.block, map(tree_of, parts[1:])),
                    span=span,
                    comments=comments,
                )

    def _default(self, tree: "Tree[Token]") -> DefaultSetting:
        verb, *directions = map(token_of, tree.children)
        _one_of(verb, ("deny", "allow"), "default", self.token_span(verb))
        for index, word in enumerate(directions):
            _one_of(word, _DIRECTIONS, "default", self.token_span(word))
            if word in directions[:index]:
                raise refused(
                    rules.INVALID_SETTING,
                    self.token_span(word),
                    f"`{word}` stands twice",
                    "already said",
                    "say it once",
                )
        if verb == "allow" and directions:
            raise refused(
                rules.INVALID_SETTING,
                self.token_span(directions[0]),
                "`default: allow` is about both directions",
                "no direction can stand here",
                "write `default: allow`; to open one direction alone, an arrow: `* -> any`",
            )
        return DefaultSetting(
            deny=verb == "deny",
            ingress="ingress" in directions,
            egress="egress" in directions,
            span=self.span(tree),
            comments=self.comments,
        )

    def _yes(self, word: "Token") -> bool:
        _one_of(word, ("yes", "no"), "mirror", self.token_span(word))
        return str(word) == "yes"

    def _scope(self, word: "Token") -> BlockScope:
        _one_of(word, tuple(each.value for each in BlockScope), "blocks", self.token_span(word))
        return BlockScope(str(word))

    def _facts(self, selector: "Tree[Token]") -> tuple[tuple[Name, Name], ...]:
        facts: dict[str, tuple[Name, Name]] = {}
        for requirement in self.selector(selector).requirements:
            rule, key = requirement.operator, requirement.key
            if rule is not Operator.IN or "=" not in requirement.span.text:
                raise refused(
                    rules.INVALID_FACT,
                    requirement.span,
                    f"`{requirement.span.text}` states no label",
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
                    "a label has one value; leave one of the two out",
                    others=(Label(first[0].span, "first stated here"),),
                )
        return tuple(facts.values())

    def _arrow(self, tree: "Tree[Token]") -> ArrowStatement:
        connection = self._connection(tree_of(tree.children[0]))
        until, because = self._clauses(tree)
        return ArrowStatement(
            connection=connection,
            until=until,
            because=because,
            span=self.span(tree),
            comments=self.comments,
        )

    def _assertion(self, tree: "Tree[Token]") -> AssertionStatement:
        verb = token_of(tree.children[0])
        claim = Claim(str(verb))
        connection = self._connection(tree_of(tree.children[1]))
        if not connection.peers and claim is not Claim.ONLY:
            raise refused(
                rules.MISPLACED_NONE,
                self.token_span(verb),
                f"`{verb}` with `none` claims nothing",
                "true whatever the program says",
                "write `only … none` to have it proved that nobody is permitted",
            )
        until, because = self._clauses(tree)
        if until is not None:
            clauses = map(tree_of, tree.children[2:])
            raise refused(
                rules.MISPLACED_CLAUSE,
                self.span(next(clause for clause in clauses if clause.data == "until")),
                "an assertion has no end date",
                "says nothing here",
                "leave it out; only an arrow can end",
            )
        return AssertionStatement(
            claim=claim,
            connection=connection,
            because=because,
            span=self.span(tree),
            comments=self.comments,
        )

    def _clauses(self, tree: "Tree[Token]") -> tuple[date | None, str | None]:
        """The end date and the reason of a line, in whatever order they stand."""
        seen: dict[str, Tree[Token]] = {}
        until, because = None, None
        for part in tree.children:
            if is_token(part) or tree_of(part).data == "connection":
                continue
            clause = tree_of(part)
            rule, word = str(clause.data), token_of(clause.children[0])
            if rule in seen:
                raise refused(
                    rules.MISPLACED_CLAUSE,
                    self.span(clause),
                    f"`{rule}` stands twice",
                    "again",
                    "leave one of the two out",
                    others=(Label(self.span(seen[rule]), "first here"),),
                )
            seen[rule] = clause
            if rule == "until":
                until = literals.end_date(str(word), self.token_span(word))
            else:
                because = literals.unquoted(str(word), self.token_span(word))
        return until, because

    def _connection(self, tree: "Tree[Token]") -> Connection:
        left, arrow, right = tree.children
        subject = self.pod_peer(tree_of(tree_of(left).children[0]))
        return Connection(
            subject=subject,
            arrow=Arrow(str(arrow)),
            peers=self.peers(tree_of(right)),
            span=self.span(tree),
        )


def _one_of(word: str, allowed: tuple[str, ...], setting: str, span: Span) -> None:
    """Refuse a setting's value that is none of those allowed."""
    if word in allowed:
        return
    meant = nearest(word, allowed)
    choice = " or ".join(f"`{value}`" for value in allowed)
    raise refused(
        rules.INVALID_SETTING,
        span,
        f"`{word}` is no value of `{setting}`",
        f"neither {choice.replace(' or ', ' nor ')}",
        f"write `{meant}`" if meant else f"write {choice}",
        (Fix(span=span, replacement=meant),) if meant else (),
    )
