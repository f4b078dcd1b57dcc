"""The analysis against the passes, and against an evaluator that shares no code with it."""

from collections.abc import Mapping
from dataclasses import replace

import yaml
from hypothesis import given, note, settings
from hypothesis import strategies as st

from netpolc.analysis.connection_list import connections
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.possible_connections import possible_connections
from netpolc.analysis.query import Question, of_workload
from netpolc.analysis.reachability import reach
from netpolc.analysis.semantic_diff import compare, equivalent
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import ContainerPort, Inventory, Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import BlockScope, Direction, Outside, Pods
from netpolc.kube.ports import EVERY_PORT, PROTOCOLS, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.lints.redundant_arrow import redundant_arrows
from netpolc.manifest.write import write
from netpolc.passes.emit import emit
from netpolc.passes.lift import lift
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.program.model import ClusterAddresses
from netpolc.sets import ValueSet
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.properties.strategies import NAMESPACES, policies
from tests.properties.test_ir import ADDRESSES, worlds
from tests.reference.kubernetes import connects, permits
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.reference.strategies import programs
from tests.reference.world import Plugin, Pod, World
from tests.tries import tries

PORTS = (1, 53, 80, 82, 443)


@settings(max_examples=tries(30), deadline=None)
@given(policies())
def test_normalise_changes_no_connection(drawn: Policies) -> None:
    assert not compare(drawn, normalise(drawn))


@settings(max_examples=tries(20), deadline=None)
@given(policies())
def test_manifests_permit_what_the_ir_permits(drawn: Policies) -> None:
    # Labels of namespaces are facts of the program, which manifests do not carry.
    silent = {
        name: replace(one, labels={METADATA_NAME: name}, complete=False)
        for name, one in drawn.namespaces.items()
    }
    manifests = emit(normalise(Policies(silent))).value
    assert equivalent(Policies(silent), lift(manifests).value)


@settings(max_examples=tries(30), deadline=None)
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


@settings(max_examples=tries(60), deadline=None)
@given(programs(), st.integers(0, 99))
def test_arrows_that_are_called_redundant_can_be_removed(program: Program, seed: int) -> None:
    """All of them at once, from the text: what mirrored them, closed with them, is still there."""
    files = to_text(program, seed)
    note("\n".join(f"== {name}\n{text}" for name, text in files.items()))
    before = _lowered(files)
    left = dict(files)
    spans = {found.label.span for found in redundant_arrows(Cluster(before))}
    for span in sorted(spans, key=lambda span: span.start, reverse=True):
        text = left[span.path]
        left[span.path] = text[: span.start] + "#" * bool(span.text) + text[span.end :]
    note("\n".join(f"== left of {name}\n{text}" for name, text in left.items()))
    assert equivalent(before, _lowered(left))


def _lowered(files: Mapping[str, str]) -> Policies:
    trees = [parse(SourceFile(name, text)).value for name, text in files.items()]
    return lower(resolve(trees).value).value


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
            host_network=pod.host_network,
            ports=tuple(
                ContainerPort(number=p.number, protocol=Protocol(p.protocol), name=p.name)
                for p in pod.ports
            ),
        )
        for pod in world.pods
    )
    return Policies(sets), Inventory(workloads=workloads)


_PLUGINS = st.builds(
    Plugin,
    blocks_match_pods=st.booleans(),
    policies_on_hosts=st.booleans(),
    selectors_match_hosts=st.booleans(),
)


def outside(block: str) -> Outside:
    return Outside(Addresses.of([Block(Cidr.parse(block))]))


APPS, _ENVS = ("db", "api"), ("dev", "prod")
BY_APP = st.sampled_from([EVERYTHING, *(Selector.labels({"app": app}) for app in APPS)])
_BY_ENV = st.sampled_from(
    [
        *(Selector.labels({"env": env}) for env in _ENVS),
        Selector.of((("env", ValueSet.other_than("dev")),)),
    ]
)
_BLOCKS = st.sampled_from(("0.0.0.0/0", "10.0.0.0/8", "::/0")).map(outside)
_PEERS = st.one_of(
    _BLOCKS,
    st.builds(Pods, st.none(), BY_APP),
    st.builds(Pods, _BY_ENV, BY_APP),
    _BLOCKS,
)


@st.composite
def _isolating(draw: st.DrawFn) -> Policies:
    """Policies that close something in both namespaces, and open it to what may be unknown."""
    allows = st.lists(
        st.builds(
            Allow,
            subject=BY_APP,
            direction=st.sampled_from(Direction),
            peer=_PEERS,
            traffic=st.just(EVERY_PORT),
        ),
        min_size=1,
        max_size=3,
    )
    found = {}
    for name in NAMESPACES:
        some = draw(allows)
        closed = (Subject(selector=one.subject, direction=one.direction) for one in some)
        found[name] = policy_set(namespace=name, parts=(*closed, *some))
    return Policies(found)


@st.composite
def _unknown_worlds(draw: st.DrawFn) -> World:
    """Pods whose network, address and namespace's labels the policies may ask for."""
    env = st.dictionaries(st.just("env"), st.sampled_from(_ENVS))
    pods = tuple(
        Pod(
            namespace=draw(st.sampled_from(NAMESPACES)),
            name=str(number),
            labels={"app": app},
            address=draw(st.sampled_from(ADDRESSES)),
            host_network=draw(st.sampled_from((False, False, True))),
        )
        for number, app in enumerate(APPS * 2)
    )
    spaces = {name: {**draw(env), METADATA_NAME: name} for name in NAMESPACES}
    return World(spaces, pods, draw(_PLUGINS))


@settings(max_examples=tries(100), deadline=None)
@given(_isolating(), _unknown_worlds(), st.data())
def test_what_is_certain_holds_for_every_plugin_and_label(
    drawn: Policies, world: World, data: st.DataObject
) -> None:
    """A list names no connection as certain that some world lacks, and omits none that some has."""
    manifests = [yaml.safe_load(write(policy)) for policy in emit(normalise(drawn)).value]
    pods, plugin = world.pods, world.plugin
    known, inventory = _known(drawn, world)
    if data.draw(st.booleans(), label="labels of namespaces are not stated"):
        silent = {
            name: replace(one, labels={METADATA_NAME: name}, complete=False)
            for name, one in known.namespaces.items()
        }
        known = Policies(silent)
    blocks = BlockScope.ALL if plugin.blocks_match_pods else BlockScope.OUTSIDE
    stated = ClusterAddresses(blocks=data.draw(st.sampled_from([None, blocks])))
    rows = {
        (str(row.sender), str(row.receiver)): (row.traffic, row.possible)
        for row in possible_connections(known, inventory, stated)
    }
    for one, sender in zip(pods, inventory.workloads, strict=True):
        for other, receiver in zip(pods, inventory.workloads, strict=True):
            if one is other or not connects(one, other):
                continue
            none = (Traffic(), Traffic())
            certain, possible = rows.get((str(sender), str(receiver)), none)
            for protocol in PROTOCOLS:
                for port in PORTS[:1]:
                    permitted = permits(manifests, world, one, other, protocol.value, port)
                    if port in certain.numbers(protocol):
                        assert permitted
                    elif permitted:
                        assert port in possible.numbers(protocol)
