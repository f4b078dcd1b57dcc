"""What deserves a review, and what does not."""

import pytest

from netpolc.changes.model import Risk
from tests.changes.changes import changed


@pytest.mark.parametrize(
    ("arrow", "risks"),
    [
        ("db <- api:80", set()),
        ("db <- ns pay:80", set()),
        ("db <- ns {env=prod}:80", set()),
        ("db <- 10.0.0.0/8:80", set()),
        ("db <- api", {Risk.EVERY_PORT}),
        ("db <- api:*/udp", {Risk.EVERY_PORT}),
        ("db <- api:web", set()),
        ("db <- api:1-65534", set()),
        ("db <- 203.0.0.0/8:80", {Risk.FROM_INTERNET}),
        ("db <- internet:80", {Risk.FROM_INTERNET}),
        ("db <- ns *:80", {Risk.FROM_EVERY_NAMESPACE}),
        ("db <- {app=x} in ns *:80", {Risk.FROM_EVERY_NAMESPACE}),
        ("db <- any:80", {Risk.FROM_INTERNET, Risk.FROM_EVERY_NAMESPACE}),
        ("api -> db:80", set()),
        ("api -> ns *:80", set()),
        ("api -> internet:80", {Risk.TO_INTERNET}),
        ("api -> 169.254.0.0/16:80", {Risk.TO_METADATA}),
        ("api -> fd00:ec2::/64:80", {Risk.TO_METADATA}),
        ("api -> fd20:ce::254/128:80", {Risk.TO_METADATA}),
        ("api -> 64:ff9b::a9fe:a9fe/128:80", {Risk.TO_METADATA}),
        ("api -> 64:ff9b:1:2::/96:80", {Risk.TO_METADATA}),
        ("api -> 64:ff9b::a9fe:0/113:80", set()),
        ("api -> ::ffff:0:a9fe:a9fe/128:80", {Risk.TO_METADATA}),
        ("api -> 64:ff9b::a9fe:a9ff/128:80", set()),
        ("api -> fd00:1::/64:80", set()),
        ("api -> 2000::/3:80", {Risk.TO_INTERNET}),
        ("api -> 0.0.0.0/0 except 169.254.169.254/32:80", {Risk.TO_INTERNET}),
        ("api -> any:80", {Risk.TO_INTERNET, Risk.TO_METADATA, Risk.TO_EVERYTHING}),
    ],
)
def test_the_risks_of_an_arrow(arrow: str, risks: set[Risk]) -> None:
    subject = arrow.partition(" ")[0]
    closed = f"dns: none\n{subject} {arrow.split()[1]} none"
    assert set(changed(closed, f"{closed}\n{arrow}").risks) == risks


def test_what_is_closed_is_no_risk() -> None:
    assert not changed("db <- any", "db <- none").risks


def test_every_risk_has_words() -> None:
    assert len({risk.words for risk in Risk}) == len(Risk)
