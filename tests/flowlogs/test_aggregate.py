"""Adding up: memory does not grow with the log, and nothing is left out silently."""

import tracemalloc
from collections.abc import Iterator
from itertools import cycle, islice
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from netpolc.flowlogs.aggregate import Tally
from netpolc.io.flow_logs import LONGEST_LINE, add_lines
from tests.flowlogs.hubble_log import API, DB, WEB, flow, lines, pod, shop_log, world


def added(log: list[bytes], most: int = 1000) -> Tally:
    tally = Tally(most=most)
    add_lines(iter(log), "flows.json", tally)
    return tally


def as_bytes(texts: list[str]) -> list[bytes]:
    return [f"{text}\n".encode() for text in texts]


def peak(log: Iterator[bytes]) -> int:
    tracemalloc.start()
    try:
        add_lines(log, "flows.json", Tally())
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_log() -> None:
    shop = as_bytes(lines(shop_log(rounds=20)))
    few = peak(islice(cycle(shop), 400))
    many = peak(islice(cycle(shop), 4000))
    assert many < few * 1.25


def test_memory_does_not_grow_with_the_pods_of_a_service() -> None:
    def log(number: int) -> Iterator[bytes]:
        for copy in range(number):
            sender = pod("shop", "api", **{"statefulset.kubernetes.io/pod-name": f"api-{copy}"})
            yield from as_bytes(lines([flow(sender, DB, 5432)]))

    tally = Tally()
    add_lines(log(500), "flows.json", tally)
    assert len(tally.kinds) == 1
    # What is remembered of parties is bounded: both logs are longer than that.
    few = peak(log(5000))
    assert peak(log(10_000)) < few * 1.25


def test_kinds_beyond_the_bound_are_counted_and_known_ones_still_add_up() -> None:
    first = flow(API, DB, 5432)
    others = [flow(world(f"203.0.113.{n}"), WEB, 443) for n in range(10)]
    tally = added(as_bytes(lines([first, *others, first])), most=3)
    assert len(tally.kinds) == 3
    assert tally.overflow == 8
    assert max(seen.passed for seen in tally.kinds.values()) == 2


def test_the_order_of_a_log_changes_nothing() -> None:
    log = as_bytes(lines(shop_log(rounds=5)))
    shuffled = Random(1).sample(log, len(log))
    one, other = added(log), added(shuffled)
    assert one.kinds == other.kinds
    assert one.left == other.left


def test_lines_that_are_none_are_counted_and_the_first_shown() -> None:
    good = as_bytes(lines([flow(API, DB, 5432)]))
    tally = added([*good, *[b"{bad\n"] * 9, b"\xff\xfe\n", b"\n", *good])
    assert (tally.lines, tally.bad, len(tally.kinds)) == (12, 10, 1)
    assert [(one.path, one.number) for one in tally.bad_lines] == [
        ("flows.json", number) for number in range(2, 7)
    ]


def test_a_line_without_an_end_is_cut() -> None:
    piece = b"x" * LONGEST_LINE
    good = as_bytes(lines([flow(API, DB, 5432)]))
    tally = added([*good, piece, piece, b"x\n", *good, piece, piece])
    assert (tally.lines, tally.bad, len(tally.kinds)) == (4, 2, 1)


def test_a_table_with_comments_and_a_header() -> None:
    tally = added(
        [
            b"\xef\xbb\xbf# from the firewall\n",
            b"destination,source,port,protocol,verdict\n",
            b"shop/db,shop/api,5432,tcp,allow\n",
        ]
    )
    ((kind, seen),) = tally.kinds.items()
    assert getattr(kind.receiver, "service", None) == "db"
    assert seen.passed == 1


@given(st.lists(st.binary(max_size=60) | st.sampled_from(as_bytes(lines(shop_log(rounds=1))))))
def test_every_line_is_counted_once(log: list[bytes]) -> None:
    tally = added([line.replace(b"\n", b"") + b"\n" for line in log])
    counted = sum(seen.total for seen in tally.kinds.values())
    assert tally.lines == counted + tally.overflow + tally.bad + sum(tally.left.values())
