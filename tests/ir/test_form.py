"""What is recognised as the IR's form at a glance is what the schema accepts."""

from copy import deepcopy
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from netpolc.ir.form import surely_has_form
from netpolc.ir.serialize import _validator
from tests.ir.test_serialize import example

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.0, 80.5, 65536, "", "x", "a\nb", "\ud800", "\u2028", "ingress",
    "pods", "TCP", [], ["x", "x"], ["x", 1], [[1, 2]], [[2]], {}, {"in": ["a"]}, {"in": []},
    {"exists": False, "notIn": ["a"]}, {"kind": "anyone"}, {"kind": "outside", "blocks": []},
)  # fmt: skip
KEYS = (
    "in", "notIn", "exists", "kind", "pods", "namespaces", "blocks", "except", "tcp", "named",
    "origins", "because", "labels", "complete", "version", "unknown", "a\tb",
)  # fmt: skip


def places(value: Any) -> list[Any]:
    """Every object and list of a document."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    here = [value] if isinstance(value, dict | list) else []
    return here + [place for one in inner for place in places(one)]


def test_what_is_printed_is_recognised() -> None:
    assert surely_has_form(example())


@given(st.data())
def test_nothing_is_recognised_that_the_schema_refuses(data: st.DataObject) -> None:
    spoilt = example()
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places(spoilt)))
        value = deepcopy(data.draw(st.sampled_from(VALUES)))
        if isinstance(place, list):
            index = data.draw(st.integers(0, len(place)))
            place[index : index + data.draw(st.integers(0, 1))] = [value]
        elif place and data.draw(st.booleans()):
            key = data.draw(st.sampled_from(sorted(place)))
            place[key] = value
            if data.draw(st.booleans()):
                del place[key]
        else:
            place[data.draw(st.sampled_from(KEYS))] = value
    recognised = surely_has_form(spoilt)
    event("recognised" if recognised else "left to the schema")
    if recognised:
        assert _validator().is_valid(spoilt)
