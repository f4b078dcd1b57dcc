"""The answer to a question in words, and as JSON."""

import json
from collections.abc import Iterable, Iterator

from netpolc.analysis.concrete_evaluator import Connection, Pod
from netpolc.analysis.explain_query import Answer, Miss, Reasons, Reply
from netpolc.analysis.permit_boxes import Closer, Opener
from netpolc.analysis.query import AddressEnd, EndOfQuestion
from netpolc.analysis.sentence import sentence
from netpolc.analysis.tiers import TierRule
from netpolc.analysis.unknown_facts import reason, remedy
from netpolc.commands.can import Answered, Asked
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.render.text import Paint
from netpolc.kube.display import (
    addresses_text,
    namespaces_text,
    peer_text,
    ports_text,
    selector_text,
)
from netpolc.kube.peers import Direction
from netpolc.provenance import Origin, Origins, Role, closing_or_all

_SOME, _MOST = 5, 3
_NOT_STATED = "a policy whose statement is not known"
_USUAL_ORDER = ("allow", "open", "isolation", "nearest")
_ORDERS = {
    Answer.NO: ("isolation", "nearest", "allow", "open"),
    Answer.PARTLY: ("isolation", "allow", "nearest", "open"),
}
_COLOURS = {
    Answer.YES: "1;32",
    Answer.NO: "1;31",
    Answer.PARTLY: "1;33",
    Answer.UNKNOWN: "1;33",
}


def answer_text(answered: Answered, *, coloured: bool = False) -> str:
    """Return the answers for people, in colour where wanted."""
    texts = (_as_text(asked, Paint(coloured)) for asked in answered.answers)
    foreign = (
        f"  nothing is known of namespace {visible(name)}: its own policies could close more\n"
        for name in answered.foreign
    )
    return "".join((*texts, *foreign)) or "nothing is asked\n"


def answer_json(answered: Answered) -> str:
    """Return the answers for programs."""
    answers = [_as_json(asked) for asked in answered.answers]
    return json.dumps(answers, indent=2) + "\n"


def _as_text(asked: Asked, paint: Paint) -> str:
    reply = asked.reply
    shown = Answer.UNKNOWN if asked.unknown else reply.answer
    answer = paint(_COLOURS.get(shown, "1"), _word(shown))
    lines = [
        f"{message}; if such pods ran, the answer would be: {_word(reply.answer)}"
        for message in dict.fromkeys(finding.message for finding in asked.unknown)
    ]
    if reply.answer is Answer.PARTLY:
        for connection, what in ((reply.permitted, "permitted"), (reply.blocked, "not permitted")):
            if connection is not None:
                lines.append(f"{what}, for example: {sentence(connection)}")
    for fact in reply.facts:
        lines += [f"depends on {reason(fact)}", f"to decide it, {remedy(fact)}"]
    reasons = _ranked(reply)
    lines += reasons[:_MOST]
    if len(reasons) > _MOST:
        lines.append(f"{len(reasons) - _MOST} more: `--format json`")
    text = "".join(f"  {visible(line)}\n" for line in lines)
    return f"{answer}: {visible(_question(reply))}\n{text}"


def _ranked(reply: Reply) -> list[str]:
    """The reasons of an answer, the best first: what decides it, then what comes near."""
    order = _ORDERS.get(reply.answer, _USUAL_ORDER)
    ranked = [
        (order.index(kind), number, f"{end}: {line}")
        for end, reasons in (("receiver", reply.ingress), ("sender", reply.egress))
        for number, (kind, line) in enumerate(_reasons(reasons))
        if not (reply.answer is Answer.NO and kind == "open")
    ]
    # The first of each kind at either end comes before the second.
    return [line for *_, line in sorted(ranked, key=lambda rank: (rank[0], rank[1]))]


def _word(answer: Answer) -> str:
    return "nothing to ask" if answer is Answer.NOTHING else answer.value


def _question(reply: Reply) -> str:
    sender, receiver = (
        _end(end, about_pods=reply.about_pods)
        for end in (reply.question.sender, reply.question.receiver)
    )
    return f"{sender} to {receiver}{ports_text(reply.question.traffic)}"


def _end(end: EndOfQuestion, *, about_pods: bool) -> str:
    if isinstance(end, AddressEnd):
        addresses = addresses_text(end.addresses) or "every address"
        return f"pods with addresses in {addresses}" if about_pods else addresses
    return f"{selector_text(end.pods)} in ns {namespaces_text(end.namespaces)}"


def _reasons(reasons: Reasons) -> Iterator[tuple[str, str]]:
    """The reasons at one end, each with its kind."""
    if reasons.open:
        some = " for some of these" if reasons.isolations else ""
        yield "open", f"open: no policy closes it{some}"
    for place in _several((a, a.origins) for a in reasons.allows):
        yield "allow", f"opened by {place}"
    for place in _several((i, closing_or_all(i.origins)) for i in reasons.isolations):
        yield "isolation", f"closed by {place}"
    nearest = sorted(reasons.nearest, key=lambda miss: (miss.count(), miss.subject, miss.peer))
    for line in dict.fromkeys(
        f"{_places(miss.allow.origins)}, which misses {_missed(miss)}" for miss in nearest
    ):
        yield "nearest", f"nearest: {line}"


def _several(groups: Iterable[tuple[Opener | Closer, Origins]]) -> list[str]:
    """The places of what decides, those of rules of tiers with their place in the tier."""
    return list(
        dict.fromkeys(
            _place_of(rule, origin) for rule, origins in groups for origin in origins or (None,)
        )
    )


def _place_of(rule: Opener | Closer, origin: Origin | None) -> str:
    if origin is None:
        return _NOT_STATED
    return f"{_place(origin)}, {rule.place}" if isinstance(rule, TierRule) else _place(origin)


def _places(origins: Origins) -> str:
    return ", ".join(map(_place, origins[:_SOME])) or _NOT_STATED


def _place(origin: Origin) -> str:
    if origin.path:
        where = f" ({origin.path}:{origin.line})"
    else:
        where = " (built in)" if origin.role is Role.DNS else ""
    return f"`{origin.statement}`{where}"


def _missed(miss: Miss) -> str:
    allow = miss.allow
    subject, peer = (
        ("receiver", "sender") if allow.direction is Direction.INGRESS else ("sender", "receiver")
    )
    parts = [
        (miss.subject, f"the {subject} (it is about {selector_text(allow.subject)})"),
        (miss.peer, f"the {peer} (it lists {peer_text(allow.peer)})"),
        (miss.traffic, f"the port (it lists {ports_text(allow.traffic).removeprefix(':')})"),
    ]
    return " and ".join(text for missed, text in parts if missed)


def _as_json(asked: Asked) -> dict[str, object]:
    reply = asked.reply
    unknown = [finding.message for finding in asked.unknown]
    return {
        "question": asked.text,
        "answer": Answer.UNKNOWN.value if unknown else reply.answer.value,
        "if_such_pods_ran": reply.answer.value if unknown else None,
        "permitted": _connection(reply.permitted),
        "blocked": _connection(reply.blocked),
        "receiver": _reasons_json(reply.ingress),
        "sender": _reasons_json(reply.egress),
        "undecided": [*unknown, *(reason(fact) for fact in reply.facts)],
    }


def _reasons_json(reasons: Reasons) -> dict[str, object]:
    return {
        "open": reasons.open,
        "opened_by": _deciding_json((rule, rule.origins) for rule in reasons.allows),
        "closed_by": _deciding_json((i, closing_or_all(i.origins)) for i in reasons.isolations),
        "nearest": [
            {
                "statements": _places_json((miss.allow.origins,)),
                "misses": [
                    part
                    for part, missed in (
                        ("subject", miss.subject),
                        ("peer", miss.peer),
                        ("traffic", miss.traffic),
                    )
                    if missed
                ],
            }
            for miss in reasons.nearest
        ],
    }


def _deciding_json(groups: Iterable[tuple[Opener | Closer, Origins]]) -> list[dict[str, object]]:
    """The statements and rules that decide, rules of tiers with their tier, priority and name."""
    places = []
    for rule, origins in groups:
        for place in _places_json((origins,)):
            if isinstance(rule, TierRule):
                place |= {"tier": rule.tier.value, "priority": rule.priority, "rule": rule.name}
            if place not in places:
                places.append(place)
    return places


def _places_json(groups: Iterable[Origins]) -> list[dict[str, object]]:
    origins = dict.fromkeys(origin for some in groups for origin in some)
    return [{"path": o.path, "line": o.line, "statement": o.statement} for o in origins]


def _connection(connection: Connection | None) -> dict[str, object] | None:
    if connection is None:
        return None
    return {
        "from": _end_json(connection.sender),
        "to": _end_json(connection.receiver),
        "protocol": connection.protocol.value,
        "port": connection.port,
        **({} if connection.version is None else {"ip_version": connection.version}),
    }


def _end_json(end: object) -> object:
    if not isinstance(end, Pod):
        return str(end)
    address = {} if end.address is None else {"address": str(end.address)}
    return {
        "namespace": end.namespace,
        "namespace_labels": dict(end.namespace_labels),
        "labels": dict(end.labels),
        **address,
    }
