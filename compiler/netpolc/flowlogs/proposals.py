"""Arrows for what is missing, as a person would have written them.

They are syntax trees, printed by the formatter, with what was seen behind each: how
often, from when to when. One arrow has one peer, so that each can be taken or left by
itself. What should be looked at first is there as a comment: blocks that would be
wider than what was seen, and everything that is not proposed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import reduce
from operator import or_

from netpolc.flowlogs.aggregate import Seen
from netpolc.flowlogs.classify import Lesson, Lessons, Opening, namespaces_of, party_key
from netpolc.flowlogs.display import explained, flow_text, seen_text
from netpolc.flowlogs.flows import AddressParty, Entity, Party
from netpolc.flowlogs.permitted import block_of, traffic_of
from netpolc.flowlogs.vocabulary import Intents
from netpolc.kube.cidr import BITS, Block, Cidr
from netpolc.kube.label_conventions import DEFAULT_LABEL
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Traffic
from netpolc.passes.decompile.build_nodes import braces, ports_of, word
from netpolc.provenance import StatementKind
from netpolc.source import NOWHERE, SourceFile
from netpolc.syntax import tree
from netpolc.syntax.formatter import format_file, statement_text
from netpolc.values import frozen

_NEARBY = {4: 24, 6: 64}
_TOGETHER = 3
_UNPROPOSED = (
    (Lesson.DROPPED, "Dropped, and so not proposed:"),
    (Lesson.DOUBTFUL, "Possibly replies (a client's port, and the log does not say who began):"),
    (Lesson.UNSURE, "Permitted or not, by labels or port names that the log does not show:"),
    (Lesson.NAMELESS, "Between pods that no label tells from others, so no policy can name them:"),
    (Lesson.ENTITY, "From or to what is neither a pod nor an address outside the cluster:"),
)


@frozen(kw_only=True)
class Proposal:
    """An arrow that is proposed, and the flows that it is for."""

    namespace: str
    direction: Direction
    statement: tree.ArrowStatement
    openings: tuple[Opening, ...]
    seen: Seen

    @property
    def text(self) -> str:
        """The arrow as it is written."""
        return statement_text(self.statement)


def proposals(lessons: Lessons, intents: Intents) -> tuple[Proposal, ...]:
    """The arrows for what is missing, by namespace, receivers first."""
    speaking = {*namespaces_of(lessons.openings), *intents.program.namespaces}
    found: dict[tuple[str, str, str], list[Opening]] = {}
    for opening in lessons.openings:
        bare = statement_text(_arrow(opening, None, speaking, lessons))
        found.setdefault((opening.namespace, opening.direction.value, bare), []).append(opening)
    made = []
    for (namespace, _, _), openings in found.items():
        traffic = reduce(or_, (traffic_of(one.learned.kind) for one in openings), Traffic())
        made.append(
            Proposal(
                namespace=namespace,
                direction=openings[0].direction,
                statement=_arrow(openings[0], traffic, speaking, lessons),
                openings=tuple(openings),
                seen=_added(one.learned.seen for one in openings),
            )
        )
    return tuple(sorted(made, key=_order))


def intents_text(
    lessons: Lessons, found: tuple[Proposal, ...], intents: Intents, *, egress: bool
) -> str:
    """The proposals as an intent file, with comments for all that is not proposed."""
    sections = [
        tree.Section(
            header=tree.NamespaceHeader(
                name=word(namespace),
                facts=(),
                span=NOWHERE,
                comments=tree.Comments(before=("",)),
            ),
            statements=(
                *_settings(namespace, lessons, intents, egress=egress),
                *_arrows([one for one in found if one.namespace == namespace]),
            ),
        )
        for namespace in sorted({one.namespace for one in found})
    ]
    top = tuple(f"# {line}" for line in _heading(lessons))
    tail = tuple(_tail(lessons))
    if sections:
        header = sections[0].header
        assert isinstance(header, tree.NamespaceHeader)
        first = replace(header, comments=tree.Comments(before=(*top, "")))
        sections[0] = replace(sections[0], header=first)
    else:
        tail = (*top, *tail)
    return format_file(
        tree.IntentFile(file=SourceFile("", ""), sections=tuple(sections), tail=tail)
    )


def _settings(
    namespace: str, lessons: Lessons, intents: Intents, *, egress: bool
) -> Iterator[tree.Statement]:
    """The settings that the intents of a namespace still need."""
    if namespace in lessons.new:
        yield tree.DefaultSetting(deny=True, ingress=egress, egress=egress, span=NOWHERE)
    if namespace not in intents.program.namespaces:
        label = lessons.names.label(namespace)
        if label != DEFAULT_LABEL or intents.sets_for_all(StatementKind.LABEL):
            yield tree.LabelSetting(key=word(label), span=NOWHERE)


def _arrows(found: list[Proposal]) -> Iterator[tree.Statement]:
    """The arrows of a namespace, a blank line between subjects, groups of addresses noted."""
    subject, noted = "", dict(_grouped(found))
    for one in found:
        mine = statement_text(one.statement).split(f" {one.statement.connection.arrow.value} ")[0]
        before = ("",) if mine != subject else ()
        subject = mine
        yield replace(
            one.statement,
            comments=tree.Comments(
                before=(*before, *noted.get(id(one), ())), after=f"# {seen_text(one.seen)}"
            ),
        )


def _grouped(found: list[Proposal]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Blocks that several addresses lie in, as comments at the first of them."""
    near: dict[tuple[str, Cidr], list[Proposal]] = {}
    for one in found:
        (peer,) = one.statement.connection.peers
        if isinstance(peer.peer, tree.BlockPeer):
            cidr = peer.peer.block.cidr
            wide = _around(cidr)
            text = statement_text(_with_block(one.statement, wide))
            near.setdefault((text, wide), []).append(one)
    for (text, wide), same in near.items():
        if len(same) >= _TOGETHER:
            yield (
                id(same[0]),
                (
                    f"# {len(same)} addresses of {wide} were seen. If all of it is theirs, write instead of them:",
                    f"# {text}",
                ),
            )


def _around(cidr: Cidr) -> Cidr:
    prefix = _NEARBY[cidr.version]
    spare = BITS[cidr.version] - prefix
    return Cidr(cidr.version, cidr.first >> spare << spare, prefix)


def _with_block(statement: tree.ArrowStatement, cidr: Cidr) -> tree.ArrowStatement:
    (peer,) = statement.connection.peers
    wide = replace(peer, peer=tree.BlockPeer(Block(cidr)))
    return replace(statement, connection=replace(statement.connection, peers=(wide,)))


def _heading(lessons: Lessons) -> Iterator[str]:
    between = ""
    if lessons.first is not None and lessons.last is not None:
        between = f", {lessons.first:%Y-%m-%d} to {lessons.last:%Y-%m-%d}"
    yield f"Proposed by netpolc learn from {lessons.lines} line{'' if lessons.lines == 1 else 's'} of flows{between}."
    yield "A log shows what happened, not what is meant: read each arrow before you keep it."
    if lessons.new & {*namespaces_of(lessons.openings)}:
        yield "A default closes all the rest of a namespace: what is rare may not be in the log."
    if lessons.bad:
        yield f"Lines that could not be understood: {lessons.bad}."
    if lessons.overflow:
        yield f"Flows beyond the limit of different flows, not included here: {lessons.overflow}."


def _tail(lessons: Lessons) -> Iterator[str]:
    for lesson, heading in _UNPROPOSED:
        rows = lessons.of(lesson)
        if rows:
            yield ""
            yield f"# {heading}"
            for row in rows:
                yield f"#   {flow_text(row.kind, lessons.names)}  {seen_text(row.seen)}"
            for line in explained(row.kind for row in rows):
                yield f"#   {line}"


def _arrow(
    opening: Opening, traffic: Traffic | None, speaking: set[str], lessons: Lessons
) -> tree.ArrowStatement:
    sign = tree.Arrow.IN if opening.direction is Direction.INGRESS else tree.Arrow.OUT
    peer = tree.PeerPorts(
        peer=_peer(opening, speaking, lessons),
        ports=None if traffic is None else ports_of(traffic),
    )
    subject = tree.PodPeer(pods=opening.subject.test, namespaces=None)
    connection = tree.Connection(subject=subject, arrow=sign, peers=(peer,))
    return tree.ArrowStatement(connection=connection, until=None, because=None, span=NOWHERE)


def _peer(opening: Opening, speaking: set[str], lessons: Lessons) -> tree.Peer:
    party: Party = opening.peer
    assert not isinstance(party, Entity)
    if isinstance(party, AddressParty):
        return tree.BlockPeer(block_of(party))
    called = lessons.names.called(party)
    assert called is not None
    own = party.namespace == opening.namespace
    # A bare name is looked up in the other namespace, which must say something for that.
    known = own or party.namespace in speaking
    return tree.PodPeer(
        pods=called.test if known else braces(called.pods),
        namespaces=None if own else word(party.namespace),
    )


def _added(seen: Iterable[Seen]) -> Seen:
    total = Seen()
    for one in seen:
        total.include(one)
    return total


def _order(one: Proposal) -> tuple[object, ...]:
    (peer,) = one.statement.connection.peers
    first = statement_text(
        replace(one.statement, connection=replace(one.statement.connection, peers=()))
    )
    own = peer.peer.namespaces is not None if isinstance(peer.peer, tree.PodPeer) else False
    other = party_key(one.openings[0].peer)[0]
    key = party_key(one.openings[0].peer) if other else ()
    return (one.namespace, one.direction is Direction.EGRESS, first, other, own, key, one.text)
