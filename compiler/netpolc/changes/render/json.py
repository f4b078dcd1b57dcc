"""A difference for programs, in the form that `grammar/diff.schema.json` describes.

Whatever a program could want to decide upon is there as data: risks and flags by name,
ports by number, statements by file and line. Keys only ever grow in number; what an older
reader would misread gets another `version`. The text is ASCII and holds no raw control
character, and equal differences give equal bytes.
"""

import json

from netpolc.analysis.concrete_evaluator import Connection, End, Pod
from netpolc.analysis.connection_list import protocols
from netpolc.analysis.connection_sets import Connections, EndClass, PodClass
from netpolc.analysis.sentence import sentence
from netpolc.analysis.unknown_facts import reason
from netpolc.changes.model import (
    Cause,
    Difference,
    Effect,
    Entry,
    FarEnd,
    IsolationChange,
    Risk,
    StatementChange,
    TierChange,
)
from netpolc.kube.ports import NamedPort, Traffic
from netpolc.kube.selectors import Selector
from netpolc.provenance import Origin, Origins
from netpolc.sets import ValueSet

VERSION = 1
Json = dict[str, object]


def render(difference: Difference) -> str:
    """The difference as JSON with a line end. Witnesses are always in it."""
    return json.dumps(document(difference), indent=2) + "\n"


def document(difference: Difference) -> Json:
    """The difference as a JSON value."""
    return {
        "version": VERSION,
        "before": difference.before,
        "after": difference.after,
        "same": not difference,
        "whole": difference.whole,
        "opened": difference.count(Effect.OPENED),
        "closed": difference.count(Effect.CLOSED),
        "risks": _risks(difference.risks),
        "causes": [_cause(cause) for cause in difference.causes],
        "rewordings": [_statement(change) for change in difference.rewordings],
        "moved": difference.moved,
        "tiers": [_tier_change(change) for change in difference.tiers],
    }


def _tier_change(change: TierChange) -> Json:
    fields: Json = {
        "effect": change.effect.value,
        "opening": _origins(change.opening),
        "closing": _origins(change.closing),
        "witness": sentence(change.witness),
        "risks": _risks(change.risks),
    }
    if change.undecided:
        fields["undecided"] = [reason(fact) for fact in change.undecided]
    return fields


def _cause(cause: Cause) -> Json:
    return {
        "statements": [_statement(change) for change in cause.statements],
        "isolations": [_isolation(isolation) for isolation in cause.isolations],
        "entries": [_entry(entry) for entry in cause.entries],
    }


def _statement(change: StatementChange) -> Json:
    return {
        "edit": change.edit.value,
        "what": change.what.value,
        "namespace": change.namespace,
        "name": change.name,
        "before": None if change.before is None else _origin(change.before),
        "after": None if change.after is None else _origin(change.after),
    }


def _origins(origins: Origins) -> list[Json]:
    return [_origin(origin) for origin in origins]


def _origin(origin: Origin) -> Json:
    fields: Json = {"path": origin.path, "line": origin.line, "statement": origin.statement}
    return {**fields, "because": origin.because} if origin.because else fields


def _isolation(isolation: IsolationChange) -> Json:
    return {
        "effect": isolation.effect.value,
        "namespace": isolation.namespace,
        "subject": isolation.subject,
        "direction": isolation.direction.value,
        "default": isolation.default,
        "words": isolation.words,
        "risks": _risks(isolation.risks),
        "before": _origins(isolation.before),
        "after": _origins(isolation.after),
    }


def _entry(entry: Entry) -> Json:
    fields: Json = {
        "effect": entry.effect.value,
        "namespace": entry.namespace,
        "subject": entry.subject,
        "direction": entry.direction.value,
        "arrow": entry.arrow,
        "sayable": entry.sayable,
        "part_of": entry.part_of,
        "peers": [_far_end(end) for end in entry.far],
        "risks": _risks(entry.risks),
        "unknown_pods": entry.reach.unknown_pods,
        "other_namespaces": entry.reach.other_namespaces,
        "outside": entry.reach.outside,
        "before": _origins(entry.before),
        "after": _origins(entry.after),
        "witness": _witness(entry.witness),
    }
    if entry.undecided:
        fields["undecided"] = [reason(fact) for fact in entry.undecided]
    return fields


def _risks(risks: tuple[Risk, ...]) -> list[Json]:
    return [{"risk": risk.value, "words": risk.words} for risk in risks]


def _far_end(end: FarEnd) -> Json:
    return {
        "peer": end.text,
        "sayable": end.sayable,
        "ports": _traffic(end.traffic),
        "connections": [_connections(connections) for connections in end.connections],
    }


def _traffic(traffic: Traffic) -> Json:
    fields: Json = dict(protocols(traffic))
    return {**fields, "named": _names(traffic.named)} if traffic.named else fields


def _connections(connections: Connections) -> Json:
    fields: Json = {
        "from": _class(connections.sender),
        "to": _class(connections.receiver),
        "same_namespace": connections.same_namespace,
        "ports": _traffic(connections.traffic),
    }
    if connections.version is not None:
        fields["ip_version"] = connections.version
    if connections.called:
        fields["ports_named"] = _names(connections.called)
    if connections.not_called:
        fields["ports_not_named"] = _names(connections.not_called)
    return fields


def _names(names: frozenset[NamedPort]) -> list[str]:
    return [f"{port.name}/{port.protocol.value.lower()}" for port in sorted(names)]


def _class(end: EndClass) -> Json:
    if isinstance(end, PodClass):
        return {
            "namespace": _values(end.names),
            "namespace_labels": _labels(end.namespaces),
            "labels": _labels(end.pods),
        }
    return {"addresses": [str(block) for block in end.blocks]}


def _labels(selector: Selector) -> Json:
    return {key: _values(allowed) for key, allowed in selector.requirements}


def _values(allowed: ValueSet) -> Json:
    """One of some values, or any but some; and whether the label may be missing."""
    return {
        "any_but" if allowed.complement else "one_of": sorted(allowed.values),
        "or_absent": allowed.absent,
    }


def _witness(connection: Connection) -> Json:
    return {
        "from": _end(connection.sender),
        "to": _end(connection.receiver),
        "protocol": connection.protocol.value,
        "port": connection.port,
        **({} if connection.version is None else {"ip_version": connection.version}),
    }


def _end(end: End) -> object:
    if not isinstance(end, Pod):
        return str(end)
    return {
        "namespace": end.namespace,
        "namespace_labels": dict(sorted(end.namespace_labels.items())),
        "labels": dict(sorted(end.labels.items())),
    }
