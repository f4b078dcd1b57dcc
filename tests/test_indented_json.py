"""JSON in pieces is what the standard library writes, byte by byte."""

import json

from hypothesis import given
from hypothesis import strategies as st

from netpolc.indented_json import indented_json, json_pieces

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda some: st.lists(some) | st.tuples(some, some) | st.dictionaries(st.text(), some),
    max_leaves=12,
)


@given(VALUES)
def test_a_document_is_as_the_standard_library_writes_it(value: object) -> None:
    assert indented_json(value) == json.dumps(value, indent=2) + "\n"


@given(st.dictionaries(st.text(), st.lists(VALUES)))
def test_a_list_may_be_an_iterator(value: dict[str, list[object]]) -> None:
    lazy = {key: iter(some) for key, some in value.items()}
    assert indented_json(lazy) == json.dumps(value, indent=2) + "\n"


def test_no_piece_is_more_than_an_item() -> None:
    pieces = list(json_pieces({"flows": ({"port": n} for n in range(1000))}))
    assert max(map(len, pieces)) < 40
