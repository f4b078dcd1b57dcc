"""`list`, `list --exposure`, `can` and assertions say the same of one world.

Each of them has its own way to an answer. Only where labels of namespaces are not stated, a list of workloads may
leave open what the others decide: it takes each test of such a label by itself (LANGUAGE.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import permutations, product

from hypothesis import example, given, settings
from hypothesis import strategies as st

from netpolc.analysis.assertions import Status, decide
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.concrete_evaluator import Pod
from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.explain_query import Answer, can
from netpolc.analysis.query import Question, of_workload
from netpolc.analysis.unknown_facts import NamespaceLabel
from netpolc.analysis.unknown_of_list import namespace_facts
from netpolc.commands.list_ import listed
from netpolc.commands.listed import Listed
from netpolc.commands.pipeline import Compilation, understand
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.kube.inventory import Workload
from netpolc.kube.ports import Protocol, Traffic
from netpolc.source import SourceFile
from tests.analysis.test_reachability_random import is_in
from tests.commands.test_list_exposure import workload
from tests.tries import tries

TODAY = Options(today=date(2026, 1, 1))
PORTS = (1, 2)
WORKLOADS = (("shop", "a"), ("shop", "b"), ("pay", "b"), ("qa", "a"))
ENVS: tuple[dict[str, str], ...] = ({}, {"env": "dev"}, {"env": "prod"})
SUBJECTS = ("a", "b", "*", "{app!=a}")
PEERS = (
    *("a", "b", "*", "any", "ns *", "ns {env=dev}", "ns {env!=dev}", "a in ns {env=dev}"),
    *(
        "b in ns *",
        "ns qa",
        "ns shop",
        "10.0.0.0/8",
        "10.0.0.0/24",
        "192.0.2.0/24",
        "::/0",
        "0.0.0.0/0",
    ),
)
PORT_TEXTS = ("", ":1", ":2", ":[1, 2]")
FACTS = (
    *("", "", "", "blocks: all", "blocks: outside", "pods: 10.0.0.0/16", "nodes: 10.0.0.0/24"),
    *("blocks: all\npods: 10.0.0.0/16", "blocks: all\nnodes: 10.0.0.0/24"),
    *("blocks: all\npods: 10.0.0.0/16\nnodes: 192.0.2.0/24", "pods: 192.0.2.0/25, fd00::/64"),
)
TIER = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: NAME}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: SELECTOR}
  DIRECTION:
  - {action: ACTION, SIDE: [PEER], protocols: [{tcp: {destinationPort: {number: 1}}}]}
---
"""
selectors = st.sampled_from(
    ("{}", "{matchLabels: {env: dev}}", "{matchLabels: {kubernetes.io/metadata.name: shop}}")
)


@st.composite
def arrows(draw: st.DrawFn) -> str:
    """An arrow."""
    subject, peer = draw(st.sampled_from(SUBJECTS)), draw(st.sampled_from(PEERS))
    return f"{subject} {draw(st.sampled_from(('<-', '<-', '->')))} {peer}{draw(st.sampled_from(PORT_TEXTS))}\n"


@st.composite
def tier_policies(draw: st.DrawFn) -> str:
    """A policy of the Admin tier that names pods of some namespaces."""
    direction, side = draw(st.sampled_from((("ingress", "from"), ("egress", "to"))))
    text = TIER.replace("SELECTOR", draw(selectors)).replace("DIRECTION", direction)
    text = text.replace("ACTION", draw(st.sampled_from(("Accept", "Deny", "Pass"))))
    return text.replace("SIDE", side).replace("PEER", f"{{namespaces: {draw(selectors)}}}")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[str, str]:
    """Intents, and manifests of workloads, some on the host's network, and perhaps of a tier."""
    header = draw(st.sampled_from(("namespace shop\n", "namespace shop {env=dev}\n")))
    text = f"cluster\ndns: none\n{draw(st.sampled_from(FACTS))}\n{header}"
    text += "".join(draw(st.lists(arrows(), min_size=1, max_size=4)))
    text += "namespace pay\n" + "".join(draw(st.lists(arrows(), max_size=2)))
    hosts = draw(st.sets(st.sampled_from([("shop", "b"), ("qa", "a")])))
    objects = "".join(workload(*name, host=name in hosts) for name in WORKLOADS)
    if draw(st.integers(0, 3)) == 0:
        objects += draw(tier_policies()).replace("NAME", "first")
    return text, objects


def understood(world: tuple[str, str]) -> Compilation:
    """What a run knows of a world."""
    intents, manifests = world
    sources = Sources(
        intents=(SourceFile("a.intent", intents),), manifests=(SourceFile("w.yaml", manifests),)
    )
    known = understand(sources, TODAY)
    assert not known.failed
    return known


@dataclass(frozen=True)
class Said:
    """What a list says of a port: certain, possible or neither; by labels that nobody states or not."""

    certain: bool = False
    possible: bool = False
    by_labels: bool = False


NOTHING = Said()


def of_row(row: Listed | None, port: int) -> Said:
    """What a row says, or no row."""
    if row is None:
        return NOTHING
    by_labels = any(isinstance(fact, NamespaceLabel) for fact in row.facts)
    return Said(port in row.traffic.tcp, port in row.possible.tcp, by_labels)


def by_can(known: Compilation, sender: Workload, receiver: Workload, port: int) -> Answer:
    """The answer to a question about the pods of two workloads."""
    bounds = Bounds.of(known.whole, known.program.addresses, (), known.tiers)
    traffic = Traffic.of([(Protocol.TCP, port, port)])
    question = Question(sender=of_workload(sender), receiver=of_workload(receiver), traffic=traffic)
    return can(bounds, question, known.inventory).answer


def as_unknown(known: Compilation, pod: Workload) -> Iterator[Pod]:
    """Pods like those of a workload, with all labels that its namespace may have."""
    facts = namespace_facts(known.whole, pod.namespace)
    free = "env" not in facts.labels and not facts.complete
    for labels in ENVS if free else ({},):
        yield Pod(
            namespace=pod.namespace,
            namespace_labels={**facts.labels, **labels},
            labels=pod.labels,
        )


def exposed(rows: list[Listed], own: Workload, other: Pod, *, own_end: int) -> Listed | None:
    """The one row of exposure about a workload and a pod."""
    holding = [
        row
        for row in rows
        if row.exposure
        and row.ends[own_end] is own
        and isinstance(end := row.ends[1 - own_end], PodClass)
        and is_in(other, end)
    ]
    assert len(holding) <= 1
    return holding[0] if holding else None


def between(rows: list[Listed]) -> dict[tuple[str, str], Listed]:
    """The rows between workloads, by their names."""
    return {(row.sender, row.receiver): row for row in rows if not row.exposure}


@settings(max_examples=tries(15), deadline=None)
@given(worlds())
def test_questions_and_claims_agree_with_the_list(world: tuple[str, str]) -> None:
    known = understood(world)
    rows = between(list(listed(known, exposure=False)))
    for sender, receiver in permutations(known.inventory.workloads, 2):
        for port in PORTS:
            said = of_row(rows.get((str(sender), str(receiver))), port)
            answer = by_can(known, sender, receiver, port)
            where = str(sender), str(receiver), port, said, answer
            if said.certain:
                assert answer is Answer.YES, where
            elif not said.possible:
                # The receiver's own node always reaches it; a list leaves these connections out.
                assert answer is (Answer.UNKNOWN if sender.host_network else Answer.NO), where
            elif not said.by_labels:
                assert answer in {Answer.UNKNOWN, Answer.PARTLY}, where


@settings(max_examples=tries(15), deadline=None)
@given(worlds(), st.data())
def test_a_proved_claim_holds_in_the_list(world: tuple[str, str], data: st.DataObject) -> None:
    names = [f"{name} in ns {namespace}" for namespace, name in WORKLOADS]
    peers = st.lists(st.sampled_from(names), min_size=2, max_size=2, unique=True)
    pairs = data.draw(st.lists(peers, min_size=3, max_size=3))
    claims = "".join(
        f"never {subject} <- {peer}:1\nalways {subject} <- {peer}:1\nonly {subject} <- {peer}\n"
        for subject, peer in pairs
    )
    known = understood((f"{world[0]}{claims}", world[1]))
    rows = between(list(listed(known, exposure=False)))
    bounds = Bounds.of(known.whole, known.program.addresses, (), known.tiers)
    proved = {
        assertion.origin.statement
        for assertion in known.program.assertions
        if decide(bounds, assertion, known.inventory, []).status is Status.PROVED
    }
    for subject, peer in pairs:
        ends = {name: str(each) for name, each in zip(names, by_names(known), strict=True)}
        said = of_row(rows.get((ends[peer], ends[subject])), 1)
        if f"never {subject} <- {peer}:1" in proved:
            assert said == NOTHING or said.by_labels
        if f"always {subject} <- {peer}:1" in proved:
            assert said.certain or (said.possible and said.by_labels)
        if f"only {subject} <- {peer}" in proved:
            for other, port in product(set(names) - {subject, peer}, PORTS):
                said = of_row(rows.get((ends[other], ends[subject])), port)
                assert said == NOTHING or said.by_labels


def by_names(known: Compilation) -> list[Workload]:
    """The workloads in the order of their names here."""
    found = {(each.namespace, each.name): each for each in known.inventory.workloads}
    return [found[name] for name in WORKLOADS]


def with_a_host(facts: str, arrow: str) -> tuple[str, str]:
    """A world in which b of shop is on the host's network, and b of pay has an arrow."""
    objects = "".join(workload(*name, host=name == ("shop", "b")) for name in WORKLOADS)
    return f"cluster\ndns: none\n{facts}\nnamespace shop\na <- a\nnamespace pay\n{arrow}\n", objects


@settings(max_examples=tries(15), deadline=None)
@given(worlds())
@example(with_a_host("pods: 10.0.0.0/16", "b <- ::/0"))
@example(with_a_host("blocks: all\npods: 10.0.0.0/16", "b <- 0.0.0.0/0"))
@example(with_a_host("blocks: all\nnodes: 10.0.0.0/24", "namespace shop\nb <- 0.0.0.0/0"))
@example(with_a_host("blocks: all\nnodes: 10.0.0.0/24", "namespace shop\nb -> 0.0.0.0/0"))
@example(
    with_a_host(
        "blocks: all\nnodes: 10.0.0.1/32", "namespace shop\nb <- 0.0.0.0/0 except 10.0.0.1/32"
    )
)
def test_a_known_pod_is_exposed_as_an_unknown_one_would_be(world: tuple[str, str]) -> None:
    """Exposure leaves out some of what blocks may match where nothing is stated of them."""
    known = understood(world)
    stated = known.program.addresses
    leaves_out = not stated.pods and stated.blocks is None
    rows = list(listed(known, exposure=True))
    listed_rows = between(rows)
    for own, other in permutations(known.inventory.workloads, 2):
        for own_end, ends in enumerate(((own, other), (other, own))):
            if other.host_network:
                continue
            pods = as_unknown(known, other)
            found = [exposed(rows, own, pod, own_end=own_end) for pod in pods]
            said = of_row(listed_rows.get((str(ends[0]), str(ends[1]))), 1)
            each = [of_row(row, 1) for row in found]
            certain = all(one.certain for one in each)
            possible = not certain and any(one.certain or one.possible for one in each)
            where = str(ends[0]), str(ends[1]), said, each
            assert certain or not said.certain, where
            assert said.certain or said.possible or not possible, where
            if not said.by_labels:
                assert certain == said.certain, where
                assert possible == said.possible or leaves_out, where
