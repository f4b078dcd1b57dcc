"""Where blocks match pods, an example has the addresses of both pods, of one IP version."""

import json
from ipaddress import ip_address

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

SHOP = """\
cluster
blocks: all
namespace shop
default: deny ingress egress
db <- 10.0.0.0/8:5432, ::/0:5432
web -> 10.0.0.7/32:5432, 2001:db8::/32:5432
"""


def live_pods(*names: str, host: str | None = None) -> str:
    """Pods of the namespace shop, one of them on the host's network."""
    return "---\n".join(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: {name}}}}}\n"
        f"spec: {{hostNetwork: {str(name == host).lower()}, containers: [{{name: c, image: i}}]}}\n"
        for name in (*names, *([host] if host else []))
    )


def test_an_example_has_the_addresses_of_its_pods(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"a.intent": SHOP})
    assert run(["can", "db <- web:5432", "a.intent", "--namespace", "shop", "--json"]) == 1
    ((answer, permitted, blocked),) = (
        (one["answer"], one["permitted"], one["blocked"])
        for one in json.loads(capfd.readouterr().out)
    )
    assert answer == "partly"
    for example in (permitted, blocked):
        sender, receiver = (ip_address(example[end]["address"]) for end in ("from", "to"))
        assert sender.version == receiver.version
        assert sender != receiver
    assert permitted["to"]["address"] == "10.0.0.7"
    assert permitted["from"]["address"].startswith("10.")


def test_a_list_has_no_connection_between_versions(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    pods = live_pods("db", "web")
    for block, is_listed in (("::/0", True), ("10.0.0.0/8", False)):
        arrows = SHOP.replace("10.0.0.0/8:5432, ::/0", block).replace("10.0.0.7/32:5432, ", "")
        put({"a.intent": arrows, "pods.yaml": pods})
        assert run(["list", "a.intent", "--with", "pods.yaml", "--format", "json"]) == 0
        rows = json.loads(capfd.readouterr().out)
        ends = {(row["src"], row["dst"]) for row in rows}
        assert (("shop/web[Pod]", "shop/db[Pod]") in ends) is is_listed


def test_a_row_between_pods_names_what_decides_it(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    """Where every block matches pods, it is their addresses; otherwise it is the plugin."""
    pods = live_pods("db", "web", "api", host="agent")
    arrows = "namespace shop\ndefault: deny\ndb <- 10.0.0.0/8:5432\napi <- agent:80\n"
    for stated, reason in (
        ("blocks: all", "the addresses of pods, which blocks match in this cluster"),
        ("dns: none", "the network plugin: whether blocks match addresses of pods and nodes"),
    ):
        put({"a.intent": f"cluster\n{stated}\n{arrows}", "pods.yaml": pods})
        assert run(["list", "a.intent", "--with", "pods.yaml", "--format", "json"]) == 0
        rows = json.loads(capfd.readouterr().out)
        undecided = {(row["src"], row["dst"]): row.get("undecided") for row in rows}
        assert undecided["shop/web[Pod]", "shop/db[Pod]"] == [reason]
        host = "what policies do to `shop/agent[Pod]` on the host's network"
        assert undecided["shop/agent[Pod]", "shop/api[Pod]"] == [host]


def test_the_nearest_arrow_is_told_with_its_block(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"a.intent": SHOP.replace("::/0", "2001:db8::/32").replace("web ->", "api ->")})
    for asked, is_told in (("198.51.100.0/24:5432", True), ("10.0.0.0/8:5432", False)):
        run(["can", f"db <- {asked}", "a.intent", "--namespace", "shop"])
        found = capfd.readouterr().out
        text = "which misses the sender (it lists 10.0.0.0/8, 2001:db8::/32)"
        assert (text in found) is is_told
        assert "(IP" not in found


@pytest.mark.parametrize("peer", ["nodes: {}", "networks: [10.9.0.0/24]"])
def test_what_denies_nodes_may_deny_pods_on_their_network(
    peer: str, put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    pods = live_pods("api", "web", host="agent")
    policy = NO_IPV4.replace("networks: [10.0.0.0/8]", peer)
    addresses = "cluster\nnodes: 10.9.0.0/24\npods: 10.244.0.0/16\n"
    put({"a.intent": addresses, "all.yaml": f"{policy}---\n{pods}"})
    assert run(["list", "a.intent", "all.yaml", "--format", "json"]) == 0
    undecided = {
        (r["src"], r["dst"]): r.get("undecided") for r in json.loads(capfd.readouterr().out)
    }
    host = "what policies do to `shop/agent[Pod]` on the host's network"
    assert host in (undecided["shop/api[Pod]", "shop/agent[Pod]"] or ())
    assert undecided["shop/agent[Pod]", "shop/api[Pod]"] is None
    assert undecided["shop/api[Pod]", "shop/web[Pod]"] is None
    run(["can", "api -> agent:80", "a.intent", "all.yaml", "--namespace", "shop"])
    assert f"depends on {host}" in capfd.readouterr().out


NO_IPV4 = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: p}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {}}
  egress: [{action: Deny, to: [{networks: [10.0.0.0/8]}]}]
"""


def test_an_example_beside_networks_of_one_version_has_its_version(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    intents = (
        "cluster\npods: 10.244.0.0/16, fd00::/64\nnamespace shop\ndefault: deny\ndb <- web:5432\n"
    )
    put({"a.intent": intents, "p.yaml": NO_IPV4})
    command = ["can", "db <- web:5432", "a.intent", "--with", "p.yaml", "--namespace", "shop"]
    assert run([*command, "--json"]) == 1
    (answer,) = json.loads(capfd.readouterr().out)
    assert answer["answer"] == "partly"
    assert [answer[key]["ip_version"] for key in ("permitted", "blocked")] == [6, 4]
    run(command)
    assert "on TCP 5432 over IPv6" in capfd.readouterr().out
    assert run(["list", "a.intent", "--with", "p.yaml", "--format", "json"]) == 0
    rows = json.loads(capfd.readouterr().out)
    (row,) = (row for row in rows if row["dst"] == "shop/db")
    reason = "whether pods connect over IPv4 or IPv6, of which the networks of `ClusterNetworkPolicy p` have only one"
    assert (row["protocols"], row["possible"]) == ({}, {"TCP": [[5432, 5432]]})
    assert row["undecided"] == [reason]


def test_a_block_that_may_match_nodes_is_named_as_it_is_written(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    facts = "cluster\nnodes: 10.0.0.0/24\nnamespace shop\ndefault: deny\n"
    put({"a.intent": f"{facts}db <- 10.0.0.0/8:5432\n"})
    assert run(["can", "db <- 10.0.0.5/32:5432", "a.intent", "--namespace", "shop"]) == 2
    assert "it lists 10.0.0.0/8 except 10.0.0.0/24" in capfd.readouterr().out
