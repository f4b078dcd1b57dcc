"""Random programs, and random worlds in which something happens to them.

Vocabularies are tiny on purpose: a few keys, values, names, ports and blocks, so that
subjects overlap, peers meet subjects, and blocks meet addresses. Programs are always
right (no finding is an error), and use every form of the language but assertions.
"""

from collections.abc import Iterator
from ipaddress import ip_address
from itertools import product

from hypothesis import strategies as st

from tests.reference.language import (
    STAR,
    Arrow,
    Block,
    Name,
    Numbers,
    Peer,
    PeerPorts,
    PodPeer,
    Port,
    PortName,
    Program,
    Requirement,
    Section,
    Selector,
)
from tests.reference.world import METADATA_NAME, Address, ContainerPort, Endpoint, Pod, World

NAMESPACES = ("shop", "pay", "default")
OTHER_NAMESPACES = ("kube-system", "elsewhere")
KEYS = ("app", "tier", "k8s-app")
VALUES = ("api", "db", "kube-dns")
NAMESPACE_KEYS = ("env", "team")
NAMESPACE_VALUES = ("prod", "dev")
SERVICES = ("api", "db", "any")
GROUPS = ("office", "callers")
PORT_NAMES = ("metrics", "http")
NUMBERS = ((53, 53), (80, 80), (80, 90), (85, 443), (443, 443), (1, 65535))
BLOCKS = (
    Block("10.0.0.0/8"),
    Block("10.0.0.0/8", ("10.1.0.0/16",)),
    Block("10.0.0.0/9", ("10.1.0.0/16", "10.2.0.0/15")),
    Block("10.1.0.0/24"),
    Block("10.128.0.0/9"),
    Block("0.0.0.0/0", ("10.0.0.0/8",)),
    Block("0.0.0.0/0"),
    Block("2001:db8::/32"),
    Block("2001:db8::/32", ("2001:db8:1::/48",)),
    Block("::/0"),
    Block("34.1.0.0/16"),
)
ADDRESSES: tuple[Address, ...] = tuple(
    map(
        ip_address,
        (
            "10.0.0.1 10.1.0.0 10.1.0.255 10.1.1.0 10.2.0.9 10.4.0.0 10.127.255.255 10.128.0.0 "
            "34.1.2.3 34.2.0.0 169.254.169.254 192.168.0.1 8.8.8.8 2001:db8::1 2001:db8:1::1 "
            "2600::1 fd00::1"
        ).split(),
    )
)


def selectors(keys: tuple[str, ...], values: tuple[str, ...]) -> st.SearchStrategy[Selector]:
    """Selectors of up to two requirements with every operator."""
    key = st.sampled_from(keys)
    one = st.tuples(st.sampled_from(values))
    some = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)
    requirement = st.one_of(
        st.builds(Requirement, key, st.sampled_from(("=", "==", "!=")), one),
        st.builds(Requirement, key, st.sampled_from(("in", "notin")), some),
        st.builds(Requirement, key, st.sampled_from(("exists", "absent"))),
    )
    return st.lists(requirement, min_size=0, max_size=2).map(tuple)


POD_SELECTORS = selectors(KEYS, VALUES)
NAMESPACE_SELECTORS = selectors(NAMESPACE_KEYS, NAMESPACE_VALUES)
SUBJECTS = st.one_of(st.sampled_from(SERVICES).map(Name), POD_SELECTORS, st.just(STAR))
NAMESPACE_TESTS = st.one_of(
    st.sampled_from((*NAMESPACES, *OTHER_NAMESPACES)).map(Name), NAMESPACE_SELECTORS, st.just(STAR)
)


def ports(*, named: bool) -> st.SearchStrategy[tuple[Port, ...] | None]:
    """Ports of a peer: none written, one, or several."""
    protocol = st.sampled_from(("TCP", "TCP", "UDP", "SCTP"))
    number = st.builds(lambda p, pair: Numbers(p, *pair), protocol, st.sampled_from(NUMBERS))
    name = st.builds(PortName, protocol, st.sampled_from(PORT_NAMES))
    one: st.SearchStrategy[Port] = st.one_of(number, name) if named else number
    return st.one_of(st.none(), st.lists(one, min_size=1, max_size=3, unique=True).map(tuple))


POD_PEERS: st.SearchStrategy[Peer] = st.one_of(
    st.builds(PodPeer, SUBJECTS),
    st.builds(PodPeer, st.none(), NAMESPACE_TESTS),
    st.builds(PodPeer, SUBJECTS, NAMESPACE_TESTS),
)
ADDRESS_PEERS: st.SearchStrategy[Peer] = st.one_of(st.sampled_from(BLOCKS), st.just("internet"))


def peers(*, egress: bool) -> st.SearchStrategy[PeerPorts]:
    """A peer that names no group; towards addresses a port has no name."""
    return st.one_of(
        st.builds(PeerPorts, st.one_of(POD_PEERS, st.just("any")), ports(named=True)),
        st.builds(PeerPorts, POD_PEERS, ports(named=True)),
        st.builds(PeerPorts, ADDRESS_PEERS, ports(named=not egress)),
    )


@st.composite
def _groups(draw: st.DrawFn, names: tuple[str, ...]) -> dict[str, tuple[PeerPorts, ...]]:
    """Groups whose members either all have their own ports or all have none."""
    found: dict[str, tuple[PeerPorts, ...]] = {}
    for name in names:
        kind: str = draw(st.sampled_from(("none", "with ports", "without")))
        if kind == "none":
            continue
        members = draw(st.lists(peers(egress=True), min_size=1, max_size=2))
        if kind == "without":
            members = [PeerPorts(member.peer) for member in members]
        nested = draw(st.booleans())
        if nested and GROUPS[0] in found:
            members.append(PeerPorts(PodPeer(Name(GROUPS[0]))))
        found[name] = tuple(members)
    return found


@st.composite
def _arrows(draw: st.DrawFn, groups: dict[str, tuple[PeerPorts, ...]]) -> tuple[Arrow, ...]:
    found = []
    for _ in range(draw(st.integers(0, 4))):
        egress = draw(st.booleans())
        listed = draw(st.lists(peers(egress=egress), max_size=3))
        if groups and draw(st.integers(0, 3)) == 0:
            name = draw(st.sampled_from(sorted(groups)))
            free = all(m.ports is None and m.peer != PodPeer(Name(GROUPS[0])) for m in groups[name])
            given = draw(ports(named=False)) if free else None
            listed.append(PeerPorts(PodPeer(Name(name)), given))
        if egress and draw(st.integers(0, 4)) == 0:
            listed.append(PeerPorts("dns"))
        found.append(
            Arrow(
                subject=draw(SUBJECTS),
                egress=egress,
                peers=tuple(listed),
                until=draw(st.sampled_from(("", "", "2999-12-31"))),
                because=draw(st.sampled_from(("", "", "a reason: # not a comment"))),
            )
        )
    return tuple(found)


@st.composite
def _section(
    draw: st.DrawFn, name: str, facts: dict[str, str], outer: Section | None = None
) -> Section:
    taken = outer.groups if outer else {}
    groups = draw(_groups(tuple(group for group in GROUPS if group not in taken)))
    deny = draw(
        st.sampled_from(
            (
                {},
                {"ingress": True},
                {"egress": True},
                {"ingress": True, "egress": True},
                {"ingress": False, "egress": False},
            )
        )
    )
    dns = st.one_of(
        st.none(), st.just(()), st.lists(peers(egress=True), min_size=1, max_size=2).map(tuple)
    )
    free = [service for service in SERVICES if service not in groups]
    services = draw(st.dictionaries(st.sampled_from(free), POD_SELECTORS, max_size=1))
    addresses = (
        {}
        if name
        else draw(st.sampled_from(({}, {"pods": ("34.1.0.0/16",), "nodes": ("2600::/64",)})))
    )
    return Section(
        name=name,
        facts=facts,
        deny=deny,
        label=draw(st.sampled_from((None, None, "tier"))),
        mirror=draw(st.sampled_from((None, None, True, False))),
        dns=draw(dns),
        addresses=addresses,
        services=services,
        groups=groups,
        arrows=draw(_arrows({**taken, **groups})),
    )


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A program of one to three namespaces and perhaps a cluster section."""
    empty = Section(name="")
    cluster = draw(_section("", {})) if draw(st.booleans()) else empty
    namespaces = {}
    for name in draw(st.lists(st.sampled_from(NAMESPACES), min_size=1, max_size=3, unique=True)):
        facts = draw(
            st.dictionaries(
                st.sampled_from(NAMESPACE_KEYS), st.sampled_from(NAMESPACE_VALUES), max_size=2
            )
        )
        namespaces[name] = draw(_section(name, facts, cluster))
    return Program(cluster, namespaces)


@st.composite
def worlds(draw: st.DrawFn, program: Program) -> World:
    """A world that agrees with the stated facts; what they leave open is drawn."""
    namespaces = {}
    for name in (*NAMESPACES, *OTHER_NAMESPACES):
        drawn = draw(
            st.dictionaries(st.sampled_from(NAMESPACE_KEYS), st.sampled_from(NAMESPACE_VALUES))
        )
        facts = program.namespaces[name].facts if name in program.namespaces else {}
        namespaces[name] = {**drawn, **facts, METADATA_NAME: name}
    pods = []
    for number in range(draw(st.integers(2, 6))):
        labels = draw(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES)))
        ports = tuple(
            ContainerPort(
                name, draw(st.sampled_from(("TCP", "UDP"))), draw(st.sampled_from((80, 86, 443)))
            )
            for name in draw(st.lists(st.sampled_from(PORT_NAMES), unique=True))
        )
        home = draw(st.sampled_from((*NAMESPACES, *OTHER_NAMESPACES)))
        pods.append(Pod(namespace=home, name=f"pod-{number}", labels=labels, ports=ports))
    return World(namespaces, tuple(pods))


PROBED_PORTS = (("TCP", 1), ("TCP", 53), ("UDP", 53), ("TCP", 80), ("TCP", 84), ("TCP", 86))
MORE_PORTS = (("UDP", 86), ("TCP", 443), ("UDP", 443), ("SCTP", 90), ("TCP", 91), ("TCP", 65535))


def probes(world: World) -> Iterator[tuple[Endpoint, Endpoint, str, int]]:
    """Every ordered pair of a world's pods, and of a pod and an address, with telling ports."""
    ends: tuple[Endpoint, ...] = (*world.pods, *ADDRESSES)
    for (source, destination), (protocol, port) in product(
        product(ends, ends), (*PROBED_PORTS, *MORE_PORTS)
    ):
        if isinstance(source, Pod) or isinstance(destination, Pod):
            yield source, destination, protocol, port
