"""Lists of today's connections where the oracle's cases say nothing."""

from netpolc.analysis.connection_list import AddressRange, connections
from netpolc.analysis.listing_diff import changes
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, Subject
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import Direction, Outside, Pods
from netpolc.kube.ports import EVERY_PORT
from tests.analysis.test_semantic_diff import API, DB, TCP

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
