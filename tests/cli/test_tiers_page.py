"""`docs/tiers.md`: its example says what the command prints."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

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
    indented = re.findall(r"(?:^    .*\n)+", PAGE, re.MULTILINE)
    policy, error = map(dedent, indented)
    put({"a.intent": INTENTS, "cluster.yaml": policy})
    assert run(["check", "a.intent", "--with", "cluster.yaml"]) == 1
    printed = capsys.readouterr().err
    for line in filter(str.strip, error.splitlines()):
        assert line.partition(" …")[0].rstrip() in printed
