"""Comparisons read like the change that they are about."""

from dataclasses import replace

from netpolc.analysis.concrete_evaluator import Pod
from netpolc.analysis.connection_sets import PodClass
from netpolc.analysis.semantic_diff import compare, equivalent, implies
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.peers import Direction, Peer, Pods
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import ValueSet

METRICS = NamedPort(Protocol.TCP, "metrics")
TCP = Traffic.of([(Protocol.TCP, 5432, 5432)])
DB, API, WEB = (Selector.labels({"app": name}) for name in ("db", "api", "web"))
INGRESS = Direction.INGRESS


def shop(*opened: tuple[Peer, Traffic], labels: dict[str, str] | None = None) -> PolicySet:
    allows = [Allow(subject=DB, direction=INGRESS, peer=p, traffic=t) for p, t in opened]
    parts: list[Subject | Allow] = [Subject(selector=DB, direction=INGRESS), *allows]
    return policy_set(namespace="shop", labels=labels, parts=parts)


def of(*sets: PolicySet) -> Policies:
    return Policies({one.namespace: one for one in sets})


def test_an_added_arrow_is_gained_and_nothing_lost() -> None:
    before = of(shop((Pods(None, API), TCP)))
    after = of(shop((Pods(None, API), TCP), (Pods(None, WEB), TCP)))
    found = compare(before, after)
    assert not found.lost
    (change,) = found.gained
    assert change.connections.sender == PodClass(names=ValueSet.among("shop"), pods=WEB)
    assert change.connections.receiver == PodClass(names=ValueSet.among("shop"), pods=DB)
    assert change.connections.same_namespace
    assert change.connections.traffic == TCP
    assert isinstance(change.closed, Subject)
    assert change.closed.selector == DB
    assert change.ingress is not None
    assert change.egress is None
    assert implies(before, after) is None
    assert implies(after, before) is not None


def test_the_same_said_otherwise_is_equivalent() -> None:
    both = Selector.of((("app", ValueSet.among("api", "web")),))
    apart = of(shop((Pods(None, API), TCP), (Pods(None, WEB), TCP)))
    assert equivalent(apart, of(shop((Pods(None, both), TCP))))


def test_the_first_isolation_loses_everything_from_everywhere() -> None:
    open_to_all = of(PolicySet(namespace="shop"))
    found = compare(open_to_all, of(shop()))
    assert not found.gained
    names = [
        c.connections.sender.names for c in found.lost if isinstance(c.connections.sender, PodClass)
    ]
    assert ValueSet.among("shop") in names
    assert ValueSet(frozenset(("shop",)), complement=True) in names


def test_a_number_is_not_a_name() -> None:
    numbered, by_name = (
        of(shop((Pods(None, API), TCP))),
        of(shop((Pods(None, API), Traffic.of(named=[METRICS])))),
    )
    found = compare(numbered, by_name)
    (gained,), (lost,) = found.gained, found.lost
    assert gained.connections.called == {METRICS}
    assert lost.connections.not_called == {METRICS}
    assert lost.connections.traffic == TCP


def test_a_changed_label_of_a_namespace_is_a_change() -> None:
    arrow = (Pods(Selector.labels({"env": "prod"}), EVERYTHING), TCP)
    ops = {env: PolicySet(namespace="ops", labels={"env": env}) for env in ("prod", "dev")}
    before, after = of(shop(arrow), ops["dev"]), of(shop(arrow), ops["prod"])
    (change,) = compare(before, after).gained
    assert isinstance(change.witness.sender, Pod)
    assert change.witness.sender.namespace_labels["env"] == "prod"
    assert not compare(before, after).lost


def test_a_label_stated_on_one_side_counts_for_both() -> None:
    arrow = (Pods(Selector.labels({"env": "prod"}), EVERYTHING), TCP)
    silent = of(shop(arrow), PolicySet(namespace="ops"))
    stated = of(shop(arrow), PolicySet(namespace="ops", labels={"env": "prod"}))
    assert equivalent(silent, stated)


def test_an_end_that_opens_meets_what_the_other_end_permitted_before() -> None:
    outwards = Direction.EGRESS
    closed = Subject(selector=API, direction=outwards)
    out = Allow(subject=API, direction=outwards, peer=Pods(None, DB), traffic=TCP)
    one = shop((Pods(None, API), TCP))
    before = of(replace(one, subjects=(*one.subjects, closed)))
    after = of(replace(one, subjects=(*one.subjects, replace(closed, allows=(out,)))))
    (change,) = compare(before, after).gained
    assert change.egress == out
    assert change.ingress is not None
    assert isinstance(change.closed, Subject)
    assert change.closed.closed == closed.closed
    assert not compare(before, after).lost
