"""Interned values: one object for each meaning, however it is come by."""

import copy
import pickle
from dataclasses import FrozenInstanceError, replace
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.frozen import frozen
from netpolc.kube.cidr import Block, Cidr
from netpolc.kube.peers import Pods
from netpolc.kube.ports import EVERY_PORT, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import ValueSet
from netpolc.sets.interned import HasKey, interned


@interned
@frozen
class Point(HasKey):
    """A value with a default."""

    x: int
    y: int = 7


VALUES = (
    Selector.labels({"app": "db"}),
    Pods(None, EVERYTHING),
    Pods(Selector.labels({"env": "prod"}), Selector.labels({"app": "db", "tier": "x"})),
    Traffic.of([(Protocol.TCP, 80, 90)]),
    EVERY_PORT,
    Cidr.parse("10.0.0.0/8"),
    Block(Cidr.parse("10.0.0.0/8"), (Cidr.parse("10.1.0.0/16"),)),
)


def test_equal_values_are_one_object() -> None:
    assert Point(1) is Point(x=1, y=7) is Point(1, 7)
    assert Point(1) != Point(2)
    assert (repr(Point(1)), hash(Point(1))) == ("Point(x=1, y=7)", hash(Point(1, y=7)))
    assert Selector.of([("app", ValueSet.among("db"))]) is Selector.labels({"app": "db"})


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_copies_are_the_value(value: HasKey) -> None:
    assert copy.copy(value) is value
    assert copy.deepcopy(value) is value
    assert pickle.loads(pickle.dumps(value)) is value  # noqa: S301
    assert replace(value) is value


def test_a_changed_copy_leaves_the_value_alone() -> None:
    point = Point(1, 2)
    assert replace(point, y=3) is Point(1, 3)
    assert (point.x, point.y) == (1, 2)


def test_values_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Point(1).x = 2  # type: ignore[misc]


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(TypeError):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Point(1, 2, 3)  # type: ignore[call-arg]


@given(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 32)))
def test_plain_blocks_are_read_as_the_library_reads_them(drawn: tuple[int, int]) -> None:
    first, prefix = drawn
    network = ip_network((first >> (32 - prefix) << (32 - prefix), prefix))
    cidr = Cidr.plain(str(network))
    assert cidr == Cidr(4, int(network.network_address), prefix)
    assert str(cidr) == str(network)


@given(st.from_regex(r"[0-9]{1,4}(\.[0-9]{1,4}){3,4}/-?[0-9]{1,3}\n?", fullmatch=True))
def test_what_is_not_plain_is_left_to_the_library(text: str) -> None:
    try:
        network = ip_network(text)
    except ValueError:
        assert Cidr.plain(text) is None
        return
    cidr = Cidr.plain(text)
    assert cidr is None or cidr == Cidr(4, int(network.network_address), network.prefixlen)
