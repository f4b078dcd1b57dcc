"""`can`, `list`, and proofs over the whole of a cluster with `--with`."""

import io
import json
from pathlib import Path

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

SHOP = """\
namespace shop {env=production}
default: deny ingress egress
service db = {app=postgres}
db <- api:5432
"""
WORKLOADS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: postgres, namespace: shop}
spec:
  selector: {matchLabels: {app: postgres}}
  template:
    metadata: {labels: {app: postgres}}
    spec:
      containers:
      - name: c
        image: i
        ports: [{containerPort: 5432, name: pg}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
      - name: c
        image: i
        ports: [{containerPort: 8080}]
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec:
  selector: {app: api}
  ports: [{port: 80, targetPort: 8080}]
"""
FOREIGN = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: everybody, namespace: shop}
spec:
  podSelector: {matchLabels: {app: postgres}}
  policyTypes: [Ingress]
  ingress: [{}]
"""


@pytest.fixture(autouse=True)
def shop(put: Put) -> None:
    """A project with one namespace."""
    put({"intents/shop.intent": SHOP, "cluster/workloads.yaml": WORKLOADS})


def test_can_says_yes_with_the_statement(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["can", "db <- api:5432"]) == 0
    out, err = capfd.readouterr()
    assert out.startswith("yes: ")
    assert "opened by `db <- api:5432` (intents/shop.intent:4)" in out
    assert err == ""


def test_can_says_no_and_what_comes_nearest(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/web.intent": "namespace shop\nweb <- any\n"})
    assert run(["can", "db <- web:5432"]) == 1
    out = capfd.readouterr().out
    assert out.startswith("no: ")
    assert "closed by `default: deny ingress egress` (intents/shop.intent:2)" in out
    assert "which misses the sender (it lists {app=api})" in out


def test_can_says_which_part(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["can", "db <- api:[5432, 5433]"]) == 1
    out = capfd.readouterr().out
    assert out.startswith("partly: ")
    assert "permitted, for example:" in out
    assert "on TCP 5433" in out


def test_can_as_json(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["can", "db <- api:5432", "--json"]) == 0
    (answer,) = json.loads(capfd.readouterr().out)
    assert answer["answer"] == "yes"
    assert answer["permitted"]["port"] == 5432
    assert answer["receiver"]["opened_by"][0]["path"] == "intents/shop.intent"


def test_an_assertion_that_is_vacuous_in_one_namespace_names_it(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    nobody = "namespace a\nservice x = {app=a, app!=a}\ndefault: deny\n"
    put({"all.intent": f"cluster\nalways x <- x\n{nobody}namespace b\nx <- x\n"})
    assert run(["check", "all.intent"]) == 0
    assert "`always x <- x` is vacuous in `a`: no connection" in capfd.readouterr().err


def test_list_of_distinct_keys_grows_with_the_arrows(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    arrows = "".join(f"{{k{n}=v}} <- {{p{n}=v}}:{80 + n}\n" for n in range(40))
    put({"keys.intent": f"namespace shop\n{arrows}"})
    assert run(["list", "keys.intent", "--format", "csv"]) == 0
    printed = capfd.readouterr()
    assert len(printed.out.splitlines()) == 41
    assert "note[NP754]: rows overlap" in printed.err


@pytest.mark.parametrize("question", ["db", "db <-", "db = api", "default: deny", "a <- b\nc <- d"])
def test_what_is_no_question_is_told_so(question: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["can", question]) == 2
    assert "<question>:" in capfd.readouterr().err


def test_what_is_wrong_elsewhere_keeps_no_answer_back(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/pay.intent": "namespace pay {a=b}\nnamespace pay {a=c}\n"})
    assert run(["can", "db <- api:5432", "--namespace", "shop"]) == 0
    assert "NP211" not in capfd.readouterr().err
    assert run(["can", "db in ns shop <- ns *:5432", "--namespace", "shop"]) == 2
    assert "NP211" in capfd.readouterr().err


def test_a_question_is_not_part_of_what_it_asks_about(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["can", "web <- api:80", "--namespace", "elsewhere"]) == 2
    assert "open: no policy closes it" in capfd.readouterr().out


def test_manifests_are_asked_as_intents_are(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"p/policy.yaml": FOREIGN})
    assert run(["can", "{app=postgres} <- {role=web}:5432", "p"]) == 0
    assert "everybody ingress[0]" in capfd.readouterr().out


def test_list_of_workloads(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--with", "cluster", "--format", "json"]) == 0
    rows = json.loads(capfd.readouterr().out)
    assert {
        "src": "shop/api[Deployment]",
        "dst": "shop/postgres[Deployment]",
        "protocols": {"TCP": [[5432, 5432]]},
    } in rows
    assert not [row for row in rows if row["src"] == "shop/postgres[Deployment]"]


def test_list_of_classes_and_its_filters(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["list", "--to", "shop/", "--format", "csv"]) == 0
    assert capfd.readouterr().out == "from,to,ports\nshop/api,shop/db,5432\n"


def test_the_built_in_dns_is_called_built_in(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"a.intent": SHOP})
    assert run(["can", "api -> dns", "a.intent"]) == 0
    assert "[53/udp, 53/tcp]` (built in)\n" in capfd.readouterr().out
    put(
        {
            "a.intent": SHOP.replace(
                "service", "dns: {k8s-app=kube-dns} in ns kube-system:53/udp\nservice"
            )
        }
    )
    assert run(["can", "api -> dns", "a.intent"]) == 0
    assert "kube-system:53/udp` (a.intent:3)\n" in capfd.readouterr().out


def test_exposure_without_workloads_says_that_it_adds_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run(["list", "--format", "csv"]) == 0
    plain = capfd.readouterr()
    assert run(["list", "--format", "csv", "--exposure"]) == 0
    shown = capfd.readouterr()
    assert shown.out == plain.out
    added = shown.err.removesuffix(plain.err)
    assert added.startswith("--exposure adds nothing: it is about workloads, and none are given")


def test_exposure_adds_pods_that_are_not_there(capfd: pytest.CaptureFixture[str]) -> None:
    arguments = ["list", "cluster", "--exposure", "--format", "json", "--to", "shop/postgres"]
    assert run(arguments) == 0
    rows = json.loads(capfd.readouterr().out)
    assert any(row.get("exposure") for row in rows)
    arguments[arguments.index("json")] = "csv"
    assert run(arguments) == 0
    marked = [line for line in capfd.readouterr().out.splitlines() if "[unknown pods]" in line]
    assert marked
    assert all(",shop/postgres[Deployment]," in line for line in marked)


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


def test_own_earlier_output_is_not_counted(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["compile"]) == 0
    put({"intents/shop.intent": SHOP.replace("db <- api:5432", "db <- api:5433")})
    capfd.readouterr()
    assert run(["check", "--with", "out"]) == 0
    err = capfd.readouterr().err
    assert "note[NP750]" in err
    assert "NP606" not in err


CLOSED = "namespace shop\ndb <- none\nnamespace pay\ndefault: deny\n"
CLAIM = "namespace shop\nnever db <- api in ns pay\n"


@pytest.fixture
def output(put: Put, capfd: pytest.CaptureFixture[str]) -> str:
    """The manifests of two closed namespaces, and intents of one that opens what they close."""
    put({"earlier/a.intent": CLOSED, "web.intent": "namespace shop\nweb <- none\n"})
    put({"claim.intent": CLAIM, "intents/shop.intent": "namespace shop\ndb <- api\n"})
    assert run(["compile", "earlier"]) == 0
    capfd.readouterr()
    return "---\n".join(map(Path.read_text, sorted(Path("out").rglob("*.yaml"))))


@pytest.mark.parametrize("narrowed", [["--namespace", "shop"], ["--namespace", "pay"]])
@pytest.mark.parametrize(
    ("sources", "answer"),
    [
        (["out"], "no"),
        (["-"], "no"),
        (["--with", "out", "claim.intent"], "no"),  # It writes no policies that replace others.
        (["--with", "-", "claim.intent"], "no"),
        (["intents", "out"], "yes"),
        (["intents", "-"], "yes"),
        (["intents", "--with", "out"], "yes"),
        (["web.intent", "out"], "yes"),
        (["earlier", "out"], "no"),
    ],
)
def test_narrowing_a_question_changes_no_source(
    sources: list[str],
    answer: str,
    narrowed: list[str],
    output: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("netpolc.io.project.read_stdin", output.encode)
    run(["can", "db in ns shop <- api in ns shop", *sources, *narrowed, "--json"])
    (found,) = json.loads(capfd.readouterr().out)
    assert (found["if_such_pods_ran"] or found["answer"]) == answer


@pytest.mark.usefixtures("output")
def test_own_policies_of_a_namespace_that_is_not_compiled_count(
    capfd: pytest.CaptureFixture[str],
) -> None:
    question = "web in ns pay <- db in ns shop"
    assert run(["can", question, "web.intent", "--with", "out", "--namespace", "pay"]) == 2
    assert "the answer would be: no" in capfd.readouterr().out


@pytest.mark.usefixtures("output")
@pytest.mark.parametrize("end", ["", "namespace shop\nservice db = {app=db}\n"])
def test_own_policies_count_where_intents_of_others_make_claims_alone(end: str, put: Put) -> None:
    claim = "namespace pay\n{} web <- db in ns shop\n"
    put({"shop.intent": "namespace shop\nx <- none\n" + claim.format("never") + end})
    assert run(["check", "shop.intent", "--with", "out"]) == 0
    put({"shop.intent": "namespace shop\nx <- none\n" + claim.format("always") + end})
    assert run(["check", "shop.intent", "--with", "out"]) == 1
    put({"cluster.intent": "cluster\n* -> any\n"})  # It writes policies for pay as well.
    assert run(["check", "shop.intent", "cluster.intent", "--with", "out"]) == 0


def test_policies_that_the_same_intents_no_longer_write_do_not_count(put: Put) -> None:
    shop, closing = (
        "namespace shop\nx <- none\nnamespace pay\n",
        "default: deny egress\ndns: none\n",
    )
    claim = "never * -> internet\n"
    put({"shop.intent": shop + closing + claim})
    assert run(["compile", "shop.intent"]) == 0
    put({"shop.intent": shop + claim})
    assert run(["check", "shop.intent", "--with", "out"]) == 1
    assert run(["compile", "shop.intent", "--with", "out"]) == 1


@pytest.mark.usefixtures("output")
def test_claims_are_proved_about_manifests_that_netpolc_made(put: Put) -> None:
    assert run(["check", "claim.intent", "out"]) == 0
    put({"claim.intent": "namespace shop\nalways db <- api\n"})
    assert run(["check", "claim.intent", "out"]) == 1


@pytest.mark.usefixtures("output")
def test_an_earlier_output_of_an_ir_file_is_not_counted(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["ir"]) == 0
    put({"ir.json": capfd.readouterr().out})
    for narrowed in ([], ["--namespace", "shop"]):
        run(["can", "db in ns shop <- api in ns shop", "ir.json", "--with", "out", *narrowed])
        assert capfd.readouterr().out.startswith("yes: ")


def test_a_services_port_is_told_from_the_pods(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    put({"intents/web.intent": "namespace shop\napi <- ns ingress-nginx:80\ndb <- apy:5433\n"})
    assert run(["check", "--with", "cluster"]) == 0
    err = capfd.readouterr().err
    assert "80 is the port of Service `api`; its pods listen on 8080" in err
    assert "`apy` is declared nowhere" in err
    assert "no container of `shop/postgres[Deployment]` declares TCP port `5433`" in err


def test_standard_input_may_be_manifests(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("netpolc.io.project.read_stdin", FOREIGN.encode)
    assert run(["can", "{app=postgres} <- {role=web}:1", "-"]) == 0
    assert capfd.readouterr().out.startswith("yes: ")


def test_a_question_about_nothing_known_says_so(
    put: Put, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put({"shop.intent": SHOP, "pods.yaml": WORKLOADS})
    assert run(["can", "databse <- api", "shop.intent", "--with", "pods.yaml"]) == 2
    assert "NP608" in capfd.readouterr().err
    assert run(["can", "dbb <- api", "shop.intent"]) == 2
    assert "NP613" in capfd.readouterr().err
    assert run(["can", "db <- api:5432", "shop.intent"]) == 0
    assert not capfd.readouterr().err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    assert run(["can", "a <- b", "-"]) == 2
    assert "NP705" in capfd.readouterr().err


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


def test_an_answer_about_unknown_pods_is_unknown(capfd: pytest.CaptureFixture[str]) -> None:
    question = ["can", "cache <- api:5432", "intents", "--namespace", "shop"]
    assert run(question) == 2
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith("unknown: {app=api} in ns shop to {app=cache} in ns shop:5432")
    assert lines[1] == (
        "  nothing else names `cache` in namespace `shop`; if such pods ran, the answer would be: no"
    )
    assert run([*question, "--format", "json"]) == 2
    (found,) = json.loads(capfd.readouterr().out)
    assert (found["answer"], found["if_such_pods_ran"]) == ("unknown", "no")
    assert found["undecided"] == ["nothing else names `cache` in namespace `shop`"]


def test_an_error_in_a_source_is_not_followed_by_warnings_about_its_names(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"broken.intent": "namespace shop\ndb <- <- api\n"})
    assert run(["can", "db <- api:5432", "broken.intent"]) == 2
    assert "NP613" not in capfd.readouterr().err


@pytest.mark.parametrize("command", [["can", "a <- b"], ["list"], ["ir"], ["graph"], ["check"]])
def test_an_empty_standard_input_is_an_error(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\n")))
    assert run([*command, "-"]) in {1, 2}
    assert "error[NP705]" in capfd.readouterr().err


def test_a_closed_world_decides_what_is_unknown(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    open_egress = SHOP.replace(" ingress egress", "") + "db <- 10.0.0.0/8:5432\nweb <- any\n"
    put({"shop.intent": open_egress, "pods.yaml": WORKLOADS.replace("app: api", "app: web")})
    rows = ["list", "shop.intent", "--with", "pods.yaml", "--format", "json", "--to", "postgres"]
    question = ["can", "db <- web:5432", "shop.intent"]
    cases: tuple[tuple[list[str], int, str, int], ...]
    cases = (([], 1, "unknown: ", 2), (["--closed-world"], 0, "no: ", 1))
    for closed, undecided, answer, code in cases:
        assert run([*rows, *closed]) == 0
        listed = json.loads(capfd.readouterr().out)
        assert sum("undecided" in row for row in listed) == undecided
        assert run([*question, *closed]) == code
        assert capfd.readouterr().out.startswith(answer)


def test_a_name_of_another_namespace_is_reported_with_its_namespace(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/pay.intent": "namespace pay\nledger <- web:80\n"})
    for narrowed in ([], ["--namespace", "shop"], ["--namespace", "nope"]):
        assert run(["can", "ledger <- web:80", *narrowed]) == 2
        assert "namespace pay has it: `--namespace pay`" in capfd.readouterr().err
    assert run(["can", "ledger <- web:80", "--namespace", "pay"]) == 0
    assert not capfd.readouterr().err


@pytest.mark.parametrize(
    "question",
    [
        "shop/db <- shop/api:5432",
        "shop/{app=postgres} <- shop/api:5432",
        "shop/postgres[Deployment] <- shop/api[Deployment]:[5432/tcp]",
        "db <- shop/api:5432",
    ],
)
def test_the_words_of_a_list_are_understood(question: str) -> None:
    assert run(["can", question, "intents", "--with", "cluster", "--namespace", "shop"]) == 0


def test_a_questions_own_errors_show_only_what_was_asked(
    capfd: pytest.CaptureFixture[str],
) -> None:
    for question in ("db <- none", "db -> none", "never db <- api", "db <- api until 2030-01-01"):
        assert run(["can", question]) == 2
        err = capfd.readouterr().err
        assert "always" not in err
        assert "NP132" not in err
        assert "assertion" not in err


@pytest.mark.parametrize(
    ("question", "column", "error"),
    [
        ("api -> 8.8.8.8:443", 8, "[NP114]: `8.8.8.8` has no mask"),
        ("db <- none", 1, "[NP760]: a question about `none` asks nothing"),
        ("db <- web until 2030-01-01", 1, "[NP760]: a question has no end date"),
        ("db", 1, "[NP760]: not a question"),
        ("never db <- api", 1, "[NP760]: not a question"),
        ("db <- api <- web", 11, "[NP101]: a line has one arrow"),
        ("shop/db", 1, "[NP760]: not a question"),
        ("shop/db <- shop/api <- shop/web", 1, "[NP101]: a line has one arrow"),
    ],
)
def test_a_wrong_question_has_one_error_at_its_place(
    question: str, column: int, error: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["can", question]) == 2
    err = capfd.readouterr().err
    assert f"error{error}\n --> <question>:1:{column}\n" in err
    assert f"\n1 | {question}\n" in err
    assert err.endswith("\n1 error\n")


def test_a_slip_in_a_question_is_one_finding(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["can", "db <- apii:5432", "--namespace", "shop"]) == 2
    err = capfd.readouterr().err
    assert err.count("did you mean `api`?") == 1
    assert "NP201" not in err


def test_a_wrong_question_waits_for_no_input(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    assert run(["can", "api", "-"]) == 2
    assert "write one arrow in quotes" in capfd.readouterr().err


def test_at_most_three_reasons_are_given(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    arrows = "".join(f"db <- c{number}:5432\n" for number in range(9))
    put({"intents/more.intent": f"namespace shop\n{arrows}web <- any\n"})
    assert run(["can", "db <- web:5432"]) == 1
    lines = capfd.readouterr().out.splitlines()
    assert lines[0].startswith("no: ")
    assert "closed by `default: deny ingress egress`" in lines[1]
    assert len(lines) == 5
    assert lines[4].endswith(" more: `--format json`")
    assert run(["can", "db <- api:5432", "--color", "always"]) == 0
    assert capfd.readouterr().out.startswith("\x1b[1;32myes\x1b[0m: ")


def test_both_ways_of_asking_for_json_are_the_same(capfd: pytest.CaptureFixture[str]) -> None:
    outputs = []
    for form in (["--json"], ["--format", "json"]):
        assert run(["can", "db <- api:5432", *form]) == 0
        outputs.append(capfd.readouterr().out)
    assert outputs[0] == outputs[1]


def test_exposure_of_pods_on_the_hosts_network_is_possible_whatever_policies_say(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    workloads = WORKLOADS.replace(
        "spec:\n      containers", "spec:\n      hostNetwork: true\n      containers"
    )
    put({"hosts.yaml": workloads})
    arguments = [
        "list",
        "intents",
        "--with",
        "hosts.yaml",
        "--exposure",
        "--to",
        "postgres",
        "--format",
        "json",
    ]
    strangers = {}
    for more in ((), ("--closed-world",)):
        assert run([*arguments, *more]) == 0
        rows = json.loads(capfd.readouterr().out)
        strangers[more] = [row for row in rows if "*" in row["src"]]
    assert strangers[()]
    assert all("host's network" in row["undecided"][0] for row in strangers[()])
    assert not strangers[("--closed-world",)]


def test_names_of_different_namespaces_are_reported_with_theirs(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(
        {
            "pay.intent": "namespace pay\nledger <- x:80\n",
            "shop.intent": "namespace shop\nfront <- x:80\nsame <- x\n",
            "back.intent": "namespace back\nsame <- x\n",
        }
    )
    assert run(["can", "ledger <- front:80", "."]) == 2
    err = capfd.readouterr().err
    assert "help: write `ledger in ns pay`" in err
    assert "help: write `front in ns shop`" in err
    assert run(["can", "ledger in ns pay <- front in ns shop:80", "."]) == 1
    assert not capfd.readouterr().err
    assert run(["can", "ledger <- same, none-such", "."]) == 2
    err = capfd.readouterr().err
    assert "in namespaces back, shop such pods are known: add `in ns` and one of them" in err
    assert "help: give the namespace's intents or manifests as well" in err


def test_a_namespace_is_not_named_for_pods_that_its_policies_place_elsewhere(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/pay.intent": "namespace pay\nledger <- web in ns front:80, any:443\n"})
    assert run(["can", "ledger <- web:80", "--namespace", "shop"]) == 2
    assert "namespace pay has it" not in capfd.readouterr().err
    assert run(["can", "ledger <- none-such in ns x:80", "--namespace", "shop"]) == 2
    assert "namespace pay has it" in capfd.readouterr().err


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


def test_a_namespace_of_which_nothing_is_known_is_named(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": "namespace shop\ndefault: deny\ndb <- api:5432\n"})
    assert run(["can", "db <- ns prod"]) == 2
    assert "nothing is known of namespace prod: its own policies" in capfd.readouterr().out
    assert run(["can", "db <- api:5432"]) == 0
    assert "nothing is known" not in capfd.readouterr().out
