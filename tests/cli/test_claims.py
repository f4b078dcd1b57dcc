"""Assertions on the command line: proved, refuted, undecided or about nothing known."""

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put
from tests.cli.shop import FOREIGN, SHOP

pytestmark = pytest.mark.usefixtures("shop")


def test_an_assertion_that_is_vacuous_in_one_namespace_names_it(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    nobody = "namespace a\nservice x = {app=a, app!=a}\ndefault: deny\n"
    put({"all.intent": f"cluster\nalways x <- x\n{nobody}namespace b\nx <- x\n"})
    assert run(["check", "all.intent"]) == 0
    assert "`always x <- x` is vacuous in `a`: no connection" in capfd.readouterr().err


def test_a_foreign_policy_is_named_and_refutes(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/never.intent": "namespace shop\nnever db <- ns {env=dev}\n"})
    assert run(["check"]) == 0
    capfd.readouterr()
    put({"cluster/foreign.yaml": FOREIGN})
    assert run(["check", "--with", "cluster"]) == 1
    err = capfd.readouterr().err
    assert "error[NP501]" in err
    assert "policy `everybody` permits what the intents do not" in err
    assert "cluster/foreign.yaml:7" in err


def test_compile_proves_before_it_writes(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/never.intent": "namespace shop\nnever db <- api:5432\n"})
    assert run(["compile"]) == 1
    assert capfd.readouterr().err.endswith("1 error; nothing was written\n")


def test_claims_alone_are_not_widened_or_defeated_by_policies(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"claims.intent": "namespace shop\nnever {app=postgres} <- ns dev\n", "f.yaml": FOREIGN})
    run(["check", "claims.intent", "--with", "f.yaml"])
    assert "NP606" not in (err := capfd.readouterr().err)
    assert "NP607" not in err


def test_policies_given_beside_claims_are_not_judged(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    judged = FOREIGN.replace("[{}]", "[{from: [{podSelector: {matchLabels: {app: prometheus}}}]}]")
    put({"claims.intent": "cluster\nnever ns * <- ns dev:1\n", "f.yaml": judged})
    run(["check", "claims.intent", "--with", "f.yaml"])
    beside = capfd.readouterr().err
    run(["check", "f.yaml"])
    assert "note[" in (alone := capfd.readouterr().err) or "warning[" in alone
    assert "warning[" not in beside
    assert "note[" not in beside


def test_check_counts_the_assertions_that_are_proved(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": SHOP + "never db <- ns dev\nonly db <- api\n"})
    assert run(["check"]) == 0
    assert "checked 1 namespace, 2 assertions proved: " in capfd.readouterr().err


@pytest.mark.parametrize("beside", [[], ["--with", "cluster"]])
def test_claims_about_unknown_pods_are_not_called_proved(
    beside: list[str], put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    claims = "never databse <- ns dev\nonly db <- api\nnever db <- ns dev\n"
    put({"intents/a.intent": SHOP + claims})
    run(["check", *beside])
    err = capfd.readouterr().err
    assert "checked 1 namespace, 2 assertions proved, 1 assertion about unknown pods: " in err


def test_a_claim_about_labels_that_no_namespace_has_is_not_called_proved(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    objects = """\
apiVersion: v1
kind: Namespace
metadata: {name: monitoring, labels: {env: dev}}
"""
    put({"ns.yaml": objects, "a.intent": CLAIMED.format("evn"), "b.intent": CLAIMED.format("env")})
    assert run(["check", "a.intent", "--with", "ns.yaml"]) == 0
    assert "1 assertion about unknown pods" in capfd.readouterr().err
    assert run(["check", "b.intent", "--with", "ns.yaml"]) == 1


CLAIMED = "namespace shop\ndb <- ns monitoring:5432\nnever db <- ns {{{}=dev}}\n"
HOST_POD = """\
apiVersion: v1
kind: Pod
metadata: {name: x, namespace: shop, labels: {app: APP}}
spec: {hostNetwork: true, containers: [{name: c}]}
"""


@pytest.mark.parametrize(
    ("claim", "app", "code"),
    [
        ("only db <- api:5432", "db", 1),
        ("only db <- api:5432", "api", 0),
        ("only api -> db:5432", "api", 1),
        ("only api -> db:5432", "db", 0),
        ("never db <- web", "web", 1),
        ("never db <- web", "db", 1),
        ("never db <- web", "cache", 0),
    ],
)
def test_a_pod_on_the_hosts_network_leaves_claims_about_it_undecided(
    put: Put, capfd: pytest.CaptureFixture[str], claim: str, app: str, code: int
) -> None:
    text = f"namespace shop\nmirror: no\ndns: none\ndb <- api:5432\napi -> db:5432\n{claim}\n"
    put({"own.intent": text, "pod.yaml": HOST_POD.replace("APP", app)})
    assert run(["check", "own.intent", "--with", "pod.yaml"]) == code
    assert capfd.readouterr().err.count("error[") == code


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("db <- web", 2),
        ("db <- *:1", 2),
        ("db <- api:5432", 0),
        ("db <- api:1", 1),
        ("db -> web", 1),
    ],
)
def test_no_is_not_answered_about_connections_from_a_host_to_pods(
    put: Put, question: str, code: int
) -> None:
    text = "namespace shop\ndns: none\ndefault: deny ingress egress\ndb <- api:5432\n"
    pods = [
        HOST_POD.replace("APP", app).replace("name: x", f"name: {app}")
        for app in ("web", "db", "api")
    ]
    objects = "---\n".join([pods[0], *(pod.replace("true", "false") for pod in pods[1:])])
    put({"own.intent": text, "pod.yaml": objects})
    assert run(["can", question, "own.intent", "--with", "pod.yaml", "--namespace", "shop"]) == code
