"""Questions that are not questions, or that name what nobody knows."""

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

pytestmark = pytest.mark.usefixtures("shop")


@pytest.mark.parametrize("question", ["db", "db <-", "db = api", "default: deny", "a <- b\nc <- d"])
def test_what_is_no_question_is_told_so(question: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["can", question]) == 2
    assert "<question>:" in capfd.readouterr().err


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
    files = ["pay.intent", "shop.intent", "back.intent"]
    assert run(["can", "ledger in ns pay <- front in ns shop:80", *files]) == 1
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


def test_a_namespace_of_which_nothing_is_known_is_named(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"intents/a.intent": "namespace shop\ndefault: deny\ndb <- api:5432\n"})
    assert run(["can", "db <- ns prod"]) == 2
    assert "nothing is known of namespace prod: its own policies" in capfd.readouterr().out
    assert run(["can", "db <- api:5432"]) == 0
    assert "nothing is known" not in capfd.readouterr().out
