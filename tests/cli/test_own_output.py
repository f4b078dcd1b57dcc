"""Which policies that netpolc made count in a question or a proof."""

import json
from pathlib import Path

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put
from tests.cli.shop import SHOP

pytestmark = pytest.mark.usefixtures("shop")


def test_own_earlier_output_is_not_counted(put: Put, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["compile"]) == 0
    put({"intents/shop.intent": SHOP.replace("db <- api:5432", "db <- api:5433")})
    capfd.readouterr()
    assert run(["check", "--with", "out"]) == 0
    err = capfd.readouterr().err
    assert "note[NP750]" in err
    assert "NP606" not in err


@pytest.mark.parametrize(
    ("intents", "header", "is_noted"),
    [
        ("namespace pay\ndefault: deny\nnamespace shop\nnever db <- pay\n", "", True),
        (
            "namespace pay\ndefault: deny\nnamespace shop\ndefault: deny\nnever db <- pay\n",
            "",
            False,
        ),
        ("namespace pay\ndefault: deny\n", "", False),
        ("namespace shop\nnever db <- pay\n", "", False),
        ("namespace pay\ndefault: deny\nnamespace shop\nnever db <- pay\n", "b.intent", False),
    ],
)
def test_policies_of_which_nothing_names_the_intents_are_noted_where_only_claims_are_made(
    intents: str, header: str, *, is_noted: bool, put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put({"b.intent": "namespace shop\ndb <- none\n"})
    assert run(["compile", "b.intent", "-o", "made"]) == 0
    (text,) = map(Path.read_text, Path("made").rglob("*.yaml"))
    put({"a.intent": intents, "export.yaml": text if header else text.partition("\n")[2]})
    capfd.readouterr()
    run(["check", "a.intent", "--with", "export.yaml"])
    assert ("note[NP761]" in capfd.readouterr().err) is is_noted


CLOSED = "namespace shop\ndb <- none\nnamespace pay\ndefault: deny\n"
CLAIM = "namespace shop\nnever db <- api in ns pay\n"


@pytest.fixture
def output(request: pytest.FixtureRequest, put: Put, capfd: pytest.CaptureFixture[str]) -> str:
    """The manifests of two closed namespaces, and intents of one that opens what they close."""
    request.getfixturevalue("shop")  # Its intents are replaced here.
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
