"""Blocks as the API server takes them, and what it will refuse one day."""

import re

import pytest

from netpolc.manifest.lenient_cidr import parsed


@pytest.mark.parametrize(
    ("text", "block", "refused"),
    [
        ("10.0.0.0/8", "10.0.0.0/8", ""),
        ("10.0.0.1/8", "10.0.0.0/8", "has host bits set"),
        ("10.0.0.0/08", "10.0.0.0/8", "has a leading zero in its mask"),
        ("2001:DB8::/32", "2001:db8::/32", ""),
        ("2001:db8::1/32", "2001:db8::/32", "has host bits set"),
    ],
)
def test_what_is_read_and_what_will_be_refused(text: str, block: str, refused: str) -> None:
    cidr, why = parsed(text)
    assert (str(cidr), why) == (block, refused)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("10.0.0.0", "has no mask"),
        ("2001:db8::", "has no mask"),
        ("10.0.0", "is not an address block"),
        ("abc", "is not an address block"),
        ("10.0.0.0/33", "is not an address block"),
        ("10.0.0.0/8 ", "is not an address block"),
        ("010.0.0.0/8", "has a leading zero, decimal to some software and octal to other"),
        ("::ffff:10.0.0.0/104", "is an IPv4-mapped IPv6 address, which systems treat differently"),
    ],
)
def test_what_is_not_a_block(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)) as raised:
        parsed(text)
    assert str(raised.value) == why
