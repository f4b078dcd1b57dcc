"""An example world, a shop and its neighbours, and short ways to say its program."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from tests.reference.language import (
    STAR,
    Arrow,
    Name,
    Numbers,
    PeerPorts,
    PodPeer,
    Program,
    Requirement,
    Section,
    Selector,
)
from tests.reference.world import METADATA_NAME, ContainerPort, Endpoint, Pod, World


def pod(path: str, labels: str = "", *ports: ContainerPort) -> Pod:
    """A pod by `namespace/name`; it has the label app=name unless labels are given."""
    namespace, name = path.split("/")
    written = labels or f"app={name}"
    pairs = dict(pair.split("=") for pair in written.split(","))
    return Pod(namespace=namespace, name=name, labels=pairs, ports=ports)


DB = pod("shop/db", "app=db,role=db")
API = pod("shop/api", "", ContainerPort("metrics", "TCP", 9090), ContainerPort("http", "TCP", 80))
WEB = pod("shop/web", "", ContainerPort("http", "TCP", 8080))
WORKER = pod("shop/worker")
MIGRATOR = pod("shop/migrator")
BACKEND = pod("shop/backend", "tier=backend,role=a")
CANARY = pod("shop/canary", "tier=backend,role=a,canary=1")
FRONTEND = pod("shop/frontend", "role=frontend")
PAY_API = pod("payments/api")
PAY_DECLARED = pod("payments/declared", "role=pay")
PROMETHEUS = pod("monitoring/prometheus")
NGINX = pod("ingress-nginx/nginx")
DEV_API = pod("dev/api")
KUBE_DNS = pod("kube-system/dns", "k8s-app=kube-dns")
LABELS = {"shop": {"env": "production", "project": "myproject"}, "dev": {"env": "dev"}}
EVERY_POD = (
    *(DB, API, WEB, WORKER, MIGRATOR, BACKEND, CANARY, FRONTEND, PAY_API, PAY_DECLARED),
    *(PROMETHEUS, NGINX, DEV_API, KUBE_DNS),
)
WORLD = World(
    {p.namespace: {**LABELS.get(p.namespace, {}), METADATA_NAME: p.namespace} for p in EVERY_POD},
    EVERY_POD,
)
PUBLIC, PRIVATE, LINK_LOCAL = map(ip_address, ("8.8.8.8", "10.0.0.1", "169.254.169.254"))
Row = tuple[Endpoint, Endpoint, str, int, bool]


def holds(permits: Callable[[Endpoint, Endpoint, str, int], bool], *rows: Row) -> None:
    """Every row is answered as it says."""
    for source, destination, protocol, port, expected in rows:
        assert permits(source, destination, protocol, port) is expected, (
            source,
            destination,
            protocol,
            port,
        )


PRODUCTION = (Requirement("env", "=", ("production",)),)


def tcp(first: int, last: int = 0) -> Numbers:
    return Numbers("TCP", first, last or first)


def ns(test: Name | Selector | str, pods: Name | Selector | None = None) -> PodPeer:
    """`ns TEST`, or with pods `pods in ns TEST`."""
    return PodPeer(pods, STAR if test == STAR else Name(test) if isinstance(test, str) else test)


def arrow(subject: str, *peers: PeerPorts, egress: bool = False, **notes: str) -> Arrow:
    name: Any = STAR if subject == STAR else Name(subject)
    return Arrow(subject=name, egress=egress, peers=peers, **notes)


def of(name: str) -> PodPeer:
    return PodPeer(Name(name))


def program(
    *arrows: Arrow, cluster: Section | None = None, pay: Section | None = None, **said: Any
) -> Program:
    shop = Section(name="shop", arrows=arrows, **said)
    payments = pay or Section(
        name="payments", services={"api": (Requirement("role", "=", ("pay",)),)}
    )
    return Program(cluster or Section(name=""), {"shop": shop, "payments": payments})
