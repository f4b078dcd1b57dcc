"""Whether a JSON document surely has the form that the schema of the IR describes.

The schema (`grammar/ir.schema.json`) is the authority, and jsonschema takes it at its word:
six milliseconds for each policy, a minute for an organisation. Nearly every file is right,
so the plain right forms are recognised here, a hundred times faster. What is not is left
to the schema, which says what is wrong with it; the tests hold that nothing is recognised
that the schema refuses.
"""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from netpolc.ir.encode import VERSION
from netpolc.ir.model import LeftOut
from netpolc.kube.ports import MAX_PORT

_Test: TypeAlias = Callable[[Any], bool]

_NOT_IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def surely_has_form(document: Any) -> bool:
    """Whether the schema surely accepts the document, as `json.loads` gives it."""
    return _object(document, _DOCUMENT, ("version", "namespaces"))


def _object(value: Any, known: dict[str, _Test], required: tuple[str, ...]) -> bool:
    """An object with the required keys and no unknown ones, each value of its form."""
    if type(value) is not dict:
        return False
    for key, member in value.items():
        test = known.get(key)
        if test is None or not test(member):
            return False
    return all(key in value for key in required)


def _line(value: Any) -> bool:
    return type(value) is str and (
        (value.isascii() and value.isprintable()) or not _NOT_IN_LINE.search(value)
    )


def _count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _truth(value: Any) -> bool:
    return type(value) is bool


def _lines(value: Any) -> bool:
    return type(value) is list and all(map(_line, value))


def _list_of(test: _Test, least: int = 0) -> _Test:
    def is_list(value: Any) -> bool:
        return type(value) is list and len(value) >= least and all(map(test, value))

    return is_list


def _one_of(*words: str) -> _Test:
    return lambda value: type(value) is str and value in words


def _labels(value: Any) -> bool:
    return type(value) is dict and all(_line(k) and _line(v) for k, v in value.items())


def _selector(value: Any) -> bool:
    return type(value) is dict and all(_line(k) and _requirement(v) for k, v in value.items())


def _requirement(value: Any) -> bool:
    """One operator alone, or `exists` with values that are left out."""
    if type(value) is not dict:
        return False
    keys = value.keys()
    if keys in ({"in"}, {"notIn"}):
        return _values(next(iter(value.values())))
    if keys == {"exists"}:
        return _truth(value["exists"])
    return keys == {"exists", "notIn"} and value["exists"] is True and _values(value["notIn"])


def _values(value: Any) -> bool:
    return _lines(value) and len(value) > 0 and len(set(value)) == len(value)


def _peer(value: Any) -> bool:
    kind = value.get("kind") if type(value) is dict else None
    match kind:
        case "pods":
            return _object(value, _PODS, ("pods",))
        case "outside":
            return _object(value, _OUTSIDE, ("blocks",))
        case "anyone":
            return len(value) == 1
        case _:
            return False


def _range(value: Any) -> bool:
    return (
        type(value) is list
        and len(value) == 2  # noqa: PLR2004 - the first and the last port
        and all(type(port) is int and 1 <= port <= MAX_PORT for port in value)
    )


def _origin(value: Any) -> bool:
    if type(value) is dict and value.get("role") == "policy":
        return _object(value, _POLICY_ORIGIN, ("path", "line", "policy", "role"))
    return _object(value, _STATEMENT_ORIGIN, ("path", "line", "statement", "role"))


def _policy(value: Any) -> bool:
    return _object(value, _POLICY, ("name",)) and (
        value.keys() - {"peer"} in ({"name"}, {"name", "direction", "rule"})
        and ("rule" in value or "peer" not in value)
    )


def _traffic(value: Any) -> bool:
    return _object(value, _TRAFFIC, ()) and len(value) > 0


_BLOCK: dict[str, _Test] = {"cidr": _line, "except": _lines}
_PODS: dict[str, _Test] = {"kind": _line, "namespaces": _selector, "pods": _selector}
_OUTSIDE: dict[str, _Test] = {
    "kind": _line,
    "blocks": _list_of(lambda item: _object(item, _BLOCK, ("cidr",)), 1),
}
_NAMED: dict[str, _Test] = {"protocol": _one_of("TCP", "UDP", "SCTP"), "name": _line}
_RANGES = _list_of(_range, 1)
_TRAFFIC: dict[str, _Test] = {
    "tcp": _RANGES,
    "udp": _RANGES,
    "sctp": _RANGES,
    "named": _list_of(lambda item: _object(item, _NAMED, ("protocol", "name")), 1),
}
_PLACE: dict[str, _Test] = {"path": _line, "line": _count}
_STATEMENT_ORIGIN: dict[str, _Test] = {
    **_PLACE,
    "statement": _line,
    "role": _one_of("arrow", "mirror", "default", "dns"),
    "subject": _line,
    "because": _line,
}
_POLICY: dict[str, _Test] = {
    "name": _line,
    "direction": _one_of("ingress", "egress"),
    "rule": _count,
    "peer": _count,
}
_POLICY_ORIGIN: dict[str, _Test] = {**_PLACE, "policy": _policy, "role": _one_of("policy")}
_ISOLATION: dict[str, _Test] = {
    "subject": _selector,
    "direction": _one_of("ingress", "egress"),
    "origins": _list_of(_origin),
}
_ALLOW: dict[str, _Test] = {**_ISOLATION, "peer": _peer, "traffic": _traffic}
_NAMESPACE: dict[str, _Test] = {
    "namespace": _line,
    "labels": _labels,
    "complete": _truth,
    "isolations": _list_of(lambda item: _object(item, _ISOLATION, ("subject", "direction"))),
    "allows": _list_of(
        lambda item: _object(item, _ALLOW, ("subject", "direction", "peer", "traffic"))
    ),
    "digest": _line,
}
_DOCUMENT: dict[str, _Test] = {
    "version": lambda value: type(value) is int and value == VERSION,
    "left_out": _list_of(_one_of(*(part.value for part in LeftOut))),
    "namespaces": _list_of(
        lambda item: _object(item, _NAMESPACE, ("namespace", "isolations", "allows"))
    ),
}
