"""The same program in another form gives the same answers: as IR, and with another netpolc.toml."""

import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from netpolc.cli.main import run
from tests.cli.conftest import Put
from tests.fuzz.test_commands import _BITS
from tests.fuzz.test_function import _program

_TRIES = int(os.environ.get("NETPOLC_FUZZ", "12"))
_WORKLOADS = "---\n".join(
    f"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {home}}}\n"
    f"spec: {{template: {{metadata: {{labels: {labels}}}, spec: {{{host}containers: "
    "[{name: c, image: i, ports: [{containerPort: 80, name: http}]}]}}}\n"
    for home in ("shop", "pay", "ops")
    for name, labels, host in (
        ("db", "{app: db, role: 'y'}", ""),
        ("api", "{app: api, tier: a}", ""),
        ("web", "{app: web}", "hostNetwork: true, "),
    )
)
_QUESTIONS = (
    "db in ns shop <- api in ns pay:80",
    "* in ns shop <- internet:443",
    "api in ns pay -> dns",
)
_SETTINGS = (
    'layout = "namespace"',
    'layout = "sources"',
    'sources = ["intents", "nowhere"]',
    'sources = ["intents/"]',
    'with = ["k8s"]',
    '[labels]\nteam = "a"',
    '[lint]\nignore = ["NP604"]',
    '[tiers]\napi = "v1alpha2"',
    '[outputs.prod]\noutput = "out/prod"',
    'namespace = "shop"',
)


_CLAIMS = (
    *("never db <- internet", "only db <- api, 10.0.0.0/8", "always db <- api:80", "never * <- ns ops:http"),
    *("always * -> dns", "never {role=y} <- {tier in (a, b)} in ns *", "only api -> db, ::/0, dns"),
    "never db -> any:443",
)  # fmt: skip
_SHOWN = ("code", "message", "path", "line", "label", "help")
_FACTS = ("blocks: all", "blocks: outside", "pods: 10.0.0.0/8", "nodes: 10.0.0.0/24")


def _answers(source: str, capfd: pytest.CaptureFixture[str]) -> list[Any]:
    """What the commands say of a source: rows of lists, and the answers to some questions."""
    capfd.readouterr()
    found: list[Any] = []
    for more in ([], ["--exposure"]):
        assert run(["list", source, "--with", "k8s", "--format", "json", *more]) == 0
        rows = json.loads(capfd.readouterr().out)
        ends = [(row["src"], row["dst"], row.get("exposure")) for row in rows]
        assert len(ends) == len(set(ends))
        found.append(sorted(json.dumps(row, sort_keys=True) for row in rows))
    for question in _QUESTIONS:
        found.append(run(["can", question, source, "--with", "k8s", "--format", "json"]))
        printed = json.loads(capfd.readouterr().out)
        assert printed
        found += [(one["answer"], one["if_such_pods_ran"]) for one in printed]
    return found


def _verdicts(source: str, capfd: pytest.CaptureFixture[str]) -> list[Any]:
    """What a check says of the assertions in a file of their own.

    IR has the lines of statements, but not their texts, so that places in them are left out.
    """
    capfd.readouterr()
    run(["check", source, "claims.intent", "--with", "k8s", "--format", "json"])
    found = json.loads(capfd.readouterr().out)
    return [
        [*(one[key] for key in _SHOWN), [label["path"] for label in one["labels"]]]
        for one in found
        if one["code"].startswith("NP50")
    ]


@pytest.mark.parametrize("seed", range(_TRIES))
def test_ir_is_answered_as_its_intents_are(
    put: Put, capfd: pytest.CaptureFixture[str], seed: int
) -> None:
    put({"intents/a.intent": _program(random.Random(f"ir {seed}")), "k8s/w.yaml": _WORKLOADS})
    if run(["ir"]) != 0:
        return
    put({"ir.json": capfd.readouterr().out})
    assert run(["diff", "intents", "ir.json"]) == 0
    assert _answers("ir.json", capfd) == _answers("intents", capfd)


@pytest.mark.parametrize("seed", range(_TRIES))
def test_ir_is_checked_as_its_intents_are(
    put: Put, capfd: pytest.CaptureFixture[str], seed: int
) -> None:
    drawn = random.Random(f"check {seed}")
    claims = [f"namespace {drawn.choice(('shop', 'pay'))}", *drawn.sample(_CLAIMS, 4)]
    facts = ["cluster", *drawn.sample(_FACTS, drawn.randint(0, 2))]
    put(
        {
            "a.intent": _program(drawn),
            "claims.intent": "\n".join((*claims, *facts, "")),
            "k8s/w.yaml": _WORKLOADS,
        }
    )
    if run(["ir", "a.intent"]) != 0:
        return
    put({"ir.json": capfd.readouterr().out})
    verdicts = _verdicts("a.intent", capfd)
    assert _verdicts("ir.json", capfd) == verdicts


def _written(folder: Path) -> list[str]:
    """The specifications of all policies below a folder, without files of the sources."""
    texts = [path.read_text("utf-8") for path in folder.rglob("*.yaml") if "k8s" not in path.parts]
    objects = [one for text in texts for one in yaml.safe_load_all(text) if one]
    return sorted(
        json.dumps([one["metadata"]["namespace"], one["metadata"]["name"], one["spec"]])
        for one in objects
        if one["kind"] == "NetworkPolicy"
    )


@pytest.mark.parametrize("seed", range(_TRIES))
def test_no_settings_make_policies_wider(
    put: Put, tmp_path: Path, capfd: pytest.CaptureFixture[str], seed: int
) -> None:
    drawn = random.Random(f"settings {seed}")
    program = _program(drawn)
    put({"intents/a.intent": program, "k8s/w.yaml": _WORKLOADS})
    plain = run(["compile", "-o", "out"])
    expected = _written(tmp_path)
    settings = drawn.sample(_SETTINGS, drawn.randint(1, 4))
    settings.sort(key=lambda text: text.startswith("["))
    text = "\n".join(settings) + "\n"
    if drawn.random() < 0.5:
        place = drawn.randint(0, len(text))
        text = text[:place] + drawn.choice(_BITS.split()) + text[place + drawn.randint(0, 3) :]
    put({"netpolc.toml": text})
    code = run(["compile"])
    assert code in {0, 1, 2}, text
    if plain == 0 and code == 0:
        assert set(_written(tmp_path)) == set(expected), text
    capfd.readouterr()
