"""The report of `netpolc learn`, for people and as JSON."""

from collections.abc import Iterator

from netpolc.diagnostics.render.escape import visible
from netpolc.flowlogs.aggregate import Seen
from netpolc.flowlogs.classify import ClassifiedFlow, ClassifiedLog, FlowClass
from netpolc.flowlogs.display import (
    explained,
    flow_text,
    lines_text,
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
    (FlowClass.DROPPED, "dropped, and so not proposed"),
    (FlowClass.DOUBTFUL, "possibly replies, not proposed: the log does not say who began"),
    (FlowClass.UNSURE, "permitted or not, by labels or port names that the log does not show"),
    (FlowClass.NODE, "not proposed: one end has a node's address"),
    (FlowClass.SPECIAL, "not proposed: one end has an address that is not a peer's"),
    (FlowClass.GUARDED, "not proposed: cluster-wide policies deny this, or may"),
    (FlowClass.NAMELESS, "not proposed: no known label tells these pods from others"),
    (FlowClass.ENTITY, "not proposed: neither pods nor addresses outside the cluster"),
)


def text_report(log: ClassifiedLog, proposals: tuple[Proposal, ...]) -> str:
    """Render the report as lines for people."""
    lines = [
        *_log(log),
        *_missing(log, proposals),
        *_unseen(log.unseen),
    ]
    for flow_class, heading in _ASIDE:
        lines += _aside(log, flow_class, heading)
    rows = log.of(FlowClass.PERMITTED)
    total = sum(row.seen.passed for row in rows)
    lines += [
        "",
        f"seen and permitted: {_kinds(len(rows))}, {_flows(total)}",
        *_open(log),
    ]
    return "".join(f"{visible(line)}\n" for line in lines)


def json_report(log: ClassifiedLog, proposals: tuple[Proposal, ...], text: str) -> Iterator[str]:
    """All results of a log, as one JSON object, in pieces."""
    report = {
        "log": {
            "lines": log.lines,
            "misread": log.bad,
            "overflow": log.overflow,
            "left_out": dict(log.left),
            "first": None if log.first is None else time_text(log.first),
            "last": None if log.last is None else time_text(log.last),
        },
        "proposals": map(_proposal, proposals),
        "unseen": [_unseen_json(unseen) for unseen in log.unseen],
        "flows": (_classified(classified, log) for classified in log.flows),
        "open_namespaces": list(log.open),
        "unread_policies": [str(policy) for policy in log.unread],
        "intents": text,
    }
    return json_pieces(report)


def _log(log: ClassifiedLog) -> Iterator[str]:
    yield f"{lines_text(log, time_text)}: {_kinds(len(log.flows))}"
    for why, number in log.left.items():
        yield f"  left out {number}: {why}"
    if log.unread:
        yield f"  not counted, though they may permit or deny these too: {policies_text(log.unread)}"
    if log.bad:
        yield f"  left out {log.bad}: lines that are not flows"
    if log.overflow:
        yield f"  left out {log.overflow}: beyond the limit of different flows"


def _missing(log: ClassifiedLog, proposals: tuple[Proposal, ...]) -> Iterator[str]:
    rows = log.of(FlowClass.MISSING)
    total = sum(row.seen.passed for row in rows)
    yield ""
    yield f"seen but not permitted: {_kinds(len(rows))}, {_flows(total)}"
    width = max((len(proposal.text) for proposal in proposals), default=0)
    namespace = None
    for missing in proposals:
        if missing.namespace != namespace:
            namespace = missing.namespace
            new = ", which has no intents yet" if namespace in log.new else ""
            yield f"  namespace {namespace}{new}"
        yield f"    {missing.text:{min(width, _WIDE)}}  {seen_text(missing.seen)}"
    if assumed := assumption(proposals, log.nodes):
        yield f"  {assumed}"


def _open(log: ClassifiedLog) -> Iterator[str]:
    if log.open:
        platform = any(is_platform_namespace(namespace) for namespace in log.open)
        options = "--new --platform" if platform else "--new"
        names = ", ".join(log.open)
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


def _aside(log: ClassifiedLog, flow_class: FlowClass, heading: str) -> Iterator[str]:
    rows = log.of(flow_class)
    if not rows:
        return
    yield ""
    yield f"{heading}: {_kinds(len(rows))}"
    for row in rows:
        though = "  (the intents permit it)" if row.permitted else ""
        yield f"  {flow_text(row.kind, log.names)}  {seen_text(row.seen)}{though}"
        yield from (f"    {line}" for line in guess_lines(row, log))
    yield from (f"  {line}" for line in explained(rows, log))


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


def _classified(classified: ClassifiedFlow, log: ClassifiedLog) -> dict[str, object]:
    names = log.names
    return {
        "class": classified.flow_class.value,
        "from": _party(classified.kind.sender, names),
        "to": _party(classified.kind.receiver, names),
        "protocol": classified.kind.protocol.value,
        "port": classified.kind.port,
        "permitted": classified.permitted,
        "closed": [direction.value for direction in classified.opened],
        **_seen(classified.seen),
        "explanation": list(explained([classified], log)),
        "guesses": [
            {"namespace": namespace, "statement": statement}
            for namespace, statement in guesses(classified, log)
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
