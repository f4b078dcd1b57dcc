"""The evaluator of NetworkPolicy against the documentation and the traps; what is drawn at random.

Sentences one by one are in `test_kubernetes` and `test_language`, the language's own page in
`test_page`, cases from outside in `test_oracle`.
"""

import re
from collections import Counter
from ipaddress import ip_address
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.reference import kubernetes, language
from tests.reference.printing import to_text
from tests.reference.shop import (
    API,
    BACKEND,
    DB,
    DEV_API,
    FRONTEND,
    KUBE_DNS,
    NGINX,
    PAY_API,
    PRIVATE,
    PROMETHEUS,
    PUBLIC,
    WEB,
    WORLD,
    Row,
    holds,
    pod,
)
from tests.reference.strategies import probes, programs, some_addresses, telling_probes, worlds
from tests.reference.world import METADATA_NAME, Pod, World

DOCUMENTED = """
podSelector: {matchLabels: {role: db}}
policyTypes: [Ingress, Egress]
ingress:
- from:
  - ipBlock: {cidr: 172.17.0.0/16, except: [172.17.1.0/24]}
  - namespaceSelector: {matchLabels: {project: myproject}}
  - podSelector: {matchLabels: {role: frontend}}
  ports: [{protocol: TCP, port: 6379}]
egress:
- to: [{ipBlock: {cidr: 10.0.0.0/24}}]
  ports: [{protocol: TCP, port: 5978}]
"""
NAMED = "{podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: http}]}]}"
TWO_BLOCKS = """
podSelector: {}
policyTypes: [Egress]
egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.0.0/24]}}, {ipBlock: {cidr: 10.0.0.0/28}}]}]
"""
TARGETS = """
podSelector: {matchLabels: {app: api}}
policyTypes: [Egress]
egress:
- to: [{namespaceSelector: {matchExpressions: [
    {key: kubernetes.io/metadata.name, operator: In, values: [payments, dev]}]}}]
  ports: [{protocol: TCP, port: 32000, endPort: 32768}]
"""
ABSENT = """
podSelector: {matchLabels: {app: db}}
ingress: [{from: [{podSelector: {matchExpressions: [
    {key: tier, operator: NotIn, values: [backend]}, {key: role, operator: DoesNotExist}]}}]}]
"""

# What the documentation's recipes and the traps say of policies of namespace shop.
RECIPES: dict[str, tuple[str, tuple[Row, ...]]] = {
    "default deny all ingress": (
        "{podSelector: {}, policyTypes: [Ingress]}",
        ((API, DB, "TCP", 1, False), (PUBLIC, DB, "TCP", 1, False), (DB, PUBLIC, "TCP", 1, True)),
    ),
    "allow all ingress": (
        "{podSelector: {}, ingress: [{}], policyTypes: [Ingress]}",
        ((NGINX, DB, "SCTP", 1, True), (PUBLIC, DB, "UDP", 1, True)),
    ),
    "default deny all egress": (
        "{podSelector: {}, policyTypes: [Egress]}",
        (
            (API, DB, "TCP", 1, False),
            (API, KUBE_DNS, "UDP", 53, False),
            (NGINX, API, "TCP", 1, True),
        ),
    ),
    "allow all egress": (
        "{podSelector: {}, egress: [{}], policyTypes: [Egress]}",
        ((API, PUBLIC, "UDP", 1, True), (API, PROMETHEUS, "SCTP", 1, True)),
    ),
    "default deny all": (
        "{podSelector: {}, policyTypes: [Ingress, Egress]}",
        ((API, DB, "TCP", 1, False), (DB, DB, "TCP", 1, True), (NGINX, PAY_API, "TCP", 1, True)),
    ),
    "the page's example": (
        DOCUMENTED,
        (
            (API, DB, "TCP", 6379, True),
            (FRONTEND, DB, "TCP", 6379, True),
            (FRONTEND, DB, "TCP", 6380, False),
            (PAY_API, DB, "TCP", 6379, False),
            (ip_address("172.17.0.255"), DB, "TCP", 6379, True),
            (ip_address("172.17.1.0"), DB, "TCP", 6379, False),
            (ip_address("172.17.2.0"), DB, "TCP", 6379, True),
            (ip_address("172.18.0.0"), DB, "TCP", 6379, False),
            (DB, PRIVATE, "TCP", 5978, True),
            (DB, PRIVATE, "UDP", 5978, False),
            (DB, API, "TCP", 5978, False),
        ),
    ),
    "a range of ports, namespaces by name": (
        TARGETS,
        (
            (API, PAY_API, "TCP", 31999, False),
            (API, PAY_API, "TCP", 32000, True),
            (API, DEV_API, "TCP", 32768, True),
            (API, DEV_API, "TCP", 32769, False),
            (API, NGINX, "TCP", 32000, False),
            (API, DB, "TCP", 32000, False),
        ),
    ),
    "ports of a rule are ORed": (
        "{ingress: [{ports: [{port: 53, protocol: UDP}, {port: 53}]}]}",
        (
            (NGINX, API, "UDP", 53, True),
            (NGINX, API, "TCP", 53, True),
            (NGINX, API, "SCTP", 53, False),
        ),
    ),
    "trap 2: null is missing, not empty": (
        "{podSelector: null, policyTypes: null, ingress: [{from: null, ports: null}], egress: null}",
        ((PUBLIC, DB, "UDP", 9, True), (DB, PUBLIC, "UDP", 9, True)),
    ),
    "trap 2: a spec without anything": ("{}", ((API, DB, "TCP", 1, False),)),
    "trap 5: an empty list of egress rules does not count as a section": (
        "{podSelector: {}, egress: []}",
        ((NGINX, API, "TCP", 1, False), (API, NGINX, "TCP", 1, True)),
    ),
    "trap 10: one name, another number in every receiver": (
        NAMED,
        (
            (NGINX, API, "TCP", 80, True),
            (NGINX, API, "TCP", 8080, False),
            (NGINX, WEB, "TCP", 8080, True),
            (NGINX, WEB, "TCP", 80, False),
            (NGINX, WEB, "UDP", 8080, False),
            (NGINX, DB, "TCP", 80, False),
        ),
    ),
    "trap 13: an exception does not deny": (
        TWO_BLOCKS,
        (
            (API, ip_address("10.0.0.15"), "TCP", 1, True),
            (API, ip_address("10.0.0.16"), "TCP", 1, False),
            (API, ip_address("10.0.1.0"), "TCP", 1, True),
        ),
    ),
    "trap 20: NotIn and DoesNotExist have what lacks the key, and are ANDed": (
        ABSENT,
        (
            (API, DB, "TCP", 1, True),
            (BACKEND, DB, "TCP", 1, False),
            (FRONTEND, DB, "TCP", 1, False),
            (PAY_API, DB, "TCP", 1, False),
        ),
    ),
    "families do not meet": (
        "{podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: '::/0'}}]}]}",
        ((API, ip_address("fd00::1"), "TCP", 1, True), (API, PUBLIC, "TCP", 1, False)),
    ),
}


def policy(spec: str) -> dict[str, Any]:
    return {"metadata": {"name": "p", "namespace": "shop"}, "spec": yaml.safe_load(spec)}


@pytest.mark.parametrize(("spec", "rows"), RECIPES.values(), ids=RECIPES)
def test_recipe(spec: str, rows: tuple[Row, ...]) -> None:
    policies = [policy(spec)]
    holds(lambda *probe: kubernetes.permits(policies, WORLD, *probe), *rows)


def test_isolation_is_by_pod_and_direction_and_each_end_answers_alone() -> None:
    unrelated = policy("{podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}")
    policies = [
        unrelated,
        policy("{podSelector: {matchLabels: {app: api}}, policyTypes: [Egress]}"),
    ]
    assert kubernetes.isolated(policies, WORLD, API, "Egress")
    assert not kubernetes.isolated(policies, WORLD, API, "Ingress")
    assert not kubernetes.isolated(policies, WORLD, WEB, "Egress")
    assert not kubernetes.isolated(policies, WORLD, PAY_API, "Egress")
    assert not kubernetes.egress_permits(policies, WORLD, API, DB, "TCP", 1)
    assert kubernetes.ingress_permits(policies, WORLD, API, DB, "TCP", 1)
    assert kubernetes.egress_permits(policies, WORLD, PUBLIC, API, "TCP", 1)


def test_a_policy_that_names_no_namespace_is_in_default() -> None:
    policies = [{"metadata": {"name": "p"}, "spec": {"podSelector": {}}}]
    lost = pod("default/lost")
    world = World({**WORLD.namespaces, "default": {METADATA_NAME: "default"}}, (lost, API))
    assert kubernetes.isolated(policies, world, lost, "Ingress")
    assert not kubernetes.isolated(policies, world, API, "Ingress")


# What a program can say, by what its text has when it does.
FORMS = {
    "facts of a namespace": r"^namespace \w+ \{\w",
    "a reserved name": r'"any"',
    "default: deny": r"^default: deny( ingress)?$",
    "default: deny egress": r"^default: deny egress$",
    "default: deny ingress egress": r"^default: deny ingress egress$",
    "default: allow": r"^default: allow",
    "label": r"^label: ",
    "dns: none": r"^dns: none",
    "dns of its own": r"^dns: (?!none)",
    "dns as a receiver": r"-> .*\bdns\b",
    "dns as a sender": r"<- .*\bdns\b",
    "mirror: yes": r"^mirror: yes",
    "mirror: no": r"^mirror: no",
    "pods": r"^pods: ",
    "services": r"^services: ",
    "nodes": r"^nodes: ",
    "a service": r"^service ",
    "a group": r"^group ",
    "a group of a group": r"^group [^=]*= .*\boffice\b",
    "none": r"(<-|->) none",
    "any": r"(<-|->|, ?)any\b",
    "internet": r"\binternet\b",
    "except": r"\d except ",
    "except several": r"except \[",
    "IPv6": r"2001:db8::/32",
    "ns NAME": r"(<-|->|, ?) ?ns shop",
    "ns {}": r"(<-|->|, ?) ?ns \{",
    "ns *": r"(<-|->|, ?) ?ns \*",
    "X in ns NAME": r"[\w}*] in ns shop",
    "X in ns {}": r"[\w}*] in ns \{",
    "X in ns *": r"[\w}*] in ns \*",
    "* as a subject": r"^\* (<-|->)",
    "= of a label": r"\w=\w",
    "==": r"\w==\w",
    "!=": r"\w!=\w",
    "in": r"\w in \(",
    "notin": r"\w notin \(",
    "!k": r"[{ ]!\w",
    "k": r"\{(app|tier|k8s-app)[,}]",
    "a number": r":(80|443)\b",
    "a range": r"\d+-\d+",
    "a name of a port": r":(metrics|http)\b",
    "a name with a protocol": r"\b(metrics|http)/udp",
    "several ports": r":\[",
    "every port": r":\*(/tcp)?",
    "every port of SCTP": r"\*/sctp",
    "udp": r"\d/udp",
    "until": r" until ",
    "because": r" because ",
}


def test_programs_use_every_form() -> None:
    found: Counter[str] = Counter()

    @settings(
        max_examples=150,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    @given(programs())
    def draw(program: language.Program) -> None:
        text = "\n".join(to_text(program).values())
        found.update(form for form, shape in FORMS.items() if re.search(shape, text, re.MULTILINE))

    draw()
    assert not FORMS.keys() - found.keys()


@settings(max_examples=25)
@given(st.data())
def test_worlds_agree_with_what_programs_state(data: st.DataObject) -> None:
    program = data.draw(programs())
    world = data.draw(worlds(program))
    for name, labels in world.namespaces.items():
        stated = program.namespaces[name].facts if name in program.namespaces else {}
        assert labels.items() >= {**stated, METADATA_NAME: name}.items()
    assert world.namespaces.keys() - program.namespaces.keys(), "some are unknown to the program"
    assert world.namespaces.keys() >= program.namespaces.keys()


@settings(max_examples=25)
@given(st.data())
def test_probes_have_every_pair(data: st.DataObject) -> None:
    program = data.draw(programs())
    world = data.draw(worlds(program))
    addresses = data.draw(some_addresses())
    pairs = {(source, destination) for source, destination, _, _ in probes(world, addresses)}
    ends = (*world.pods, *addresses)
    assert pairs == {
        (one, other)
        for one in ends
        for other in ends
        if isinstance(one, Pod) or isinstance(other, Pod)
    }


def test_telling_probes_stand_on_both_sides_of_every_edge() -> None:
    peers = (
        language.PeerPorts(language.Block("10.1.0.0/16"), (language.Numbers("UDP", 80, 90),)),
        language.PeerPorts(language.Block("2001:db8::/32")),
    )
    arrow = language.Arrow(subject="*", egress=True, peers=peers)
    section = language.Section(name="shop", arrows=(arrow,))
    program = language.Program(language.Section(name=""), {"shop": section})
    found = list(telling_probes(program, WORLD))
    ports = {(protocol, port) for _, _, protocol, port in found}
    assert ports >= {("UDP", port) for port in (79, 80, 90, 91)}
    assert ports >= {(port.protocol, port.number) for pod in WORLD.pods for port in pod.ports}
    written = "10.0.255.255 10.1.0.0 10.1.255.255 10.2.0.0 2001:db8:: 2001:db9::"
    assert {destination for _, destination, _, _ in found} >= {*map(ip_address, written.split())}
    # The setting that nobody made is an arrow too: dns.
    assert ports >= {("UDP", 52), ("UDP", 53), ("UDP", 54), ("TCP", 53)}
