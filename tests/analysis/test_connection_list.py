"""Lists of today's connections where the oracle's cases say nothing."""

from dataclasses import replace

from netpolc.analysis.connection_list import AddressRange, connections
from netpolc.analysis.possible_connections import possible_connections
from netpolc.analysis.unknown_facts import (
    BlockMatching,
    HostNetwork,
    NamespaceLabel,
    ReplicaLabel,
    UnknownFact,
)
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import CustomObject, Inventory, Workload
from netpolc.kube.label_conventions import ControllerLabel, LabelValue, controller_labels
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import BlockScope, Direction, Outside, Pods
from netpolc.kube.ports import EVERY_PORT, Traffic
from netpolc.kube.selectors import Selector
from netpolc.program.model import ClusterAddresses
from netpolc.sets import ValueSet
from tests.analysis.test_semantic_diff import API, DB, TCP
from tests.listing_diff import changes

INGRESS, EGRESS = Direction.INGRESS, Direction.EGRESS
DATABASE, BACKEND = (
    Workload(namespace="shop", name=name, kind="Deployment", labels={"app": name})
    for name in ("db", "api")
)
INVENTORY = Inventory(workloads=(DATABASE, BACKEND))


def outside(*blocks: str) -> Outside:
    return Outside(Addresses.of(Block(Cidr.parse(block)) for block in blocks))


def shop(*allows: Allow) -> Policies:
    closed = tuple(
        Subject(selector=subject, direction=direction)
        for subject, direction in {(a.subject, a.direction): None for a in allows}
    )
    return Policies({"shop": policy_set(namespace="shop", parts=(*closed, *allows))})


def allow(peer: Pods | Outside, direction: Direction = INGRESS) -> Allow:
    return Allow(
        subject=DB if direction is INGRESS else API, direction=direction, peer=peer, traffic=TCP
    )


def test_neighbouring_addresses_with_equal_traffic_are_one_row() -> None:
    known = shop(allow(outside("10.0.0.0/9")), allow(outside("10.128.0.0/9")))
    ranges = [r.sender for r in connections(known, INVENTORY) if r.receiver is DATABASE]
    assert ranges == [AddressRange(10 << 24, (11 << 24) - 1)]
    assert str(ranges[0]) == "10.0.0.0-10.255.255.255"


def test_an_open_receiver_is_reached_by_whoever_may_leave() -> None:
    known = shop(allow(Pods(None, DB), EGRESS))
    rows = {(str(r.sender), str(r.receiver)): r.traffic for r in connections(known, INVENTORY)}
    assert rows[str(BACKEND), str(DATABASE)] == TCP
    assert rows[str(DATABASE), str(BACKEND)] == EVERY_PORT
    assert (str(BACKEND), "0.0.0.0-255.255.255.255") not in rows


def test_changes_are_cut_to_common_blocks() -> None:
    before = connections(shop(allow(outside("10.0.0.0/8"))), INVENTORY)
    after = connections(shop(allow(outside("10.0.0.0/9", "11.0.0.0/8"))), INVENTORY)
    assert {(c.kind, c.sender) for c in changes(before, after)} == {
        ("removed", "10.128.0.0-10.255.255.255"),
        ("added", "11.0.0.0-11.255.255.255"),
    }
    assert not list(changes(connections(shop(), INVENTORY), connections(shop(), INVENTORY)))


def _rows(
    policies: Policies, inventory: Inventory, stated: ClusterAddresses | None = None
) -> dict[tuple[str, str], tuple[Traffic, Traffic, tuple[UnknownFact, ...]]]:
    rows = possible_connections(policies, inventory, stated or ClusterAddresses())
    return {(str(r.sender), str(r.receiver)): (r.traffic, r.possible, r.facts) for r in rows}


def test_a_block_may_match_pods_unless_the_facts_say_that_it_does_not() -> None:
    known, pair = shop(allow(outside("10.0.0.0/8"))), (str(BACKEND), str(DATABASE))
    assert _rows(known, INVENTORY)[pair] == (Traffic(), TCP, (BlockMatching(),))
    for blocks, pods in (
        (BlockScope.OUTSIDE, Addresses()),
        (None, outside("100.64.0.0/10").addresses),
    ):
        assert pair not in _rows(known, INVENTORY, ClusterAddresses(blocks=blocks, pods=pods))
    within = ClusterAddresses(blocks=BlockScope.ALL, pods=outside("10.1.0.0/16").addresses)
    assert _rows(known, INVENTORY, within)[pair] == (TCP, Traffic(), ())


def test_stated_nodes_are_addresses_that_a_block_may_miss() -> None:
    known = shop(allow(outside("10.0.0.0/8")))
    stated = ClusterAddresses(
        nodes=outside("10.0.0.0/24").addresses, pods=outside("100.64.0.0/10").addresses
    )
    rows = _rows(known, INVENTORY, stated)
    assert rows["10.0.0.0-10.0.0.255", str(DATABASE)][:2] == (Traffic(), TCP)
    assert rows["10.0.1.0-10.255.255.255", str(DATABASE)][:2] == (TCP, Traffic())


def test_addresses_of_both_ip_versions_are_listed() -> None:
    rows = _rows(shop(allow(outside("2001:db8::/32"))), INVENTORY)
    assert rows["2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", str(DATABASE)][0] == TCP
    everything = "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"
    assert rows[everything, str(BACKEND)][0] == EVERY_PORT
    assert rows[str(DATABASE), everything][0] == EVERY_PORT


def test_what_policies_do_to_pods_on_the_hosts_network_is_unknown() -> None:
    host = replace(DATABASE, host_network=True)
    rows = _rows(shop(allow(Pods(None, API))), Inventory(workloads=(host, BACKEND)))
    traffic, possible, facts = rows[str(BACKEND), str(DATABASE)]
    assert (traffic, facts) == (TCP, (HostNetwork(str(host)),))
    assert traffic | possible == EVERY_PORT
    assert rows[str(DATABASE), str(BACKEND)] == (EVERY_PORT, Traffic(), ())
    peer = replace(BACKEND, host_network=True)
    rows = _rows(shop(allow(Pods(None, API))), Inventory(workloads=(DATABASE, peer)))
    assert rows[str(BACKEND), str(DATABASE)][:2] == (Traffic(), TCP)


def test_labels_of_a_namespace_without_a_manifest_are_unknown() -> None:
    elsewhere = Workload(namespace="ops", name="prom", kind="Deployment", labels={"app": "prom"})
    inventory = Inventory(workloads=(DATABASE, elsewhere))
    for selector in (
        Selector.labels({"purpose": "ops"}),
        Selector.of((("env", ValueSet.other_than("dev")),)),
    ):
        known = shop(allow(Pods(selector, Selector())))
        fact = NamespaceLabel("ops", selector.requirements[0][0])
        assert _rows(known, inventory)[str(elsewhere), str(DATABASE)] == (Traffic(), TCP, (fact,))
    ops = PolicySet(namespace="ops", labels={METADATA_NAME: "ops"}, complete=True)
    stated = Policies({**shop(allow(Pods(selector, Selector()))).namespaces, "ops": ops})
    assert _rows(stated, inventory)[str(elsewhere), str(DATABASE)] == (TCP, Traffic(), ())


def test_labels_that_a_controller_adds_are_known_unknown_or_of_one_pod() -> None:
    made = controller_labels("StatefulSet", "db")
    replicas = replace(DATABASE, kind="StatefulSet", varying=made)
    by_name = Selector.labels({"statefulset.kubernetes.io/pod-name": "db-0"})
    inventory = Inventory(workloads=(replicas, BACKEND))
    key = "statefulset.kubernetes.io/pod-name"
    rows = _rows(shop(replace(allow(Pods(None, API)), subject=by_name)), inventory)
    traffic, possible, facts = rows[str(BACKEND), str(replicas)]
    assert (traffic, possible) == (Traffic(), EVERY_PORT)
    assert facts == (ReplicaLabel(str(replicas), key),)
    other = Selector.labels({"statefulset.kubernetes.io/pod-name": "cache-0"})
    rows = _rows(shop(replace(allow(Pods(None, API)), subject=other)), inventory)
    assert rows[str(BACKEND), str(replicas)] == (EVERY_PORT, Traffic(), ())


def test_labels_that_an_operator_may_add_are_unknown() -> None:
    made = replace(BACKEND, kind="PyTorchJob")
    owner = CustomObject(
        group="kubeflow.org", kind="PyTorchJob", namespace="shop", name="api", has_templates=True
    )
    inventory = Inventory(workloads=(DATABASE, made), customs=(owner,))
    key = "training.kubeflow.org/job-name"
    rows = _rows(shop(allow(Pods(None, Selector.labels({key: "api"})))), inventory)
    assert rows[str(made), str(DATABASE)] == (Traffic(), TCP, (ReplicaLabel(str(made), key),))
    rows = _rows(shop(allow(Pods(None, Selector.labels({"app": "web"})))), inventory)
    assert (str(made), str(DATABASE)) not in rows


def test_live_pods_that_a_policy_tells_apart_are_rows_of_their_own() -> None:
    pods = tuple(
        replace(DATABASE, name=name, pod=name, kind="Pod", labels={"app": "db", "index": name})
        for name in ("db-0", "db-1")
    )
    varying = (ControllerLabel(key="index", kind=LabelValue.PER_REPLICA, pattern="db-0|db-1"),)
    owner = replace(DATABASE, pods=pods, varying=varying)
    inventory = Inventory(workloads=(owner, BACKEND))
    first = Selector.labels({"index": "db-0"})
    rows = _rows(shop(replace(allow(Pods(None, API)), subject=first)), inventory)
    assert rows[str(BACKEND), "shop/db-0[Pod]"] == (TCP, Traffic(), ())
    assert rows[str(BACKEND), "shop/db-1[Pod]"] == (EVERY_PORT, Traffic(), ())
    together = _rows(shop(allow(Pods(None, API))), inventory)
    assert together[str(BACKEND), str(owner)] == (TCP, Traffic(), ())
