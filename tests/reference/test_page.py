"""The interpreter of the language, held against every line of its page.

For each line of "Arrows": the arrow it is in our model, that the model prints as that very
line, and what it permits. What stands beside the arrows is in `test_said`.
"""

from ipaddress import ip_address

import pytest

from tests.reference import language
from tests.reference.language import (
    STAR,
    Arrow,
    Block,
    Name,
    Numbers,
    PeerPorts,
    PodPeer,
    PortName,
    Requirement,
)
from tests.reference.printing import to_text
from tests.reference.shop import (
    API,
    BACKEND,
    CANARY,
    DB,
    DEV_API,
    KUBE_DNS,
    LINK_LOCAL,
    MIGRATOR,
    NGINX,
    PAY_API,
    PAY_DECLARED,
    PRIVATE,
    PRODUCTION,
    PROMETHEUS,
    PUBLIC,
    WEB,
    WORKER,
    WORLD,
    Row,
    arrow,
    holds,
    ns,
    of,
    program,
    tcp,
)

PICKY = (
    Requirement("tier", "=", ("backend",)),
    Requirement("role", "in", ("a", "b")),
    Requirement("canary", "absent"),
)
ALL_PORTS = (
    *(tcp(80), tcp(8080, 8090), Numbers("UDP", 53, 53)),
    *(PortName("TCP", "metrics"), Numbers("SCTP", 1, 65535)),
)

# Every line of "Arrows", the arrow it is, and what it permits.
LINES: dict[str, tuple[Arrow, tuple[Row, ...]]] = {
    "db <- api:5432": (
        arrow("db", PeerPorts(of("api"), (tcp(5432),))),
        (
            (API, DB, "TCP", 5432, True),
            (API, DB, "UDP", 5432, False),
            (API, DB, "TCP", 5431, False),
            (WEB, DB, "TCP", 5432, False),
            (PAY_API, DB, "TCP", 5432, False),
            (PUBLIC, DB, "TCP", 5432, False),
            (API, WEB, "TCP", 1, True),
            (DB, API, "TCP", 1, True),
        ),
    ),
    "db <- api:5432, ns monitoring:9187": (
        arrow("db", PeerPorts(of("api"), (tcp(5432),)), PeerPorts(ns("monitoring"), (tcp(9187),))),
        (
            (PROMETHEUS, DB, "TCP", 9187, True),
            (PROMETHEUS, DB, "TCP", 5432, False),
            (API, DB, "TCP", 9187, False),
        ),
    ),
    "db <- ns monitoring": (
        arrow("db", PeerPorts(ns("monitoring"))),
        ((PROMETHEUS, DB, "SCTP", 7, True), (API, DB, "TCP", 7, False)),
    ),
    "db <- ns {env=production}": (
        arrow("db", PeerPorts(ns(PRODUCTION))),
        ((API, DB, "UDP", 7, True), (DEV_API, DB, "TCP", 7, False), (NGINX, DB, "TCP", 7, False)),
    ),
    "db <- ns *": (
        arrow("db", PeerPorts(ns(STAR))),
        ((NGINX, DB, "TCP", 7, True), (API, DB, "TCP", 7, True), (PUBLIC, DB, "TCP", 7, False)),
    ),
    "db <- api in ns {env=production}:5432": (
        arrow("db", PeerPorts(ns(PRODUCTION, Name("api")), (tcp(5432),))),
        (
            (API, DB, "TCP", 5432, True),
            (WEB, DB, "TCP", 5432, False),
            (DEV_API, DB, "TCP", 5432, False),
        ),
    ),
    "db <- api in ns payments": (
        arrow("db", PeerPorts(ns("payments", Name("api")))),
        ((PAY_DECLARED, DB, "TCP", 1, True), (PAY_API, DB, "TCP", 1, False)),
    ),
    "db <- {tier=backend, role in (a, b), !canary}": (
        arrow("db", PeerPorts(PodPeer(PICKY))),
        ((BACKEND, DB, "TCP", 1, True), (CANARY, DB, "TCP", 1, False), (API, DB, "TCP", 1, False)),
    ),
    "db <- *": (
        arrow("db", PeerPorts(PodPeer(STAR))),
        ((API, DB, "TCP", 1, True), (PAY_API, DB, "TCP", 1, False), (PUBLIC, DB, "TCP", 1, False)),
    ),
    "* <- ns ingress-nginx:8080": (
        arrow(STAR, PeerPorts(ns("ingress-nginx"), (tcp(8080),))),
        (
            (NGINX, CANARY, "TCP", 8080, True),
            (NGINX, CANARY, "TCP", 8081, False),
            (API, DB, "TCP", 8080, False),
            (API, PAY_API, "TCP", 8080, True),
        ),
    ),
    "db <- 192.168.1.0/24:5432": (
        arrow("db", PeerPorts(Block("192.168.1.0/24"), (tcp(5432),))),
        (
            (ip_address("192.168.1.255"), DB, "TCP", 5432, True),
            (ip_address("192.168.2.0"), DB, "TCP", 5432, False),
            (API, DB, "TCP", 5432, False),
        ),
    ),
    "db <- 10.0.0.0/8 except [10.1.0.0/16, 10.2.0.0/16]:443": (
        arrow("db", PeerPorts(Block("10.0.0.0/8", ("10.1.0.0/16", "10.2.0.0/16")), (tcp(443),))),
        (
            (ip_address("10.0.255.255"), DB, "TCP", 443, True),
            (ip_address("10.1.0.0"), DB, "TCP", 443, False),
            (ip_address("10.2.255.255"), DB, "TCP", 443, False),
            (ip_address("10.3.0.0"), DB, "TCP", 443, True),
        ),
    ),
    "api -> 2001:db8::/32:443": (
        arrow("api", PeerPorts(Block("2001:db8::/32"), (tcp(443),)), egress=True),
        (
            (API, ip_address("2001:db8::1"), "TCP", 443, True),
            (API, ip_address("2001:db9::"), "TCP", 443, False),
            (API, DB, "TCP", 443, False),
            (API, KUBE_DNS, "TCP", 53, True),
            (WEB, DB, "TCP", 443, True),
        ),
    ),
    "web <- any:443": (
        arrow("web", PeerPorts("any", (tcp(443),))),
        (
            (PUBLIC, WEB, "TCP", 443, True),
            (NGINX, WEB, "TCP", 443, True),
            (API, WEB, "TCP", 80, False),
        ),
    ),
    "api -> internet:443": (
        arrow("api", PeerPorts("internet", (tcp(443),)), egress=True),
        (
            (API, PUBLIC, "TCP", 443, True),
            (API, PRIVATE, "TCP", 443, False),
            (API, LINK_LOCAL, "TCP", 443, False),
            (API, ip_address("100.64.0.0"), "TCP", 443, False),
            (API, ip_address("2600::1"), "TCP", 443, True),
            (API, ip_address("fd00::1"), "TCP", 443, False),
            (API, DB, "TCP", 443, False),
        ),
    ),
    "db <- none": (arrow("db"), ((API, DB, "TCP", 1, False), (DB, DB, "TCP", 1, True))),
    "worker -> api:[80, 8080-8090, 53/udp, metrics, */sctp]": (
        arrow("worker", PeerPorts(of("api"), ALL_PORTS), egress=True),
        (
            (WORKER, API, "TCP", 80, True),
            (WORKER, API, "TCP", 8079, False),
            (WORKER, API, "TCP", 8080, True),
            (WORKER, API, "TCP", 8090, True),
            (WORKER, API, "TCP", 8091, False),
            (WORKER, API, "UDP", 53, True),
            (WORKER, API, "TCP", 53, False),
            (WORKER, API, "TCP", 9090, True),
            (WORKER, API, "UDP", 9090, False),
            (WORKER, API, "SCTP", 65535, True),
        ),
    ),
    'db <- migrator:5432 until 2027-03-31 because "OPS-1432: one-off migration"': (
        arrow(
            "db",
            PeerPorts(of("migrator"), (tcp(5432),)),
            until="2027-03-31",
            because="OPS-1432: one-off migration",
        ),
        ((MIGRATOR, DB, "TCP", 5432, True), (API, DB, "TCP", 5432, False)),
    ),
}


@pytest.mark.parametrize(("line", "case"), LINES.items(), ids=LINES)
def test_line(line: str, case: tuple[Arrow, tuple[Row, ...]]) -> None:
    written, rows = case
    said = program(written)
    holds(lambda *probe: language.permits(said, WORLD, *probe), *rows)
    # One of the spellings of the arrow is the line of the page.
    assert any(line in text for seed in range(99) for text in to_text(said, seed).values())
