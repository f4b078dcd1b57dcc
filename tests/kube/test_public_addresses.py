"""Which addresses are the internet."""

import pytest

from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.public_addresses import internet, is_internet


def of(*blocks: str) -> Addresses:
    """The addresses of some blocks."""
    return Addresses.of(tuple(Block(Cidr.parse(block)) for block in blocks))


def test_the_public_addresses_are_the_internet() -> None:
    assert is_internet(internet())


@pytest.mark.parametrize("block", ["0.0.0.0/0", "8.0.0.0/8", "::/0", "2600::/16"])
def test_so_are_blocks_with_very_many_of_them(block: str) -> None:
    assert is_internet(of(block))


@pytest.mark.parametrize(
    "block", ["10.0.0.0/8", "8.8.8.0/24", "9.0.0.0/9", "fc00::/7", "2600::/17"]
)
def test_private_and_smaller_blocks_are_not(block: str) -> None:
    assert not is_internet(of(block))
