"""Policy sets as the objects and lists of the IR's JSON form."""

import json
from hashlib import sha256
from typing import Any, TypeAlias

from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Block
from netpolc.kube.peers import Outside, Peer, Pods
from netpolc.kube.ports import PROTOCOLS, Traffic
from netpolc.kube.selectors import Selector
from netpolc.provenance import Origin, PolicyRef, StatementKind
from netpolc.sets import ValueSet

Json: TypeAlias = dict[str, Any]

VERSION = 2
"""The version of the form; `grammar/ir.schema.json` describes it."""


def encode(policies: Policies) -> Json:
    """The document for policies.

    Raises:
        ValueError: a selector that nothing meets or no LabelSelector says.
    """
    left_out = sorted(part.value for part in policies.left_out)
    return {
        "version": VERSION,
        **({"left_out": left_out} if left_out else {}),
        "namespaces": [_policy_set(policy_set) for policy_set in policies.namespaces.values()],
    }


def digest(namespace: Json) -> str:
    """Return the digest of what a namespace's object closes and opens, its name and origins included.

    Equal objects have equal digests, whatever the order of their keys.
    """
    rules = {key: namespace[key] for key in ("namespace", "isolations", "allows")}
    return sha256(json.dumps(rules, sort_keys=True).encode()).hexdigest()


def _policy_set(policies: PolicySet) -> Json:
    namespace = {
        "namespace": policies.namespace,
        "labels": dict(policies.labels),
        "complete": policies.complete,
        "isolations": [_isolation(subject) for subject in policies.subjects],
        "allows": [_allow(allow) for allow in policies.allows],
    }
    return {**namespace, "digest": digest(namespace)}


def _isolation(subject: Subject) -> Json:
    return {
        "subject": _selector(subject.selector),
        "direction": subject.direction.value,
        "origins": [*map(_origin, subject.origins)],
    }


def _allow(allow: Allow) -> Json:
    return {
        "subject": _selector(allow.subject),
        "direction": allow.direction.value,
        "peer": _peer(allow.peer),
        "traffic": _traffic(allow.traffic),
        "origins": [*map(_origin, allow.origins)],
    }


def _selector(selector: Selector) -> Json:
    if selector.impossible:
        message = "the JSON form has no selector that nothing meets: normalise first"
        raise ValueError(message)
    return {key: _requirement(key, allowed) for key, allowed in selector.requirements}


def _requirement(key: str, allowed: ValueSet) -> Json:
    values = sorted(allowed.values)
    match allowed.complement, allowed.absent:
        case True, True:
            return {"notIn": values}
        case True, False:
            return {"exists": True, "notIn": values} if values else {"exists": True}
        case False, False:
            return {"in": values}
        case _ if values:
            message = f"no LabelSelector says that {key} is one of {values} or absent"
            raise ValueError(message)
        case _:
            return {"exists": False}


def _peer(peer: Peer) -> Json:
    match peer:
        case Pods(namespaces, pods):
            there = {} if namespaces is None else {"namespaces": _selector(namespaces)}
            return {"kind": "pods", **there, "pods": _selector(pods)}
        case Outside(addresses):
            return {"kind": "outside", "blocks": [_block(block) for block in addresses.blocks]}
        case _:
            return {"kind": "anyone"}


def _block(block: Block) -> Json:
    if not block.excepts:
        return {"cidr": str(block.cidr)}
    return {"cidr": str(block.cidr), "except": [str(hole) for hole in block.excepts]}


def _traffic(traffic: Traffic) -> Json:
    fields: Json = {}
    for protocol in PROTOCOLS:
        if ranges := traffic.numbers(protocol).ranges:
            fields[protocol.value.lower()] = [[low, high] for low, high in ranges]
    if traffic.named:
        fields["named"] = [
            {"protocol": port.protocol.value, "name": port.name} for port in sorted(traffic.named)
        ]
    return fields


def _origin(origin: Origin) -> Json:
    fields: Json = {
        "path": origin.path,
        "line": origin.line,
        "role": origin.role.value,
    }
    if origin.source.kind is StatementKind.IR_PART:
        fields["statement"] = ""
    elif origin.policy is None:
        fields["statement"] = origin.statement
    else:
        fields["policy"] = _policy(origin.policy)
    if origin.subject:
        fields["subject"] = origin.subject
    if origin.because:
        fields["because"] = origin.because
    return fields


def _policy(part: PolicyRef) -> Json:
    members = dict(zip(("rule", "peer"), part.indexes, strict=False))
    direction = {"direction": part.direction} if part.direction else {}
    return {"name": part.name, **direction, **members}
