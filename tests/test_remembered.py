"""What functions remember goes: no process that lives long collects the names that it meets."""

import gc
import importlib
import pkgutil
from collections.abc import Iterator
from functools import _lru_cache_wrapper
from inspect import signature
from typing import Any

import pytest

import netpolc
from netpolc import remembered
from netpolc.remembered import ByIdentity, one_while_used, remembered_by_text, remembered_with_value
from netpolc.values import Keyed, frozen

FIXED = {
    "netpolc.graph.page.package_text",  # by the files of this package
    "netpolc.values._field_names",  # by classes
    "netpolc.values._filling",  # by the forms of classes
    "netpolc.values._making",
}
LARGEST = 1 << 12


@frozen(interned=True)
class Number(Keyed):
    """A value that only these tests make."""

    value: int


class Calls:
    """A function that counts how often it was called."""

    def __init__(self) -> None:
        self.count = 0

    def number(self, value: int) -> Number:
        self.count += 1
        return Number(value)

    def text(self, text: str) -> str:
        self.count += 1
        return text.upper()

    def length(self, numbers: list[int]) -> int:
        self.count += 1
        return len(numbers)

    def about(self, number: Number) -> list[int]:
        self.count += 1
        return [number.value]


def test_object_is_made_once_while_it_is_used() -> None:
    calls = Calls()
    number = one_while_used(calls.number)
    kept = number(1)
    assert number(1) is kept
    assert calls.count == 1
    del kept
    assert number(1) == Number(1)
    assert calls.count == 2


def test_none_is_worked_out_each_time() -> None:
    assert one_while_used(lambda _: None)(1) is None


def test_result_goes_with_the_value_that_it_is_about() -> None:
    calls = Calls()
    about = remembered_with_value(calls.about)
    kept = [Number(number) for number in range(100)]
    for _ in range(2):
        assert [about(number) for number in kept] == [[number] for number in range(100)]
    assert calls.count == 100
    kept.clear()
    others = [Number(number) for number in range(1000, 1100)]  # Some are where those were.
    assert [about(number) for number in others] == [[number] for number in range(1000, 1100)]


def test_texts_are_forgotten_when_they_are_too_long_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remembered, "MOST_CHARACTERS", 6)
    calls = Calls()
    upper = remembered_by_text(calls.text)
    for text in ("abc", "def", "abc", "def"):
        assert upper(text) == text.upper()
    assert calls.count == 2
    assert upper("g") == "G"  # Now they are too long.
    assert upper("abc") == "ABC"
    assert calls.count == 4
    assert [upper("a long text"), upper("a long text")] == ["A LONG TEXT"] * 2
    assert calls.count == 6


def test_results_that_take_more_memory_are_forgotten_sooner(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(remembered, "MOST_CHARACTERS", 6)
    calls = Calls()
    upper = remembered_by_text(calls.text, weight=2)
    for text in ("abc", "abc", "d", "abc"):
        upper(text)
    assert calls.count == 3


def test_refusal_is_not_remembered() -> None:
    read = remembered_by_text(int)
    for _ in range(2):
        with pytest.raises(ValueError, match="invalid literal"):
            read("x")


def test_results_are_found_by_the_identity_of_objects() -> None:
    calls = Calls()
    lengths = ByIdentity(calls.length)
    one, equal, longer = [1], [1], [1, 2]
    assert [lengths.of(one), lengths.of(one)] == [1, 1]
    assert calls.count == 1
    assert lengths.of_all((longer, one, equal, longer)) == [2, 1, 1, 2]
    assert calls.count == 3
    assert lengths.of_all((equal, longer)) == [1, 2]
    assert calls.count == 3


def test_no_other_object_takes_the_place_of_one_whose_result_is_known() -> None:
    lengths = ByIdentity(Calls().length)
    assert [lengths.of([0] * length) for length in range(100)] == [*range(100)]


def caches() -> Iterator[Any]:
    """The caches of `functools` in this package."""
    for module in pkgutil.walk_packages(netpolc.__path__, "netpolc."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for found in gc.get_objects():
        if isinstance(found, _lru_cache_wrapper) and found.__module__.startswith("netpolc."):
            yield found


def test_caches_of_the_process_are_small_or_have_few_keys() -> None:
    found = list(caches())
    assert len(found) > 10
    for cache in found:
        name = f"{cache.__module__}.{cache.__qualname__}"
        most = cache.cache_info().maxsize
        has_one_result = not signature(cache.__wrapped__).parameters
        assert has_one_result or name in FIXED or (most and most <= LARGEST), name
