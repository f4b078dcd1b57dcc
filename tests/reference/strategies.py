"""Random programs, and random worlds in which something happens to them.

Vocabularies are tiny on purpose: a few keys, values, names, ports and blocks, so that
subjects overlap, peers meet subjects, and blocks meet addresses. Programs are always
right (no finding is an error), and use every form of the language but assertions.
"""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import ip_address, ip_network
from itertools import groupby, islice, product

from hypothesis import strategies as st

from tests.reference.language import (
    BUILT_IN_DNS,
    PUBLIC,
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
UNSAID = "unsaid"
"""A value that no program writes but pods and namespaces may have: what `!=` is about."""
SERVICES = ("api", "db", "any")
GROUPS = ("office", "callers")
PORT_NAMES = ("metrics", "http")
NUMBERS = ((53, 53), (80, 80), (80, 90), (81, 90), (85, 443), (443, 443), (1, 65535))
BLOCKS = (
    Block("10.0.0.0/8"),
    Block("10.0.0.0/8", ("10.1.0.0/16",)),
    Block("10.0.0.0/9", ("10.1.0.0/16", "10.2.0.0/15")),
    Block("10.1.0.0/24"),
    Block("10.128.0.0/9"),
    Block("0.0.0.0/0", ("10.0.0.0/8",)),
    Block("0.0.0.0/0", ("10.0.0.0/8", "192.168.0.0/16")),
    Block("0.0.0.0/0"),
    Block("34.1.2.3/32"),
    Block("2001:db8::/32"),
    Block("2001:db8::/32", ("2001:db8:1::/48",)),
    Block("::/0"),
    Block("34.1.0.0/16"),
)
ADDRESSES: tuple[Address, ...] = tuple(
    map(
        ip_address,
        (
            "9.255.255.255 10.0.0.0 10.1.0.0 10.1.0.255 10.1.1.0 10.1.255.255 10.2.0.9 "
            "10.3.255.255 10.4.0.0 10.127.255.255 10.128.0.0 11.0.0.0 34.0.255.255 34.1.2.3 "
            "34.1.255.255 34.2.0.0 8.8.8.8 100.64.0.0 100.128.0.0 169.254.169.254 172.15.255.255 "
            "172.16.0.0 192.168.0.1 223.255.255.255 224.0.0.0 2001:db8::1 2001:db8:1::1 "
            "2001:db8:2:: 2001:db9:: 2600::1 2600:0:0:1:: 3fff:: 3fff:1000:: fd00::1"
        ).split(),
    )
)


def requirements(keys: tuple[str, ...], values: tuple[str, ...]) -> st.SearchStrategy[Requirement]:
    """One test of a label, with every operator."""
    key = st.sampled_from(keys)
    one = st.tuples(st.sampled_from(values))
    some = st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True).map(tuple)
    return st.one_of(
        st.builds(Requirement, key, st.sampled_from(("=", "==", "!=")), one),
        st.builds(Requirement, key, st.sampled_from(("in", "notin")), some),
        st.builds(Requirement, key, st.sampled_from(("exists", "absent"))),
    )


def selectors(requirement: st.SearchStrategy[Requirement]) -> st.SearchStrategy[Selector]:
    """Selectors of up to two requirements."""
    return st.lists(requirement, min_size=0, max_size=2).map(tuple)


OF_NAMESPACES = requirements(NAMESPACE_KEYS, NAMESPACE_VALUES)
POD_SELECTORS = selectors(requirements(KEYS, VALUES))
# The one label that every namespace states without saying so: it decides what is mirrored.
NAMESPACE_SELECTORS = selectors(
    st.one_of(OF_NAMESPACES, OF_NAMESPACES, requirements((METADATA_NAME,), NAMESPACES))
)
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
OWN_ADDRESSES: st.SearchStrategy[Mapping[str, tuple[str, ...]]] = st.sampled_from(
    (
        {},
        {"services": ("34.1.0.0/16",)},
        {"pods": ("34.1.0.0/16",), "nodes": ("2600::/64",)},
        {"pods": ("34.1.0.0/17", "2600::/64"), "services": ("8.8.8.0/24", "10.96.0.0/12")},
    )
)
LABELS = st.sampled_from((None, None, "tier"))
MIRRORS = st.sampled_from((None, None, True, False))
SERVICE_DECLARATIONS = st.dictionaries(st.sampled_from(SERVICES), POD_SELECTORS, max_size=1)
UNTIL = st.sampled_from(("", "", "2999-12-31", "2020-01-01"))
BECAUSE = st.sampled_from(("", "", "a reason: # not a comment"))
FACTS = st.dictionaries(
    st.sampled_from(NAMESPACE_KEYS), st.sampled_from(NAMESPACE_VALUES), max_size=2
)
HOMES = st.lists(st.sampled_from(NAMESPACES), min_size=1, max_size=3, unique=True)
IN_THE_WORLD = st.dictionaries(
    st.sampled_from(NAMESPACE_KEYS), st.sampled_from((*NAMESPACE_VALUES, UNSAID)), max_size=2
)
POD_LABELS = st.dictionaries(st.sampled_from(KEYS), st.sampled_from((*VALUES, UNSAID)))
CONTAINER_PORTS = st.lists(
    st.builds(
        ContainerPort,
        st.sampled_from(PORT_NAMES),
        st.sampled_from(("TCP", "UDP", "SCTP")),
        st.sampled_from((80, 86, 443)),
    ),
    max_size=2,
    unique_by=lambda port: port.name,
).map(tuple)
# The number chooses a home among the namespaces that the world then has; at most 14 of them.
PODS = st.lists(st.tuples(st.integers(0, 13), POD_LABELS, CONTAINER_PORTS), min_size=3, max_size=8)


Groups = Mapping[str, tuple[PeerPorts, ...]]


def _is_free(group: str, groups: Groups) -> bool:
    """Whether no member names ports, so that an arrow that names the group may."""
    return all(
        member.ports is None and (inner is None or _is_free(inner, groups))
        for member in groups[group]
        for inner in [_named_group(member, groups)]
    )


def _named_group(member: PeerPorts, groups: Groups) -> str | None:
    match member.peer:
        case PodPeer(Name(text), None) if text in groups:
            return text
        case _:
            return None


@st.composite
def _groups(draw: st.DrawFn, outer: Groups) -> dict[str, tuple[PeerPorts, ...]]:
    """Groups, of which a later one may name an earlier one or one of the cluster's.

    One that stands in for a group of the cluster's names ports if that does, so that the
    cluster's arrows are right with either.
    """
    found: dict[str, tuple[PeerPorts, ...]] = {}
    for name in GROUPS:
        kind = draw(GROUP_KINDS)
        if kind == "none":
            continue
        free = _is_free(name, outer) if name in outer else kind == "without"
        members = draw(MEMBERS)
        if free:
            members = [PeerPorts(member.peer) for member in members]
        elif all(member.ports is None for member in members):
            members.append(PeerPorts(PodPeer(Name("api")), (Numbers("TCP", 80, 80),)))
        known = {**outer, **found}
        if name != GROUPS[0] and GROUPS[0] in known and draw(st.booleans()):
            inner = PodPeer(Name(GROUPS[0]))
            if not free:
                given = draw(NUMBERED_PORTS) if _is_free(GROUPS[0], known) else None
                members.append(PeerPorts(inner, given))
            elif _is_free(GROUPS[0], known):
                members.append(PeerPorts(inner))
        found[name] = tuple(members)
    return found


@st.composite
def _arrow(draw: st.DrawFn, groups: Groups) -> Arrow:
    egress = draw(st.booleans())
    listed = draw(LISTED[egress])
    if groups and draw(st.integers(0, 3)) == 0:
        name = draw(st.sampled_from(sorted(groups)))
        # Towards the addresses in a group a port has no name; of a subject it may have one.
        ports = NUMBERED_PORTS if egress else PORTS
        listed.append(
            PeerPorts(PodPeer(Name(name)), draw(ports) if _is_free(name, groups) else None)
        )
    if draw(st.integers(0, 4)) == 0:
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
    groups = draw(_groups(taken))
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
        namespaces[name] = {**draw(IN_THE_WORLD), **facts, METADATA_NAME: name}
    # Most pods live where the program speaks, else hardly anything happens between them.
    homes = (*(tuple(program.namespaces) * 3), *NAMESPACES, *OTHER_NAMESPACES)
    pods = [
        Pod(namespace=homes[home % len(homes)], name=f"pod-{number}", labels=labels, ports=ports)
        for number, (home, labels, ports) in enumerate(draw(PODS))
    ]
    dns = Pod(namespace="kube-system", name="dns", labels={"k8s-app": "kube-dns"})
    return World(namespaces, (*pods, dns))


Probe = tuple[Endpoint, Endpoint, str, int]

# Both sides of every edge of NUMBERS, and the numbers that containers name.
EDGES = (1, 52, 53, 54, 79, 80, 81, 84, 85, 86, 90, 91, 442, 443, 444, 65535)
PROBED_PORTS = (
    *(("TCP", port) for port in EDGES),
    *(("UDP", port) for port in (53, 54, 80, 86, 91, 443)),
    *(("SCTP", port) for port in (80, 86, 90)),
)


def probes(world: World, addresses: tuple[Address, ...] = ADDRESSES) -> Iterator[Probe]:
    """Every ordered pair of a world's pods, and of a pod and an address, with telling ports.

    Each pair in turn has every other port, so that asking both sides of each edge takes no
    longer than asking one.
    """
    pairs = groupby(_pairs(world, addresses, PROBED_PORTS), lambda probe: probe[:2])
    for number, (_, some) in enumerate(pairs):
        yield from islice(some, number % 2, None, 2)


def telling_probes(program: Program, world: World) -> Iterator[Probe]:
    """Every pair as above, at the edges of what this very program writes.

    These are many; `probes` is for every run, this is for a thorough one.
    """
    return _pairs(world, _telling_addresses(program), _telling_ports(program, world))


def _pairs(
    world: World, addresses: Iterable[Address], ports: Iterable[tuple[str, int]]
) -> Iterator[Probe]:
    ends: tuple[Endpoint, ...] = (*world.pods, *addresses)
    for (source, destination), (protocol, port) in product(product(ends, ends), tuple(ports)):
        if isinstance(source, Pod) or isinstance(destination, Pod):
            yield source, destination, protocol, port


def _written(program: Program) -> Iterator[PeerPorts]:
    for section in (program.cluster, *program.namespaces.values()):
        for peers in (*section.groups.values(), *(arrow.peers for arrow in section.arrows)):
            yield from peers
        yield from section.dns or ()
    yield from BUILT_IN_DNS


def _telling_ports(program: Program, world: World) -> list[tuple[str, int]]:
    """Both sides of both edges of every range, what containers name, and an odd one each."""
    found = {(protocol, 7) for protocol in ("TCP", "UDP", "SCTP")}
    found |= {(port.protocol, port.number) for pod in world.pods for port in pod.ports}
    for written in _written(program):
        for port in written.ports or ():
            if isinstance(port, Numbers):
                edges = (port.first - 1, port.first, port.last, port.last + 1)
                found |= {(port.protocol, edge) for edge in edges if 1 <= edge <= 65535}
    return sorted(found)


def _telling_addresses(program: Program) -> list[Address]:
    """Both sides of both edges of every block, and what `internet` must tell apart."""
    cidrs = {cidr for whole, holes in PUBLIC.items() for cidr in (whole, *holes)}
    cidrs |= {c for blocks in program.cluster.addresses.values() for c in blocks}
    for written in _written(program):
        if isinstance(written.peer, Block):
            cidrs |= {written.peer.cidr, *written.peer.excepts}
    found = {edge for cidr in cidrs for edge in _edges(cidr)}
    return sorted(found, key=lambda address: (address.version, int(address)))


def _edges(cidr: str) -> Iterator[Address]:
    block = ip_network(cidr)
    last = int(block.broadcast_address)
    for number in (int(block.network_address) - 1, int(block.network_address), last, last + 1):
        if 0 <= number < 1 << block.max_prefixlen:
            # By class, since the address of a small number would be taken for an IPv4 one.
            yield type(block.network_address)(number)


def some_addresses() -> st.SearchStrategy[tuple[Address, ...]]:
    """A few of the telling addresses; all of them with every pod would take long.

    Those of the cluster's own public blocks are always among them.
    """
    few = st.lists(st.sampled_from(ADDRESSES), max_size=4, unique=True)
    own = tuple(map(ip_address, ("34.1.2.3", "2600::1")))
    return few.map(lambda drawn: (*own, *(a for a in drawn if a not in own)))
