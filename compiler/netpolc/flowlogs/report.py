"""The report of `netpolc learn`, for people and as JSON."""

from collections.abc import Iterator

from netpolc.diagnostics.render.escape import visible
from netpolc.flowlogs.aggregate import Seen
from netpolc.flowlogs.classify import Learned, Lesson, Lessons
from netpolc.flowlogs.display import (
    explained,
    flow_text,
    party_text,
    policies_text,
    seen_text,
    time_text,
)
from netpolc.flowlogs.flows import AddressParty, Entity, Party
from netpolc.flowlogs.intents_text import guess_lines
from netpolc.flowlogs.proposals import Proposal, assumption, guesses
from netpolc.flowlogs.unused_arrows import Unseen
from netpolc.flowlogs.vocabulary import Names
from netpolc.indented_json import json_pieces
from netpolc.kube.display import peer_text, ports_text
from netpolc.kube.platform_namespaces import is_platform_namespace
from netpolc.program.model import NamedGrant

_WIDE = 80
_ASIDE = (
    (Lesson.DROPPED, "dropped, and so not proposed"),
    (Lesson.DOUBTFUL, "possibly replies, not proposed: the log does not say who began"),
    (Lesson.UNSURE, "permitted or not, by labels or port names that the log does not show"),
    (Lesson.NODE, "not proposed: one end has a node's address"),
    (Lesson.SPECIAL, "not proposed: one end has an address that is not a peer's"),
    (Lesson.GUARDED, "not proposed: cluster-wide policies deny this, or may"),
    (Lesson.NAMELESS, "not proposed: no known label tells these pods from others"),
    (Lesson.ENTITY, "not proposed: neither pods nor addresses outside the cluster"),
)


def text_report(lessons: Lessons, proposals: tuple[Proposal, ...]) -> str:
    """Render the report as lines for people."""
    lines = [*_log(lessons), *_missing(lessons, proposals), *_unseen(lessons.unseen)]
    for lesson, heading in _ASIDE:
        lines += _aside(lessons, lesson, heading)
    rows = lessons.of(Lesson.PERMITTED)
    total = sum(row.seen.passed for row in rows)
    lines += ["", f"seen and permitted: {_kinds(len(rows))}, {_flows(total)}", *_open(lessons)]
    return "".join(f"{visible(line)}\n" for line in lines)


def json_report(lessons: Lessons, proposals: tuple[Proposal, ...], text: str) -> Iterator[str]:
    """All that a log taught, as one JSON object, in pieces."""
    report = {
        "log": {
            "lines": lessons.lines,
            "misread": lessons.bad,
            "overflow": lessons.overflow,
            "left_out": dict(lessons.left),
            "first": None if lessons.first is None else time_text(lessons.first),
            "last": None if lessons.last is None else time_text(lessons.last),
        },
        "proposals": map(_proposal, proposals),
        "unseen": [_unseen_json(unseen) for unseen in lessons.unseen],
        "flows": (_learned(learned, lessons) for learned in lessons.learned),
        "open_namespaces": list(lessons.open),
        "unread_policies": [str(policy) for policy in lessons.unread],
        "intents": text,
    }
    return json_pieces(report)


def _log(lessons: Lessons) -> Iterator[str]:
    between = ""
    if lessons.first is not None and lessons.last is not None:
        between = f", {time_text(lessons.first)} to {time_text(lessons.last)}"
    lines = f"{lessons.lines} line{'s' * (lessons.lines != 1)} of flows"
    yield f"{lines}{between}: {_kinds(len(lessons.learned))}"
    for why, number in lessons.left.items():
        yield f"  left out {number}: {why}"
    if lessons.unread:
        yield f"  not counted, though they may permit or deny these too: {policies_text(lessons.unread)}"
    if lessons.bad:
        yield f"  left out {lessons.bad}: lines that are not flows"
    if lessons.overflow:
        yield f"  left out {lessons.overflow}: beyond the limit of different flows"


def _missing(lessons: Lessons, proposals: tuple[Proposal, ...]) -> Iterator[str]:
    rows = lessons.of(Lesson.MISSING)
    total = sum(row.seen.passed for row in rows)
    yield ""
    yield f"seen but not permitted: {_kinds(len(rows))}, {_flows(total)}"
    width = max((len(proposal.text) for proposal in proposals), default=0)
    namespace = None
    for missing in proposals:
        if missing.namespace != namespace:
            namespace = missing.namespace
            new = ", which has no intents yet" if namespace in lessons.new else ""
            yield f"  namespace {namespace}{new}"
        yield f"    {missing.text:{min(width, _WIDE)}}  {seen_text(missing.seen)}"
    if assumed := assumption(proposals, lessons.nodes):
        yield f"  {assumed}"


def _open(lessons: Lessons) -> Iterator[str]:
    if lessons.open:
        platform = any(is_platform_namespace(namespace) for namespace in lessons.open)
        options = "--new --platform" if platform else "--new"
        names = ", ".join(lessons.open)
        yield f"  left open, because no policy is about them: {names} (`{options}` proposes policies for them)"


def _unseen(unseen_arrows: tuple[Unseen, ...]) -> Iterator[str]:
    wholly = [arrow for arrow in unseen_arrows if arrow.wholly]
    partly = [arrow for arrow in unseen_arrows if not arrow.wholly]
    if wholly:
        yield ""
        yield f"permitted but never seen: {len(wholly)} statement{'s' * (len(wholly) != 1)}"
        yield from (f"  {_place(arrow)}" for arrow in wholly)
    if partly:
        yield ""
        yield "seen, but never with some of the peers"
        for unseen in partly:
            yield f"  {_place(unseen)}"
            yield f"    never: {', '.join(map(_grant, unseen.grants))}"


def _aside(lessons: Lessons, lesson: Lesson, heading: str) -> Iterator[str]:
    rows = lessons.of(lesson)
    if not rows:
        return
    yield ""
    yield f"{heading}: {_kinds(len(rows))}"
    for row in rows:
        though = "  (the intents permit it)" if row.permitted else ""
        yield f"  {flow_text(row.kind, lessons.names)}  {seen_text(row.seen)}{though}"
        yield from (f"    {line}" for line in guess_lines(row, lessons))
    yield from (f"  {line}" for line in explained(rows, lessons))


def _place(unseen: Unseen) -> str:
    return f"{unseen.origin.path}:{unseen.origin.line}  {unseen.origin.statement}"


def _grant(grant: NamedGrant) -> str:
    called = grant.name or peer_text(grant.grant.peer)
    return f"{called}{ports_text(grant.grant.traffic)}"


def _kinds(number: int) -> str:
    return f"{number} connection type{'s' * (number != 1)}"


def _flows(number: int) -> str:
    return f"{number} flow{'s' * (number != 1)}"


def _proposal(proposal: Proposal) -> dict[str, object]:
    return {
        "namespace": proposal.namespace,
        "direction": proposal.direction.value,
        "statement": proposal.text,
        **_seen(proposal.seen),
    }


def _unseen_json(unseen: Unseen) -> dict[str, object]:
    return {
        "namespace": unseen.namespace,
        "path": unseen.origin.path,
        "line": unseen.origin.line,
        "statement": unseen.origin.statement,
        "wholly": unseen.wholly,
        "never": [_grant(grant) for grant in unseen.grants],
    }


def _learned(learned: Learned, lessons: Lessons) -> dict[str, object]:
    names = lessons.names
    return {
        "lesson": learned.lesson.value,
        "from": _party(learned.kind.sender, names),
        "to": _party(learned.kind.receiver, names),
        "protocol": learned.kind.protocol.value,
        "port": learned.kind.port,
        "permitted": learned.permitted,
        "closed": [direction.value for direction in learned.opened],
        **_seen(learned.seen),
        "explanation": list(explained([learned], lessons)),
        "guesses": [
            {"namespace": namespace, "statement": statement}
            for namespace, statement in guesses(learned, lessons)
        ],
    }


def _party(party: Party, names: Names) -> dict[str, object]:
    match party:
        case AddressParty():
            return {"address": str(party.address)}
        case Entity():
            return {"entity": party.name}
        case _:
            return {"namespace": party.namespace, "pods": party_text(party, names)}


def _seen(seen: Seen) -> dict[str, object]:
    return {
        "forwarded": seen.forwarded,
        "dropped": seen.dropped,
        "audited": seen.audited,
        "first": None if seen.first is None else time_text(seen.first),
        "last": None if seen.last is None else time_text(seen.last),
    }
