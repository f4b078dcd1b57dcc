"""Lists of pods that blocks match, or may match, by their addresses."""

import json
from typing import TypeAlias

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
    capsys.readouterr()
    assert run(["list", "a.intent", *arguments, "--format", "json"]) == 0
    return {
        (row["src"], row["dst"]): (
            row["protocols"].get("TCP", []),
            row.get("possible", {}).get("TCP", []),
            row.get("undecided", []),
        )
        for row in json.loads(capsys.readouterr().out)
    }


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
