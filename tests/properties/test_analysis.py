"""The analysis against the passes, and against an evaluator that shares no code with it."""

from dataclasses import replace

import yaml
from hypothesis import given, settings

from netpolc.analysis.cluster import Cluster
from netpolc.analysis.compare import compare, equivalent
from netpolc.analysis.listing import connections
from netpolc.analysis.question import Question, of_workload
from netpolc.analysis.reach import reach
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.names import METADATA_NAME
from netpolc.kube.ports import PROTOCOLS, Protocol, Traffic
from netpolc.kube.workloads import ContainerPort, Inventory, Workload
from netpolc.manifest.write import write
from netpolc.passes.emit import emit
from netpolc.passes.lift import lift
from netpolc.passes.normalise import normalise
from tests.properties.strategies import policies
from tests.properties.test_ir import worlds
from tests.reference.kubernetes import permits
from tests.reference.world import World

PORTS = (1, 53, 80, 82, 443)


@settings(max_examples=30, deadline=None)
@given(policies())
def test_normalise_changes_no_connection(drawn: Policies) -> None:
    assert not compare(drawn, normalise(drawn))


@settings(max_examples=20, deadline=None)
@given(policies())
def test_manifests_permit_what_the_ir_permits(drawn: Policies) -> None:
    # Labels of namespaces are facts of the program, which manifests do not carry.
    silent = {
        name: replace(one, labels={METADATA_NAME: name}, complete=False)
        for name, one in drawn.namespaces.items()
    }
    manifests = emit(normalise(Policies(silent))).value
    assert equivalent(Policies(silent), lift(manifests).value)


@settings(max_examples=30, deadline=None)
@given(policies(), worlds())
def test_lists_and_classes_agree_with_the_reference(drawn: Policies, world: World) -> None:
    manifests = [yaml.safe_load(write(policy)) for policy in emit(normalise(drawn)).value]
    known, inventory = _known(drawn, world)
    cluster = Cluster(known)
    rows = {(str(r.sender), str(r.receiver)): r.traffic for r in connections(known, inventory)}
    for sender, one in zip(inventory.workloads, world.pods, strict=True):
        for receiver, other in zip(inventory.workloads, world.pods, strict=True):
            if one is other:
                continue
            listed = rows.get((str(sender), str(receiver)), Traffic())
            question = Question(sender=of_workload(sender), receiver=of_workload(receiver))
            reached = Traffic()
            for row in reach(cluster, (question,)):
                reached |= row.carried.traffic
            assert reached == listed
            for protocol in PROTOCOLS:
                for port in PORTS:
                    permitted = permits(manifests, world, one, other, protocol.value, port)
                    assert (port in listed.numbers(protocol)) == permitted


def _known(drawn: Policies, world: World) -> tuple[Policies, Inventory]:
    """The world's namespaces with all their labels, and its pods as workloads."""
    sets = {
        name: replace(
            drawn.namespaces.get(name, PolicySet(namespace=name)), labels=labels, complete=True
        )
        for name, labels in world.namespaces.items()
    }
    workloads = tuple(
        Workload(
            namespace=pod.namespace,
            name=pod.name,
            kind="Pod",
            labels=pod.labels,
            ports=tuple(
                ContainerPort(number=p.number, protocol=Protocol(p.protocol), name=p.name)
                for p in pod.ports
            ),
        )
        for pod in world.pods
    )
    return Policies(sets), Inventory(workloads=workloads)
