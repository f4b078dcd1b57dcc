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


def _ports(*, named: bool) -> st.SearchStrategy[tuple[Port, ...] | None]:
    """Ports of a peer: none written, one, or several."""
    protocol = st.sampled_from(("TCP", "TCP", "UDP", "SCTP"))
    number = st.builds(lambda p, pair: Numbers(p, *pair), protocol, st.sampled_from(NUMBERS))
    name = st.builds(PortName, protocol, st.sampled_from(PORT_NAMES))
    one: st.SearchStrategy[Port] = st.one_of(number, name) if named else number
    return st.one_of(st.none(), st.lists(one, min_size=1, max_size=3, unique=True).map(tuple))


# Strategies are made once: making one costs more than drawing from it.
NUMBERED_PORTS, PORTS = _ports(named=False), _ports(named=True)
POD_PEERS: st.SearchStrategy[Peer] = st.one_of(
    st.builds(PodPeer, SUBJECTS),
    st.builds(PodPeer, st.none(), NAMESPACE_TESTS),
    st.builds(PodPeer, SUBJECTS, NAMESPACE_TESTS),
)
ADDRESS_PEERS: st.SearchStrategy[Peer] = st.one_of(st.sampled_from(BLOCKS), st.just("internet"))


def _peers(*, egress: bool) -> st.SearchStrategy[PeerPorts]:
    """A peer that names no group; towards addresses a port has no name."""
    return st.one_of(
        st.builds(PeerPorts, POD_PEERS, PORTS),
        st.builds(PeerPorts, st.one_of(POD_PEERS, st.just("any")), PORTS),
        st.builds(PeerPorts, ADDRESS_PEERS, NUMBERED_PORTS if egress else PORTS),
    )


RECEIVERS, SENDERS = _peers(egress=True), _peers(egress=False)
LISTED = {True: st.lists(RECEIVERS, max_size=3), False: st.lists(SENDERS, max_size=3)}
MEMBERS = st.lists(RECEIVERS, min_size=1, max_size=2)
GROUP_KINDS = st.sampled_from(("none", "none", "with ports", "without"))
DENIALS = st.sampled_from(
    (
        {},
        {"ingress": True},
        {"egress": True},
        {"egress": True},
        {"ingress": True, "egress": True},
        {"ingress": False, "egress": False},
    )
)
DNS = st.one_of(st.none(), st.none(), st.just(()), MEMBERS.map(tuple))
OWN_ADDRESSES = st.sampled_from(({}, {"services": ("34.1.0.0/16",)}, {"pods": ("34.1.0.0/16",), "nodes": ("2600::/64",)}))
LABELS = st.sampled_from((None, None, "tier"))
MIRRORS = st.sampled_from((None, None, True, False))
SERVICE_DECLARATIONS = st.dictionaries(st.sampled_from(SERVICES), POD_SELECTORS, max_size=1)
UNTIL = st.sampled_from(("", "", "2999-12-31"))
BECAUSE = st.sampled_from(("", "", "a reason: # not a comment"))
FACTS = st.dictionaries(
    st.sampled_from(NAMESPACE_KEYS), st.sampled_from(NAMESPACE_VALUES), max_size=2
)
HOMES = st.lists(st.sampled_from(NAMESPACES), min_size=1, max_size=3, unique=True)
POD_LABELS = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES))
CONTAINER_PORTS = st.lists(
    st.builds(
        ContainerPort,
        st.sampled_from(PORT_NAMES),
        st.sampled_from(("TCP", "UDP")),
        st.sampled_from((80, 86, 443)),
    ),
    max_size=2,
    unique_by=lambda port: port.name,
).map(tuple)
PODS = st.lists(
    st.tuples(st.integers(0, 9), POD_LABELS, CONTAINER_PORTS), min_size=3, max_size=8
)


@st.composite
def _groups(draw: st.DrawFn, names: tuple[str, ...]) -> dict[str, tuple[PeerPorts, ...]]:
    """Groups whose members either all have their own ports or all have none."""
    found: dict[str, tuple[PeerPorts, ...]] = {}
    for name in names:
        kind = draw(GROUP_KINDS)
        if kind == "none":
            continue
        members = draw(MEMBERS)
        if kind == "without":
            members = [PeerPorts(member.peer) for member in members]
        if GROUPS[0] in found and draw(st.booleans()):
            members.append(PeerPorts(PodPeer(Name(GROUPS[0]))))
        found[name] = tuple(members)
    return found


@st.composite
def _arrow(draw: st.DrawFn, groups: dict[str, tuple[PeerPorts, ...]]) -> Arrow:
    egress = draw(st.booleans())
    listed = draw(LISTED[egress])
    if groups and draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(sorted(groups)))
        free = all(m.ports is None and m.peer != PodPeer(Name(GROUPS[0])) for m in groups[name])
        given = draw(NUMBERED_PORTS) if free else None
        listed.append(PeerPorts(PodPeer(Name(name)), given))
    if egress and draw(st.integers(0, 4)) == 0:
        listed.append(PeerPorts("dns"))
    return Arrow(
        subject=draw(SUBJECTS),
        egress=egress,
        peers=tuple(listed),
        until=draw(UNTIL),
        because=draw(BECAUSE),
    )


@st.composite
def _section(
    draw: st.DrawFn, name: str, facts: dict[str, str], outer: Section | None = None
) -> Section:
    taken = outer.groups if outer else {}
    groups = draw(_groups(tuple(group for group in GROUPS if group not in taken)))
    arrow = _arrow({**taken, **groups})
    return Section(
        name=name,
        facts=facts,
        deny=draw(DENIALS),
        label=draw(LABELS),
        mirror=draw(MIRRORS),
        dns=draw(DNS),
        addresses={} if name else draw(OWN_ADDRESSES),
        services=draw(SERVICE_DECLARATIONS),
        groups=groups,
        arrows=tuple(draw(arrow) for _ in range(draw(st.integers(0, 4)))),
    )


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A program of one to three namespaces and perhaps a cluster section."""
    cluster = draw(_section("", {})) if draw(st.integers(0, 3)) else Section(name="")
    namespaces = {name: draw(_section(name, draw(FACTS), cluster)) for name in draw(HOMES)}
    return Program(cluster, namespaces)


@st.composite
def worlds(draw: st.DrawFn, program: Program) -> World:
    """A world that agrees with the stated facts; what they leave open is drawn."""
    namespaces = {}
    for name in (*NAMESPACES, *OTHER_NAMESPACES):
        facts = program.namespaces[name].facts if name in program.namespaces else {}
        namespaces[name] = {**draw(FACTS), **facts, METADATA_NAME: name}
    # Most pods live where the program speaks, else hardly anything happens between them.
    homes = (*(tuple(program.namespaces) * 3), *NAMESPACES, *OTHER_NAMESPACES)
    pods = [
        Pod(namespace=homes[home % len(homes)], name=f"pod-{number}", labels=labels, ports=ports)
        for number, (home, labels, ports) in enumerate(draw(PODS))
    ]
    dns = Pod(namespace="kube-system", name="dns", labels={"k8s-app": "kube-dns"})
    return World(namespaces, (*pods, dns))


PROBED_PORTS = (
    *(("TCP", port) for port in (1, 53, 80, 84, 86, 91, 443)),
    *(("UDP", port) for port in (53, 86, 443)),
    ("SCTP", 90),
)


def probes(
    world: World, addresses: tuple[Address, ...] = ADDRESSES
) -> Iterator[tuple[Endpoint, Endpoint, str, int]]:
    """Every ordered pair of a world's pods, and of a pod and an address, with telling ports."""
    ends: tuple[Endpoint, ...] = (*world.pods, *addresses)
    for (source, destination), (protocol, port) in product(product(ends, ends), PROBED_PORTS):
        if isinstance(source, Pod) or isinstance(destination, Pod):
            yield source, destination, protocol, port


def some_addresses() -> st.SearchStrategy[tuple[Address, ...]]:
    """A few of the telling addresses; all of them with every pod would take long.

    Those of the cluster's own public blocks are always among them.
    """
    few = st.lists(st.sampled_from(ADDRESSES), max_size=4, unique=True)
    own = tuple(map(ip_address, ("34.1.2.3", "2600::1")))
    return few.map(lambda drawn: (*own, *(a for a in drawn if a not in own)))
