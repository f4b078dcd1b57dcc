"""Lists of pods that blocks match, or may match, by their addresses."""

import json
from typing import Any, TypeAlias

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put, put  # noqa: F401 - a fixture
from tests.commands.test_list_exposure import HOST, workload

ADDRESSES = "the addresses of pods, which blocks match in this cluster"
PLUGIN = "the network plugin: whether blocks match addresses of pods and nodes"
Ports: TypeAlias = list[list[int]]
ARROWS = "namespace shop\ndefault: deny\ndb <- 10.0.0.0/8:5432, web:80\n"


def rows(
    capsys: pytest.CaptureFixture[str], *arguments: str
) -> dict[tuple[str, str], tuple[Ports, Ports, list[str]]]:
    """The certain and the possible TCP ports of each row, and what it depends on."""
    return {
        (row["src"], row["dst"]): (
            row["protocols"].get("TCP", []),
            row.get("possible", {}).get("TCP", []),
            row.get("undecided", []),
        )
        for row in json_rows(capsys, *arguments)
    }


def json_rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """The rows of a list as JSON has them."""
    capsys.readouterr()
    assert run(["list", "a.intent", *arguments, "--format", "json"]) == 0
    listed: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return listed


@pytest.mark.parametrize(
    ("stated", "ports", "facts"),
    [
        ("blocks: all", ([[80, 80]], [[5432, 5432]]), [ADDRESSES]),
        ("blocks: all\npods: 10.244.0.0/16", ([[80, 80], [5432, 5432]], []), []),
        ("blocks: all\npods: 172.16.0.0/12", ([[80, 80]], []), []),
        ("pods: 10.244.0.0/16", ([[80, 80]], [[5432, 5432]]), [PLUGIN]),
        ("blocks: outside\npods: 10.244.0.0/16", ([[80, 80]], []), []),
        ("dns: none", ([[80, 80]], []), []),
    ],
)
def test_a_class_of_pods_may_be_let_in_by_a_block(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    stated: str,
    ports: tuple[Ports, Ports],
    facts: list[str],
) -> None:
    put({"a.intent": f"cluster\n{stated}\n{ARROWS}", "k8s/w.yaml": workload("shop", "db")})
    assert rows(capsys)["shop/web", "shop/db"] == (*ports, facts)
    exposed = rows(capsys, "--with", "k8s", "--exposure")
    assert exposed["shop/web", "shop/db[Deployment]"] == (*ports, facts)
    block = rows(capsys)["10.0.0.0/8", "shop/db"]
    assert block == ([[5432, 5432]], [], [PLUGIN] if "blocks" not in stated else [])
    assert (("* but shop/*", "shop/db") in rows(capsys)) is (len(ports[0]) + len(ports[1]) > 1)


@pytest.mark.parametrize(
    "stated",
    [
        "dns: none",
        "blocks: all",
        "blocks: outside",
        "pods: 10.244.0.0/16",
        "nodes: 10.0.0.0/24",
        "blocks: all\nnodes: 10.0.0.0/24",
        "services: 10.96.0.0/12",
    ],
)
@pytest.mark.parametrize("arrow", ["db <- 10.0.0.0/8:5", "db -> 0.0.0.0/0", "db <- any:5"])
def test_exposure_says_the_same_of_addresses_as_the_list(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    stated: str,
    arrow: str,
) -> None:
    objects = workload("shop", "db") + workload("shop", "agent", host=True)
    put({"a.intent": f"cluster\n{stated}\nnamespace shop\n{arrow}\n", "k8s/w.yaml": objects})
    listed, exposed = (
        {
            (row["src"], row["dst"], str(row))
            for row in json_rows(capsys, "--with", "k8s", *more)
            if "exposure" not in row
        }
        for more in ((), ("--exposure",))
    )
    assert listed == exposed


def test_unknown_pods_that_a_block_may_match_have_a_row_by_their_addresses(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    arrows = "namespace shop\ndb <- 10.0.0.0/8:[1, 2, metrics], any:2\ndb -> internet\n"
    put({"a.intent": arrows, "k8s/w.yaml": workload("shop", "db")})
    by_address = [
        row
        for row in json_rows(capsys, "--with", "k8s", "--exposure")
        if "10.0.0.0/8" in (row["src"], row["dst"]) and "exposure" in row
    ]
    (row,) = by_address
    assert (row["protocols"], row["possible"]) == ({}, {"TCP": [[1, 1]]})
    assert row["undecided"] == [PLUGIN]
    assert run(["list", "a.intent", "--with", "k8s", "--exposure"]) == 0
    assert "10.0.0.0/8[unknown pods]" in capsys.readouterr().out


def test_a_block_in_the_policy_of_unknown_pods_may_match_a_workload(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    arrows = "namespace shop\nweb -> 10.0.0.0/8:443, internet:80\napi <- 10.0.0.0/8:80\n"
    put({"a.intent": arrows, "k8s/w.yaml": workload("ops", "db")})
    db = "ops/db[Deployment]"
    found = rows(capsys, "--with", "k8s", "--exposure")
    assert found["shop/web", db] == ([], [[443, 443]], [PLUGIN])
    assert found[db, "shop/api"] == ([], [[80, 80]], [PLUGIN])
    for stated in ("blocks: outside", "pods: 192.168.0.0/16"):
        put({"a.intent": f"cluster\n{stated}\n{arrows}"})
        found = rows(capsys, "--with", "k8s", "--exposure")
        assert not {("shop/web", db), (db, "shop/api")} & found.keys()
    put({"a.intent": arrows})
    found = rows(capsys, "--with", "k8s", "--exposure", "--closed-world")
    assert not {("shop/web", db), (db, "shop/api")} & found.keys()


def test_names_of_ports_of_unknown_pods_in_a_block_remain(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    rule = "to: [{ipBlock: {cidr: 10.0.0.0/8}}], ports: [{port: http}]"
    policy = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: p, namespace: ops}\n"
        f"spec: {{podSelector: {{}}, policyTypes: [Egress], egress: [{{{rule}}}]}}\n"
    )
    put({"a.intent": "namespace shop\n", "k8s/w.yaml": workload("ops", "db") + policy})
    assert run(["list", "a.intent", "--with", "k8s", "--exposure"]) == 0
    assert "10.0.0.0/8[unknown pods]" in capsys.readouterr().out
    (row,) = (
        row
        for row in json_rows(capsys, "--with", "k8s", "--exposure")
        if row["dst"] == "10.0.0.0/8"
    )
    assert row["exposure"] is True
    assert row["possible_named_ports"] == {"TCP": ["http"]}


def test_a_closed_world_has_no_pods_in_blocks(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    put({"a.intent": f"cluster\nblocks: all\npods: 10.0.0.0/8\n{ARROWS}"})
    assert rows(capsys, "--closed-world") == {
        ("10.0.0.0/8", "shop/db"): ([[5432, 5432]], [], []),
        ("shop/web", "shop/db"): ([[80, 80]], [], []),
    }


@pytest.mark.parametrize(
    ("stated", "is_marked"),
    [
        ("dns: none", True),
        ("blocks: all\npods: 172.16.0.0/12", True),
        ("pods: 172.16.0.0/12\nnodes: 10.0.0.0/24", True),
        ("pods: 172.16.0.0/12\nnodes: 192.168.0.0/24", False),
        ("blocks: outside", False),
    ],
)
def test_a_block_may_match_a_workload_on_the_network_of_the_host(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    stated: str,
    is_marked: bool,
) -> None:
    """Its address is that of a node, which no addresses of pods rule out."""
    put(
        {
            "a.intent": f"cluster\n{stated}\nnamespace shop\ndb <- 10.0.0.0/8:7\nclient -> 10.0.0.0/8:9\n",
            "k8s/w.yaml": workload("shop", "agent", host=True) + workload("shop", "db"),
        }
    )
    found = rows(capsys, "--with", "k8s", "--exposure")
    agent = "shop/agent[Deployment]"
    for ends, port in (
        ((agent, "shop/db"), 7),
        ((agent, "shop/db[Deployment]"), 7),
        (("shop/client", agent), 9),
    ):
        certain, possible, facts = found.get(ends, ([], [], []))
        assert certain == []
        assert possible == ([[port, port]] if is_marked else [])
        assert (HOST in facts) is is_marked


@pytest.mark.parametrize(
    ("stated", "is_certain"),
    [
        ("blocks: all\nnodes: 10.0.0.0/24", True),
        ("blocks: all\nnodes: 10.0.0.0/24, 10.1.0.0/24", True),
        ("blocks: all", False),
        ("nodes: 10.0.0.0/24", False),
        ("blocks: all\nnodes: 10.0.0.0/24, 192.168.0.0/24", False),
        ("blocks: all\nnodes: 10.0.0.0/24, fd00::/64", False),
    ],
)
def test_a_block_with_the_addresses_of_all_nodes_matches_the_network_of_the_host(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    stated: str,
    is_certain: bool,
) -> None:
    arrows = "db <- 10.0.0.0/8:7\nclient -> 10.0.0.0/8:9\n"
    objects = [workload("shop", name, host=name == "agent") for name in ("agent", "db", "client")]
    put(
        {"a.intent": f"cluster\n{stated}\nnamespace shop\n{arrows}", "k8s/w.yaml": "".join(objects)}
    )
    found = rows(capsys, "--with", "k8s", "--exposure")
    agent, client = "shop/agent[Deployment]", "shop/client[Deployment]"
    for ends, port in (
        ((agent, "shop/db[Deployment]"), 7),
        ((agent, "shop/db"), 7),
        ((client, agent), 9),
        (("shop/client", agent), 9),
    ):
        certain, possible, facts = found[ends]
        assert ([[port, port]] in (certain, possible)) is True
        assert bool(certain) is is_certain
        assert (HOST in facts) is not is_certain


ELSEWHERE = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: elsewhere}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: elsewhere}}}
  ingress:
  - {action: Deny, from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: elsewhere}}}]}
"""


def test_a_pod_on_the_network_of_the_host_is_not_let_in_as_others_that_no_tier_tells_apart(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    facts = "blocks: all\npods: 10.244.0.0/16, 172.16.0.0/16\nnodes: 10.0.0.0/24, 192.168.0.0/24"
    arrows = "db <- 10.0.0.0/8:7-8, 172.16.0.0/12:7"
    objects = [workload("shop", name, host=name == "zone") for name in ("api", "db", "zone")]
    put(
        {
            "a.intent": f"cluster\n{facts}\nnamespace shop\n{arrows}\n",
            "k8s/w.yaml": "".join(objects) + ELSEWHERE,
        }
    )
    found = rows(capsys, "--with", "k8s")
    assert found["shop/api[Deployment]", "shop/db[Deployment]"][:2] == ([[7, 7]], [[8, 8]])
    assert found["shop/zone[Deployment]", "shop/db[Deployment]"][:2] == ([], [[7, 8]])
