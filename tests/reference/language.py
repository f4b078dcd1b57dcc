"""What an intent program means, for concrete pods and addresses.

Written from "Meaning, precisely" and "Both ends of a connection" of the language
reference and nothing else; it shares no code with netpolc. A program is this module's own
small model, not text: `tests.reference.printing` writes it as text. Plain rather than
fast.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Literal, TypeAlias

from tests.reference.world import METADATA_NAME, Address, Endpoint, Pod, World


@dataclass(frozen=True, slots=True)
class Requirement:
    """One test of a label: `=`, `!=`, `in`, `notin`, `exists` or `absent`."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


Selector: TypeAlias = tuple[Requirement, ...]
Star = Literal["*"]
STAR: Star = "*"


@dataclass(frozen=True, slots=True)
class Name:
    """A bare name: a service, or of a peer also a group."""

    text: str


@dataclass(frozen=True, slots=True)
class PodPeer:
    """`pods in ns namespaces`; `pods` None is `ns …` alone, `namespaces` None is no `in ns`."""

    pods: Name | Selector | Star | None
    namespaces: Name | Selector | Star | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """`cidr except excepts`."""

    cidr: str
    excepts: tuple[str, ...] = ()


Word: TypeAlias = Literal["any", "internet", "dns"]
Peer: TypeAlias = PodPeer | Block | Word


@dataclass(frozen=True, slots=True)
class Numbers:
    """A range of ports."""

    protocol: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class PortName:
    """A container port's name."""

    protocol: str
    name: str


Port: TypeAlias = Numbers | PortName


@dataclass(frozen=True, slots=True)
class PeerPorts:
    """A peer and its ports; None where none are written."""

    peer: Peer
    ports: tuple[Port, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrow:
    """`subject <- peers` or `subject -> peers`; no peers is `none`."""

    subject: Name | Selector | Star
    egress: bool
    peers: tuple[PeerPorts, ...]
    until: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Assertion:
    """`never`, `always` or `only`, and the connections that are claimed about, as an arrow."""

    claim: Literal["never", "always", "only"]
    about: Arrow


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """All that is said about one namespace, or with an empty name in the cluster section.

    `deny` has the directions of which a default speaks ("ingress", "egress") and whether it
    denies; `dns` is None where nothing is said and empty for `none`; `blocks` is None or the
    addresses that blocks match.
    """

    name: str
    facts: Mapping[str, str] = field(default_factory=dict)
    deny: Mapping[str, bool] = field(default_factory=dict)
    label: str | None = None
    mirror: bool | None = None
    dns: tuple[PeerPorts, ...] | None = None
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blocks: Literal["outside", "all"] | None = None
    services: Mapping[str, Selector] = field(default_factory=dict)
    groups: Mapping[str, tuple[PeerPorts, ...]] = field(default_factory=dict)
    arrows: tuple[Arrow, ...] = ()
    assertions: tuple[Assertion, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """The cluster section and the namespaces by name."""

    cluster: Section
    namespaces: Mapping[str, Section]


BUILT_IN_DNS = (
    PeerPorts(
        PodPeer((Requirement("k8s-app", "=", ("kube-dns",)),), Name("kube-system")),
        (Numbers("UDP", 53, 53), Numbers("TCP", 53, 53)),
    ),
)
PUBLIC = {
    "0.0.0.0/0": (
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 "
        "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 "
        "198.51.100.0/24 203.0.113.0/24 224.0.0.0/3"
    ).split(),
    "2000::/3": "2001::/23 2001:db8::/32 2002::/16 3fff::/20".split(),
}


def permits(
    program: Program,
    world: World,
    source: Endpoint,
    destination: Endpoint,
    protocol: str,
    port: int,
) -> bool:
    """Whether the program permits the connection: at both ends, or a pod to itself."""
    if source is destination:
        return True
    reading = _Reading(program, world, protocol, port)
    return reading.sender_permits(source, destination) and reading.receiver_permits(
        destination, source
    )


def is_about(program: Program, world: World, home: str, arrow: Arrow, pod: Endpoint) -> bool:
    """Whether a pod is among the subjects of an arrow of a namespace."""
    reading = _Reading(program, world, "", 0)
    return isinstance(pod, Pod) and reading.is_subject(arrow, home, pod)


def lists(
    program: Program,
    world: World,
    home: str,
    arrow: Arrow,
    source: Endpoint,
    destination: Endpoint,
    protocol: str,
    port: int,
) -> bool:
    """Whether an arrow of a namespace lists a connection of its subject."""
    pod, other = (source, destination) if arrow.egress else (destination, source)
    return is_about(program, world, home, arrow, pod) and _Reading(
        program, world, protocol, port
    ).is_listed(arrow, home, other, destination)


@dataclass(frozen=True, slots=True)
class _Reading:
    """One question put to a program in a world."""

    program: Program
    world: World
    protocol: str
    port: int

    def receiver_permits(self, receiver: Endpoint, sender: Endpoint) -> bool:
        """Closed, a receiver permits exactly what an arrow whose subject matches it lists."""
        if not isinstance(receiver, Pod) or receiver.namespace not in self.program.namespaces:
            return True
        mine = list(self._arrows(receiver, egress=False))
        closed = self._denies(receiver.namespace, "ingress") or bool(mine)
        return not closed or any(
            self._lists(arrow.peers, receiver.namespace, sender, receiver) for arrow in mine
        )

    def sender_permits(self, sender: Endpoint, receiver: Endpoint) -> bool:
        """Closed, a sender permits what its arrows list, what is mirrored, and dns."""
        if not isinstance(sender, Pod) or sender.namespace not in self.program.namespaces:
            return True
        home = sender.namespace
        mine = list(self._arrows(sender, egress=True))
        if not (self._denies(home, "egress") or mine):
            return True
        return (
            any(self._lists(arrow.peers, home, receiver, receiver) for arrow in mine)
            or self._lists(self._dns(home)[0], home, receiver, receiver)
            or self._mirrored(sender, receiver)
        )

    def is_subject(self, arrow: Arrow, home: str, pod: Pod) -> bool:
        """Whether a pod is among the subjects of an arrow of a namespace."""
        return pod.namespace == home and self._pods(arrow.subject, home, pod)

    def is_listed(self, arrow: Arrow, home: str, other: Endpoint, receiver: Endpoint) -> bool:
        """Whether the peers of an arrow of a namespace have the other end on this port."""
        return self._lists(arrow.peers, home, other, receiver)

    def _mirrored(self, sender: Pod, receiver: Endpoint) -> bool:
        """What a `<-` arrow of the same namespace permits the sender."""
        if not isinstance(receiver, Pod) or receiver.namespace != sender.namespace:
            return False
        said = (s.mirror for s in self._sections(sender.namespace) if s.mirror is not None)
        return next(said, True) and any(
            self._lists(arrow.peers, sender.namespace, sender, receiver, stated=True)
            for arrow in self._arrows(receiver, egress=False)
        )

    def _sections(self, namespace: str) -> Iterator[Section]:
        """The sections about a namespace, its own first."""
        if namespace in self.program.namespaces:
            yield self.program.namespaces[namespace]
        yield self.program.cluster

    def _arrows(self, subject: Pod, *, egress: bool) -> Iterator[Arrow]:
        for section in self._sections(subject.namespace):
            for arrow in section.arrows:
                if arrow.egress is egress and self._pods(arrow.subject, subject.namespace, subject):
                    yield arrow

    def _denies(self, namespace: str, direction: str) -> bool:
        said = (s.deny[direction] for s in self._sections(namespace) if direction in s.deny)
        return next(said, False)

    def _dns(self, namespace: str) -> tuple[tuple[PeerPorts, ...], tuple[PeerPorts, ...]]:
        """What closed pods reach by themselves, and what the peer `dns` stands for.

        The word inside a setting of dns means the next value outwards, so it is replaced.
        """
        automatic: tuple[PeerPorts, ...] = BUILT_IN_DNS
        peer: tuple[PeerPorts, ...] = BUILT_IN_DNS
        for section in reversed(list(self._sections(namespace))):
            if section.dns is not None:
                automatic = tuple(
                    inner
                    for outer in section.dns
                    for inner in (peer if outer.peer == "dns" else (outer,))
                )
                peer = automatic or peer
        return automatic, peer

    def _lists(
        self,
        peers: tuple[PeerPorts, ...],
        home: str,
        other: Endpoint,
        receiver: Endpoint,
        *,
        stated: bool = False,
    ) -> bool:
        """Whether a list of peers has the other end on this port.

        With `stated`, tests of namespaces are answered from stated facts alone.
        """
        return any(
            self._peer(peer, home, other, stated=stated) and self._ports(ports, receiver)
            for peer, ports in self._members(peers, home)
        )

    def _members(
        self, peers: tuple[PeerPorts, ...], home: str
    ) -> Iterator[tuple[Peer, tuple[Port, ...] | None]]:
        """The peers with groups and dns replaced by what they stand for."""
        for written in peers:
            group = self._group(written.peer, home)
            if written.peer == "dns":
                yield from self._members(self._dns(home)[1], home)
            elif group is None:
                yield written.peer, written.ports
            else:
                for peer, ports in self._members(group, home):
                    yield peer, written.ports if ports is None else ports

    def _group(self, peer: Peer, home: str) -> tuple[PeerPorts, ...] | None:
        if isinstance(peer, PodPeer) and isinstance(peer.pods, Name) and peer.namespaces is None:
            for section in self._sections(home):
                if peer.pods.text in section.groups:
                    return section.groups[peer.pods.text]
                if peer.pods.text in section.services:
                    return None
        return None

    def _peer(self, peer: Peer, home: str, other: Endpoint, *, stated: bool) -> bool:
        match peer:
            case "any":
                return True
            case "internet":
                address = self._address(other, mirrored=stated)
                return address is not None and self._public(address)
            case Block():
                address = self._address(other, mirrored=stated)
                return address is not None and _in_block(peer, address)
            case PodPeer():
                return isinstance(other, Pod) and self._pod_peer(peer, home, other, stated=stated)
            case _:
                message = f"{peer} is not a single peer"
                raise ValueError(message)

    def _address(self, other: Endpoint, *, mirrored: bool) -> Address | None:
        """The address by which blocks may match an end; no manifest mirrors a block to pods."""
        if not isinstance(other, Pod):
            return other
        return other.address if self.world.plugin.blocks_match_pods and not mirrored else None

    def _pod_peer(self, peer: PodPeer, home: str, pod: Pod, *, stated: bool) -> bool:
        named = peer.namespaces.text if isinstance(peer.namespaces, Name) else home
        if peer.namespaces is None:
            there = pod.namespace == home
        elif isinstance(peer.namespaces, Name):
            there = pod.namespace == named
        elif peer.namespaces == STAR:
            there = True
        elif stated:
            facts = {**self.program.namespaces[home].facts, METADATA_NAME: home}
            there = all(r.key in facts and meets(r, facts) for r in peer.namespaces)
        else:
            there = selects(peer.namespaces, self.world.namespaces[pod.namespace])
        return there and self._pods(peer.pods, named, pod)

    def _pods(self, test: Name | Selector | Star | None, home: str, pod: Pod) -> bool:
        if test is None or test == STAR:
            return True
        if isinstance(test, Name):
            return selects(self._service(test.text, home), pod.labels)
        return selects(test, pod.labels)

    def _service(self, name: str, home: str) -> Selector:
        for section in self._sections(home):
            if name in section.services:
                return section.services[name]
        said = (s.label for s in self._sections(home) if s.label is not None)
        return (Requirement(next(said, "app"), "=", (name,)),)

    def _public(self, address: Address) -> bool:
        own = (block for blocks in self.program.cluster.addresses.values() for block in blocks)
        return any(
            _in_block(Block(cidr, tuple(holes)), address) for cidr, holes in PUBLIC.items()
        ) and not any(_in_block(Block(block), address) for block in own)

    def _ports(self, ports: tuple[Port, ...] | None, receiver: Endpoint) -> bool:
        return ports is None or any(self._port(port, receiver) for port in ports)

    def _port(self, port: Port, receiver: Endpoint) -> bool:
        if port.protocol != self.protocol:
            return False
        if isinstance(port, Numbers):
            return port.first <= self.port <= port.last
        return isinstance(receiver, Pod) and any(
            (declared.name, declared.protocol, declared.number)
            == (port.name, port.protocol, self.port)
            for declared in receiver.ports
        )


def selects(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Whether every requirement is met."""
    return all(meets(requirement, labels) for requirement in selector)


def meets(requirement: Requirement, labels: Mapping[str, str]) -> bool:
    """Whether labels meet one requirement, as Kubernetes has it."""
    key, values = requirement.key, requirement.values
    match requirement.operator:
        case "=" | "==" | "in":
            return key in labels and labels[key] in values
        case "!=" | "notin":
            return key not in labels or labels[key] not in values
        case "exists":
            return key in labels
        case "absent":
            return key not in labels
        case operator:
            message = f"no such operator: {operator}"
            raise ValueError(message)


def _in_block(block: Block, address: Address) -> bool:
    return address in ip_network(block.cidr) and not any(
        address in ip_network(hole) for hole in block.excepts
    )
