"""Cluster-wide policies count in every kind of list."""

import json

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put, put  # noqa: F401 - a fixture

INTENTS = "namespace shop\ndefault: deny\ndb <- api:5432\n"
POLICY = """\
apiVersion: policy.networking.k8s.io/v1alpha2
kind: ClusterNetworkPolicy
metadata: {name: NAME}
spec:
  tier: Admin
  priority: 1
  subject: {namespaces: {matchLabels: {kubernetes.io/metadata.name: shop}}}
  ingress:
  - action: ACTION
    from: [{namespaces: {matchLabels: {kubernetes.io/metadata.name: ops}}}]
"""
POD = """\
---
apiVersion: v1
kind: Pod
metadata: {name: db, namespace: shop, labels: {app: db}}
spec: {containers: [{name: c}]}
"""


@pytest.mark.parametrize("workloads", ["", POD])
def test_an_admin_rule_opens_a_row(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    workloads: str,
) -> None:
    accepting, denying = (POLICY.replace("ACTION", one) for one in ("Accept", "Deny"))
    put(
        {
            "a.intent": INTENTS,
            "a.yaml": accepting.replace("NAME", "a") + workloads,
            "b.yaml": denying.replace("NAME", "b"),
        }
    )
    assert run(["list", "a.intent", "--with", "a.yaml", "--exposure", "--format", "csv"]) == 0
    sure = [line for line in capsys.readouterr().out.splitlines() if line.startswith("ops/")]
    assert sure
    assert not any("priority" in line for line in sure)
    both = ["--with", "a.yaml", "--with", "b.yaml"]
    assert run(["list", "a.intent", *both, "--exposure", "--format", "csv"]) == 0
    tied = [line for line in capsys.readouterr().out.splitlines() if line.startswith("ops/")]
    assert tied
    assert tied != sure
    if workloads:
        assert sure == ["ops/*[unknown pods],shop/db[Pod],everything"]
        assert tied == ["ops/*[unknown pods],shop/db[Pod],everything?"]


def test_what_an_admin_rule_passes_is_for_policies(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Between known pods, and surely: the rule that denies comes after."""
    passing = (
        POLICY.replace("NAME", "a").replace("ACTION", "Pass").replace("name: ops", "name: shop")
    )
    denying = "  - {action: Deny, from: [{namespaces: {}}]}\n"
    pods = POD + POD.replace("db", "api")
    put({"a.intent": INTENTS, "a.yaml": passing + denying + pods})
    assert run(["list", "a.intent", "--with", "a.yaml", "--format", "csv"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row for row in rows if row.endswith("shop/db[Pod],5432")] == [
        "shop/api[Pod],shop/db[Pod],5432"
    ]


UNREAD = """\
---
apiVersion: cilium.io/v2
kind: CiliumNetworkPolicy
metadata: {name: other, namespace: NAMESPACE}
spec: {endpointSelector: {}}
"""


@pytest.mark.parametrize("workloads", [False, True])
@pytest.mark.parametrize(("namespace", "touches"), [("shop", True), ("ops", False)])
def test_a_row_that_a_policy_of_another_kind_may_be_about_depends_on_it(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    namespace: str,
    touches: bool,
    workloads: bool,
) -> None:
    pods = POD + POD.replace("db", "api") if workloads else ""
    put({"a.intent": INTENTS, "b.yaml": UNREAD.replace("NAMESPACE", namespace) + pods})
    assert run(["list", "a.intent", "--with", "b.yaml"]) == 0
    rows = [line for line in capsys.readouterr().out.splitlines() if "5432" in line]
    assert rows
    assert all(("?" in row) is touches for row in rows)
    assert run(["list", "a.intent", "--with", "b.yaml", "--assume-no-other-policies"]) == 0
    assert "5432 ?" not in capsys.readouterr().out


def test_an_answer_names_the_tier_the_policy_and_the_rule(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    rule = POLICY.replace("NAME", "a").replace("- action:", "- name: ops\n    action:")
    put({"a.intent": INTENTS, "a.yaml": rule.replace("ACTION", "Accept")})
    question = ["can", "db in ns shop <- ns ops:80", "a.intent", "--with", "a.yaml"]
    assert run(question) == 0
    decided = "ClusterNetworkPolicy a ingress[0]` (a.yaml:9), rule `ops`, Admin tier, priority 1"
    assert decided in capsys.readouterr().out
    put({"a.yaml": rule.replace("ACTION", "Deny")})
    assert run([*question, "--format", "json"]) == 1
    ((answer),) = json.loads(capsys.readouterr().out)
    (closed,) = answer["receiver"]["closed_by"]
    assert (closed["tier"], closed["priority"], closed["rule"]) == ("Admin", 1, "ops")
    assert not answer["receiver"]["nearest"]


def test_what_an_admin_rule_accepts_is_not_half_open(
    put: Put,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = f"{INTENTS}api -> app in ns web:80\n\nnamespace web\ndefault: deny\n"
    put({"a.intent": text})
    assert run(["check", "a.intent"]) == 0
    assert "NP605" in capsys.readouterr().err
    accepting = POLICY.replace("NAME", "a").replace("ACTION", "Accept")
    put({"a.yaml": accepting.replace(": shop", ": web").replace(": ops", ": shop")})
    assert run(["check", "a.intent", "--with", "a.yaml"]) == 0
    assert "NP605" not in capsys.readouterr().err
