"""Nothing in a file commands the machine that reads the log: every command, every format.

GitHub's runner obeys a line that begins with `::`, and `##[` anywhere in a line; Azure's agent obeys
`##vso[` and `##[` anywhere, and TeamCity's `##teamcity[`. A reason, a comment, a name of a file or of an object could hold either.
"""

import json
import re

import pytest

from netpolc.cli.main import run
from tests.cli.conftest import Put

EVIL = "##vso[task.setvariable variable=x]y ##[error]z"
LINE = "::error file=x::y"
_COMMAND = re.compile(r"##\w*(?:\.\w+)?\[|(?m:^\s*::(?!(?:error|warning|notice|debug) ))")
_FORMS = ("text", "concise", "json", "sarif", "github", "gitlab")

INTENTS = f"""\
# {EVIL}
namespace shop
default: deny
db <- api:5432 because "{EVIL}"  # {EVIL}
db <- api:5432
cache <- apii:1 because "{LINE}"
# {LINE}
never db <- api because "{EVIL}"
"""
BROKEN = f"""\
namespace shop
{LINE}
db <- <- {EVIL}
"""
OBJECTS = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: "{EVIL}", namespace: shop}}
spec:
  template:
    metadata: {{labels: {{app: db}}, annotations: {{a: "{EVIL}"}}}}
    spec: {{containers: [{{name: c, image: i, env: [{{name: "{EVIL}", value: "http://api:80/{EVIL}"}}]}}]}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: other, namespace: shop, annotations: {{a: "{EVIL}"}}}}
spec: # {EVIL}
  podSelector: {{matchLabels: {{app: db}}}}
  "{EVIL}": 1
  ingress: [{{from: [{{ipBlock: {{cidr: 10.0.0.1/8}}}}]}}]
"""
GOOD = OBJECTS.replace(f'  "{EVIL}": 1\n', "").replace(f'name: "{EVIL}", name', "name: db, name")

COMMANDS = [
    *(["check", source, "--format", form] for source in ("intents", "broken", "bad.yaml") for form in _FORMS),
    *(["check", "intents", "--with", "good.yaml", "--format", form] for form in _FORMS),
    *(["diff", "old.intent", "intents", "--format", form] for form in (*_FORMS[:1], "markdown", *_FORMS[1:])),
    *(["diff", "good.yaml", "intents", "--witness", "--format", form] for form in _FORMS),
    *(["list", "intents", "--with", "good.yaml", "--format", form] for form in ("table", "csv", "json")),
    *(["can", "db <- api:5432", "intents", "--format", form] for form in ("text", "json")),
    *(["graph", "intents", "--with", "good.yaml", "--format", form] for form in ("dot", "mermaid", "svg", "html", "json")),
    *(["owners", "old.intent", "intents", "--format", form] for form in ("text", "json")),
    ["can", f"db <- {EVIL}", "intents"],
    ["can", "db <- api:1", "broken"],
    ["compile", "intents", "-o", "made"],
    ["compile", "intents", "--check"],
    ["compile", "intents", "--check", "--format", "sarif"],
    ["compile", f"{EVIL}.intent"],
    ["fmt", "intents", "--diff"],
    ["fmt", "broken", "--check"],
    ["check", "intents", "--fix", "--unsafe", "--diff"],
    ["check", "intents", "--statistics"],
    ["ir", "intents"],
    ["ir", "old.intent"],
    ["ir", "good.yaml"],
    ["import", "bad.yaml"],
    ["init", "bad.yaml"],
    ["learn", "bad.yaml"],
    ["explain", EVIL],
    [EVIL],
]  # fmt: skip


@pytest.fixture
def _project(put: Put) -> None:
    put(
        {
            f"intents/{EVIL}\n{LINE}.intent": INTENTS,
            "broken/a.intent": BROKEN,
            "old.intent": f'namespace shop\ndefault: deny\ndb <- web:1 because "{EVIL}"\n',
            "bad.yaml": OBJECTS,
            "good.yaml": GOOD,
            "CODEOWNERS": f"# {EVIL}\n* {EVIL}\n",
        }
    )


@pytest.mark.usefixtures("_project")
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("runner", ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"])
def test_no_output_holds_a_command(
    arguments: list[str],
    runner: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(runner, "True")
    run(arguments)
    printed = capfd.readouterr()
    assert printed.out + printed.err
    if (
        "github" in arguments
    ):  # Its lines are commands, and a runner that obeys one reads no other in it.
        kept = [line for line in printed.out.splitlines() if not line.startswith("::")]
        printed = printed._replace(out="\n".join(kept))
    for text in (printed.out, printed.err):
        assert not _COMMAND.search(text), _COMMAND.search(text)
    if "json" in arguments:
        json.loads(printed.out)
