"""The addresses that pods may have, by what blocks permit there.

A block that holds some addresses of pods permits a connection for these alone. So what an end permits is
worked out for groups of addresses: the addresses of a group are in the same networks and have the same traffic.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import TypeAlias

from netpolc.kube.ports import Traffic
from netpolc.sets import IntervalSet

AddressGroup: TypeAlias = tuple[IntervalSet | None, Traffic]
"""Addresses of one IP version, None where they do not matter, and what blocks permit there."""


def address_groups(
    pods: IntervalSet,
    blocks: Sequence[tuple[IntervalSet, Traffic]],
    networks: Sequence[IntervalSet] = (),
) -> tuple[AddressGroup, ...]:
    """The groups of the addresses of pods; those that differ in a network are not in one group."""
    sets = (pods, *(numbers & pods for numbers in (*(each for each, _ in blocks), *networks)))
    ranges_by_traffic: dict[tuple[Traffic, tuple[bool, ...]], list[tuple[int, int]]] = {}
    for first, end in pairwise(sorted(_edges(sets))):
        if first in pods:
            traffic = reduce(or_, (some for each, some in blocks if first in each), Traffic())
            inside = tuple(first in network for network in networks)
            ranges_by_traffic.setdefault((traffic, inside), []).append((first, end - 1))
    return tuple(
        (IntervalSet.of(*ranges), traffic) for (traffic, _), ranges in ranges_by_traffic.items()
    )


def added_up(groups: Iterable[AddressGroup]) -> Iterator[AddressGroup]:
    """What some addresses permit: groups of one address, which no other pod has, and all others as one."""
    rest = []
    for numbers, traffic in groups:
        if are_one_address(numbers, numbers):
            yield numbers, traffic
        else:
            rest.append(traffic)
    if rest:
        yield None, reduce(or_, rest)


def are_one_address(numbers: IntervalSet | None, others: IntervalSet | None) -> bool:
    """Whether two pods with addresses of two groups would share their address."""
    return numbers is not None and numbers == others and numbers.count() == 1


def _edges(sets: Iterable[IntervalSet]) -> set[int]:
    return {edge for each in sets for low, high in each.ranges for edge in (low, high + 1)}
