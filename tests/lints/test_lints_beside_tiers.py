"""Lints about what is open or closed, where cluster-wide policies decide before or after."""

from datetime import date

import pytest

from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile

OPTIONS = Options(today=date(2026, 1, 1), checking=True)
HEAD = """\
---
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: NAME}
spec:
  tier: TIER
  priority: PRIORITY
  subject: SUBJECT
  DIRECTION:
"""
EVERYWHERE, SHOP = (
    "{namespaces: {}}",
    "{namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}",
)


def policy(
    *rules: str,
    name: str = "a",
    tier: str = "Admin",
    priority: int = 1,
    subject: str = EVERYWHERE,
    direction: str = "ingress",
) -> str:
    """A cluster-wide policy with rules such as `Deny from [{namespaces: {}}]`."""
    head = HEAD
    for key, value in {
        "NAME": name,
        "TIER": tier,
        "PRIORITY": str(priority),
        "SUBJECT": subject,
        "DIRECTION": direction,
    }.items():
        head = head.replace(key, value)
    entries = ((action, rest) for action, _, rest in (rule.partition(" ") for rule in rules))
    return head + "".join(
        f"  - {{action: {action}, {peers.replace(' ', ': ', 1)}}}\n" for action, peers in entries
    )


EVERY_POD = "from [{namespaces: {}}]"
DEV = "from [{namespaces: {matchLabels: {env: dev}}}]"
OTHERS = "from [{namespaces: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [shop]}]}}]"
SSH = "from [{namespaces: {}}], protocols: [{tcp: {destinationPort: {number: 22}}}]"
HTTP = "from [{namespaces: {}}], protocols: [{destinationNamedPort: http}]"


def found(rule: str, *, intents: str = "", manifests: str = "", beside: str = "") -> bool:
    """Whether a rule is among the findings about intents, manifests and what is beside them."""
    sources = Sources(
        intents=(SourceFile("a.intent", intents),) if intents else (),
        manifests=tuple(
            SourceFile(path, text)
            for path, text in (("m.yaml", manifests), ("b.yaml", beside))
            if text
        ),
        beside=frozenset(("b.yaml",)) if intents else frozenset(),
    )
    return rule in {one.rule.name for one in run(sources, OPTIONS).diagnostics}


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("", True),
        (policy(f"Deny {EVERY_POD}"), False),
        (policy(f"Deny {EVERY_POD}", tier="Baseline"), False),
        (policy(f"Deny {OTHERS}", tier="Baseline"), False),
        (policy(f"Deny {EVERY_POD}", subject=SHOP), False),
        # It denies only some pods, some ports, or some subjects.
        (policy(f"Deny {DEV}"), True),
        (policy(f"Deny {SSH}"), True),
        (policy(f"Deny {EVERY_POD}", subject="{namespaces: {matchLabels: {env: dev}}}"), True),
        (policy(f"Deny {EVERY_POD}", subject="{pods: {namespaceSelector: {}, podSelector: {matchLabels: {role: admin}}}}"), True),
        # Another rule decides first.
        (policy(f"Pass {EVERY_POD}", f"Deny {EVERY_POD}"), True),
        (policy(f"Accept {EVERY_POD}", f"Deny {EVERY_POD}"), True),
        (policy(f"Accept {HTTP}", f"Deny {EVERY_POD}"), True),
        (policy(f"Accept {DEV}", f"Deny {EVERY_POD}"), False),
        (policy(f"Deny {EVERY_POD}", f"Accept {EVERY_POD}"), False),
        (policy(f"Accept {EVERY_POD}", priority=2) + policy(f"Deny {EVERY_POD}", name="b"), False),
        (policy(f"Accept {EVERY_POD}") + policy(f"Deny {EVERY_POD}", name="b", tier="Baseline"), True),
        (policy(f"Pass {EVERY_POD}") + policy(f"Deny {EVERY_POD}", name="b", tier="Baseline"), False),
        # Which of two decides is unknown, so everyone may reach it.
        (policy(f"Accept {EVERY_POD}") + policy(f"Deny {EVERY_POD}", name="b"), True),
    ],
)  # fmt: skip
def test_a_service_is_unprotected_where_a_pod_without_labels_reaches_it(
    beside: str, expected: bool
) -> None:
    intents = "namespace shop\ndb <- api:5432\n"
    assert found("unprotected-service", intents=intents, beside=beside) is expected
    pods = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: NAME, namespace: shop, labels: {app: NAME}}\n"
    pods += "spec: {containers: [{name: c, ports: [{containerPort: 80}]}]}\n"
    manifests = pods.replace("NAME", "db") + pods.replace("NAME", "api") + CLOSED_DB
    assert found("unprotected-service", manifests=manifests + beside) is expected


CLOSED_DB = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Ingress]}
"""
TWO_ENDS = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: out, namespace: shop}
spec:
  podSelector: {matchLabels: {app: api}}
  policyTypes: [Egress]
  egress:
  - to: [{podSelector: {matchLabels: {app: db}}}]
    ports: [{port: 5432}]
"""
API = "from [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: api}}}}]"


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("", True),
        (policy(f"Accept {API}"), False),
        (policy(f"Accept {EVERY_POD}", subject=SHOP), False),
        (policy(f"Deny {API}"), True),
        (policy(f"Accept {API}", tier="Baseline"), True),
        (policy(f"Accept {API.replace('api', 'web')}"), True),
        (policy(f"Accept {SSH}"), True),
        (policy(f"Accept {EVERY_POD}", subject=SHOP.replace("shop", "other")), True),
        (policy("Accept to [{namespaces: {}}]", direction="egress"), True),
    ],
)
def test_a_rule_is_half_open_unless_an_admin_rule_accepts_at_the_other_end(
    beside: str, expected: bool
) -> None:
    assert found("half-open-rule", manifests=TWO_ENDS + CLOSED_DB + beside) is expected


DNS = "to [{namespaces: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]"
PORT_53 = (
    "protocols: [{udp: {destinationPort: {number: 53}}}, {tcp: {destinationPort: {number: 53}}}]"
)


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("", True),
        (policy(f"Accept {DNS}, {PORT_53}", direction="egress"), False),
        (policy(f"Accept {DNS}", direction="egress"), False),
        (policy(f"Accept {DNS}, {PORT_53}", direction="egress", tier="Baseline"), True),
        (policy(f"Deny {DNS}, {PORT_53}", direction="egress"), True),
        (policy(f"Accept {DNS}, {PORT_53.replace('53', '54')}", direction="egress"), True),
        (policy(f"Accept {DNS}", direction="egress", subject=SHOP.replace("shop", "a")), True),
    ],
)
def test_names_resolve_where_an_admin_rule_accepts_it(beside: str, expected: bool) -> None:
    assert found("dns-forgotten", manifests=TWO_ENDS + beside) is expected


ROUTE = """\
---
apiVersion: v1
kind: Service
metadata: {name: db, namespace: shop}
spec: {type: LoadBalancer, selector: {app: db}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c}]}
"""


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("", True),
        (policy(f"Accept {EVERY_POD}"), False),
        (policy(f"Accept {DEV}"), False),
        (policy(f"Deny {EVERY_POD}"), True),
        (policy(f"Accept {EVERY_POD}", tier="Baseline"), True),
        (policy("Accept " + "from [" + SHOP + "]"), True),
        (policy(f"Accept {EVERY_POD}", subject=SHOP.replace("shop", "a")), True),
    ],
)
def test_a_route_leads_to_closed_pods_unless_an_admin_rule_opens_them(
    beside: str, expected: bool
) -> None:
    assert found("route-to-closed-pods", manifests=ROUTE + CLOSED_DB + beside) is expected


OPENS_DB = CLOSED_DB.replace("name: db,", "name: theirs,").replace(
    "[Ingress]", "[Ingress], ingress: [{}]"
)


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("", True),
        (policy(f"Deny {DEV}"), True),
        (policy(f"Deny {EVERY_POD}"), True),  # Addresses are not denied.
        (policy(f"Accept {EVERY_POD}"), True),
        (policy(f"Deny {EVERY_POD}", tier="Baseline"), True),
    ],
)
def test_a_policy_widens_what_no_rule_decides(beside: str, expected: bool) -> None:
    intents = "namespace shop\ndefault: deny\ndb <- api:5432\n"
    assert found("widened-by-policy", intents=intents, beside=OPENS_DB + beside) is expected
    pods_alone = OPENS_DB.replace("[{}]", "[{from: [{namespaceSelector: {}}]}]")
    decided = "Admin" in beside and "env: dev" not in beside
    rest = expected and not decided
    assert found("widened-by-policy", intents=intents, beside=pods_alone + beside) is rest


EVERYBODY = "to [{namespaces: {}}, {networks: [0.0.0.0/0, '::/0']}]"


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("", True),
        (policy(f"Accept {EVERYBODY}", direction="egress"), False),
        (policy("Accept to [{namespaces: {}}]", direction="egress"), True),
        (policy(f"Accept {EVERYBODY}", direction="egress", tier="Baseline"), True),
        (policy(f"Deny {EVERYBODY}", direction="egress"), False),
    ],
)
def test_a_policy_defeats_what_no_rule_decides(beside: str, expected: bool) -> None:
    intents = "namespace shop\ndb <- ns *\n"
    theirs = CLOSED_DB.replace("Ingress", "Egress")
    assert found("defeated-by-policy", intents=intents, beside=theirs + beside) is expected


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        ("", True),
        (policy("Deny from [{pods: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: data}}, podSelector: {matchLabels: {app: mongo}}}}]"), False),
        (policy("Deny from [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: mongo}}}}]"), True),
    ],
)  # fmt: skip
def test_pods_that_a_rule_names_are_known(beside: str, expected: bool) -> None:
    intents = "namespace shop\ndefault: deny\ndb <- api:5432\nnever mongo in ns data <- db\n"
    assert found("claim-about-unknown-pods", intents=intents, beside=beside) is expected


WIDER = """\
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: wider, namespace: shop}
spec: {podSelector: {matchLabels: {app: db}}, policyTypes: [Egress], egress: [{to: [{podSelector: {}}]}]}
"""
LOW = "to [{networks: [10.0.0.0/10]}]"
HIGH = "to [{networks: [10.64.0.0/10]}]"


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((), True),
        # What permits least is denied with the policy and without, and what permits most accepted.
        ((f"Accept {LOW}", f"Deny {HIGH}"), True),
        ((f"Accept {LOW}", f"Pass {HIGH}", "Deny to [{namespaces: {}}]"), True),
        ((f"Accept {LOW}", "Deny to [{namespaces: {}}]"), False),
    ],
)
def test_a_policy_widens_what_the_admin_tier_may_leave_to_it(
    rules: tuple[str, ...], expected: bool
) -> None:
    intents = "namespace shop\ndb -> api:5432\n"
    beside = WIDER + (policy(*rules, direction="egress") if rules else "")
    assert found("widened-by-policy", intents=intents, beside=beside) is expected
