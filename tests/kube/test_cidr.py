"""Blocks in their one proper form are read as the standard library reads them."""

from ipaddress import IPv4Network, collapse_addresses, ip_network

from hypothesis import given
from hypothesis import strategies as st

from netpolc.kube.cidr import Addresses, Block, Cidr, Nesting, joined


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


def _inside(wide: Cidr) -> st.SearchStrategy[Cidr]:
    def part(drawn: tuple[int, int]) -> Cidr:
        longer, bits = drawn
        prefix = wide.prefix + longer
        return Cidr(4, wide.first | (bits & (1 << longer) - 1) << (32 - prefix), prefix)

    return st.tuples(st.integers(1, 4), st.integers(0, 15)).map(part)


_cidrs = _inside(Cidr(4, 10 << 24, 24))
_blocks = _cidrs.flatmap(
    lambda cidr: st.builds(Block, st.just(cidr), st.lists(_inside(cidr), max_size=3).map(tuple))
)


@given(st.lists(_blocks, max_size=6))
def test_no_block_of_a_union_has_fewer_addresses_than_another_one(blocks: list[Block]) -> None:
    union = Addresses.of(blocks)
    numbers = {number for block in blocks for number in _numbers(block)}
    assert {number for block in union.blocks for number in _numbers(block)} == numbers
    assert {number for low, high in union.v4.ranges for number in range(low, high + 1)} == numbers
    for block in union.blocks:
        assert _numbers(block)
        assert not any(_numbers(block) < _numbers(other) for other in union.blocks)


@given(st.lists(_blocks, max_size=4), st.lists(_blocks, max_size=4))
def test_a_difference_is_written_in_the_same_blocks(wide: list[Block], less: list[Block]) -> None:
    left = Addresses.of(wide) - Addresses.of(less)
    removed = {number for block in less for number in _numbers(block)}
    expected = {number for block in wide for number in _numbers(block)} - removed
    assert {number for low, high in left.v4.ranges for number in range(low, high + 1)} == expected
    assert {number for block in left.blocks for number in _numbers(block)} == expected
    assert {block.cidr for block in left.blocks} <= {
        block.cidr for block in Addresses.of(wide).blocks
    }


def _numbers(block: Block) -> set[int]:
    holes = {n for hole in block.excepts for n in range(hole.first, hole.last + 1)}
    return set(range(block.cidr.first, block.cidr.last + 1)) - holes


@given(st.lists(_cidrs, max_size=8), _cidrs)
def test_nesting_finds_the_blocks_around_and_inside(cidrs: list[Cidr], other: Cidr) -> None:
    nesting = Nesting(dict.fromkeys(cidrs))
    known = set(cidrs)
    inside = {each for each in known if each in other}
    around = {each for each in known if other in each}
    assert list(nesting.inside(other)) == sorted(inside)
    assert sorted(nesting.meeting(other)) == sorted(inside | around)
    for cidr in known:
        wider = [each for each in known if cidr in each and each != cidr]
        expected = max(wider, key=lambda each: each.prefix, default=None)
        assert nesting.around(cidr) == expected


@given(st.lists(_cidrs, max_size=12))
def test_joined_blocks_are_the_fewest_with_the_same_addresses(cidrs: list[Cidr]) -> None:
    expected = collapse_addresses(IPv4Network(str(cidr)) for cidr in cidrs)
    assert [str(cidr) for cidr in joined(cidrs)] == [str(each) for each in expected]
