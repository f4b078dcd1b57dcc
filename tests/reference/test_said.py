"""The interpreter of the language, held against what its page says beside the arrows.

That is "Settings", "Declarations" and "Both ends of a connection", and what was decided
where the page is silent.
"""

from ipaddress import ip_address
from typing import Any

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
    Program,
    Requirement,
    Section,
)
from tests.reference.shop import (
    API,
    BACKEND,
    DB,
    FRONTEND,
    KUBE_DNS,
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
from tests.reference.world import METADATA_NAME

CLOSED = {"ingress": True, "egress": True}
ROLE_PAY = (Requirement("role", "=", ("pay",)),)
OWN_DNS = (PeerPorts(of("worker"), (Numbers("UDP", 5353, 5353),)),)


def cluster(*arrows: Arrow, **said: Any) -> Section:
    return Section(name="", arrows=arrows, **said)


# What is said beside the lines of arrows: a program, and what it permits.
SAID: dict[str, tuple[Program, tuple[Row, ...]]] = {
    "default: deny closes ingress alone": (
        program(deny={"ingress": True}),
        (
            (NGINX, DB, "TCP", 1, False),
            (DB, NGINX, "TCP", 1, True),
            (NGINX, PAY_API, "TCP", 1, True),
        ),
    ),
    "default: deny egress closes egress alone, and leaves dns": (
        program(deny={"egress": True}),
        (
            (DB, NGINX, "TCP", 1, False),
            (DB, KUBE_DNS, "UDP", 53, True),
            (DB, KUBE_DNS, "TCP", 53, True),
            (DB, KUBE_DNS, "TCP", 80, False),
            (NGINX, DB, "TCP", 1, True),
        ),
    ),
    "the cluster's default is every section's; a section's own goes before it by direction": (
        program(cluster=cluster(deny=CLOSED), deny={"ingress": False}),
        (
            (NGINX, DB, "TCP", 1, True),
            (DB, NGINX, "TCP", 1, False),
            (NGINX, PAY_API, "TCP", 1, False),
            (NGINX, PROMETHEUS, "TCP", 1, True),
        ),
    ),
    "default: deny egress keeps the cluster's closed ingress": (
        program(cluster=cluster(deny={"ingress": True}), deny={"egress": True}),
        ((NGINX, DB, "TCP", 1, False), (DB, NGINX, "TCP", 1, False)),
    ),
    "default: allow does not open what an arrow closes": (
        program(arrow("db"), deny={"ingress": False, "egress": False}),
        ((API, DB, "TCP", 1, False), (API, WEB, "TCP", 1, True)),
    ),
    "label: the key of bare names, of subjects and peers alike": (
        program(arrow("db", PeerPorts(of("frontend"))), label="role"),
        ((FRONTEND, DB, "TCP", 1, True), (API, DB, "TCP", 1, False)),
    ),
    "dns of its own lives in the namespace": (
        program(deny={"egress": True}, dns=OWN_DNS),
        (
            (DB, WORKER, "UDP", 5353, True),
            (DB, KUBE_DNS, "UDP", 53, False),
            (DB, API, "UDP", 5353, False),
        ),
    ),
    "dns: none is about what is automatic; the peer is the next value outwards": (
        program(arrow("api", PeerPorts("dns"), egress=True), dns=(), deny={"egress": True}),
        ((API, KUBE_DNS, "UDP", 53, True), (WEB, KUBE_DNS, "UDP", 53, False)),
    ),
    "dns: none in the cluster, none said here": (
        program(
            arrow("api", PeerPorts("dns"), egress=True),
            arrow("web", egress=True),
            cluster=cluster(dns=()),
        ),
        ((API, KUBE_DNS, "UDP", 53, True), (WEB, KUBE_DNS, "UDP", 53, False)),
    ),
    "dns: none here, the cluster's value as the peer": (
        program(arrow("api", PeerPorts("dns"), egress=True), cluster=cluster(dns=OWN_DNS), dns=()),
        ((API, WORKER, "UDP", 5353, True), (API, KUBE_DNS, "UDP", 53, False)),
    ),
    "mirror: no in the cluster, yes here": (
        program(
            arrow("db", PeerPorts(of("api"))),
            cluster=cluster(mirror=False),
            mirror=True,
            deny=CLOSED,
        ),
        ((API, DB, "TCP", 1, True),),
    ),
    "internet leaves out the cluster's own addresses; any and blocks do not": (
        program(
            arrow("api", PeerPorts("internet"), egress=True),
            arrow("web", PeerPorts("any"), egress=True),
            arrow("db", PeerPorts(Block("0.0.0.0/0")), egress=True),
            cluster=cluster(
                addresses={"pods": ("8.8.0.0/16",), "nodes": ("9.9.9.0/24", "2600::/64")}
            ),
        ),
        (
            (API, PUBLIC, "TCP", 1, False),
            (WEB, PUBLIC, "TCP", 1, True),
            (DB, PUBLIC, "TCP", 1, True),
            (API, ip_address("8.9.0.0"), "TCP", 1, True),
            (API, ip_address("9.9.9.255"), "TCP", 1, False),
            (API, ip_address("2600::1"), "TCP", 1, False),
            (API, ip_address("2600:0:0:1::"), "TCP", 1, True),
        ),
    ),
    "a service of the cluster, and a namespace's own before it": (
        program(
            arrow("db", PeerPorts(of("x")), PeerPorts(ns("payments", Name("x")))),
            cluster=cluster(services={"x": (Requirement("role", "=", ("frontend",)),)}),
            pay=Section(name="payments", services={"x": ROLE_PAY}),
        ),
        (
            (FRONTEND, DB, "TCP", 1, True),
            (PAY_DECLARED, DB, "TCP", 1, True),
            (PAY_API, DB, "TCP", 1, False),
        ),
    ),
    "NAME in ns PAYMENTS by the label of payments, in ns {…} and ns * by our own": (
        program(
            arrow("db", PeerPorts(ns("payments", Name("pay")))),
            arrow("web", PeerPorts(ns(STAR, Name("pay")))),
            pay=Section(name="payments", label="role"),
        ),
        ((PAY_DECLARED, DB, "TCP", 1, True), (PAY_DECLARED, WEB, "TCP", 1, False)),
    ),
    "NAME in ns of a namespace without a section": (
        program(
            arrow("db", PeerPorts(ns("kube-system", Name("kube-dns")))),
            cluster=cluster(label="k8s-app"),
            label="app",
        ),
        ((KUBE_DNS, DB, "TCP", 1, True),),
    ),
    "a group of groups, with the ports of its members": (
        program(
            arrow("db", PeerPorts(of("callers"))),
            cluster=cluster(
                groups={"office": (PeerPorts(of("api")), PeerPorts(Block("10.0.0.0/8")))}
            ),
            groups={
                "callers": (PeerPorts(of("office"), (tcp(5432),)), PeerPorts(ns("monitoring")))
            },
        ),
        (
            (API, DB, "TCP", 5432, True),
            (API, DB, "TCP", 80, False),
            (PRIVATE, DB, "TCP", 5432, True),
            (PROMETHEUS, DB, "TCP", 80, True),
            (WEB, DB, "TCP", 5432, False),
        ),
    ),
    "a namespace's own group goes before the cluster's, in the cluster's arrows too": (
        program(
            cluster=cluster(
                arrow("db", PeerPorts(of("office"))), groups={"office": (PeerPorts(of("api")),)}
            ),
            groups={"office": (PeerPorts(of("web")),)},
        ),
        ((WEB, DB, "TCP", 1, True), (API, DB, "TCP", 1, False)),
    ),
    "arrows of the cluster are about each section's own pods": (
        program(
            cluster=cluster(arrow(STAR, PeerPorts(of("api")))),
            pay=Section(name="payments"),
        ),
        (
            (API, DB, "TCP", 1, True),
            (PAY_API, DB, "TCP", 1, False),
            (PAY_API, PAY_DECLARED, "TCP", 1, True),
            (NGINX, PROMETHEUS, "TCP", 1, True),
        ),
    ),
    "mirrored are exactly the pods that are closed, and none is closed by it": (
        program(
            arrow("db", PeerPorts(of("api"), (tcp(5432),)), PeerPorts(of("web"), (tcp(5432),))),
            arrow("api", egress=True),
        ),
        (
            (API, DB, "TCP", 5432, True),
            (API, DB, "TCP", 5433, False),
            (API, WEB, "TCP", 1, False),
            (WEB, DB, "TCP", 5432, True),
            (WEB, API, "TCP", 1, True),
        ),
    ),
    "an egress arrow opens no ingress": (
        program(arrow("api", PeerPorts(of("db")), egress=True), deny={"ingress": True}),
        ((API, DB, "TCP", 1, False),),
    ),
    "across namespaces each side speaks for itself": (
        program(
            arrow("db", PeerPorts(ns("payments"))),
            pay=Section(name="payments", deny={"egress": True}),
        ),
        ((PAY_API, DB, "TCP", 1, False), (NGINX, DB, "TCP", 1, False)),
    ),
    "what is not stated mirrors nothing, not even as absent; the name always is": (
        program(
            arrow("db", PeerPorts(ns(PRODUCTION)), PeerPorts(ns((Requirement("x", "absent"),)))),
            arrow("web", PeerPorts(ns((Requirement(METADATA_NAME, "in", ("shop", "dev")),)))),
            deny={"egress": True},
        ),
        ((API, DB, "TCP", 1, False), (API, WEB, "TCP", 1, True)),
    ),
    "every requirement must be known to hold": (
        program(
            arrow("db", PeerPorts(ns((*PRODUCTION, Requirement("team", "!=", ("x",)))))),
            deny={"egress": True},
            facts={"env": "production"},
        ),
        ((API, DB, "TCP", 1, False),),
    ),
    "!= and notin have what lacks the key": (
        program(
            arrow("db", PeerPorts(PodPeer((Requirement("role", "!=", ("a",)),)))),
            arrow("web", PeerPorts(PodPeer((Requirement("role", "notin", ("a", "b")),)))),
        ),
        (
            (API, DB, "TCP", 1, True),
            (FRONTEND, DB, "TCP", 1, True),
            (BACKEND, DB, "TCP", 1, False),
            (API, WEB, "TCP", 1, True),
            (FRONTEND, WEB, "TCP", 1, True),
            (BACKEND, WEB, "TCP", 1, False),
        ),
    ),
    "what is stated mirrors": (
        program(
            arrow("db", PeerPorts(ns(PRODUCTION))),
            deny={"egress": True},
            facts={"env": "production"},
        ),
        ((API, DB, "TCP", 1, True),),
    ),
    "any mirrors, a block does not": (
        program(
            arrow("db", PeerPorts("any")),
            arrow("web", PeerPorts(Block("0.0.0.0/0"))),
            deny={"egress": True},
        ),
        ((API, DB, "TCP", 1, True), (API, WEB, "TCP", 1, False)),
    ),
    "a named port is the receiver's: of pods among any, never of an address": (
        program(
            arrow("worker", PeerPorts("any", (PortName("TCP", "http"),)), egress=True),
            arrow("web", PeerPorts(Block("10.0.0.0/8"), (PortName("TCP", "http"),))),
        ),
        (
            (WORKER, API, "TCP", 80, True),
            (WORKER, API, "TCP", 8080, False),
            (WORKER, PUBLIC, "TCP", 80, False),
            (PRIVATE, WEB, "TCP", 8080, True),
            (PRIVATE, WEB, "TCP", 80, False),
        ),
    ),
    "an overlapping subject is opened by the arrows of each": (
        program(
            arrow("db", PeerPorts(of("api"))),
            Arrow(
                subject=(Requirement("role", "exists"),),
                egress=False,
                peers=(PeerPorts(of("web")),),
            ),
        ),
        (
            (API, DB, "TCP", 1, True),
            (WEB, DB, "TCP", 1, True),
            (API, FRONTEND, "TCP", 1, False),
            (WORKER, DB, "TCP", 1, False),
        ),
    ),
}


@pytest.mark.parametrize(("said", "rows"), SAID.values(), ids=SAID)
def test_said(said: Program, rows: tuple[Row, ...]) -> None:
    holds(lambda *probe: language.permits(said, WORLD, *probe), *rows)
