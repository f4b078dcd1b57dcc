"""Whether a JSON document surely has the form that the schema of the IR describes.

The schema (`grammar/ir.schema.json`) is the authority, and jsonschema takes it at its word:
six milliseconds for each policy, a minute for an organisation. Nearly every file is right,
so the plain right forms are recognised here, a hundred times faster. What is not is left
to the schema, which says what is wrong with it; the tests hold that nothing is recognised
that the schema refuses.

Small things come first, and the document last.
"""

import re
from collections.abc import Callable, Mapping
from sys import maxsize
from typing import Any, TypeAlias

from netpolc.ir.encode import VERSION
from netpolc.ir.model import LeftOut
from netpolc.kube.ports import MAX_PORT

_Test: TypeAlias = Callable[[Any], bool]
_Members: TypeAlias = Mapping[str, _Test]

_NOT_IN_LINE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def surely_has_form(document: Any) -> bool:
    """Whether the schema surely accepts the document, as `json.loads` gives it."""
    return _DOCUMENT(document)


def _object(required: _Members, optional: _Members | None = None) -> _Test:
    """The test for objects with all of the required members and no unknown ones."""
    known = {**required, **(optional or {})}

    def is_object(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for key, member in value.items():
            test = known.get(key)
            if test is None or not test(member):
                return False
        return all(key in value for key in required)

    return is_object


def _map_to(test: _Test) -> _Test:
    return lambda value: type(value) is dict and all(_line(k) and test(v) for k, v in value.items())


def _list_of(test: _Test, least: int = 0, most: int = maxsize) -> _Test:
    return lambda value: (
        type(value) is list and least <= len(value) <= most and all(map(test, value))
    )


def _any_of(*tests: _Test) -> _Test:
    return lambda value: any(test(value) for test in tests)


def _word(*words: str) -> _Test:
    return lambda value: type(value) is str and value in words


def _number(least: int, most: int = maxsize) -> _Test:
    return lambda value: type(value) is int and least <= value <= most


def _line(value: Any) -> bool:
    return type(value) is str and (
        (value.isascii() and value.isprintable()) or not _NOT_IN_LINE.search(value)
    )


def _truth(value: Any) -> bool:
    return type(value) is bool


def _values(value: Any) -> bool:
    return _LINES(value) and 0 < len(set(value)) == len(value)


def _traffic(value: Any) -> bool:
    return _PORTS(value) and len(value) > 0


_LINES = _list_of(_line)
_DIRECTION = _word("ingress", "egress")
_SELECTOR = _map_to(
    _any_of(
        _object({"in": _values}),
        _object({"notIn": _values}),
        _object({"exists": _truth}),
        _object({"exists": lambda value: value is True, "notIn": _values}),
    )
)
_BLOCK = _object({"cidr": _line}, {"except": _LINES})
_PEER = _any_of(
    _object({"kind": _word("pods"), "pods": _SELECTOR}, {"namespaces": _SELECTOR}),
    _object({"kind": _word("outside"), "blocks": _list_of(_BLOCK, 1)}),
    _object({"kind": _word("anyone")}),
)
_RANGES = _list_of(_list_of(_number(1, MAX_PORT), 2, 2), 1)
_NAMED = _object({"protocol": _word("TCP", "UDP", "SCTP"), "name": _line})
_PORTS = _object(
    {}, {"tcp": _RANGES, "udp": _RANGES, "sctp": _RANGES, "named": _list_of(_NAMED, 1)}
)
_INDEX = _number(0)
_POLICY = _any_of(
    _object({"name": _line}),
    _object({"name": _line, "direction": _DIRECTION, "rule": _INDEX}, {"peer": _INDEX}),
)
_PLACE = {"path": _line, "line": _number(0)}
_ORIGIN = _any_of(
    _object(
        {**_PLACE, "statement": _line, "role": _word("arrow", "mirror", "default", "dns")},
        {"subject": _line, "because": _line},
    ),
    _object({**_PLACE, "policy": _POLICY, "role": _word("policy")}),
)
_CLOSED = {"subject": _SELECTOR, "direction": _DIRECTION}
_ORIGINS = {"origins": _list_of(_ORIGIN)}
_NAMESPACE = _object(
    {
        "namespace": _line,
        "isolations": _list_of(_object(_CLOSED, _ORIGINS)),
        "allows": _list_of(_object({**_CLOSED, "peer": _PEER, "traffic": _traffic}, _ORIGINS)),
    },
    {"labels": _map_to(_line), "complete": _truth, "digest": _line},
)
_DOCUMENT = _object(
    {"version": _number(VERSION, VERSION), "namespaces": _list_of(_NAMESPACE)},
    {"left_out": _list_of(_word(*(part.value for part in LeftOut)))},
)
