"""The usual lines, read without the grammar.

Beside plain arrows people write the same few forms: facts behind a namespace, services
and groups, selectors of equal labels, `any` and `internet`, reasons, assertions. One such
line would load lark and build its tables, which takes as long as compiling all that a
small team has; in a large program it would take ten times as long as the line does here.

As in `quick`, nothing is defined here: what is not surely one of these forms and right is
left to the grammar, and the tests hold that both ways give the same node, spans included.
"""

import re
from datetime import date

from netpolc.frozen import frozen
from netpolc.kube.name_rules import label_key_problem, label_value_problem
from netpolc.source import SourceFile, Span
from netpolc.syntax.keywords import WORD
from netpolc.syntax.logical_lines import BLANKS, Line
from netpolc.syntax.quick import GAP, SPACE, Reader, is_service, peer_pattern
from netpolc.syntax.tree import (
    AddressSetting,
    Arrow,
    ArrowStatement,
    AssertionStatement,
    BlockPeer,
    Claim,
    ClusterHeader,
    Connection,
    GroupDeclaration,
    Header,
    LabelTest,
    Name,
    NamespaceHeader,
    NamespaceTest,
    Operator,
    Peer,
    PeerPorts,
    PodTest,
    Requirement,
    ServiceDeclaration,
    Setting,
    Star,
    Statement,
    Word,
    WordPeer,
)

_TEST = r"\{[^{}()!\"]*\}"
_PODS = _HOMES = rf"{WORD}|\*|{_TEST}"
_LEFT = re.compile(
    rf"""{SPACE}
    (?:(?P<claim>never|always|only){GAP})?
    (?P<subject>
        ns{GAP}(?P<only>{_HOMES})
      | (?P<pods>{_PODS})(?:{GAP}in{GAP}ns{GAP}(?P<home>{_HOMES}))?
    )
    {SPACE}(?P<arrow><-|->)""",
    re.VERBOSE,
)
_UNTIL = re.compile(rf"until{GAP}(?P<date>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})")
_DECLARATION = re.compile(
    rf"""{SPACE}(?P<line>
        (?P<header>cluster)
      | namespace{GAP}(?P<namespace>{WORD}){SPACE}(?P<facts>{_TEST})
      | service{GAP}(?P<service>{WORD}){SPACE}={SPACE}(?P<selector>{_TEST})
      | group{GAP}(?P<group>{WORD}){SPACE}=(?P<members>[^"]*)
      | (?P<setting>pods|services|nodes){SPACE}:(?P<blocks>[^"]*)
    )""",
    re.VERBOSE,
)
_REQUIREMENT = re.compile(
    rf"""{SPACE}
    (?P<all>
        (?P<key>[A-Za-z0-9_][A-Za-z0-9_./-]*){SPACE}={SPACE}(?P<value>[A-Za-z0-9_][A-Za-z0-9_.-]*)
    )
    {SPACE}(?P<end>,|$)""",
    re.VERBOSE,
)
_BLANK = frozenset(BLANKS)
_WORDS = {word.value: word for word in Word}


def usual_node(line: Line, source: SourceFile) -> Statement | Header | None:
    """The node of a line that has one of the usual forms and is right, else None."""
    left = _LEFT.match(line.text)
    if left is not None:
        return _connected(left, line, source)
    declaration = _DECLARATION.fullmatch(line.text.rstrip(BLANKS))
    return None if declaration is None else _declared(declaration, line, source)


class _Reader(Reader):
    """Reads the parts of a usual line: selectors, every namespace, and words as peers."""

    __slots__ = ()
    _pattern = peer_pattern(_PODS, _HOMES)

    def members(self, position: int) -> tuple[PeerPorts, ...] | None:
        """The peers from a position to the end of the text; none for `none`."""
        return () if self._text[position:].strip(BLANKS) == "none" else self.peers(position)

    def pods(self, match: re.Match[str], group: str) -> PodTest | None:
        """A service's name, `*`, or a selector."""
        return self.test(match, group) or super().pods(match, group)

    def home(self, match: re.Match[str], group: str) -> NamespaceTest | None:
        """A namespace's name, `*`, or a selector."""
        if match[group] == "*":
            return Star(self.span(match, group))
        return self.test(match, group) or super().home(match, group)

    def test(self, match: re.Match[str], group: str) -> LabelTest | None:
        """A selector of labels that have given values."""
        text, begin = match[group], match.start(group)
        if not text.startswith("{"):
            return None
        found: list[Requirement] = []
        inside = _Reader(text[1:-1], self._file, self._start + begin + 1)
        position = 0
        while True:
            one = _REQUIREMENT.match(inside._text, position)
            if one is None or label_key_problem(one["key"]) or label_value_problem(one["value"]):
                return None
            found.append(
                Requirement(
                    key=Name(one["key"], inside.span(one, "key")),
                    operator=Operator.IN,
                    values=(Name(one["value"], inside.span(one, "value")),),
                    span=inside.span(one, "all"),
                )
            )
            if not one["end"]:
                return LabelTest(tuple(found), self.span(match, group))
            position = one.end()

    def _peer(self, match: re.Match[str]) -> Peer | None:
        word = _WORDS.get(match["pods"] or "")
        if word is None:
            return super()._peer(match)
        return WordPeer(word, self.span(match, "peer")) if match["home"] is None else None


@frozen
class _Clauses:
    """What stands behind the peers of a line, and where the peers end and the line does."""

    peers: int
    end: int
    until: date | None
    because: str | None


def _clauses(text: str, start: int) -> _Clauses | None:
    """The clauses of a line whose peers begin at `start`, an end date before a reason."""
    kept, end = text.rstrip(BLANKS), len(text.rstrip(BLANKS))
    because, until = None, None
    quote = kept.find('"', start)
    if quote != -1:
        because = kept[quote + 1 : -1]
        before = kept[:quote].rstrip(BLANKS)
        if (
            not (kept.endswith('"') and quote < len(kept) - 1)
            or not {'"', "\\", "\n"}.isdisjoint(because)
            or not before.endswith("because")
            or before[start:].rpartition("because")[0][-1:] not in _BLANK
        ):
            return None
        kept = before.removesuffix("because").rstrip(BLANKS)
    word = kept.rfind("until", start)
    dated = None if word == -1 else _UNTIL.fullmatch(kept, word)
    if dated is not None:
        try:
            until = date.fromisoformat(dated["date"])
        except ValueError:
            return None
        if kept[word - 1] not in _BLANK:
            return None
        kept = kept[:word].rstrip(BLANKS)
    return _Clauses(len(kept), end, until, because)


def _connected(
    left: re.Match[str], line: Line, source: SourceFile
) -> ArrowStatement | AssertionStatement | None:
    clauses = _clauses(line.text, left.end())
    if clauses is None:
        return None
    reader = _Reader(line.text[: clauses.peers], source, line.start)
    subject = reader.pod_peer(left, "subject")
    peers = None if subject is None else reader.members(left.end())
    claim = left["claim"]
    if subject is None or peers is None or (not peers and claim not in {None, "only"}):
        return None
    connection = Connection(
        subject=subject,
        arrow=Arrow(left["arrow"]),
        peers=peers,
        span=_span(line, source, left.start("subject"), clauses.peers),
    )
    if claim is None:
        return ArrowStatement(
            connection=connection,
            until=clauses.until,
            because=clauses.because,
            span=_span(line, source, left.start("subject"), clauses.end),
            comments=line.comments,
        )
    if clauses.until is not None:
        return None
    return AssertionStatement(
        claim=Claim(claim),
        connection=connection,
        because=clauses.because,
        span=_span(line, source, left.start("claim"), clauses.end),
        comments=line.comments,
    )


def _declared(match: re.Match[str], line: Line, source: SourceFile) -> Statement | Header | None:
    comments = line.comments
    span = _span(line, source, *match.span("line"))
    reader = _Reader(match.string, source, line.start)
    if match["header"] is not None:
        return ClusterHeader(span=span, comments=comments)
    if match["namespace"] is not None:
        name, facts = reader.home(match, "namespace"), reader.test(match, "facts")
        if not isinstance(name, Name) or facts is None:
            return None
        stated = {one.key.text: (one.key, one.values[0]) for one in facts.requirements}
        if len(stated) < len(facts.requirements):
            return None
        return NamespaceHeader(
            name=name, facts=tuple(stated.values()), span=span, comments=comments
        )
    if match["setting"] is not None:
        peers = reader.peers(match.start("blocks")) or ()
        blocks = tuple(one.peer for one in peers if isinstance(one.peer, BlockPeer))
        if not peers or len(blocks) < len(peers) or any(one.ports for one in peers):
            return None
        setting = Setting(match["setting"])
        return AddressSetting(setting=setting, blocks=blocks, span=span, comments=comments)
    which = "service" if match["service"] is not None else "group"
    if not is_service(match[which]):
        return None
    name = Name(match[which], reader.span(match, which))
    if which == "service":
        pods = reader.test(match, "selector")
        return (
            None
            if pods is None
            else ServiceDeclaration(name=name, pods=pods, span=span, comments=comments)
        )
    members = reader.members(match.start("members"))
    return (
        None
        if members is None
        else GroupDeclaration(name=name, peers=members, span=span, comments=comments)
    )


def _span(line: Line, source: SourceFile, begin: int, end: int) -> Span:
    return source.span(line.start + begin, line.start + end)
