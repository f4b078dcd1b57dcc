"""Single questions, and the reasons for their answers."""

from netpolc.analysis.bounds import Bounds
from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.explain_query import Answer, can
from netpolc.analysis.exposure import Exposures
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.query import PodEnd, Question
from netpolc.analysis.reachability import reach
from netpolc.analysis.unknown_facts import PortNumber
from netpolc.ir.model import Allow, Subject
from netpolc.kube.inventory import ContainerPort, Inventory, Workload
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.ports import EVERY_PORT, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import ValueSet
from tests.analysis.test_semantic_diff import API, DB, METRICS, TCP, WEB, of, shop

SHOP = Selector.namespace("shop")


def asked(sender: PodEnd, traffic: Traffic = TCP) -> Question:
    return Question(sender=sender, receiver=PodEnd(SHOP, DB), traffic=traffic)


def test_yes_names_the_arrow_and_the_open_end() -> None:
    reply = can(Bounds.certain(Cluster(of(shop((Pods(None, API), TCP))))), asked(PodEnd(SHOP, API)))
    assert reply.answer is Answer.YES
    assert [allow.peer for allow in reply.ingress.allows if isinstance(allow, Allow)] == [
        Pods(None, API)
    ]
    assert not reply.ingress.open
    assert reply.egress.open
    assert reply.blocked is None


def test_no_names_what_closes_and_the_arrow_that_comes_nearest() -> None:
    near, far = (
        (Pods(None, API), TCP),
        (Pods(Selector.namespace("ops"), EVERYTHING), Traffic.of([(Protocol.UDP, 1, 1)])),
    )
    reply = can(Bounds.certain(Cluster(of(shop(near, far)))), asked(PodEnd(SHOP, WEB)))
    assert reply.answer is Answer.NO
    assert [one.selector for one in reply.ingress.isolations if isinstance(one, Subject)] == [DB]
    (miss,) = reply.ingress.nearest
    assert miss.allow.peer == Pods(None, API)
    assert (miss.subject, miss.peer, miss.traffic) == (False, True, False)


def test_partly_is_answered_where_a_part_is_permitted() -> None:
    cluster = Bounds.certain(Cluster(of(shop((Pods(None, API), TCP)))))
    question = asked(PodEnd(SHOP, EVERYTHING), EVERY_PORT)
    assert can(cluster, question).answer is Answer.PARTLY
    (row,) = reach(cluster.least, (question,))
    assert row.sender == PodClass(names=ValueSet.among("shop"), pods=API)
    assert row.carried.traffic == TCP


def test_the_number_of_a_name_is_asked_of_the_workload() -> None:
    cluster = Bounds.certain(Cluster(of(shop((Pods(None, API), Traffic.of(named=[METRICS]))))))
    reply = can(cluster, asked(PodEnd(SHOP, API)))
    assert reply.answer is Answer.UNKNOWN
    assert reply.facts == (PortNumber(METRICS),)
    for number, answer in ((5432, Answer.YES), (9187, Answer.NO)):
        receiver = PodEnd(SHOP, EVERYTHING, _db(number))
        question = Question(sender=PodEnd(SHOP, API), receiver=receiver, traffic=TCP)
        assert can(cluster, question, Inventory()).answer is answer


def test_a_question_about_nobody_has_no_answer() -> None:
    nobody = PodEnd(Selector.namespace("ops") & SHOP, API)
    assert can(Bounds.certain(Cluster(of(shop()))), asked(nobody)).answer is Answer.NOTHING


def test_exposure_is_to_pods_nobody_has_started_yet() -> None:
    cluster = Cluster(
        of(shop((Pods(None, API), TCP), (Pods(Selector.namespace("ops"), EVERYTHING), TCP)))
    )
    found = {
        (str(e.peer), e.own_namespace) for e in Exposures(cluster).of(_db(1), Direction.INGRESS)
    }
    assert found == {
        (str(PodClass(names=ValueSet.among("shop"), pods=API)), True),
        (str(PodClass(names=ValueSet.among("ops"))), False),
    }
    out = Exposures(cluster).of(_db(1), Direction.EGRESS)
    assert all(e.carried.traffic for e in out)
    assert NamedPort(Protocol.TCP, "x") not in {n for e in out for n in e.carried.traffic.named}


def _db(number: int) -> Workload:
    ports = (ContainerPort(number=number, name="metrics"),)
    return Workload(namespace="shop", name="db", kind="Pod", labels={"app": "db"}, ports=ports)
