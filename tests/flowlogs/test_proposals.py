"""Proposals: they parse, are in canonical form, and permit exactly what was seen."""

from collections.abc import Iterable
from datetime import date
from ipaddress import ip_address
from itertools import product
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.analysis.concrete_evaluator import Connection, End, Pod, permits
from netpolc.commands.learn import LearnResult, intents_of, propose
from netpolc.commands.pipeline import understand
from netpolc.flowlogs.aggregate import Tally
from netpolc.flowlogs.classify import FlowClass
from netpolc.flowlogs.flows import AddressParty, Flow, Party, PodParty, ServiceParty, Verdict
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir.model import Policies
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.ports import Protocol
from netpolc.passes.lower import lower
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse

TODAY = Options(today=date(2026, 3, 1))
NAMESPACES = ("shop", "any", "kube-system")
PODS = tuple(
    PodParty(namespace=namespace, labels=labels, complete=True)
    for namespace in NAMESPACES
    for labels in (
        (("app", "api"),),
        (("app", "none"),),
        (("app", "10"), ("tier", "back")),
        (("app.kubernetes.io/name", "web"),),
        (("k8s-app", "kube-dns"),),
        (("component", "x"), ("tier", "back")),
    )
)
ADDRESSES = tuple(
    AddressParty(ip_address(text))
    for text in ("203.0.113.7", "203.0.113.9", "203.0.113.200", "10.0.0.1", "2001:db8::1")
)
PORTS = ((Protocol.TCP, 80), (Protocol.TCP, 8080), (Protocol.UDP, 53), (Protocol.SCTP, 9))


def learn_from(
    flows: Iterable[Flow], intents: str = "", *, new: bool = False, egress: bool = False
) -> LearnResult:
    """What is learnt from flows, beside intents."""
    files = (SourceFile("shop.intent", intents),) if intents else ()
    sources = Sources(intents=files)
    known = understand(sources, TODAY)
    assert not known.failed, known.diagnostics
    tally = Tally(intents_of(known).keys)
    for number, flow in enumerate(flows):
        tally.add(flow, "flows.json", number, "")
    return propose(tally, sources, TODAY, known, new=new, egress=egress)


def meaning(*texts: str) -> Policies:
    """What intents mean, read without the pipeline."""
    trees = [parse(SourceFile(f"{n}.intent", text)) for n, text in enumerate(texts)]
    assert not any(tree.diagnostics for tree in trees)
    program = resolve([tree.value for tree in trees], namespace="default")
    assert not program.failed
    return lower(program.value).value


def end(party: Party) -> End:
    """A party as a pod or an address that could be it."""
    if isinstance(party, AddressParty):
        return party.address
    assert isinstance(party, PodParty)
    return Pod(
        namespace=party.namespace,
        namespace_labels={METADATA_NAME: party.namespace},
        labels=dict(party.labels),
    )


def is_permitted(policies: Policies, flow: Flow) -> bool:
    """Whether the connection of a flow is permitted, by the plain reading of the API."""
    connection = Connection(
        sender=end(flow.sender),
        receiver=end(flow.receiver),
        protocol=flow.protocol,
        port=flow.port,
    )
    return permits(policies, connection)


def flow(
    sender: Party,
    receiver: Party,
    traffic: tuple[Protocol, int],
    verdict: Verdict = Verdict.FORWARDED,
) -> Flow:
    protocol, port = traffic
    return Flow(sender=sender, receiver=receiver, protocol=protocol, port=port, verdict=verdict)


PARTIES: tuple[Party, ...] = (*PODS, *ADDRESSES)
UNIVERSE = [
    flow(sender, receiver, traffic)
    for sender, receiver in product(PARTIES, repeat=2)
    if isinstance(sender, PodParty) or isinstance(receiver, PodParty)
    for traffic in PORTS
]


def is_dns(one: Flow) -> bool:
    """Whether a flow is what closed pods may always do: `dns` of the language."""
    return (
        isinstance(one.receiver, PodParty)
        and one.receiver.namespace == "kube-system"
        and one.receiver.labels == (("k8s-app", "kube-dns"),)
        and one.port == 53
    )


@given(st.lists(st.sampled_from(UNIVERSE), min_size=1, max_size=12))
def test_proposals_permit_exactly_what_was_seen(flows: list[Flow]) -> None:
    result = learn_from(flows, egress=True)
    assert not result.failed, result.diagnostics
    policies = meaning(result.text)
    assert all(is_permitted(policies, one) for one in flows)
    seen = set(flows)
    # Ends in namespaces that say something, which is where walls can be.
    for other in UNIVERSE:
        ends = [party for party in (other.sender, other.receiver) if isinstance(party, PodParty)]
        if other not in seen and all(party.namespace in policies.namespaces for party in ends):
            assert not is_permitted(policies, other) or _is_open(policies, other, seen)


def _is_open(policies: Policies, other: Flow, seen: set[Flow]) -> bool:
    """Whether another flow is permitted by something that every reader knows."""
    if not is_dns(other) or not isinstance(other.receiver, PodParty):
        return False
    # The sender's end is open to dns; the receiver must have been seen to answer somebody.
    return any(one.receiver == other.receiver for one in seen) and bool(policies.namespaces)


@given(st.lists(st.sampled_from(UNIVERSE), min_size=1, max_size=12), st.booleans())
def test_proposals_are_in_canonical_form(flows: list[Flow], egress: bool) -> None:
    text = learn_from(flows, egress=egress).text
    tree = parse(SourceFile("p.intent", text))
    assert not tree.diagnostics
    assert format_file(tree.value) == text


@given(st.lists(st.sampled_from(UNIVERSE), min_size=1, max_size=8), st.randoms())
def test_the_order_of_flows_changes_nothing(flows: list[Flow], chance: Random) -> None:
    shuffled = list(flows)
    chance.shuffle(shuffled)
    assert learn_from(flows).text == learn_from(shuffled).text


@given(st.lists(st.sampled_from(UNIVERSE), min_size=1, max_size=8), st.booleans())
def test_what_was_learnt_is_not_learnt_again(flows: list[Flow], egress: bool) -> None:
    text = learn_from(flows, egress=egress).text
    again = learn_from(flows, text, egress=egress) if "namespace " in text else None
    if again is not None:
        assert again.proposals == ()
        assert not [one for one in again.log.unseen if one.wholly]


INTENTS = """\
cluster
label: k8s-app
mirror: no

namespace shop {env=prod}
default: deny ingress egress
label: app
group web = api in ns any
service back = {app=10, tier=back}
api <- web:80, {tier=back} in ns *:8080
back -> 203.0.113.0/24:80

namespace any
{tier=back} <- ns {env=prod}:metrics
"""


@given(st.lists(st.sampled_from(UNIVERSE), min_size=1, max_size=12), st.booleans(), st.booleans())
def test_proposals_fit_the_intents_there_are(flows: list[Flow], new: bool, egress: bool) -> None:
    result = learn_from(flows, INTENTS, new=new, egress=egress)
    assert not result.failed, result.diagnostics
    before, after = meaning(INTENTS), meaning(INTENTS, result.text)
    for row in result.log.flows:
        one = flow(row.kind.sender, row.kind.receiver, (row.kind.protocol, row.kind.port))
        if row.flow_class is FlowClass.MISSING:
            assert is_permitted(after, one)
        elif row.flow_class is FlowClass.PERMITTED:
            assert is_permitted(before, one)
            assert is_permitted(after, one)
        else:
            assert row.flow_class is FlowClass.UNSURE


@given(st.lists(st.sampled_from(UNIVERSE), min_size=1, max_size=8))
def test_what_was_dropped_is_never_proposed(flows: list[Flow]) -> None:
    dropped = [
        flow(one.sender, one.receiver, (one.protocol, one.port), Verdict.DROPPED) for one in flows
    ]
    result = learn_from(dropped, INTENTS)
    assert result.proposals == ()
    assert "\nnamespace" not in f"\n{result.text}"


def test_services_of_a_table_are_the_namespaces_own_words() -> None:
    result = learn_from(
        [flow(ServiceParty("any", "x"), ServiceParty("shop", "back"), PORTS[0])], INTENTS
    )
    assert [one.text for one in result.proposals] == ["back <- x in ns any:80"]


CHANGING_LABELS = (
    ("app.kubernetes.io/version", "1.2.3"),
    ("batch.kubernetes.io/job-name", "web-28912345"),
    ("controller-revision-hash", "web-6f7f8"),
    ("helm.sh/chart", "web-1.2.3"),
    ("pod-template-hash", "6f7f8"),
    ("statefulset.kubernetes.io/pod-name", "web-0"),
    ("version", "1.2.3"),
)


def web(*more: tuple[str, str]) -> PodParty:
    """Pods with `role=web` and labels that the next release or the next pod does not have."""
    labels = tuple(sorted((("role", "web"), *CHANGING_LABELS, *more)))
    return PodParty(namespace="shop", labels=labels, complete=True)


def test_labels_that_change_with_a_release_are_not_proposed() -> None:
    database = PodParty(namespace="shop", labels=(("role", "db"),), complete=True)
    result = learn_from([flow(web(), database, (Protocol.TCP, 5432))], new=True)
    assert [one.text for one in result.proposals] == ["{role=db} <- {role=web}:5432"]


def test_they_are_not_proposed_even_where_intents_ask_for_them() -> None:
    intents = "namespace shop\ndefault: deny\ndb <- {helm.sh/chart=other-1}:1\n"
    database = PodParty(namespace="shop", labels=(("app", "db"),), complete=True)
    result = learn_from([flow(web(), database, (Protocol.TCP, 5432))], intents)
    assert [one.text for one in result.proposals] == ["db <- {role=web}:5432"]


def test_pods_with_only_such_labels_have_no_name() -> None:
    nameless = PodParty(namespace="shop", labels=CHANGING_LABELS, complete=True)
    database = PodParty(namespace="shop", labels=(("app", "db"),), complete=True)
    result = learn_from([flow(nameless, database, (Protocol.TCP, 5432))], new=True)
    assert result.proposals == ()
    assert len(result.log.of(FlowClass.NAMELESS)) == 1


def test_pods_that_share_a_service_label_are_told_apart_as_init_does() -> None:
    parts = [
        PodParty(
            namespace="shop",
            labels=(("app", "shop"), ("app.kubernetes.io/component", name)),
            complete=True,
        )
        for name in ("web", "db", "cache")
    ]
    others = [
        PodParty(namespace="shop", labels=(("app", name),), complete=True)
        for name in ("a", "b", "c", "d")
    ]
    flows = [flow(parts[0], parts[1], (Protocol.TCP, 5432))]
    flows += [flow(one, others[0], (Protocol.TCP, 80)) for one in others[1:]]
    result = learn_from(flows, new=True)
    texts = {one.text for one in result.proposals}
    assert (
        "{app=shop, app.kubernetes.io/component=db} <- {app=shop, app.kubernetes.io/component=web}:5432"
        in texts
    )
    assert "a <- b:80" in texts


@pytest.mark.parametrize(
    ("facts", "address", "flow_class"),
    [
        ("", "10.1.2.3", FlowClass.MISSING),
        ("pods: 10.1.0.0/16", "10.1.2.3", FlowClass.NAMELESS),
        ("pods: 10.1.0.0/16\nblocks: outside", "10.1.2.3", FlowClass.NAMELESS),
        ("pods: fd00::/64", "fd00::3", FlowClass.NAMELESS),
        ("services: 10.1.0.0/16", "10.1.2.3", FlowClass.ENTITY),
        ("nodes: 10.1.0.0/16", "10.1.2.3", FlowClass.NODE),
        ("nodes: 10.1.0.0/16\nblocks: all", "10.1.2.3", FlowClass.MISSING),
        ("nodes: 10.1.0.0/16\nblocks: outside", "10.1.2.3", FlowClass.NODE),
        ("pods: 10.2.0.0/16\nblocks: outside", "10.1.2.3", FlowClass.MISSING),
    ],
)
def test_an_arrow_is_not_proposed_for_an_address_that_its_block_may_not_match(
    facts: str, address: str, flow_class: FlowClass
) -> None:
    web = PodParty(namespace="shop", labels=(("app", "web"),), complete=True)
    other = AddressParty(ip_address(address))
    intents = f"cluster\n{facts}\nnamespace shop\ndefault: deny ingress egress\n"
    https = Protocol.TCP, 443
    for seen in (flow(other, web, https), flow(web, other, https)):
        result = learn_from([seen], intents)
        assert [each.flow_class for each in result.log.flows] == [flow_class]
        assert bool(result.proposals) is (flow_class is FlowClass.MISSING)
