"""Verdicts on assertions against worlds that an evaluator which shares no code with the compiler reads.

A program, workloads that are known and what is stated of the cluster leave much open: which pods run, their
addresses of either IP version, the numbers of named ports, labels of namespaces, what blocks match, and what
policies do on the host's network. A proof holds whatever is so. A refutation holds whatever is so as well, for the
pods that it shows. An undecided claim is settled by the facts that it names.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_address, ip_network
from itertools import product
from random import Random
from typing import Any, Literal

from hypothesis import given, note, settings
from hypothesis import strategies as st

from netpolc.analysis import concrete_evaluator
from netpolc.analysis.assertions import Status, Verdict, decide
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.unknown_facts import BlockMatching, HostNetwork
from netpolc.ir.model import Policies
from netpolc.kube.inventory import ContainerPort, Inventory, Workload
from netpolc.kube.peers import BlockScope, Outside
from netpolc.kube.ports import Protocol
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.program.model import Program as Resolved
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.properties.test_meaning import compiled
from tests.reference import kubernetes, language
from tests.reference import world as reference
from tests.reference.language import (
    STAR,
    Arrow,
    Assertion,
    Block,
    Name,
    Numbers,
    PeerPorts,
    PodPeer,
    Port,
    PortName,
    Program,
    Requirement,
    Section,
    Selector,
    Star,
)
from tests.reference.printing import to_text
from tests.reference.world import METADATA_NAME, Address, Endpoint, Plugin, Pod, World
from tests.tries import tries

NAMESPACES = ("shop", "pay")
APPS = ("db", "api", "")
ENVS = ("prod", "dev", "")
BLOCKS = ("0.0.0.0/0", "10.0.0.0/8", "10.0.0.7/32", "::/0", "2001:db8::/32", "2001:db8::7/128")
ADDRESSES: tuple[Address, ...] = tuple(
    map(ip_address, ("10.0.0.7", "10.0.0.8", "192.0.2.1", "192.0.2.2"))
) + tuple(map(ip_address, ("2001:db8::7", "2001:db8::8", "2600::1", "2600::2")))
"""Two addresses in each part that the blocks tell apart, but for the parts of one address."""
NOT_PRIVATE = ("2001:db8:", "192.0.2.", "2600:")
"""The first characters of blocks without private addresses."""
PORTS = (("TCP", 80), ("TCP", 443), ("UDP", 53))
OWN_ADDRESSES: tuple[tuple[str, ...], ...] = (
    (),
    (),
    ("10.0.0.0/8",),
    ("2001:db8::/32",),
    ("10.0.0.0/8", "2001:db8::/32"),
)
OWNERS = ("pods", "nodes")
PLUGINS = tuple(Plugin(*flags) for flags in product((False, True), repeat=3))

subjects: st.SearchStrategy[Name | Selector | Star] = st.sampled_from(
    (
        Name("db"),
        Name("api"),
        STAR,
        (Requirement("app", "absent"),),
        (Requirement("app", "!=", ("db",)),),
    )
)
_PROD = (Requirement("env", "=", ("prod",)),)
pod_peers = st.one_of(
    st.builds(PodPeer, subjects),
    st.builds(PodPeer, subjects, st.sampled_from((Name("pay"), Name("shop"), _PROD, STAR))),
)
blocks = st.sampled_from(BLOCKS).map(Block)
numbers: st.SearchStrategy[tuple[Port, ...] | None] = st.sampled_from(
    (None, (Numbers("TCP", 80, 80),), (Numbers("TCP", 1, 65535), Numbers("UDP", 53, 53)))
)
ports = st.one_of(numbers, st.just((PortName("TCP", "http"),)))


@st.composite
def arrows(draw: st.DrawFn) -> Arrow:
    """An arrow of which every other peer is a block."""
    egress = draw(st.booleans())
    one = st.one_of(
        st.builds(PeerPorts, blocks, numbers if egress else ports),
        st.builds(
            PeerPorts, st.one_of(pod_peers, pod_peers, st.just("any")), numbers if egress else ports
        ),
    )
    return Arrow(
        subject=draw(subjects),
        egress=egress,
        peers=tuple(draw(st.lists(one, min_size=1, max_size=2))),
    )


assertions = st.builds(Assertion, st.sampled_from(("never", "always", "only")), arrows())
_DENIALS: tuple[dict[str, bool], ...] = (
    {},
    {"ingress": True},
    {"egress": True},
    {"ingress": True, "egress": True},
)


@st.composite
def _sections(draw: st.DrawFn) -> dict[str, Section]:
    """One or two namespaces; shop makes an assertion."""
    names = draw(st.sampled_from((NAMESPACES, NAMESPACES[:1])))
    found = {
        name: Section(
            name=name,
            facts=draw(st.sampled_from(({}, {"env": "prod"}))),
            deny=draw(st.sampled_from(_DENIALS)),
            arrows=tuple(draw(st.lists(arrows(), min_size=1, max_size=3))),
        )
        for name in names
    }
    return {**found, "shop": replace(found["shop"], assertions=(draw(assertions),))}


@st.composite
def _facing_blocks(draw: st.DrawFn) -> dict[str, Section]:
    """A namespace in which only blocks open the one end and the other, and a claim about both."""
    some = st.lists(st.builds(PeerPorts, blocks, numbers), min_size=1, max_size=2).map(tuple)
    about = st.sampled_from(((Name("db"), False, Name("api")), (Name("api"), True, Name("db"))))
    subject, egress, other = draw(about)
    peers = (PeerPorts(PodPeer(other), draw(numbers)),)
    claim: st.SearchStrategy[Literal["never", "always"]] = st.sampled_from(("never", "always"))
    section = Section(
        name="shop",
        deny={"ingress": True, "egress": draw(st.booleans())},
        arrows=(
            Arrow(subject=Name("db"), egress=False, peers=draw(some)),
            Arrow(subject=Name("api"), egress=True, peers=draw(some)),
        ),
        assertions=(Assertion(draw(claim), Arrow(subject=subject, egress=egress, peers=peers)),),
    )
    return {"shop": section}


@st.composite
def claims_about_blocks(draw: st.DrawFn, cidrs: Sequence[str] = BLOCKS) -> dict[str, Section]:
    """A namespace in which few pods and blocks are let in, and a claim about a block."""
    blocks = st.sampled_from(cidrs).map(Block)
    api = PeerPorts(PodPeer(Name("api")), draw(numbers))
    peers = draw(
        st.lists(st.one_of(st.just(api), st.builds(PeerPorts, blocks, numbers)), max_size=2)
    )
    claim: st.SearchStrategy[Literal["never", "always"]] = st.sampled_from(("never", "always"))
    about = Arrow(subject=Name("db"), egress=False, peers=(PeerPorts(draw(blocks), draw(numbers)),))
    section = Section(
        name="shop",
        deny={"ingress": True, "egress": draw(st.booleans())},
        arrows=(Arrow(subject=Name("db"), egress=False, peers=(api, *peers)),),
        assertions=(Assertion(draw(claim), about),),
    )
    return {"shop": section}


@st.composite
def programs(draw: st.DrawFn, of_nodes: Sequence[tuple[str, ...]] = ((),)) -> Program:
    """A program of one or two namespaces with an assertion, and the addresses of nodes that it may state."""
    own, nodes = draw(st.sampled_from(OWN_ADDRESSES)), draw(st.sampled_from(of_nodes))
    cluster = Section(
        name="",
        addresses={"pods": own, "nodes": nodes},
        blocks=draw(st.sampled_from((None, "outside", "all", "all"))),
        mirror=draw(st.sampled_from((None, False))),
        dns=(),
    )
    return Program(cluster, draw(st.one_of(_sections(), _facing_blocks(), claims_about_blocks())))


@st.composite
def workloads(draw: st.DrawFn) -> tuple[Pod, ...]:
    """Pods that are known to run, some of them on the host's network."""
    found = []
    for number in range(draw(st.integers(0, 3))):
        labels = {"app": app} if (app := draw(st.sampled_from(APPS))) else {}
        port = reference.ContainerPort("http", "TCP", draw(st.sampled_from((80, 443))))
        found.append(
            Pod(
                namespace=draw(st.sampled_from(NAMESPACES)),
                name=str(number),
                labels=labels,
                ports=draw(st.sampled_from(((), (port,)))),
                host_network=draw(st.sampled_from((False, False, True))),
            )
        )
    return tuple(found)


class Claimed:
    """A program with one assertion, what is known of its cluster, and the verdict on the assertion."""

    def __init__(self, program: Program, known: Sequence[Pod], complete: frozenset[str]) -> None:
        self.program = program
        self.known = known
        self.complete = complete
        files = to_text(program)
        note("\n".join(f"== {name}\n{text}" for name, text in files.items()))
        self.manifests: list[dict[str, Any]] = compiled(files)
        trees = [parse(SourceFile(name, text)).value for name, text in files.items()]
        self.resolved = resolve(trees).value
        policies = normalise(lower(self.resolved).value)
        self.policies = Policies(
            {
                name: replace(one, complete=name in complete)
                for name, one in policies.namespaces.items()
            }
        )
        (self.assertion,) = program.namespaces["shop"].assertions
        self.verdict = self.decided(self.resolved, known)
        note(f"{self.verdict.status} {self.verdict.unknowns}")

    def decided(self, resolved: Resolved, known: Sequence[Pod]) -> Verdict:
        """The verdict where these workloads are known."""
        assertion, *_ = resolved.assertions  # Statements may come twice.
        listed = [
            grant.peer.addresses for grant in assertion.grants if isinstance(grant.peer, Outside)
        ]
        bounds = Bounds.of(self.policies, resolved.addresses, listed)
        inventory = Inventory(workloads=tuple(map(_workload, known)))
        return decide(bounds, assertion, inventory, list(resolved.namespaces))

    def plugins(self) -> Iterator[Plugin]:
        """The plugins that agree with what is stated.

        Of pods on the host's network "behaviour is undefined, but it should be limited to 2
        possibilities": policies treat them like others, or neither apply to nor select them.
        """
        stated = self.program.cluster.blocks
        for blocks, hosts in product((False, True), repeat=2):
            if stated is None or blocks is (stated == "all"):
                yield Plugin(blocks, hosts, hosts)

    def could_be(self, pod: Pod, labels: dict[str, str]) -> bool:
        """Whether the facts admit a pod in a namespace with these labels."""
        facts = self.facts(pod.namespace)
        return (
            all(labels.get(key) == value for key, value in facts.items())
            and (pod.namespace not in self.complete or labels.keys() == facts.keys())
            and (pod.address is None or any(self._is_own(pod.address, key) for key in OWNERS))
        )

    def facts(self, namespace: str) -> dict[str, str]:
        """The known labels of a namespace."""
        sections = self.program.namespaces
        stated = sections[namespace].facts if namespace in sections else {}
        return {**stated, METADATA_NAME: namespace}

    def addresses(self, owner: str) -> list[Address]:
        """The addresses that pods, or nodes, may have."""
        return [address for address in ADDRESSES if self._is_own(address, owner)]

    def _is_own(self, address: Address, owner: str) -> bool:
        own = self.program.cluster.addresses[owner]
        return not own or any(address in ip_network(block) for block in own)

    def contradicts(self, world: World, probe: tuple[Endpoint, Endpoint, str, int]) -> bool:
        """Whether a connection contradicts the assertion."""
        claim, about = self.assertion.claim, self.assertion.about
        permitted = kubernetes.permits(self.manifests, world, *probe)
        if claim == "only":
            own = probe[0] if about.egress else probe[1]
            return (
                language.is_about(self.program, world, "shop", about, own)
                and permitted
                and not language.lists(self.program, world, "shop", about, *probe)
            )
        other = probe[1] if about.egress else probe[0]
        is_host = isinstance(other, Pod) and other.host_network
        return permitted is (claim == "never") and any(
            language.lists(
                self.program,
                replace(world, plugin=self._plugin_of_claim(world.plugin, one.peer, is_host)),
                "shop",
                replace(about, peers=(one,)),
                *probe,
            )
            for one in about.peers
        )

    def _plugin_of_claim(self, plugin: Plugin, peer: object, is_host: bool) -> Plugin:
        """The plugin in whose world a claim about a peer lists what it is about.

        `never` about a block is about pods on the host's network whatever blocks match.
        """
        if not (self._means_hosts(peer) if is_host else self._means_pods(peer)):
            return replace(plugin, blocks_match_pods=False)
        if is_host and self.assertion.claim == "never":
            return replace(plugin, blocks_match_pods=True)
        return plugin

    def _means_hosts(self, peer: object) -> bool:
        """The same about pods on the host's network, by the addresses of nodes."""
        own = self.program.cluster.addresses["nodes"]
        return bool(own) or not isinstance(peer, Block) or not peer.cidr.startswith(NOT_PRIVATE)

    def _means_pods(self, peer: object) -> bool:
        """Whether a claim about a peer is about pods too, where blocks match them.

        Where no addresses of pods are stated, blocks without private addresses are not.
        """
        own = self.program.cluster.addresses["pods"]
        return bool(own) or not isinstance(peer, Block) or not peer.cidr.startswith(NOT_PRIVATE)


def _workload(pod: Pod) -> Workload:
    return Workload(
        namespace=pod.namespace,
        name=pod.name,
        kind="Pod",
        labels=pod.labels,
        host_network=pod.host_network,
        ports=tuple(
            ContainerPort(number=p.number, protocol=Protocol(p.protocol), name=p.name)
            for p in pod.ports
        ),
    )


def _connections(claimed: Claimed, random: Random, number: int) -> Iterator[tuple[World, Any]]:
    """Connections that could exist, between pods in namespaces with labels that they could have."""
    for _ in range(number):
        spaces = {}
        for name in (*NAMESPACES, "elsewhere"):
            env = {"env": value} if (value := random.choice(ENVS)) else {}
            spaces[name] = {**env, **claimed.facts(name)}
            if name in claimed.complete:
                spaces[name] = claimed.facts(name)
        one = _pod(claimed, random, "shop")
        other: Endpoint = random.choice(ADDRESSES)
        if random.random() < 0.7:
            other = _pod(claimed, random, random.choice((*NAMESPACES, "elsewhere")))
        source, destination = (one, other) if random.random() < 0.5 else (other, one)
        if not isinstance(other, Pod) or kubernetes.connects(source, destination):
            yield World(spaces, ()), (source, destination, *random.choice(PORTS))


def _pod(claimed: Claimed, random: Random, namespace: str) -> Pod:
    """A pod that is known, or another one that could be."""
    known = [pod for pod in claimed.known if pod.namespace == namespace]
    if known and random.random() < 0.4:
        pod = random.choice(known)
        owner = "nodes" if pod.host_network else "pods"
        return replace(pod, address=random.choice(claimed.addresses(owner)))
    app = random.choice((*APPS, "other"))
    port = reference.ContainerPort("http", "TCP", random.choice((80, 443)))
    return Pod(
        namespace=namespace,
        name="any",
        labels={"app": app} if app else {},
        ports=random.choice(((), (port,))),
        address=random.choice(claimed.addresses("pods")),
    )


@settings(max_examples=tries(60), deadline=None)
@given(
    programs(OWN_ADDRESSES),
    workloads(),
    st.frozensets(st.sampled_from(NAMESPACES)),
    st.integers(0, 1 << 30),
)
def test_a_proof_holds_in_every_world(
    program: Program, known: tuple[Pod, ...], complete: frozenset[str], seed: int
) -> None:
    claimed = Claimed(program, known, complete)
    if claimed.verdict.status not in {Status.PROVED, Status.VACUOUS}:
        return
    for world, probe in _connections(claimed, Random(seed), 300):
        for plugin in claimed.plugins():
            assert not claimed.contradicts(replace(world, plugin=plugin), probe), (plugin, probe)


@settings(max_examples=tries(60), deadline=None)
@given(programs(), workloads(), st.frozensets(st.sampled_from(NAMESPACES)))
def test_a_refutation_shows_a_connection_that_could_exist(
    program: Program, known: tuple[Pod, ...], complete: frozenset[str]
) -> None:
    claimed = Claimed(program, known, complete)
    example = claimed.verdict.counterexample
    if example is None:
        return
    spaces: dict[str, dict[str, str]] = {}
    source = _endpoint(example.witness.sender, spaces)
    destination = _endpoint(example.witness.receiver, spaces)
    pods = [end for end in (source, destination) if isinstance(end, Pod)]
    assert len(pods) == 1 or kubernetes.connects(source, destination)
    assert all(claimed.could_be(pod, spaces[pod.namespace]) for pod in pods)
    probe = (source, destination, example.witness.protocol.value, example.witness.port)
    worlds = [World(spaces, (), plugin) for plugin in claimed.plugins()]
    contradicted = [claimed.contradicts(world, probe) for world in worlds]
    assert any(contradicted)
    # Where blocks may match more, `only` excuses more, and another connection may contradict it.
    if claimed.verdict.status is Status.REFUTED and claimed.assertion.claim != "only":
        assert all(contradicted)


def _endpoint(end: concrete_evaluator.End, spaces: dict[str, dict[str, str]]) -> Endpoint:
    if not isinstance(end, concrete_evaluator.Pod):
        return end
    spaces[end.namespace] = dict(end.namespace_labels)
    return Pod(
        namespace=end.namespace,
        name="any",
        labels=end.labels,
        ports=tuple(
            reference.ContainerPort(name.name, name.protocol.value, number)
            for name, numbers in end.ports.items()
            for number in numbers
        ),
        address=end.address,
    )


@settings(max_examples=tries(60), deadline=None)
@given(programs(), workloads())
def test_the_facts_of_an_undecided_claim_settle_it(
    program: Program, known: tuple[Pod, ...]
) -> None:
    claimed = Claimed(program, known, frozenset())
    verdict = claimed.verdict
    hosts = {str(_workload(pod)) for pod in known if pod.host_network}
    # Their ports keep their numbers, which decide about named ports too.
    ordinary = [replace(pod, host_network=False) for pod in known]
    without = claimed.decided(claimed.resolved, ordinary)
    if verdict.status is without.status is Status.UNKNOWN:
        assert set(without.unknowns) <= set(verdict.unknowns)
    elif verdict.status is not without.status:
        assert verdict.status is Status.UNKNOWN
        assert {
            fact.workload for fact in verdict.unknowns if isinstance(fact, HostNetwork)
        } <= hosts
    if without.unknowns == (BlockMatching(),):
        settled = [
            claimed.decided(
                replace(
                    claimed.resolved, addresses=replace(claimed.resolved.addresses, blocks=scope)
                ),
                ordinary,
            )
            for scope in BlockScope
        ]
        assert {one.status for one in settled} == {Status.PROVED, Status.REFUTED}
