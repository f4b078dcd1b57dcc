"""The interpreter of the language, held against the sentences of its reference."""

from ipaddress import ip_address

import pytest

from tests.reference.language import (
    STAR,
    Arrow,
    Block,
    Name,
    Numbers,
    PeerPorts,
    PodPeer,
    Program,
    Requirement,
    Section,
    permits,
)
from tests.reference.world import METADATA_NAME, Endpoint, Pod, World

DB = Pod(namespace="shop", name="db", labels={"app": "db"})
API = Pod(namespace="shop", name="api", labels={"app": "api"})
PROMETHEUS = Pod(namespace="monitoring", name="prom", labels={"app": "prometheus"})
DNS = Pod(namespace="kube-system", name="dns", labels={"k8s-app": "kube-dns"})
PUBLIC, METADATA = ip_address("8.8.8.8"), ip_address("169.254.169.254")
WORLD = World(
    {
        "shop": {METADATA_NAME: "shop", "env": "prod"},
        "monitoring": {METADATA_NAME: "monitoring"},
        "kube-system": {METADATA_NAME: "kube-system"},
    },
    (DB, API, PROMETHEUS, DNS),
)
PG = (Numbers("TCP", 5432, 5432),)
CLOSED = {"ingress": True, "egress": True}


def arrow(subject: str, *peers: PeerPorts, egress: bool = False) -> Arrow:
    """An arrow of a bare name."""
    return Arrow(subject=Name(subject), egress=egress, peers=peers)


def peer(name: str) -> PodPeer:
    """A bare name as a peer."""
    return PodPeer(Name(name))


def shop(*arrows: Arrow, **settings: object) -> Program:
    """A program of namespace shop alone."""
    section = Section(name="shop", arrows=arrows, **settings)  # type: ignore[arg-type]
    return Program(Section(name=""), {"shop": section})


API_5432 = arrow("db", PeerPorts(peer("api"), PG))

# program, source, destination, protocol, port, permitted
TABLE: tuple[tuple[Program, Endpoint, Endpoint, str, int, bool], ...] = (
    # an arrow closes its subject in its direction, and no other pod
    (shop(API_5432), API, DB, "TCP", 5432, True),
    (shop(API_5432), API, DB, "TCP", 5433, False),
    (shop(API_5432), PROMETHEUS, DB, "TCP", 5432, False),
    (shop(API_5432), DB, API, "TCP", 1, True),
    (shop(arrow("db")), API, DB, "TCP", 5432, False),
    # the default closes what no arrow names
    (shop(deny={"ingress": True}), API, DB, "TCP", 1, False),
    (shop(deny={"ingress": True}), API, PROMETHEUS, "TCP", 1, True),
    # inside a namespace an arrow opens both ends, unless mirror is no
    (shop(API_5432, deny=CLOSED), API, DB, "TCP", 5432, True),
    (shop(API_5432, deny=CLOSED, mirror=False), API, DB, "TCP", 5432, False),
    # closed pods reach dns unless it is none
    (shop(deny=CLOSED), API, DNS, "UDP", 53, True),
    (shop(deny=CLOSED), API, DNS, "UDP", 54, False),
    (shop(deny=CLOSED, dns=()), API, DNS, "UDP", 53, False),
    (shop(arrow("api", PeerPorts("dns"), egress=True), dns=()), API, DNS, "TCP", 53, True),
    (shop(arrow("api", egress=True)), API, DNS, "UDP", 53, True),
    (shop(arrow("api", egress=True)), API, DB, "UDP", 53, False),
    # blocks match addresses, never pods; any matches both; internet is public
    (shop(arrow("db", PeerPorts(Block("0.0.0.0/0")))), API, DB, "TCP", 1, False),
    (shop(arrow("db", PeerPorts(Block("0.0.0.0/0")))), PUBLIC, DB, "TCP", 1, True),
    (shop(arrow("db", PeerPorts("any"))), API, DB, "TCP", 1, True),
    (shop(arrow("db", PeerPorts("any"))), METADATA, DB, "TCP", 1, True),
    (shop(arrow("api", PeerPorts("internet"), egress=True)), API, PUBLIC, "TCP", 1, True),
    (shop(arrow("api", PeerPorts("internet"), egress=True)), API, METADATA, "TCP", 1, False),
    # namespaces by name and by label
    (shop(arrow("db", PeerPorts(PodPeer(None, Name("monitoring"))))), PROMETHEUS, DB, "TCP", 1, True),
    (shop(arrow("db", PeerPorts(PodPeer(None, STAR)))), PROMETHEUS, DB, "TCP", 1, True),
    (
        shop(arrow("db", PeerPorts(PodPeer(Name("api"), (Requirement("env", "=", ("prod",)),))))),
        API, DB, "TCP", 1, True,
    ),
    # a label that is not stated mirrors nothing
    (
        shop(arrow("db", PeerPorts(PodPeer(None, (Requirement("env", "=", ("prod",)),)))), deny=CLOSED),
        API, DB, "TCP", 1, False,
    ),
    (
        shop(
            arrow("db", PeerPorts(PodPeer(None, (Requirement("env", "=", ("prod",)),)))),
            deny=CLOSED, facts={"env": "prod"},
        ),
        API, DB, "TCP", 1, True,
    ),
    # a group is its members, a service its selector
    (
        shop(arrow("db", PeerPorts(peer("callers"), PG)), groups={"callers": (PeerPorts(peer("api")),)}),
        API, DB, "TCP", 5432, True,
    ),
    (
        shop(API_5432, services={"api": (Requirement("role", "=", ("api",)),)}),
        API, DB, "TCP", 5432, False,
    ),
    # a pod reaches itself
    (shop(deny=CLOSED), DB, DB, "TCP", 1, True),
)  # fmt: skip


@pytest.mark.parametrize(
    ("program", "source", "destination", "protocol", "port", "expected"), TABLE
)
def test_table(
    program: Program,
    source: Endpoint,
    destination: Endpoint,
    protocol: str,
    port: int,
    expected: bool,
) -> None:
    assert permits(program, WORLD, source, destination, protocol, port) is expected


def test_the_cluster_section_speaks_for_every_namespace() -> None:
    cluster = Section(name="", deny={"ingress": True}, arrows=(arrow("db", PeerPorts("any")),))
    program = Program(cluster, {"shop": Section(name="shop")})
    assert permits(program, WORLD, API, DB, "TCP", 1)
    assert not permits(program, WORLD, DB, API, "TCP", 1)


def test_a_namespace_overrides_the_cluster_for_each_direction() -> None:
    cluster = Section(name="", deny={"ingress": True})
    program = Program(cluster, {"shop": Section(name="shop", deny={"egress": True})})
    assert not permits(program, WORLD, PROMETHEUS, DB, "TCP", 1)
    allowed = Program(cluster, {"shop": Section(name="shop", deny={"ingress": False})})
    assert permits(allowed, WORLD, PROMETHEUS, DB, "TCP", 1)
