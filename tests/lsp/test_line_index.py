"""Positions count lines and units as the protocol says, whatever is in a text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pygls", reason="the language server is an extra: make .venv/.ready-dev")

from lsprotocol.types import Position, PositionEncodingKind

from netpolc.lsp.line_index import LineIndex

CODECS = {
    PositionEncodingKind.Utf8: ("utf-8", 1),
    PositionEncodingKind.Utf16: ("utf-16-le", 2),
    PositionEncodingKind.Utf32: ("utf-32-le", 4),
}
TEXTS = st.text(st.sampled_from("a\u00e9\u20ac\U0001f600\ud83d\n\r\x0b\u2028 "), max_size=30)


def reference(text: str, offset: int, encoding: PositionEncodingKind) -> Position:
    """The position of an offset that is not inside a line end."""
    lines = re.split(r"\r\n|\n|\r", text[:offset])
    codec, width = CODECS[encoding]
    return Position(len(lines) - 1, len(lines[-1].encode(codec, "surrogatepass")) // width)


@given(TEXTS, st.data(), st.sampled_from(list(CODECS)))
def test_positions_and_offsets_are_inverse(
    text: str, data: st.DataObject, encoding: PositionEncodingKind
) -> None:
    offset = data.draw(st.integers(0, len(text)))
    if text[offset - 1 : offset + 1] == "\r\n" and offset:
        return
    index = LineIndex(text, encoding)
    position = index.position(offset)
    assert position == reference(text, offset, encoding)
    assert index.offset(position) == offset


@given(TEXTS, st.integers(0, 40), st.integers(0, 40), st.sampled_from(list(CODECS)))
def test_any_position_is_somewhere_in_the_text(
    text: str, line: int, character: int, encoding: PositionEncodingKind
) -> None:
    assert 0 <= LineIndex(text, encoding).offset(Position(line, character)) <= len(text)


@pytest.mark.parametrize(
    ("encoding", "character", "offset"),
    [
        (PositionEncodingKind.Utf16, 1, 0),  # inside the pair
        (PositionEncodingKind.Utf16, 2, 1),
        (PositionEncodingKind.Utf8, 3, 0),
        (PositionEncodingKind.Utf8, 99, 2),  # beyond the end of the line
        (PositionEncodingKind.Utf32, 1, 1),
    ],
)
def test_a_position_inside_a_character_is_before_it(
    encoding: PositionEncodingKind, character: int, offset: int
) -> None:
    assert LineIndex("\U0001f600a\nb", encoding).offset(Position(0, character)) == offset


def test_a_position_beyond_the_last_line_is_the_end() -> None:
    assert LineIndex("a\nbc", PositionEncodingKind.Utf16).offset(Position(9, 0)) == 4
