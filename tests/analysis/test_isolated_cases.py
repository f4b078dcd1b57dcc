"""The rows of a list, which are searched for in few cases, against those of every pair of namespaces."""

from dataclasses import replace
from itertools import product
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.concrete_evaluator import End, Pod
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.reachability import Reached, reach
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.name_rules import METADATA_NAME
from tests.analysis import strategies as small
from tests.analysis.test_reachability_random import holds
from tests.tries import tries


@st.composite
def policies(draw: st.DrawFn) -> Policies:
    """Namespaces with policies and without, all with a label that no policy tests."""
    sets = {name: draw(small.policy_sets(name)) for name in ("a", "b")}
    for name in ("c", "d"):
        labels = draw(st.sampled_from([{}, {"env": "p"}, {"env": "q"}, {"env": "r"}]))
        sets[name] = PolicySet(namespace=name, labels=labels, complete=draw(st.booleans()))
    return Policies(
        {name: replace(one, labels={**one.labels, "team": name}) for name, one in sets.items()}
    )


def ends(known: Policies) -> list[End]:
    """Addresses, and pods in each namespace with the labels that it may have."""
    found = list(small.ADDRESSES)
    for name, one in known.namespaces.items():
        free = not one.complete and "env" not in one.labels
        for env in ({}, {"env": "p"}, {"env": "q"}) if free else ({},):
            labels = {**one.labels, METADATA_NAME: name, **env}
            found += (
                Pod(namespace=name, namespace_labels=labels, labels=own, ports={})
                for own in small.POD_LABELS[::3]
            )
    return found


@settings(max_examples=tries(40), deadline=None)
@given(policies(), st.randoms(use_true_random=False))
def test_a_list_has_the_rows_of_every_pair_of_namespaces(known: Policies, chance: Random) -> None:
    plain = list(reach(Cluster(known)))
    listed = list(reach(Cluster(known, asked_by_policies=True), between_open=False))
    pairs = [pair for pair in product(ends(known), repeat=2) if any(map(_is_pod, pair))]
    for sender, receiver in chance.sample(pairs, 80):
        if small.could_be(known, sender, receiver):
            assert _told(listed, sender, receiver) == _told(plain, sender, receiver)


def _is_pod(end: End) -> bool:
    return isinstance(end, Pod)


def _told(rows: list[Reached], sender: End, receiver: End) -> list[object]:
    """What the rows about two ends say, but for ends that nothing isolates."""
    return [
        (row.carried, row.egress, row.ingress)
        for row in rows
        if holds(row, sender, receiver) and not (row.egress is None and row.ingress is None)
    ]
