"""What policies mean: each trap of the API once, then random policies in random worlds."""

from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from netpolc.ir.model import Allow, PolicySet
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Anyone, Direction, Outside, Peer, Pods
from netpolc.kube.ports import EVERY_PORT, MAX_PORT, NamedPort, Protocol, Traffic
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.manifest.read import read
from netpolc.passes.lift import lift, lift_manifests
from netpolc.provenance import Role
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT
from netpolc.source import SourceFile
from tests.manifest import strategies as manifests
from tests.properties import reading
from tests.reference import kubernetes
from tests.reference.world import Endpoint, Pod, World

IN, OUT = Direction.INGRESS, Direction.EGRESS
DB = Selector.labels({"app": "db"})
API = Selector.labels({"app": "api"})


def lifted(spec: str) -> PolicySet:
    """The meaning of one policy named `db`, in namespace `shop`."""
    policy = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "db", "namespace": "shop"},
        "spec": {"podSelector": {"matchLabels": {"app": "db"}}, **yaml.safe_load(spec)},
    }
    outcome = read(SourceFile("db.yaml", yaml.safe_dump(policy)))
    assert not outcome.failed, outcome.diagnostics
    return lift(outcome.value.policies).value.namespaces["shop"]


def closed(policy: PolicySet) -> set[Direction]:
    """The directions in which db is closed."""
    assert all(one.selector == DB for one in policy.subjects)
    return {one.direction for one in policy.subjects}


def only(policy: PolicySet) -> Allow:
    """The one allow that there is."""
    (allow,) = policy.allows
    assert allow.subject == DB
    return allow


def block(cidr: str, *holes: str) -> Peer:
    return Outside(Addresses.of([Block(Cidr.parse(cidr), tuple(map(Cidr.parse, holes)))]))


@pytest.mark.parametrize(
    ("spec", "directions"),
    [
        ("{}", {IN}),
        ("{policyTypes: []}", {IN}),
        ("{ingress: [{}]}", {IN}),
        ("{egress: []}", {IN}),
        ("{egress: [{}]}", {IN, OUT}),
        ("{policyTypes: [], egress: [{}]}", {IN, OUT}),
        ("{policyTypes: [Egress]}", {OUT}),
        ("{policyTypes: [Egress], egress: [{}]}", {OUT}),
        ("{policyTypes: [Ingress], egress: [{}]}", {IN}),
        ("{policyTypes: [Egress, Ingress]}", {IN, OUT}),
        ("{policyTypes: [Ingress, Ingress]}", {IN}),
    ],
)
def test_policy_types_and_what_they_are_when_left_out(
    spec: str, directions: set[Direction]
) -> None:
    assert closed(lifted(spec)) == directions


@pytest.mark.parametrize("spec", ["{}", "{ingress: []}", "{ingress: null}"])
def test_no_rules_permit_nothing(spec: str) -> None:
    assert lifted(spec).allows == ()


@pytest.mark.parametrize(
    "rule", ["{}", "{from: []}", "{from: null}", "{ports: []}", "{from: [], ports: null}"]
)
def test_a_rule_without_peers_and_ports_permits_everything(rule: str) -> None:
    allow = only(lifted(f"{{ingress: [{rule}]}}"))
    assert (allow.peer, allow.traffic) == (Anyone(), EVERY_PORT)


@pytest.mark.parametrize(
    ("peer", "meant"),
    [
        ("{podSelector: {}}", Pods(None, EVERYTHING)),
        ("{podSelector: {matchLabels: {app: api}}}", Pods(None, API)),
        ("{namespaceSelector: {}}", Pods(EVERYTHING, EVERYTHING)),
        (
            "{namespaceSelector: {matchLabels: {app: api}}}",
            Pods(API, EVERYTHING),
        ),
        (
            "{namespaceSelector: {matchLabels: {app: db}}, podSelector: {matchLabels: {app: api}}}",
            Pods(DB, API),
        ),
        ("{ipBlock: {cidr: 10.0.0.0/8}}", block("10.0.0.0/8")),
        ("{ipBlock: {cidr: 10.1.2.3/8}}", block("10.0.0.0/8")),
        (
            "{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.2.3/16, 10.2.0.0/16]}}",
            block("10.0.0.0/8", "10.1.0.0/16", "10.2.0.0/16"),
        ),
        (
            "{ipBlock: {cidr: '2001:db8::/32', except: ['2001:db8:1::/48']}}",
            block("2001:db8::/32", "2001:db8:1::/48"),
        ),
    ],
)
def test_peers(peer: str, meant: Peer) -> None:
    assert only(lifted(f"{{ingress: [{{from: [{peer}]}}]}}")).peer == meant
    outwards = only(lifted(f"{{policyTypes: [Egress], egress: [{{to: [{peer}]}}]}}"))
    assert (outwards.peer, outwards.direction) == (meant, OUT)


def test_two_entries_are_or_and_one_entry_is_and() -> None:
    two = lifted("{ingress: [{from: [{namespaceSelector: {}}, {podSelector: {}}]}]}")
    assert {allow.peer for allow in two.allows} == {
        Pods(EVERYTHING, EVERYTHING),
        Pods(None, EVERYTHING),
    }


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("{key: app, operator: In, values: [a, b]}", ValueSet.among("a", "b")),
        ("{key: app, operator: NotIn, values: [a]}", ValueSet.other_than("a")),
        ("{key: app, operator: Exists}", PRESENT),
        ("{key: app, operator: DoesNotExist, values: []}", ABSENT),
    ],
)
def test_expressions(expression: str, values: ValueSet) -> None:
    peer = only(
        lifted(f"{{ingress: [{{from: [{{podSelector: {{matchExpressions: [{expression}]}}}}]}}]}}")
    ).peer
    assert peer == Pods(None, Selector.of([("app", values)]))


def test_labels_and_expressions_must_all_hold() -> None:
    selector = "{matchLabels: {app: a}, matchExpressions: [{key: app, operator: In, values: [b]}]}"
    peer = only(lifted(f"{{ingress: [{{from: [{{podSelector: {selector}}}]}}]}}")).peer
    assert isinstance(peer, Pods)
    assert peer.pods.impossible


@pytest.mark.parametrize(
    ("ports", "meant"),
    [
        ("[{port: 53}]", Traffic.of([(Protocol.TCP, 53, 53)])),
        ("[{port: 53, protocol: UDP}]", Traffic.of([(Protocol.UDP, 53, 53)])),
        ("[{}]", Traffic.of([(Protocol.TCP, 1, MAX_PORT)])),
        ("[{protocol: SCTP}]", Traffic.of([(Protocol.SCTP, 1, MAX_PORT)])),
        ("[{port: 80, endPort: 90}]", Traffic.of([(Protocol.TCP, 80, 90)])),
        ("[{port: web}]", Traffic.of(named=[NamedPort(Protocol.TCP, "web")])),
        (
            "[{port: web, protocol: UDP}, {port: 1, endPort: 1}]",
            Traffic.of([(Protocol.TCP, 1, 1)], [NamedPort(Protocol.UDP, "web")]),
        ),
    ],
)
def test_ports(ports: str, meant: Traffic) -> None:
    assert only(lifted(f"{{ingress: [{{ports: {ports}}}]}}")).traffic == meant


def test_rules_of_a_direction_that_is_not_named_are_reported_and_have_no_effect() -> None:
    text = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  egress:
  - to: [{podSelector: {}}]
"""
    outcome = lift(read(SourceFile("db.yaml", text)).value.policies)
    (found,) = outcome.diagnostics
    assert found.rule.name == "rules-without-effect"
    assert found.label.span.line == 8
    assert outcome.value.namespaces["default"].allows == ()


def test_origins_name_the_entry_and_its_line() -> None:
    text = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db-ingress}
spec:
  podSelector: {}
  ingress:
  - from:
    - podSelector: {}
    - namespaceSelector: {}
  - ports: [{port: 1}]
"""
    policy = lift(read(SourceFile("a/db.yaml", text)).value.policies).value.namespaces["default"]
    origins = [one.origins for one in policy.subjects]
    origins += [one.origins for one in policy.allows]
    assert all(len(some) == 1 and some[0].role is Role.POLICY for some in origins)
    assert {(o.path, o.statement, o.line) for (o,) in origins} == {
        ("a/db.yaml", "db-ingress", 1),
        ("a/db.yaml", "db-ingress ingress[0].from[0]", 8),
        ("a/db.yaml", "db-ingress ingress[0].from[1]", 9),
        ("a/db.yaml", "db-ingress ingress[1]", 10),
    }


NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {env: prod}}
"""


def test_namespace_objects_give_all_labels_and_others_only_the_name() -> None:
    policy = "---\n" + yaml.safe_dump(
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "db"},
            "spec": {"podSelector": {}},
        }
    )
    files = [read(SourceFile("all.yaml", NAMESPACE + policy)).value]
    found = lift_manifests(files, namespace="other").value.namespaces
    assert found["shop"] == PolicySet(
        namespace="shop", labels={"env": "prod", METADATA_NAME: "shop"}, complete=True
    )
    assert (found["other"].labels, found["other"].complete) == ({METADATA_NAME: "other"}, False)
    assert found["other"].subjects


@given(st.data())
def test_lifted_policies_permit_what_the_api_permits(data: st.DataObject) -> None:
    policies = data.draw(manifests.policy_lists())
    world = data.draw(manifests.worlds())
    outcome = read(SourceFile("random.yaml", data.draw(manifests.texts(policies))))
    assert not outcome.failed, outcome.diagnostics
    meaning = lift(outcome.value.policies).value.namespaces
    plain = [without_null_namespace(policy) for policy in policies]
    for direction, pod, other, protocol, port in ends(world):
        policy = meaning.get(pod.namespace, PolicySet(namespace=pod.namespace))
        assert reading.permits(
            policy, world, direction, pod, other, Protocol(protocol), port
        ) == kubernetes.end_permits(
            plain, world, direction.value.capitalize(), pod, other, protocol, port
        )


def without_null_namespace(policy: manifests.Manifest) -> manifests.Manifest:
    """The policy as the reference reads it, which knows only missing namespaces."""
    metadata = {key: value for key, value in policy["metadata"].items() if value is not None}
    return {**policy, "metadata": metadata}


def ends(world: World) -> Iterator[tuple[Direction, Pod, Endpoint, str, int]]:
    """Each end of connections with every other pod and address, at ports that matter.

    End by end, because of two ends the closed one would hide mistakes at the other.
    """
    for pod in world.pods:
        for other in (*world.pods, *manifests.ADDRESSES):
            for direction in Direction:
                for protocol in manifests.PROTOCOLS:
                    for port in (1, 53, 79, 80):
                        if other is not pod:
                            yield direction, pod, other, protocol, port
