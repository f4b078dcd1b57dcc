"""`can`, `list`, and proofs over the whole of a cluster with `--with`."""

import io
import json

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put
from tests.cli.shop import FOREIGN, SHOP, WORKLOADS

pytestmark = pytest.mark.usefixtures("shop")


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


def test_list_of_distinct_keys_grows_with_the_arrows(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    arrows = "".join(f"{{k{n}=v}} <- {{p{n}=v}}:{80 + n}\n" for n in range(40))
    put({"keys.intent": f"namespace shop\n{arrows}"})
    assert run(["list", "keys.intent", "--format", "csv"]) == 0
    printed = capfd.readouterr()
    assert len(printed.out.splitlines()) == 41
    assert "note[NP754]: rows overlap" in printed.err


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
