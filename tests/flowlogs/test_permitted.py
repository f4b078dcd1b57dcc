"""Flows beside intents: what is missing, what nobody uses, and what cannot be told."""

from ipaddress import ip_address

import pytest

from netpolc.flowlogs import permitted
from netpolc.flowlogs.classify import FlowClass
from netpolc.flowlogs.flows import AddressParty, Entity, Flow, Party, PodParty, ServiceParty
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Protocol
from tests.flowlogs.test_proposals import flow, learn_from

POSTGRES = (Protocol.TCP, 5432)


def pods(app: str, namespace: str = "shop", **more: str) -> PodParty:
    """Pods as Hubble knows them: with all their labels."""
    labels = tuple(sorted({"app": app, **more}.items()))
    return PodParty(namespace=namespace, labels=labels, complete=True)


def to_db(sender: Party) -> Flow:
    return flow(sender, pods("db"), POSTGRES)


def flow_class(intents: str, one: Flow) -> FlowClass:
    (row,) = learn_from([one], intents).log.flows
    return row.flow_class


def never(intents: str, *flows: Flow) -> list[tuple[int, str, bool]]:
    """The statements, by line, of which something was not seen; whether all of it."""
    found = learn_from(flows, intents).log.unseen
    return [(one.origin.line, one.origin.statement, one.wholly) for one in found]


SHOP = "namespace shop\ndefault: deny\n"


def test_a_receiver_that_is_closed_needs_an_arrow() -> None:
    result = learn_from([to_db(pods("api"))], SHOP)
    assert [one.text for one in result.proposals] == ["db <- api:5432"]


def test_flows_that_known_labels_decide_are_not_made_questions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delattr(permitted, "Question")
    ends: list[Party] = [pods("api"), pods("web"), AddressParty(ip_address("203.0.113.7"))]
    result = learn_from([to_db(end) for end in ends], f"{SHOP}db <- web:5432\n")
    assert len(result.proposals) == 2


def test_a_sender_that_is_closed_needs_one_in_its_own_namespace() -> None:
    both = "namespace shop\ndefault: deny\n\nnamespace web\ndefault: deny egress\n"
    result = learn_from([to_db(pods("ui", "web"))], both)
    assert [(one.namespace, one.direction, one.text) for one in result.proposals] == [
        ("shop", Direction.INGRESS, "db <- ui in ns web:5432"),
        ("web", Direction.EGRESS, "ui -> db in ns shop:5432"),
    ]


def test_inside_a_namespace_one_arrow_opens_both_ends() -> None:
    closed = "namespace shop\ndefault: deny ingress egress\n"
    result = learn_from([to_db(pods("api"))], closed)
    assert [one.text for one in result.proposals] == ["db <- api:5432"]
    result = learn_from([to_db(pods("api"))], f"{closed}mirror: no\n")
    assert [one.text for one in result.proposals] == ["db <- api:5432", "api -> db:5432"]


def test_an_open_end_stays_open() -> None:
    out = flow(pods("api"), AddressParty(ip_address("203.0.113.7")), (Protocol.TCP, 443))
    assert flow_class(SHOP, out) is FlowClass.PERMITTED
    assert (
        flow_class("namespace shop\ncache <- api:6379\n", to_db(pods("api"))) is FlowClass.PERMITTED
    )


def test_an_arrow_closes_no_pod_that_was_open() -> None:
    canary = "namespace shop\n{app=db, canary=true} <- none\n"
    seen = flow(pods("api"), pods("db", canary="true"), POSTGRES)
    result = learn_from([seen], canary)
    assert [one.text for one in result.proposals] == ["{app=db, canary=true} <- api:5432"]


def test_pods_beside_a_declared_service_are_not_taken_for_it() -> None:
    primary = f"{SHOP}service db = {{app=db, role=primary}}\ndb <- api:5432\n"
    seen = flow(pods("api"), pods("db", role="replica"), POSTGRES)
    result = learn_from([seen], primary)
    assert [one.text for one in result.proposals] == ["{app=db, role=replica} <- api:5432"]


def test_a_group_is_not_taken_for_a_service() -> None:
    result = learn_from([to_db(pods("api"))], f"{SHOP}group api = ns tools\n")
    assert [one.text for one in result.proposals] == ["db <- {app=api}:5432"]


def test_a_named_port_is_no_number() -> None:
    assert flow_class(f"{SHOP}db <- api:postgres\n", to_db(pods("api"))) is FlowClass.UNSURE


def test_labels_that_a_log_does_not_show_are_unknown() -> None:
    intents = f"{SHOP}db <- {{app=api, tier=back}}:5432\n"
    assert flow_class(intents, to_db(ServiceParty("shop", "api"))) is FlowClass.UNSURE
    assert flow_class(intents, to_db(pods("api"))) is FlowClass.MISSING
    assert flow_class(intents, to_db(pods("api", tier="back"))) is FlowClass.PERMITTED


def test_labels_of_a_namespace_are_those_of_the_log_unless_intents_state_them() -> None:
    intents = f"{SHOP}db <- ns {{env=prod}}:5432\n"
    assert flow_class(intents, to_db(pods("ui", "web"))) is FlowClass.UNSURE
    prod = PodParty(
        namespace="web",
        labels=(("app", "ui"),),
        namespace_labels=(("env", "prod"),),
        complete=True,
    )
    assert flow_class(intents, to_db(prod)) is FlowClass.PERMITTED
    stated = f"{intents}\nnamespace web {{env=dev}}\ndefault: allow\n"
    assert flow_class(stated, to_db(prod)) is FlowClass.MISSING


ARROWS = f"""{SHOP}
group tools = adminer, pgcli
db <- api:5432, report:5432
db <- ns monitoring:9187
cache <- api
db <- tools:5432
"""


def test_what_nobody_uses_is_named_by_its_place() -> None:
    assert sorted(never(ARROWS, to_db(pods("api")))) == [
        (5, "db <- api:5432, report:5432", False),
        (6, "db <- ns monitoring:9187", True),
        (7, "cache <- api", True),
        (8, "db <- tools:5432", True),
    ]


@pytest.mark.parametrize(
    ("seen", "statement"),
    [
        (flow(pods("p", "monitoring"), pods("db"), (Protocol.TCP, 9187)), "ns monitoring:9187"),
        (flow(pods("api"), pods("cache"), (Protocol.UDP, 1)), "cache <- api"),
    ],
)
def test_what_was_seen_is_not_named(seen: Flow, statement: str) -> None:
    assert not [one for one in never(ARROWS, seen) if statement in one[1] and one[2]]
    assert [one for one in never(ARROWS, to_db(pods("x"))) if statement in one[1] and one[2]]


@pytest.mark.parametrize(
    "seen",
    [
        flow(pods("p", "monitoring"), pods("db"), (Protocol.UDP, 9187)),
        flow(pods("p", "monitoring"), pods("db"), (Protocol.TCP, 9188)),
        flow(pods("p", "other"), pods("db"), (Protocol.TCP, 9187)),
        flow(pods("p", "monitoring"), pods("db", "other"), (Protocol.TCP, 9187)),
        flow(pods("p", "monitoring"), pods("cache"), (Protocol.TCP, 9187)),
    ],
)
def test_a_flow_that_differs_in_one_thing_is_not_the_arrows(seen: Flow) -> None:
    assert (6, "db <- ns monitoring:9187", True) in never(ARROWS, seen)


@pytest.mark.parametrize(
    ("arrow", "sender", "receiver"),
    [
        ("db <- any:5432", pods("api"), pods("web")),
        ("db <- api:5432", pods("api", "other"), pods("db")),
        ("db <- *:5432", pods("api", "other"), pods("db")),
    ],
)
def test_a_flow_between_other_ends_is_not_the_arrows(
    arrow: str, sender: PodParty, receiver: PodParty
) -> None:
    assert never(f"{SHOP}{arrow}\n", flow(sender, receiver, POSTGRES)) == [(3, arrow, True)]
    assert never(f"{SHOP}{arrow}\n", to_db(pods("api"))) == []


@pytest.mark.parametrize("last", ["203.0.113.0", "203.0.113.7"])
def test_the_first_and_last_address_of_a_block_are_in_it(last: str) -> None:
    seen = flow(AddressParty(ip_address(last)), pods("db"), POSTGRES)
    assert never(f"{SHOP}db <- 203.0.113.0/29:5432\n", seen) == []
    assert never(f"{SHOP}db <- 203.0.113.8/29:5432\n", seen) != []


def test_addresses_near_each_other_are_grouped_in_a_comment_only() -> None:
    flows = [
        flow(AddressParty(ip_address(f"203.0.113.{n}")), pods("web"), (Protocol.TCP, 443))
        for n in (7, 8, 9)
    ]
    text = learn_from(flows).text
    assert "\n# web <- 203.0.113.0/24:443\n" in text
    assert "\nweb <- 203.0.113.7/32:443  # once\n" in text
    assert "0/24" not in learn_from(flows[:2]).text


def test_an_address_may_be_of_the_sixth_version() -> None:
    seen = flow(AddressParty(ip_address("2001:db8::1")), pods("web"), (Protocol.TCP, 443))
    assert [one.text for one in learn_from([seen]).proposals] == ["web <- 2001:db8::1/128:443"]


def test_pods_without_a_label_are_not_proposed() -> None:
    bare = PodParty(namespace="shop", labels=(("pod-template-hash", "1"),), complete=True)
    result = learn_from([to_db(bare)])
    assert result.proposals == ()
    assert result.log.flows[0].flow_class is FlowClass.NAMELESS


def test_the_convention_is_that_of_most_pods() -> None:
    other = PodParty(namespace="shop", labels=(("k8s-app", "a"),), complete=True)
    more = PodParty(namespace="shop", labels=(("k8s-app", "b"),), complete=True)
    text = learn_from([to_db(other), flow(other, more, POSTGRES)]).text
    assert "\nlabel: k8s-app\n" in text
    assert "\n{app=db} <- a:5432  # once\n" in text


NODES = f"""{SHOP}
db <- 10.0.0.0/24:5432
db <- api:5432
"""


@pytest.mark.parametrize(
    ("entity", "lines"),
    [("remote-node", [5]), ("health", [4, 5]), ("service", []), ("unknown", [])],
)
def test_what_the_log_does_not_identify_counts_for_all_it_may_be(
    entity: str, lines: list[int]
) -> None:
    assert sorted(line for line, _, _ in never(NODES, to_db(Entity(entity)))) == lines


def test_what_is_stated_of_a_namespace_counts() -> None:
    intents = f"{SHOP}db <- ns {{env=prod}}:5432\n\nnamespace web {{env=dev}}\n"
    assert [line for line, _, _ in never(intents, to_db(pods("ui", "web")))] == [3]
    assert never(intents, to_db(pods("ui", "tools"))) == []
