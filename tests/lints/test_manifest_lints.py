"""Lints on manifests: each policy that deserves one, and the nearest that does not."""

from dataclasses import replace
from datetime import date
from textwrap import dedent, indent
from zlib import crc32

import pytest

from netpolc.commands.pipeline import run
from netpolc.diagnostics import Severity
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.kube.inventory import ContainerPort, Inventory, Workload
from netpolc.lints import Meaning, namespace_lints, policy_lints
from netpolc.lints.manifests import as_written
from netpolc.manifest.read import read
from netpolc.passes.lift import lift_manifests
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile

DNS = """
- to:
  - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}
    podSelector: {matchLabels: {k8s-app: kube-dns}}
  ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
"""


def policy(spec: str, name: str = "", namespace: str = "shop") -> str:
    """The text of a policy; without a name it gets one of its own."""
    name = name or f"p{crc32(spec.encode())}"
    metadata = f"{{name: {name}, namespace: {namespace}}}" if namespace else f"{{name: {name}}}"
    kind = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
    return f"{kind}metadata: {metadata}\nspec:\n{indent(dedent(spec).strip(), '  ')}\n"


def ingress(rules: str, pods: str = "{app: db}") -> str:
    """The text of a policy with rules of ingress."""
    head = f"podSelector: {{matchLabels: {pods}}}\npolicyTypes: [Ingress]\ningress:\n"
    return policy(head + dedent(rules).strip())


def egress(rules: str, pods: str = "{app: api}", *, dns: bool = True) -> str:
    """The text of a policy with rules of egress, the name service among them."""
    head = f"podSelector: {{matchLabels: {pods}}}\npolicyTypes: [Egress]\negress:\n"
    return policy(head + dedent(rules).strip() + (DNS if dns else ""))


def found(*texts: str, inventory: Inventory | None = None) -> list[str]:
    """The names of what is found in a file of manifests, in the order of their places."""
    outcome = read(SourceFile("some.yaml", "---\n".join(texts)))
    assert not any(one.severity is Severity.ERROR for one in outcome.diagnostics)
    known = inventory or Inventory()
    policies = lift_manifests([outcome.value]).value
    meaning = Meaning(
        program=resolve([]).value,
        own=policies,
        whole=policies,
        inventory=known,
        written=as_written([outcome.value], known),
    )
    found = (*namespace_lints(meaning), *policy_lints(meaning))
    diagnostics = sorted(found, key=lambda one: one.sort_key())
    return [one.rule.name for one in diagnostics]


API = "podSelector: {matchLabels: {app: api}}"
OFFICE = "ipBlock: {cidr: 203.0.113.0/24}"
EVERY = "namespaceSelector: {}"
PAYMENTS = "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: payments}}"

RULES: tuple[tuple[str, str, list[str]], ...] = (
    # AND and OR
    ("in", f"- from: [{{{EVERY}}}, {{{API}}}]", ["swallowed-peer"]),
    ("in", f"- from: [{{{EVERY}, {API}}}]", []),
    ("in", f"- from: [{{{PAYMENTS}}}, {{{API}}}]", ["doubtful-or"]),
    ("in", f"- from: [{{{PAYMENTS}}}, {{{OFFICE}}}]", []),
    ("in", f"- from: [{{{OFFICE}}}, {{{API}}}]", []),
    ("in", f"- from: [{{{PAYMENTS}, {API}}}, {{{API}}}]", []),
    ("in", f"- from: [{{{PAYMENTS}}}, {{{PAYMENTS}, {API}}}]", ["redundant-rule"]),
    ("in", f"- from: [{{{EVERY}}}, {{{OFFICE}}}]", []),
    ("in", f"- from: [{{{EVERY}}}, {{{PAYMENTS}}}]", ["redundant-rule"]),
    ("in", f"- from: [{{{EVERY}, podSelector: {{}}}}, {{{API}}}]", ["swallowed-peer"]),
    ("in", f"- from: [{{{API}}}, {{{PAYMENTS}}}]", []),
    ("in", f"- from: [{{{PAYMENTS}, {API}}}]", []),
    (
        "in",
        f"- from: [{{{PAYMENTS}}}, {{podSelector: {{matchLabels: {{app: prometheus}}}}}}]",
        ["foreign-pods-in-own-namespace"],
    ),
    ("in", f"- from: [{{{PAYMENTS}}}, {{podSelector: {{}}}}]", []),
    ("in", f"- from:\n  - {PAYMENTS}\n  # and our own\n  - {API}", []),
    # peers and ports apart
    ("in", f"- from: [{{{API}}}]\n- ports: [{{port: 5432}}]", ["split-rule"]),
    ("in", f"- ports: [{{port: 5432}}]\n- from: [{{{API}}}]", []),
    ("in", f"- from: [{{{API}}}]\n# metrics for everybody\n- ports: [{{port: 5432}}]", []),
    ("in", f"- from: [{{{API}}}]\n- ports: [{{port: 1}}]\n- ports: [{{port: 2}}]", []),
    # an empty list
    ("in", "- from: []\n  ports: [{port: 1}]", ["empty-list-of-peers"]),
    ("in", "- from: []  # anybody\n  ports: [{port: 1}]", []),
    ("in", "- ports: [{port: 1}]", []),
    # a source that only the comment names
    ("in", "# Allow ingress from monitoring\n- ports: [{port: 1}]", ["promised-source"]),
    ("in", "- ports: [{port: 1}]  # only reachable from the api", ["promised-source"]),
    ("in", f"# Allow ingress from monitoring\n- from: [{{{PAYMENTS}}}]", []),
    ("in", "# Allow ingress from anywhere\n- ports: [{port: 1}]", []),
    ("in", "# allow probes from the kubelet\n- ports: [{port: 1}]", []),
    ("in", "# TODO: should only allow access from the api\n- ports: [{port: 1}]", []),
    ("in", "# do not allow traffic from other namespaces\n- ports: [{port: 1}]", []),
    ("in", "# port taken from the chart\n- ports: [{port: 1}]", []),
    ("out", "# allow answers from the api\n- ports: [{port: 1}]", []),
    # labels of namespaces
    ("in", "- from: [{namespaceSelector: {matchLabels: {name: x}}}]", ["namespace-by-name-label"]),
    (
        "in",
        "- from: [{namespaceSelector: {matchLabels: {name: kube-system}}}]",
        ["unset-namespace-label"],
    ),
    (
        "in",
        (
            "- from: [{namespaceSelector: {matchExpressions: "
            "[{key: kubernetes.io/name, operator: In, values: [x]}]}}]"
        ),
        ["unset-namespace-label"],
    ),
    (
        "in",
        "- from: [{namespaceSelector: {matchExpressions: [{key: name, operator: Exists}]}}]",
        [],
    ),
    ("in", f"- from: [{{{PAYMENTS}}}]", []),
    (
        "in",
        "- from: [{podSelector: {matchLabels: {kubernetes.io/metadata.name: x}}}]",
        ["namespace-label-on-pods"],
    ),
    # the internet
    (
        "out",
        f"- to: [{{{EVERY}}}]  # external APIs\n  ports: [{{port: 443}}]",
        ["pods-not-internet"],
    ),
    ("out", f"- to: [{{{EVERY}}}]  # our own pods\n  ports: [{{port: 443}}]", []),
    ("out", f"- to: [{{{EVERY}}}]  # external APIs\n  ports: [{{port: 5432}}]", []),
    (
        "out",
        "- to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]",
        ["metadata-service-open"],
    ),
    ("out", "- to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16]}}]", []),
    ("out", '- to: [{ipBlock: {cidr: "::/0"}}]', ["block-without-exceptions"]),
    ("out", '- to: [{ipBlock: {cidr: "::/0", except: ["fe80::/10"]}}]', ["metadata-service-open"]),
    ("out", '- to: [{ipBlock: {cidr: "::/0", except: ["fc00::/7"]}}]', []),
    (
        "out",
        "- to: [{ipBlock: {cidr: 0.0.0.0/0, except: [10.0.0.0/8]}}]\n  ports: [{port: 443}]",
        [],
    ),
    (
        "out",
        "- to: [{ipBlock: {cidr: 0.0.0.0/0}}]\n  ports: [{port: 80}]",
        ["block-without-exceptions"],
    ),
    ("out", "- to: [{ipBlock: {cidr: 0.0.0.0/0}}]\n  ports: [{port: 443}]", []),
    ("in", "- from: [{ipBlock: {cidr: 0.0.0.0/0}}]", []),
    # exceptions
    (
        "out",
        "- to: [{ipBlock: {cidr: 8.0.0.0/8, except: [8.1.0.0/16]}}, {ipBlock: {cidr: 8.1.0.0/16}}]",
        ["voided-exception"],
    ),
    (
        "out",
        (
            "- to: [{ipBlock: {cidr: 8.0.0.0/8, except: [8.1.0.0/16]}}]\n"
            "- to: [{ipBlock: {cidr: 8.1.0.0/16}}]\n  ports: [{port: 53}]"
        ),
        [],
    ),
    (
        "out",
        "- to: [{ipBlock: {cidr: 8.0.0.0/8, except: [8.1.0.0/16]}}, {ipBlock: {cidr: 8.1.2.3/32}}]",
        [],
    ),
    (
        "out",
        "- to: [{ipBlock: {cidr: 8.0.0.0/8, except: [8.1.0.0/16, 8.1.2.0/24]}}]",
        ["useless-exception"],
    ),
    # addresses of Services, the API server
    (
        "out",
        "- to: [{ipBlock: {cidr: 10.96.0.1/32}}]\n  ports: [{port: 443}]",
        ["service-address"],
    ),
    ("out", "- to: [{ipBlock: {cidr: 10.96.0.1/32}}]\n  ports: [{port: 9000}]", []),
    ("out", "- to: [{ipBlock: {cidr: 10.96.0.7/32}}]\n  ports: [{port: 443}]", []),
    ("out", f"- to: [{{{EVERY}}}]\n  ports: [{{port: 6443}}]", ["api-server-as-pods"]),
    ("out", f"- to: [{{{OFFICE}}}]\n  ports: [{{port: 6443}}]", []),
    ("out", "- to: [{podSelector: {}}]\n  ports: [{port: 6443}]", []),
    (
        "out",
        f"# Kubernetes API server\n- to: [{{{EVERY}}}]\n  ports: [{{port: 443}}]",
        ["api-server-as-pods"],
    ),
    # pods of the platform
    (
        "in",
        "- from: [{podSelector: {matchLabels: {app: prometheus}}}]",
        ["foreign-pods-in-own-namespace"],
    ),
    ("in", f"- from: [{{{PAYMENTS}, podSelector: {{matchLabels: {{app: prometheus}}}}}}]", []),
    ("in", "- from: [{podSelector: {matchLabels: {app: prometheus-adapter}}}]", []),
)


@pytest.mark.parametrize(("direction", "rules", "expected"), RULES)
def test_rules(direction: str, rules: str, expected: list[str]) -> None:
    assert found(ingress(rules) if direction == "in" else egress(rules)) == expected


DB = "- to: [{podSelector: {matchLabels: {app: db}}}]\n  ports: [{port: 5432}]"
EVERYBODYS_DNS = policy("podSelector: {}\npolicyTypes: [Egress]\negress:" + DNS, "dns")
UDP = DNS.replace(", {protocol: TCP, port: 53}", "")
TCP = DNS.replace("{protocol: UDP, port: 53}, ", "")
ALLOW_ALL = policy("podSelector: {}\npolicyTypes: [Egress]\negress: [{}]", "allow-all")
DENY_ALL = policy("podSelector: {}\npolicyTypes: [Egress]", "deny-all")

FILES: tuple[tuple[list[str], list[str]], ...] = (
    # the name service
    ([egress(DB, dns=False)], ["dns-forgotten"]),
    ([egress(DB)], []),
    ([egress(DB, dns=False), EVERYBODYS_DNS], []),
    ([egress(f"- to: [{{{OFFICE}}}]", dns=False)], []),
    ([egress("- to: [{podSelector: {matchLabels: {app: api}}}]", dns=False)], []),
    ([egress(UDP, dns=False)], ["dns-over-udp-only"]),
    ([egress(TCP, dns=False)], ["dns-over-tcp-only"]),
    ([egress(UDP + TCP, dns=False)], []),
    ([egress(UDP, dns=False), EVERYBODYS_DNS], ["redundant-rule"]),
    ([egress("- ports: [{protocol: UDP, port: 53}, {port: 53}]", dns=False)], ["dns-of-anyone"]),
    # labels that decide who may ask the name service: whether api pods have them is not known
    ([egress(DB, dns=False), egress(DNS, "{dns: allowed}", dns=False)], []),
    ([egress(DB, dns=False), egress(DNS, "{app: web}", dns=False)], ["dns-forgotten"]),
    # directions
    ([policy(f"podSelector: {{}}\negress:\n- to: [{{{OFFICE}}}]")], ["ingress-closed-unsaid"]),
    ([policy(f"podSelector: {{}}\ningress: []\negress:\n- to: [{{{OFFICE}}}]")], []),
    ([policy("podSelector: {}\negress: []")], ["egress-not-closed"]),
    ([policy("podSelector: {}\npolicyTypes: [Egress]\negress: []")], []),
    (
        [policy(f"{API}\npolicyTypes: [Ingress, Egress]\ningress: [{{from: [{{{OFFICE}}}]}}]")],
        ["egress-closed-without-rules"],
    ),
    (
        [
            policy(f"{API}\npolicyTypes: [Ingress, Egress]\ningress: [{{from: [{{{OFFICE}}}]}}]"),
            DENY_ALL,
        ],
        [],
    ),
    # answers
    (
        [
            policy(
                f"{API}\npolicyTypes: [Ingress, Egress]\n"
                f"ingress:\n- from: [{{{OFFICE}}}]\n  ports: [{{port: 1024, endPort: 65535}}]\n"
                f"egress:\n- to: [{{{OFFICE}}}]\n  ports: [{{port: 443}}]"
            )
        ],
        ["return-traffic"],
    ),
    ([ingress(f"- from: [{{{OFFICE}}}]\n  ports: [{{port: 1024, endPort: 65535}}]")], []),
    # one policy against another
    ([DENY_ALL, ALLOW_ALL], ["voided-policies"]),
    ([DENY_ALL, ALLOW_ALL.replace("podSelector: {}", API)], []),
    ([ALLOW_ALL], []),
    ([policy("podSelector: {}\npolicyTypes: [Ingress]", "in"), ALLOW_ALL], []),
    (
        [ingress(f"- from: [{{{API}}}]"), policy(f"{API}\npolicyTypes: [Egress]", "api")],
        ["half-open-rule"],
    ),
    ([ingress(f"- from: [{{{API}}}]"), policy(f"{API}\npolicyTypes: [Ingress]", "api")], []),
    ([ingress("- from: [{podSelector: {}}]"), DENY_ALL], []),
    ([ingress(f"- from: [{{podSelector: {{}}}}, {{{API}}}]")], ["redundant-rule"]),
    # where a policy holds
    ([ingress("- {}"), policy("podSelector: {}", "b", "")], ["unsaid-namespace"]),
    ([policy("podSelector: {}", "a", ""), policy("podSelector: {}", "b", "")], []),
)


@pytest.mark.parametrize(("texts", "expected"), FILES)
def test_policies_together(texts: list[str], expected: list[str]) -> None:
    assert found(*texts) == expected


def workload(name: str, labels: dict[str, str]) -> Workload:
    """A Deployment of namespace shop."""
    span = SourceFile("apps.yaml", name).span(0, 1)
    return Workload(
        namespace="shop",
        name=name,
        kind="Deployment",
        labels=labels,
        ports=(ContainerPort(number=5432),),
        span=span,
    )


def test_what_runs_settles_what_the_form_leaves_open() -> None:
    text = ingress("- from: [{podSelector: {matchLabels: {app: prometheus}}}]")
    monitoring = Inventory(workloads=(workload("prometheus", {"app": "prometheus"}),))
    assert "foreign-pods-in-own-namespace" in found(text)
    assert "foreign-pods-in-own-namespace" not in found(text, inventory=monitoring)


def test_a_workload_that_nothing_closes() -> None:
    db, api = workload("db", {"app": "db"}), workload("api", {"app": "api"})
    text = ingress(f"- from: [{{{API}}}]")
    assert found(text, inventory=Inventory(workloads=(db, api))) == ["unprotected-service"]
    idle = replace(api, ports=())
    assert found(text, inventory=Inventory(workloads=(db, idle))) == []
    closed = policy("podSelector: {}\npolicyTypes: [Ingress]", "deny")
    assert found(text, closed, inventory=Inventory(workloads=(db, api))) == []


def test_a_namespace_that_has_the_label_is_not_reported() -> None:
    text = ingress("- from: [{namespaceSelector: {matchLabels: {name: tools}}}]")
    labelled = "apiVersion: v1\nkind: Namespace\nmetadata: {name: tools, labels: {name: tools}}\n"
    unlabelled = "apiVersion: v1\nkind: Namespace\nmetadata: {name: tools}\n"
    assert found(text, labelled) == []
    assert found(text, unlabelled) == ["unset-namespace-label"]


PROGRAM = """\
cluster
dns: {k8s-app=kube-dns} in ns kube-system:[53/udp, 53/tcp]
namespace shop
default: deny ingress egress
db <- api:5432, ns monitoring:9187
web <- any:8080
api -> internet:443
worker -> 203.0.113.0/24:443
namespace monitoring
default: deny egress
* -> ns shop:9187
"""


def test_our_own_manifests_deserve_nothing() -> None:
    source = SourceFile("shop.intent", PROGRAM)
    options = Options(today=date(2026, 1, 1))
    compiled = run(Sources(intents=(source,)), options)
    assert compiled.files
    files = tuple(SourceFile(path, text) for path, text in compiled.files.items())
    assert run(Sources(manifests=files), options).diagnostics == ()


def test_beside_intents_the_form_of_others_policies_is_not_judged() -> None:
    beside = SourceFile("cluster.yaml", ingress("- from: []\n  ports: [{port: 1}]"))
    options = Options(today=date(2026, 1, 1))
    alone = run(Sources(manifests=(beside,)), options)
    source = SourceFile("shop.intent", PROGRAM)
    both = run(Sources(intents=(source,), manifests=(beside,)), options)
    assert "empty-list-of-peers" in {one.rule.name for one in alone.diagnostics}
    assert "empty-list-of-peers" not in {one.rule.name for one in both.diagnostics}


@pytest.mark.parametrize(
    ("block", "known"),
    [
        ("172.24.16.61/32", True),
        ("10.243.0.0/24", True),
        ("10.244.1.7/32", True),
        ("0.0.0.0/0", False),
        ("192.0.2.0/24", False),
    ],
)
def test_a_block_with_the_address_of_an_object_that_is_given(block: str, known: bool) -> None:
    objects = (
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, status: {podIP: 172.24.16.61}}",
        "{apiVersion: v1, kind: Service, metadata: {name: s}, spec: {clusterIP: 10.243.0.10}}",
        "{apiVersion: v1, kind: Node, metadata: {name: n}, spec: {podCIDR: 10.244.1.0/24}}",
        ingress(f"- from: [{{ipBlock: {{cidr: '{block}'}}}}]"),
    )
    source = SourceFile("a.yaml", "\n---\n".join(objects))
    found = run(Sources(manifests=(source,)), Options(today=date(2026, 1, 1), checking=True))
    assert ("NP602" in {one.rule.code for one in found.diagnostics}) == known


SERVED = """\
apiVersion: v1
kind: Service
metadata: {{name: web, namespace: shop}}
spec: {{{spec}, selector: {{app: web}}, ports: [{{port: 80, targetPort: 8080}}]}}
"""


@pytest.mark.parametrize(
    ("spec", "peer", "lost"),
    [
        ("type: LoadBalancer", "203.0.113.0/24", True),
        ("type: NodePort", "203.0.113.0/24", True),
        ("type: LoadBalancer, externalTrafficPolicy: Cluster", "203.0.113.0/24", True),
        ("type: LoadBalancer, externalTrafficPolicy: Local", "203.0.113.0/24", False),
        ("type: ClusterIP", "203.0.113.0/24", False),
        ("type: LoadBalancer", "0.0.0.0/0", False),
        ("type: LoadBalancer", "ns ingress-nginx", False),
    ],
)
def test_addresses_that_a_load_balancer_replaces(spec: str, peer: str, *, lost: bool) -> None:
    """In intents and in the manifests that they become."""
    intents = SourceFile("a.intent", f"namespace shop\nweb <- {peer}:8080\n")
    service = SourceFile("s.yaml", SERVED.format(spec=spec))
    today = Options(today=date(2026, 1, 1))
    made = run(Sources(intents=(intents,), manifests=(service,)), today)
    assert ("NP619" in {found.rule.code for found in made.diagnostics}) is lost
    policies = tuple(SourceFile(f"{i}.yaml", text) for i, text in enumerate(made.files.values()))
    again = run(Sources(manifests=(*policies, service)), today)
    assert ("NP619" in {found.rule.code for found in again.diagnostics}) is lost


MESH = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio.io/dataplane-mode: MODE}}
"""


@pytest.mark.parametrize(
    ("mode", "ports", "expected"),
    [
        ("ambient", "{port: 80}", ["ambient-mesh-port"]),
        ("ambient", "{port: 80}, {port: 15008}", []),
        ("ambient", "{port: 80, protocol: UDP}", []),
        ("sidecar", "{port: 80}", []),
    ],
)
def test_traffic_of_an_ambient_mesh_needs_its_port(
    mode: str, ports: str, expected: list[str]
) -> None:
    text = ingress(f"- from: [{{{OFFICE}}}]\n  ports: [{ports}]")
    assert found(MESH.replace("MODE", mode), text) == expected
