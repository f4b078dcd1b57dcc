"""Assertions on one small cluster, read like their statements."""

import pytest

from netpolc.analysis.assertions import Status, Verdict, decide
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.concrete_evaluator import Pod
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.unknown_facts import HostNetwork, PortNumber
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.inventory import ContainerPort, Inventory, Workload
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Grant, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.program.model import Assertion, Claim
from netpolc.provenance import Origin, Role, source_of
from netpolc.sets import ValueSet

METRICS = NamedPort(Protocol.TCP, "metrics")
POSTGRES = Traffic.of([(Protocol.TCP, 5432, 5432)])
DB, API = Selector.labels({"app": "db"}), Selector.labels({"app": "api"})
DEV = Selector.labels({"env": "dev"})
ORIGIN = Origin(
    path="shop.intent", line=3, source=source_of(Role.ARROW, "db <- api:5432"), role=Role.ARROW
)


def cluster(
    *opened: tuple[Peer, Traffic], labels: dict[str, str] | None = None, complete: bool = False
) -> Bounds:
    """Namespace shop, where db is closed but for these; namespace dev with labels."""
    inwards = Direction.INGRESS
    allows = tuple(
        Allow(subject=DB, direction=inwards, peer=peer, traffic=traffic, origins=(ORIGIN,))
        for peer, traffic in opened
    )
    closed = (Subject(selector=DB, direction=inwards, origins=(ORIGIN,)),)
    shop = policy_set(namespace="shop", parts=(*closed, *allows), complete=complete)
    dev = PolicySet(namespace="dev", labels=labels or {}, complete=complete)
    return Bounds.certain(Cluster(Policies({"shop": shop, "dev": dev})))


def claim(
    kind: Claim,
    *grants: tuple[Peer, Traffic],
    subject: Pods | None = None,
    home: str | None = "shop",
) -> Assertion:
    return Assertion(
        claim=kind,
        home=home,
        subject=Pods(None, DB) if subject is None else subject,
        direction=Direction.INGRESS,
        grants=tuple(Grant(peer, traffic) for peer, traffic in grants),
        origin=ORIGIN,
    )


def sender(verdict: Verdict) -> Pod:
    assert verdict.counterexample is not None
    found = verdict.counterexample.witness.sender
    assert isinstance(found, Pod)
    return found


def test_a_label_that_nobody_states_is_free() -> None:
    never = claim(Claim.NEVER, (Pods(DEV, EVERYTHING), EVERY_PORT))
    everywhere = (Pods(EVERYTHING, API), POSTGRES)
    refuted = decide(cluster(everywhere), never)
    assert refuted.status is Status.REFUTED
    assert sender(refuted).namespace_labels["env"] == "dev"
    assert sender(refuted).labels == {"app": "api"}
    assert refuted.counterexample is not None
    assert refuted.counterexample.ingress is not None
    assert refuted.counterexample.ingress.origins == (ORIGIN,)
    assert refuted.counterexample.egress is None


def test_stated_labels_decide() -> None:
    only_dev = (Pods(Selector.labels({METADATA_NAME: "dev"}), EVERYTHING), POSTGRES)
    never = claim(Claim.NEVER, (Pods(DEV, EVERYTHING), EVERY_PORT))
    assert decide(cluster(only_dev, labels={"env": "test"}), never).status is Status.PROVED
    assert decide(cluster(only_dev, labels={"env": "dev"}), never).status is Status.REFUTED
    assert decide(cluster(only_dev), never).status is Status.REFUTED
    assert decide(cluster(only_dev, complete=True), never).status is Status.PROVED


def test_two_pods_of_one_namespace_share_its_labels() -> None:
    """`{…} in ns {env=prod}` may reach, `{…} in ns {env=dev}` must not: own pods cannot do both."""
    own = (Pods(None, EVERYTHING), EVERY_PORT)
    subject = Pods(Selector.labels({"env": "prod", METADATA_NAME: "shop"}), DB)
    never = claim(Claim.NEVER, (Pods(DEV, EVERYTHING), EVERY_PORT), subject=subject)
    assert decide(cluster(own), never).status is Status.PROVED


def test_a_closed_pod_is_named_by_what_closes_it() -> None:
    always = claim(Claim.ALWAYS, (Pods(None, API), EVERY_PORT))
    verdict = decide(cluster((Pods(None, API), POSTGRES)), always)
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert verdict.counterexample.closed is not None
    assert not verdict.counterexample.permitted


def test_only_excuses_what_it_lists_and_nothing_else() -> None:
    known = cluster((Pods(None, API), POSTGRES))
    assert decide(known, claim(Claim.ONLY, (Pods(None, API), POSTGRES))).status is Status.PROVED
    assert decide(known, claim(Claim.ONLY, (Pods(None, API), EVERY_PORT))).status is Status.PROVED
    assert decide(known, claim(Claim.ONLY, (Pods(None, DB), POSTGRES))).status is Status.REFUTED
    assert decide(known, claim(Claim.ONLY)).status is Status.REFUTED
    assert decide(cluster(), claim(Claim.ONLY)).status is Status.PROVED


def test_a_name_stands_for_itself() -> None:
    by_name = (Pods(None, API), Traffic.of(named=[METRICS]))
    known = cluster(by_name)
    assert decide(known, claim(Claim.ALWAYS, by_name)).status is Status.PROVED
    assert decide(known, claim(Claim.ONLY, by_name)).status is Status.PROVED
    assert decide(known, claim(Claim.NEVER, by_name)).status is Status.REFUTED
    everything = claim(Claim.NEVER, (Pods(None, API), EVERY_PORT))
    assert decide(known, everything).status is Status.REFUTED


def test_the_number_behind_a_name_is_not_guessed() -> None:
    known = cluster((Pods(None, API), Traffic.of(named=[METRICS])))
    never = claim(Claim.NEVER, (Pods(None, API), POSTGRES))
    verdict = decide(known, never)
    assert verdict.status is Status.UNKNOWN
    assert verdict.unknowns == (PortNumber(METRICS),)
    assert decide(known, never, Inventory(workloads=(_db(9187),))).status is Status.UNKNOWN
    assert decide(known, never, Inventory(workloads=(_db(5432),))).status is Status.REFUTED


def test_a_name_cannot_be_every_port() -> None:
    known = cluster((Pods(None, API), Traffic.of(named=[METRICS])))
    always = claim(Claim.ALWAYS, (Pods(None, API), Traffic.of([(Protocol.TCP, 1, 65535)])))
    assert decide(known, always).status is Status.REFUTED


def test_pods_on_the_hosts_network_are_unknown() -> None:
    agent = Workload(
        namespace="dev", name="agent", kind="DaemonSet", labels={"app": "agent"}, host_network=True
    )
    never = claim(
        Claim.NEVER, (Pods(Selector.labels({METADATA_NAME: "dev"}), EVERYTHING), EVERY_PORT)
    )
    verdict = decide(cluster(), never, Inventory(workloads=(agent,)))
    assert verdict.status is Status.UNKNOWN
    assert verdict.unknowns == (HostNetwork(str(agent)),)
    elsewhere = claim(Claim.NEVER, (Pods(None, API), EVERY_PORT))
    assert decide(cluster(), elsewhere, Inventory(workloads=(agent,))).status is Status.PROVED


@pytest.mark.parametrize(
    "subject",
    [
        Pods(Selector.labels({METADATA_NAME: "dev", "env": "prod"}), EVERYTHING),
        Pods(None, Selector.of([("app", ValueSet.among("a")), ("app", ValueSet.among("b"))])),
    ],
)
def test_a_claim_about_nothing_is_vacuous(subject: Pods) -> None:
    never = claim(Claim.NEVER, (Anyone(), EVERY_PORT), subject=subject)
    assert decide(cluster(labels={"env": "dev"}), never).status is Status.VACUOUS


def test_a_cluster_wide_claim_is_about_each_namespace() -> None:
    wide = claim(Claim.NEVER, (Pods(None, API), EVERY_PORT), home=None)
    verdict = decide(cluster(), wide)
    assert verdict.status is Status.REFUTED
    assert verdict.home == "dev"
    assert decide(cluster(), wide, homes=["shop"]).status is Status.PROVED


def _db(number: int) -> Workload:
    ports = (ContainerPort(number=number, name="metrics"),)
    return Workload(
        namespace="shop", name="db", kind="StatefulSet", labels={"app": "db"}, ports=ports
    )


def test_a_number_that_a_name_may_stand_for_is_not_surely_closed() -> None:
    by_name = (Pods(None, API), Traffic.of(named=[METRICS]))
    by_number = (Pods(None, API), POSTGRES)
    for opened, claimed in ((by_name, by_number), (by_number, by_name)):
        verdict = decide(cluster(opened), claim(Claim.ALWAYS, claimed))
        assert verdict.status is Status.UNKNOWN
        assert decide(cluster(opened), claim(Claim.ONLY, claimed)).status is Status.UNKNOWN
    assert decide(cluster(), claim(Claim.ALWAYS, by_name)).status is Status.REFUTED


def test_the_senders_end_must_permit_too() -> None:
    """Some senders are closed, others open: each is judged by its own isolations."""
    outwards = Direction.EGRESS
    closed = (Subject(selector=API, direction=outwards, origins=(ORIGIN,)),)
    shop = policy_set(namespace="shop", parts=closed)
    known = Bounds.certain(Cluster(Policies({"shop": shop})))
    assert decide(known, claim(Claim.NEVER, (Pods(None, API), EVERY_PORT))).status is Status.PROVED
    everybody = decide(known, claim(Claim.NEVER, (Pods(None, EVERYTHING), EVERY_PORT)))
    assert everybody.status is Status.REFUTED
    assert sender(everybody).labels == {}
    always = decide(known, claim(Claim.ALWAYS, (Pods(None, EVERYTHING), EVERY_PORT)))
    assert sender(always).labels == {"app": "api"}
