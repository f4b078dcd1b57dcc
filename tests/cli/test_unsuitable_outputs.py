"""Outputs that cannot be meant are refused, and nothing is written."""

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Files, Put

PROGRAM: dict[str, str | bytes] = {
    "intents/a.intent": "namespace shop\ndefault: deny\ndb <- api:5432\ncache <- none\n",
    "more.intent": "namespace more\nx <- y:1\n",
}


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["-o", "intents"], "intents"),
        (["-o", "intents/../intents/"], "intents"),
        (["intents", "more.intent", "-o", "intents"], "intents"),
        ([".", "-o", "."], "."),
        (["--kustomization", "-o", "intents"], "intents"),
    ],
)
def test_a_source_is_not_an_output(
    arguments: list[str], name: str, put: Put, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    before = files()
    assert run(["compile", *arguments]) == 1
    assert f"error[NP756]: `{name}` is a source" in capfd.readouterr().err
    assert files() == before
    put({"netpolc.toml": f'sources = ["{name}"]\noutput = "{name}"\n'})
    assert run(["compile"]) == 1
    assert "NP756" in capfd.readouterr().err


def test_an_output_inside_a_source_or_around_it_is_one(put: Put) -> None:
    put(PROGRAM)
    assert run(["compile", ".", "-o", "out"]) == 0
    assert run(["compile", "intents", "-o", "intents/manifests"]) == 0


def test_an_output_is_looked_for_where_settings_are(
    put: Put, capfd: pytest.CaptureFixture[str]
) -> None:
    put(PROGRAM)
    assert run(["check", "-e", "prod"]) == 1
    err = capfd.readouterr().err
    assert "error[NP748]: there is no netpolc.toml, and so no output `prod`\n --> .\n" in err
    put({"netpolc.toml": "strict = true\n"})
    assert run(["check", "-e", "prod"]) == 1
    assert "error[NP748]: netpolc.toml has no output `prod`" in capfd.readouterr().err
