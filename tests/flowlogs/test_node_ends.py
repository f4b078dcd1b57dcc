"""Flows of nodes, of pods on the host's network, and of addresses that are not those of a peer."""

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.flowlogs.classify import FlowClass
from netpolc.flowlogs.display import explained
from netpolc.flowlogs.flows import AddressParty, Party, PodParty
from netpolc.flowlogs.proposals import guesses
from netpolc.kube.ports import Protocol
from netpolc.syntax import parts
from tests.flowlogs.test_around_policies import learn_from
from tests.flowlogs.test_permitted import pods
from tests.flowlogs.test_proposals import flow

CLOSED = "namespace shop\ndefault: deny ingress egress\n"
WORKLOAD = """
apiVersion: apps/v1
kind: {kind}
metadata: {{name: {name}, namespace: shop}}
spec:
  selector: {{matchLabels: {{app: agent}}}}
  template:
    metadata: {{labels: {{app: agent}}}}
    spec: {{hostNetwork: {host}, containers: [{{name: c, image: i}}]}}
---"""
AGENT = WORKLOAD.format(kind="DaemonSet", name="agent", host="true")
MIXED = AGENT + WORKLOAD.format(kind="Deployment", name="agent", host="false")
NODE = """
apiVersion: v1
kind: Node
metadata: {name: n}
status: {addresses: [{type: InternalIP, address: 10.0.0.4}, {type: ExternalIP, address: 198.51.100.4}]}
"""
TCP = Protocol.TCP, 9100
SPECIAL = [
    "127.0.0.1",
    "::1",
    "169.254.7.7",
    "fe80::1",
    "224.0.0.251",
    "ff02::fb",
    "0.0.0.0",  # noqa: S104 - an address of a log, not bound to
    "0.1.2.3",
    "::",
    "240.0.0.1",
    "255.255.255.255",
    "64:ff9b::7f00:1",
    "::a9fe:707",
    "64:ff9b:1::e000:fb",
    "2002:a9fe:707::1",
    "2001:0:4136:e378:8000:63bf:5601:f8f8",
]


@pytest.mark.parametrize(
    ("facts", "manifests", "incoming", "guess"),
    [
        ("", AGENT + NODE, True, "api <- 10.0.0.4/32:9100"),
        ("", AGENT + NODE, False, "api -> 10.0.0.4/32:9100"),
        ("cluster\nnodes: 10.0.0.0/24\n", AGENT + NODE, True, "api <- 10.0.0.0/24:9100"),
        ("cluster\nblocks: all\n", AGENT + NODE, True, "api <- 10.0.0.4/32:9100"),
        ("cluster\nblocks: outside\n", AGENT + NODE, True, ""),
        ("", AGENT, True, ""),
        ("", MIXED + NODE, True, "api <- agent:9100, 10.0.0.4/32:9100"),
    ],
)
def test_arrows_for_pods_on_the_hosts_network_are_guesses_at_their_nodes(
    facts: str, manifests: str, incoming: bool, guess: str
) -> None:
    agent, api = pods("agent"), pods("api")
    seen = flow(agent, api, TCP) if incoming else flow(api, agent, TCP)
    result = learn_from(seen, facts + CLOSED, manifests)
    (classified,) = result.log.flows
    assert classified.flow_class is FlowClass.NODE
    assert not result.proposals
    assert [text for _, text in guesses(classified, result.log)] == [guess] * bool(guess)
    if guess:
        assert f"guess, not enabled, in namespace shop: {guess}\n" in result.text
    assert any(
        text.startswith("agent in ns shop: ") for text in explained([classified], result.log)
    )


@pytest.mark.parametrize(
    ("intents", "incoming", "flow_class"),
    [
        # Labels do not match packets from the host's network, and a block may not.
        (f"{CLOSED}api <- agent:9100\n", True, FlowClass.NODE),
        (f"{CLOSED}api <- 10.0.0.4/32:9100\n", True, FlowClass.NODE),
        (f"{CLOSED}api <- 0.0.0.0/0:9100, ::/0:9100\n", True, FlowClass.NODE),
        (f"{CLOSED}api <- any:9100\n", True, FlowClass.PERMITTED),
        (f"{CLOSED}api <- any:80\n", True, FlowClass.NODE),
        (f"{CLOSED}api -> any:9100\n", False, FlowClass.PERMITTED),
        # No policy isolates the agent, so nothing is missing there.
        ("namespace shop\ndefault: deny\n", False, FlowClass.PERMITTED),
        ("namespace shop\ndefault: deny egress\n", True, FlowClass.PERMITTED),
    ],
)
def test_only_pods_that_everybody_reaches_are_surely_open_to_nodes(
    intents: str, incoming: bool, flow_class: FlowClass
) -> None:
    others: tuple[Party, ...] = (pods("agent"), AddressParty(ip_address("10.0.0.4")))
    for other in others:
        seen = flow(other, pods("api"), TCP) if incoming else flow(pods("api"), other, TCP)
        result = learn_from(seen, intents, AGENT + NODE)
        assert [each.flow_class for each in result.log.flows] == [flow_class]


@pytest.mark.parametrize("address", ["10.0.0.4", "198.51.100.4"])
def test_the_addresses_of_nodes_are_known_and_their_blocks_are_guesses(address: str) -> None:
    seen = flow(pods("api"), AddressParty(ip_address(address)), TCP)
    result = learn_from(seen, CLOSED, NODE)
    (classified,) = result.log.flows
    assert (classified.flow_class, result.proposals) == (FlowClass.NODE, ())
    assert [*guesses(classified, result.log)] == [("shop", f"api -> {address}/32:9100")]


def test_pods_whose_node_is_known_are_named_by_its_address() -> None:
    live = "apiVersion: v1\nkind: Pod\nmetadata: {name: x, namespace: shop, labels: {app: x}}\n"
    status = (
        "spec: {containers: [{name: c, image: i}]}\nstatus: {podIP: 10.1.0.7, hostIP: 10.0.0.9}\n"
    )
    seen = flow(AddressParty(ip_address("10.0.0.9")), pods("api"), TCP)
    result = learn_from(seen, CLOSED, live + status)
    assert [each.flow_class for each in result.log.flows] == [FlowClass.NODE]


def test_more_nodes_than_fit_into_an_arrow_are_for_the_cluster_section() -> None:
    nodes = "---".join(NODE.replace("10.0.0.4", f"10.0.{n}.4") for n in range(9))
    result = learn_from(flow(pods("agent"), pods("api"), TCP), CLOSED, AGENT + nodes)
    (classified,) = result.log.flows
    assert [*guesses(classified, result.log)] == []
    assert "state `nodes:`" in " ".join(explained([classified], result.log))


@pytest.mark.parametrize("address", SPECIAL)
def test_no_block_is_proposed_for_an_address_that_is_not_a_peers(address: str) -> None:
    there = AddressParty(ip_address(address))
    for seen in (flow(there, pods("api"), TCP), flow(pods("api"), there, TCP)):
        for intents in (CLOSED, ""):
            result = learn_from(seen, intents, "", egress=True)
            (classified,) = result.log.flows
            assert (classified.flow_class, result.proposals) == (FlowClass.SPECIAL, ())
            assert f"{ip_address(address)}: " in " ".join(explained([classified], result.log))


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fd00:ec2::254",
        "100.100.100.200",
        "168.63.129.16",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "::a9fe:a9fe",
        "::ffff:0:a9fe:a9fe",
        "2002:6464:64c8::1",
    ],
)
def test_metadata_services_are_named_and_not_proposed(address: str) -> None:
    seen = flow(pods("api"), AddressParty(ip_address(address)), TCP)
    result = learn_from(seen, CLOSED, "")
    assert not result.proposals
    assert f"{address}: a metadata service of the cloud" in result.text
    # The load balancer of Azure checks pods from this address.
    probe = learn_from(
        flow(AddressParty(ip_address("168.63.129.16")), pods("api"), TCP), CLOSED, ""
    )
    assert [one.text for one in probe.proposals] == ["api <- 168.63.129.16/32:9100"]


def test_an_ordinary_address_that_nat64_leads_to_is_proposed() -> None:
    seen = flow(pods("api"), AddressParty(ip_address("64:ff9b::808:808")), TCP)
    result = learn_from(seen, CLOSED, "")
    assert [one.text for one in result.proposals] == ["api -> 64:ff9b::808:808/128:9100"]


@pytest.mark.parametrize(
    ("address", "manifests", "noted"),
    [("10.0.0.5", "", True), ("10.0.0.5", NODE, False), ("203.0.113.5", "", False)],
)
def test_a_private_address_is_outside_as_far_as_is_known(
    address: str, manifests: str, noted: bool
) -> None:
    result = learn_from(
        flow(pods("api"), AddressParty(ip_address(address)), TCP), CLOSED, manifests
    )
    assert result.proposals
    assert ("\n# Private addresses are taken as " in result.text) is noted


_ENDS = st.one_of(
    st.sampled_from([pods("agent"), pods("api"), pods("db")]),
    st.one_of(st.ip_addresses(), st.sampled_from([*map(ip_address, SPECIAL)])).map(
        lambda address: AddressParty(getattr(address, "ipv4_mapped", None) or address)
    ),
)


@given(_ENDS, _ENDS, st.sampled_from(["", NODE]))
def test_a_proposal_names_pods_of_the_pod_network_and_ordinary_addresses(
    sender: Party, receiver: Party, nodes: str
) -> None:
    if not any(isinstance(end, PodParty) for end in (sender, receiver)):
        return
    result = learn_from(flow(sender, receiver, TCP), CLOSED, AGENT + nodes)
    assert not result.failed
    for proposal in result.proposals:
        assert "agent" not in proposal.text
        if isinstance(proposal.peer, parts.BlockPeer):
            cidr = proposal.peer.block.cidr
            address = ip_address(str(cidr).partition("/")[0])
            assert not address.is_loopback
            assert not address.is_link_local
            assert not address.is_multicast
            assert not address.is_unspecified
            assert str(address) != "10.0.0.4" or not nodes
