"""`list`, `can` and assertions beside all that a cluster may have at once, against the API's own text in drawn clusters.

Intents with facts, policies of namespaces and of tiers, pods on the host's network and Namespace objects of some
namespaces are drawn together. What is certain is so in every cluster in which the facts are true.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import permutations
from random import Random

from hypothesis import given, note, settings
from hypothesis import strategies as st

from netpolc.analysis.bounds import Bounds
from netpolc.analysis.connection_list import AddressRange
from netpolc.analysis.explain_query import Answer, can
from netpolc.analysis.query import Question, of_workload
from netpolc.commands.list_ import listed
from netpolc.commands.pipeline import Compilation, run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.kube.inventory import Workload
from netpolc.kube.ports import Protocol, Traffic
from netpolc.source import SourceFile
from tests.fuzz.drawn_clusters import (
    OUTSIDE,
    PODS,
    Facts,
    Objects,
    arrows,
    cluster,
    compiled,
    connections,
    facts_of_clusters,
    labels_of_namespaces,
    manifest,
)
from tests.reference import kubernetes, tiers
from tests.reference import tier_strategies as small
from tests.reference.world import Address, Endpoint, Pod, World
from tests.tries import tries

_CLUSTERS = 8
_LABELED = tuple((namespace, app) for namespace, app in PODS if app)
_seeds = st.integers(0, 1 << 30)


@dataclass(frozen=True)
class _Drawn:
    """A program with its facts, the other policies of the cluster, and the pods on the host's network."""

    text: str
    facts: Facts
    existing: Objects
    hosts: frozenset[tuple[str, str]]

    def understood(self, claims: str = "", *, with_pods: bool = True) -> Compilation:
        """What a run knows of it, with some claims and perhaps without the pods."""
        pods = list(map(self._pod, PODS)) if with_pods else []
        objects = manifest([*self.facts.namespaces, *self.existing, *pods])
        note(f"{self.text}{claims}\n{objects}")
        sources = Sources(
            intents=(SourceFile("a.intent", self.text), SourceFile("c.intent", claims)),
            manifests=(SourceFile("k.json", objects),),
        )
        return run(sources, Options(today=date(2026, 1, 1)))

    def _pod(self, pod: tuple[str, str]) -> dict[str, object]:
        namespace, app = pod
        ports = [
            {"name": each.name, "protocol": each.protocol, "containerPort": each.number}
            for each in small.NAMED
        ]
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": app or "none",
                "namespace": namespace,
                "labels": {"app": app} if app else {},
            },
            "spec": {
                "hostNetwork": pod in self.hosts,
                "containers": [{"name": "c", "image": "i", "ports": ports}],
            },
        }

    def clusters(self, seed: int) -> Iterator[tuple[World, Random]]:
        """Some clusters in which the facts are true."""
        drawn = Random(seed)
        for _ in range(_CLUSTERS):
            yield cluster(self.facts, drawn, self.hosts), drawn


@st.composite
def _drawn(draw: st.DrawFn) -> _Drawn:
    facts = draw(facts_of_clusters(draw(labels_of_namespaces())))
    first, second = ("".join(draw(st.lists(arrows(), max_size=4))) for _ in range(2))
    existing = draw(st.just([]) | small.cluster_policies())
    hosts = st.frozensets(st.sampled_from(PODS), max_size=2)
    return _Drawn(
        f"{facts.text}namespace a\n{first}namespace b\n{second}",
        facts,
        [*existing, *draw(small.network_policies())],
        # The API of tiers does not say what its selectors mean for pods on the host's network.
        frozenset() if existing else draw(hosts),
    )


def _verdicts(policies: Objects, world: World, asked: tiers.Connection) -> frozenset[bool]:
    """What the policies may do with a connection."""
    network = tiers.Network(pods={pod: pod.address for pod in world.pods if pod.address})
    return tiers.verdicts(policies, world, network, asked)


@settings(max_examples=tries(40), deadline=None)
@given(_drawn(), _seeds)
def test_rows_of_a_list_are_true_in_each_cluster(drawn: _Drawn, seed: int) -> None:
    known = drawn.understood()
    policies = [*compiled(drawn.text), *drawn.existing]
    rows = list(listed(known, exposure=False))
    for world, draw in drawn.clusters(seed):
        for asked in connections(world, draw):
            ends = asked.source, asked.destination
            about = [row for row in rows if all(map(_is_at, row.ends, ends))]
            certain, possible = (
                any(asked.port in traffic.numbers(Protocol[asked.protocol]) for traffic in some)
                for some in ([row.traffic for row in about], [row.possible for row in about])
            )
            verdicts = _verdicts(policies, world, asked)
            where = asked, about, verdicts, world.namespaces, world.plugin
            assert verdicts == {True} or not certain, where
            assert verdicts == {False} or certain or possible, where


def _is_at(end: object, endpoint: Endpoint) -> bool:
    """Whether the end of a row is a pod, or has an address."""
    if isinstance(endpoint, Pod):
        return isinstance(end, Workload) and _is_of(end, endpoint)
    return (
        isinstance(end, AddressRange)
        and end.version == endpoint.version
        and end.first <= int(endpoint) <= end.last
    )


def _is_of(workload: Workload, pod: Pod) -> bool:
    return (workload.namespace, workload.name) == (pod.namespace, pod.name)


@settings(max_examples=tries(40), deadline=None)
@given(_drawn(), _seeds)
def test_answers_are_true_in_each_cluster(drawn: _Drawn, seed: int) -> None:
    known = drawn.understood()
    policies = [*compiled(drawn.text), *drawn.existing]
    bounds = Bounds.of(known.whole, known.program.addresses, (), known.tiers)
    pods = list(permutations(known.inventory.workloads, 2))
    questions = [
        (*pair, *port) for pair, port in zip(Random(seed).sample(pods, 6), small.PORTS, strict=True)
    ]
    for sender, receiver, protocol, port in questions:
        traffic = Traffic.of([(Protocol[protocol], port, port)])
        question = Question(
            sender=of_workload(sender), receiver=of_workload(receiver), traffic=traffic
        )
        answer = can(bounds, question, known.inventory).answer
        for world, _ in drawn.clusters(seed):
            asked = tiers.Connection(
                source=_pod_of(world, sender),
                destination=_pod_of(world, receiver),
                protocol=protocol,
                port=port,
            )
            if kubernetes.connects(asked.source, asked.destination):
                verdicts = _verdicts(policies, world, asked)
                where = asked, answer, verdicts, world.namespaces, world.plugin
                assert answer is not Answer.YES or verdicts == {True}, where
                assert answer is not Answer.NO or verdicts == {False}, where


def _pod_of(world: World, workload: Workload) -> Pod:
    return next(pod for pod in world.pods if _is_of(workload, pod))


@dataclass(frozen=True)
class _Claim:
    """`never` or `always` about pods, of which the second end may be an address outside."""

    word: str
    subject: tuple[str, str]
    arrow: str
    peer: tuple[str, str] | Address
    protocol: str
    port: int

    def __str__(self) -> str:
        """The claim as the language writes it."""
        if isinstance(self.peer, tuple):
            peer = _words(self.peer)
        else:
            peer = f"{self.peer}/{self.peer.max_prefixlen}"
        traffic = f"{self.port}/{self.protocol.lower()}"
        return f"{self.word} {_words(self.subject)} {self.arrow} {peer}:{traffic}"

    def connection(self, world: World) -> tiers.Connection:
        """The connection in a cluster that the claim is about."""
        pods = {(pod.namespace, pod.labels.get("app", "")): pod for pod in world.pods}
        subject = pods[self.subject]
        peer = pods[self.peer] if isinstance(self.peer, tuple) else self.peer
        source, destination = (peer, subject) if self.arrow == "<-" else (subject, peer)
        return tiers.Connection(
            source=source, destination=destination, protocol=self.protocol, port=self.port
        )


def _words(pod: tuple[str, str]) -> str:
    namespace, app = pod
    return f"{{app={app}}} in ns {namespace}"


_claims = st.builds(
    _Claim,
    st.sampled_from(("never", "always")),
    st.sampled_from(_LABELED),
    st.sampled_from(("<-", "->")),
    st.sampled_from((*_LABELED, *OUTSIDE)),
    st.sampled_from(("TCP", "UDP")),
    st.sampled_from((53, 80, 85)),
)


@settings(max_examples=tries(40), deadline=None)
@given(_drawn(), st.lists(_claims, min_size=8, max_size=8), st.booleans(), _seeds)
def test_proved_claims_are_true_in_each_cluster(
    drawn: _Drawn, claims: list[_Claim], with_pods: bool, seed: int
) -> None:
    text = "\n".join(["namespace a", *map(str, claims), ""])
    known = drawn.understood(text, with_pods=with_pods)
    spans = [each.label.span for each in known.diagnostics if each.rule.code.startswith("NP5")]
    refuted = {span.line for span in spans if span.path == "c.intent"}
    policies = [*compiled(drawn.text), *drawn.existing]
    for line, claim in enumerate(claims, 2):
        for world, _ in () if line in refuted else drawn.clusters(seed):
            asked = claim.connection(world)
            ends = asked.source, asked.destination
            are_meant = with_pods or not any(
                isinstance(end, Pod) and end.host_network for end in ends
            )
            if are_meant and kubernetes.connects(*ends):
                verdicts = _verdicts(policies, world, asked)
                where = str(claim), verdicts, world.namespaces, world.plugin
                assert verdicts == {claim.word == "always"}, where
