"""The KRM function makes what `netpolc compile` makes of the same intents."""

import json
import os
import random
from datetime import date
from pathlib import Path

import pytest
import yaml

from netpolc.commands.fn import function
from netpolc.commands.pipeline import run
from netpolc.io.project import Options, Request
from netpolc.io.sources import Sources
from netpolc.source import SourceFile

_TRIES = int(os.environ.get("NETPOLC_FUZZ", "12"))
_TODAY = date(2026, 1, 1)
_PEERS = (
    *("api", "web:80", "ns ops:[1-9, http]", "any:443", "internet", "dns", "none", "*", "ns *:53/udp"),
    *("10.0.0.0/8 except [10.1.0.0/16]:443", "::/0", "{tier in (a, b), !c}", 'api in ns pay:5432 because "y: #"'),
)  # fmt: skip
_SETTINGS = ("default: deny", "default: deny ingress egress", "mirror: no", "dns: none")


def _program(drawn: random.Random) -> str:
    lines = []
    for name in drawn.sample(["shop", "pay", "y", "on-1"], drawn.randint(1, 3)):
        lines.append(f"namespace {name}")
        lines += drawn.sample(_SETTINGS, drawn.randint(0, 2))[:1]
        for _ in range(drawn.randint(1, 4)):
            subject = drawn.choice(["db", "*", "{role=y}", '"0x1f"', "{0B1=1e3}"])
            lines.append(f"{subject} {drawn.choice(['<-', '->'])} {drawn.choice(_PEERS)}")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("seed", range(_TRIES))
def test_the_function_makes_what_a_compile_makes(seed: int, tmp_path: Path) -> None:
    program = _program(random.Random(seed))
    compiled = run(Sources(intents=(SourceFile("a.intent", program),)), Options(today=_TODAY))
    meant = {"kind": "NetworkIntents", "apiVersion": "netpolc/v1alpha1", "metadata": {"name": "a"}}
    asked = {
        "apiVersion": "config.kubernetes.io/v1",
        "kind": "ResourceList",
        "items": [],
        "functionConfig": {**meant, "spec": {"intents": {"a": program}}},
    }
    answer = function(json.dumps(asked).encode(), Request(here=tmp_path, today=_TODAY))
    assert answer.failed is compiled.failed
    items = yaml.safe_load(answer.text)["items"]
    made = [one for text in compiled.files.values() for one in yaml.safe_load_all(text)]
    assert _specs(items) == _specs(made)


def _specs(objects: list[dict[str, dict[str, str]]]) -> list[str]:
    """The names and specifications of policies, in an order of their own."""
    return sorted(
        json.dumps([one["metadata"]["namespace"], one["metadata"]["name"], one["spec"]])
        for one in objects
    )
