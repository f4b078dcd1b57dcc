"""`netpolc diff` of a project with several outputs."""

import pytest

from netpolc.cli.main import run
from tests.repository import Scratch

OUTPUTS = (
    '[outputs.prod]\nsources = ["intents", "env/prod.intent"]\n'
    '[outputs.staging]\nsources = ["intents", "env/staging.intent"]\n'
)


def _environments(repo: Scratch) -> None:
    repo.commit(
        {
            "netpolc.toml": OUTPUTS,
            "intents/shop.intent": "namespace shop\nweb <- office:443\n",
            "intents/pay.intent": None,
            "env/prod.intent": "cluster\ngroup office = 203.0.113.0/24\n",
            "env/staging.intent": "cluster\ngroup office = 10.0.0.0/8\n",
        }
    )


def test_all_outputs_are_compared(repo: Scratch, capfd: pytest.CaptureFixture[str]) -> None:
    _environments(repo)
    repo.put({"env/prod.intent": "cluster\ngroup office = 203.0.114.0/24\n"})
    assert run(["diff"]) == 1
    out = capfd.readouterr().out
    assert out.startswith("prod:\nfrom HEAD to the working tree: 1 opened, 1 closed")
    assert out.endswith("staging:\nfrom HEAD to the working tree: no change in what is permitted\n")
    assert run(["diff", "-e", "staging"]) == 0
    assert run(["diff", "-e", "stagin"]) == 2
    assert run(["diff", "--format", "markdown"]) == 1
    page = capfd.readouterr().out.splitlines()
    assert [line for line in page if line.startswith(("<!--", "## "))] == [
        "<!-- netpolc diff -->",
        "## prod",
        "## staging",
    ]


def test_an_output_that_is_new_or_gone_is_compared_with_nothing(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    _environments(repo)
    repo.put({"netpolc.toml": OUTPUTS.replace("staging]", "test]")})
    assert run(["diff"]) == 1
    told = capfd.readouterr()
    assert "test:\nfrom HEAD to the working tree: 1 closed" in told.out
    assert "staging:\nfrom HEAD to the working tree: 1 opened" in told.out
    assert "in HEAD, the output `test` is not there" in told.err
    assert "in the working tree, the output `staging` is not there" in told.err


def test_the_first_outputs_are_compared_with_the_project_before(
    repo: Scratch, capfd: pytest.CaptureFixture[str]
) -> None:
    _environments(repo)
    repo.commit({"netpolc.toml": 'sources = ["intents", "env/prod.intent"]\n'})
    repo.put({"netpolc.toml": OUTPUTS})
    assert run(["diff"]) == 1
    assert "prod:\nfrom HEAD to the working tree: no change" in capfd.readouterr().out
