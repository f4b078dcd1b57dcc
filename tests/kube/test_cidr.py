"""Blocks in their one proper form are read as the standard library reads them."""

from ipaddress import ip_network

from hypothesis import given
from hypothesis import strategies as st

from netpolc.kube.cidr import Cidr


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
