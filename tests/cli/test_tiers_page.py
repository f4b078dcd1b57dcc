"""`docs/tiers.md`: its example says what the command prints."""

import re
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from netpolc.cli.main import run
from tests.cli.conftest import Files, Put

PAGE = (Path(__file__).parents[2] / "docs" / "tiers.md").read_text(encoding="utf-8")
INTENTS = """\
namespace shop
default: deny
service server = {app=server}
service client = {app=client}
server <- admin:80
never server <- client
"""


def test_the_example_is_refuted_as_the_page_says(
    put: Put, capsys: pytest.CaptureFixture[str]
) -> None:
    page = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
    indented = re.findall(r"(?:^    .*\n)+", page, re.MULTILINE)[:2]
    policy, error = map(dedent, indented)
    put({"a.intent": INTENTS, "cluster.yaml": policy})
    assert run(["check", "a.intent", "--with", "cluster.yaml"]) == 1
    printed = capsys.readouterr().err
    for line in filter(str.strip, error.splitlines()):
        assert line.partition(" …")[0].rstrip() in printed


def test_what_is_enforced_is_written_as_the_page_says(put: Put, files: Files) -> None:
    blocks = dict(re.findall(r"```(toml|intent|yaml)\n(.*?)```", PAGE, re.DOTALL))
    put({"netpolc.toml": blocks["toml"], "intents/a.intent": blocks["intent"]})
    assert run(["compile"]) == 0
    shown = yaml.safe_load(blocks["yaml"])
    name = shown["metadata"]["name"]
    written = yaml.safe_load(files()[f"out/_cluster/{name}.yaml"])
    assert {**written, "metadata": {"name": name}} == shown
