"""Adding up logs: bounded, exact about replies, and never at a loss."""

import json
import tracemalloc
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from netpolc.adoption.flows import BadLineError, Flow, Skipped, read_line
from netpolc.adoption.learning import MOST_ADDRESSES, Log, intents, learn
from netpolc.ir.model import Policies
from netpolc.kube.workloads import Inventory
from netpolc.passes.resolve import resolve
from tests.adoption.shop.flows import lines

NOTHING = Policies({})
PARTS = st.sampled_from(
    ["shop/app=a", "shop/app=a;r=b", "b/x=y", "10.0.0.1", "::ffff:1.2.3.4", "reserved:host", "?"]
) | st.text(max_size=20)


def peak(number: int) -> int:
    tracemalloc.start()
    log = Log()
    log.add(lines(number), "flows")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert log.lines == number
    return most


def test_memory_does_not_grow_with_the_log() -> None:
    # The lines themselves are 13.5 MB; what the interpreter does besides is well below this.
    assert peak(20_000) < peak(2_000) + 300_000


def test_a_scan_of_addresses_is_bounded() -> None:
    def scan() -> Iterator[str]:
        for i in range(1000):
            yield f"198.51.{i // 250}.{i % 250},shop/app=web,443,tcp,forwarded"

    log = Log()
    log.add(scan(), "flows")
    assert len(log.flows) == MOST_ADDRESSES + 1
    assert sum(flow.count for flow in log.flows.values()) == 1000


@given(st.lists(st.text() | st.tuples(PARTS, PARTS).map(lambda t: f"{t[0]},{t[1]},80,tcp,allow")))
def test_whatever_comes_in_what_comes_out_is_an_intent_file(given_lines: list[str]) -> None:
    log = Log()
    log.add(given_lines, "flows")
    intents(learn(log, resolve([]).value, policies=NOTHING, raw=NOTHING, inventory=Inventory()))


@given(
    st.text()
    | st.sampled_from([[1], {"a": 1}, None, 7, "x"]).map(
        lambda odd: json.dumps({"verdict": odd, "l4": {"TCP": {"destination_port": 80}}})
    )
)
def test_a_line_is_a_flow_or_a_reason(text: str) -> None:
    try:
        found = read_line(text)
    except BadLineError as error:
        assert str(error)  # noqa: PT017 - not every line is a bad one
    else:
        assert found is None or isinstance(found, Flow | Skipped)
