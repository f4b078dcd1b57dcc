"""Labels that controllers add to pods, in lists and answers, against the API's own text.

Each pod of a Deployment has some `pod-template-hash`; whether a pod of a StatefulSet has an
`apps.kubernetes.io/pod-index` depends on the version of Kubernetes.
"""

from collections.abc import Iterator
from itertools import permutations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.bounds import Bounds
from netpolc.analysis.explain_query import Answer, can
from netpolc.analysis.possible_connections import possible_connections
from netpolc.analysis.query import Question, of_workload
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, PolicySet, Subject
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.label_conventions import controller_labels
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.ports import EVERY_PORT, NO_TRAFFIC
from netpolc.kube.selectors import Selector
from netpolc.program.model import ClusterAddresses
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT
from tests.properties.test_blocks_in_lists import Case, agrees, case
from tests.reference.kubernetes import permits
from tests.reference.world import Pod, World
from tests.tries import tries

HASH, INDEX = "pod-template-hash", "apps.kubernetes.io/pod-index"
WORKLOADS = tuple(
    Workload(
        namespace="shop",
        name=name,
        kind=kind,
        labels={"app": name},
        varying=controller_labels(kind, name),
    )
    for kind, name in (("Deployment", "api"), ("StatefulSet", "db"))
)
VALUES: dict[str, tuple[dict[str, str], ...]] = {
    "Deployment": ({HASH: "0"}, {HASH: "1"}),
    "StatefulSet": ({}, {INDEX: "0"}, {INDEX: "1"}),
}


def policies(keys: tuple[str, ...], sets: tuple[ValueSet, ...]) -> st.SearchStrategy[PolicySet]:
    """Policies that select pods by what controllers add."""
    selectors = st.builds(
        lambda key, allowed: Selector.of([(key, allowed)]),
        st.sampled_from(keys),
        st.sampled_from(sets),
    )
    allows = st.builds(
        Allow,
        subject=selectors,
        direction=st.sampled_from(Direction),
        peer=st.builds(Pods, st.none(), selectors),
        traffic=st.just(EVERY_PORT),
    )
    return st.lists(allows, min_size=1, max_size=4).map(_closed)


def _closed(allows: list[Allow]) -> PolicySet:
    subjects = (Subject(selector=each.subject, direction=each.direction) for each in allows)
    return policy_set(namespace="shop", complete=True, parts=(*subjects, *allows))


def outcomes(this: Case, sender: Workload, receiver: Workload) -> Iterator[bool]:
    """What is permitted between pods with all labels that the workloads' pods may have."""
    for each in product(VALUES[sender.kind], VALUES[receiver.kind]):
        source, destination = (
            Pod(namespace="shop", name=workload.name, labels={**workload.labels, **added})
            for workload, added in zip((sender, receiver), each, strict=True)
        )
        world = World({"shop": {METADATA_NAME: "shop"}}, (source, destination))
        yield permits(this.manifests, world, source, destination, "TCP", 1)


def answers(drawn: PolicySet) -> Iterator[tuple[set[bool], bool, bool, Answer]]:
    """For each pair of workloads: the outcomes, whether they are listed as certain or possible, and the answer."""
    this = case(drawn, ClusterAddresses())
    inventory = Inventory(workloads=WORKLOADS)
    rows = possible_connections(this.policies, inventory, this.facts)
    by_ends = {(str(row.sender), str(row.receiver)): row for row in rows}
    bounds = Bounds.of(this.policies, this.facts)
    for sender, receiver in permutations(WORKLOADS):
        row = by_ends.get((str(sender), str(receiver)))
        certain, possible = (NO_TRAFFIC,) * 2 if row is None else (row.traffic, row.possible)
        question = Question(sender=of_workload(sender), receiver=of_workload(receiver))
        answer = can(bounds, question, inventory).answer
        yield set(outcomes(this, sender, receiver)), 1 in certain.tcp, 1 in possible.tcp, answer


@settings(max_examples=tries(60), deadline=None)
@given(policies((HASH,), (PRESENT, ABSENT)))
def test_whether_pods_have_a_label_that_none_lacks_is_certain(drawn: PolicySet) -> None:
    for verdicts, is_certain, is_possible, answer in answers(drawn):
        assert agrees(verdicts, certain=is_certain, possible=is_possible)
        assert answer is (Answer.YES if verdicts == {True} else Answer.NO)


@settings(max_examples=tries(60), deadline=None)
@given(policies((HASH, INDEX), (PRESENT, ABSENT, ValueSet.among("0"), ValueSet.other_than("0"))))
def test_no_value_of_a_label_contradicts_what_is_certain(drawn: PolicySet) -> None:
    for verdicts, is_certain, is_possible, answer in answers(drawn):
        assert not is_certain or verdicts == {True}
        assert is_certain or is_possible or verdicts == {False}
        assert answer is not Answer.YES or verdicts == {True}
        assert answer is not Answer.NO or verdicts == {False}
