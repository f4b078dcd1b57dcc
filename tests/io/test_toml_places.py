"""Each key of a TOML file is found at its place, in every form that the file may have."""

import tomllib
from collections.abc import Iterator

import pytest

from netpolc.io.toml_places import TomlPlaces
from netpolc.source import SourceFile

_TEXT = '''\
# key = 1 ] [ {
title = "a = [b] # c"
dates = [1979-05-27 07:32:00, 1.5, -2e+3]   # more = 1
"quoted key" = 'x = 1'
long = """
no = 1
\\""" no.no = 1
"""
raw = \'\'\'
[no]
\'\'\'

[servers.alpha]
ip = "10.0.0.1"
nested = { a.b = [ { deep = 1 }, { deep = 2, "last one" = {} } ], c = true }

[ servers . "be.ta" ]
lines = [
  "a", # comment ]
  { x = 1 },
]

[[fruits]]
name = "apple"
[fruits.skin]
colour = "red"
[[fruits]]
size = 3
'''


def test_every_key_has_a_place_with_its_own_text() -> None:
    places = TomlPlaces(SourceFile("a.toml", _TEXT))
    keys = [*_keys(tomllib.loads(_TEXT), ())]
    assert len(keys) > 20
    for path in keys:
        span = places.of(*path)
        assert span.text == path[-1], path
    # No key is found twice but those that two tables of a list have.
    assert len({places.of(*path) for path in keys}) == len(keys)


def _keys(value: object, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if above != ("fruits", "0") or key != "skin":  # Belongs to the list in tomllib.
                yield (*above, key)
                yield from _keys(inner, (*above, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _keys(inner, (*above, str(number)))


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (("servers", "alpha", "missing"), (13, 10)),
        (("servers", "missing"), (13, 2)),
        (("fruits", "1", "name"), (27, 3)),
        (("servers", "alpha", "nested", "a", "b", "1", "deep"), (15, 36)),
        (("missing",), (1, 1)),
    ],
)
def test_a_missing_key_is_found_at_its_table(keys: tuple[str, ...], place: tuple[int, int]) -> None:
    span = TomlPlaces(SourceFile("a.toml", _TEXT)).of(*keys)
    assert (span.line, span.column) == place
