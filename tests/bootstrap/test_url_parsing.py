"""Addresses in texts: found with their ports, and nothing secret comes with them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.bootstrap.first_intents import first_intents
from netpolc.bootstrap.url_parsing import addresses
from netpolc.kube.inventory import Inventory, Workload
from netpolc.manifest.references import Mention, Mentions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("postgres.shop.svc:5432", [("postgres.shop.svc", 5432)]),
        ("--up=http://api:8080/v1", [("api", 8080)]),
        ("jdbc:postgresql://db.shop.svc.cluster.local/x", [("db.shop.svc.cluster.local", 5432)]),
        ("redis://u:secret@cache:6379/0", [("cache", 6379)]),
        ("kafka://a:9092,b:9092", [("a", 9092), ("b", 9092)]),
        ("http://a:1/x,http://b:2/y", [("a", 1), ("b", 2)]),
        ("postgres://user:12/34@db:5432/x", []),
        ("port: 99999 a:99999", []),
        ("db.shop.svc", [("db.shop.svc", None)]),
        ("it is at db.shop.svc.", [("db.shop.svc", None)]),
        ("db.shop.svc.cluster.local:1", [("db.shop.svc.cluster.local", 1)]),
        (
            "0@kafka-0.kafka:9093,1@kafka-1.kafka:9093",
            [("kafka-0.kafka", 9093), ("kafka-1.kafka", 9093)],
        ),
        ("db:80@elsewhere:1", []),
    ],
)
def test_addresses(text: str, found: list[tuple[str, int | None]]) -> None:
    assert [(one.host, one.port) for one in addresses(text)] == found


@pytest.mark.parametrize(
    ("text", "port", "guessed"),
    [
        ("http://api/v1", 80, False),
        ("HTTPS://api", 443, False),
        ("postgres://db/shop", 5432, True),
        ("jaeger://traces", None, True),
    ],
)
def test_a_port_is_guessed_unless_the_scheme_says_it(
    text: str, port: int | None, *, guessed: bool
) -> None:
    (one,) = addresses(text)
    assert (one.port, one.guessed) == (port, guessed)


@given(st.text())
def test_any_text_gives_files_that_parse(text: str) -> None:
    pods = Workload(namespace="shop", name="web", kind="Deployment", labels={"app": "web"})
    mention = Mention(
        namespace="shop", kind="Deployment", name="web", where="env X_URL", text=text,
        path=text, line=1,
    )  # fmt: skip
    made = first_intents(Inventory(workloads=(pods,)), Mentions(mentions=(mention,)))
    assert made.arrows == 0
