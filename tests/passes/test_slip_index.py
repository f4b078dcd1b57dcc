"""Names that are a slip of another are found, and others are not, without comparing all pairs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.passes.resolve.slip_index import SlipIndex, slips


@pytest.mark.parametrize(
    ("name", "known", "meant"),
    [
        ("paymnts", ("payments", "orders"), "payments"),
        ("paymentss", ("payments",), "payments"),
        ("paymemts", ("payments",), "payments"),
        ("payemnts", ("payments",), "payments"),
        ("paymnt", ("payments",), None),  # two letters
        ("wbe", ("web", "api"), "web"),
        ("wbe", ("web", "bwe"), None),  # either could be meant
        ("wob", ("web",), "web"),
        ("ap", ("api",), "api"),
        ("apo", ("api",), "api"),
        ("bd", ("db",), "db"),
        ("kb", ("db",), None),  # names of two letters differ by one
        ("a", ("ap",), None),
        ("ledger-probe", ("ledger-proxy",), None),  # two letters of one word
        ("ledgers-probe-eu", ("ledgers-proxy-eu",), None),
        ("paymnts-gatway", ("payments-gateway",), "payments-gateway"),
        ("ordr-pip", ("order-pipe",), None),  # too short for two
        ("api-gateway-1", ("api-gateway-2",), None),  # a replica
        ("payments-gatewya", ("payments-gateway", "payment-gateway"), "payments-gateway"),
        ("catalogue", ("dialogue",), None),
        ("payments", ("payments",), None),
    ],
)
def test_what_is_a_slip(name: str, known: tuple[str, ...], meant: str | None) -> None:
    assert SlipIndex(known).meant(name) == meant


names = st.lists(st.text("ab1", min_size=1, max_size=8), min_size=1, max_size=3).map("-".join)


@given(names, st.lists(names, max_size=12), st.integers(0, 30), st.sampled_from("abx"))
def test_the_index_finds_what_comparing_every_name_does(
    base: str, known: list[str], place: int, letter: str
) -> None:
    place %= len(base)
    name = base[:place] + letter + base[place + 1 :]
    found = {other: slips(name, other) for other in {base, *known}}
    fewest = min(filter(None, found.values()), default=None)
    best = [other for other, many in found.items() if many and many == fewest]
    assert SlipIndex({base, *known}).meant(name) == (best[0] if len(best) == 1 else None)
