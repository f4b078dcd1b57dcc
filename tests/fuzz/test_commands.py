"""No input makes a command crash: each is right, or refused with a finding.

Texts of every kind that netpolc reads are changed in a few places and given to the commands that read
them. A crash is exit code 70. `make fuzz` tries a hundred times as many.
"""

import os
import random
from datetime import date
from pathlib import Path

import pytest

from netpolc.cli.main import run
from netpolc.commands.fn import function
from netpolc.io.project import Request
from tests.cli.conftest import Put
from tests.flowlogs.hubble_log import lines, shop_log

_TRIES = int(os.environ.get("NETPOLC_FUZZ", "12"))
_CRASHED = 70
_TODAY = date(2026, 1, 1)
_INTENT = """\
cluster
pods: 10.244.0.0/16
group office = 203.0.113.0/24, ns monitoring:9090
namespace shop {env=production}
default: deny ingress egress
service db = {app=postgres, role in (a, b)}
db <- api:5432, office, web in ns {env=dev}:[80, 8080-8090, 53/udp] until 2027-03-31 because "x"
api -> internet:443, 10.0.0.0/8 except [10.1.0.0/16]:443
never db <- internet
only db <- api:5432, office, web in ns {env=dev}
"""
_WORKLOADS = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: postgres, namespace: shop}
spec:
  selector: {matchLabels: {app: postgres}}
  template:
    metadata: {labels: {app: postgres}}
    spec:
      hostNetwork: true
      containers:
      - {name: c, image: i, ports: [{containerPort: 5432, name: pg}], env: [{name: URL, value: "http://api:80"}]}
---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: shop}
spec: {selector: {app: api}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: everybody, namespace: shop}
spec:
  podSelector: {matchLabels: {app: postgres}}
  policyTypes: [Ingress, Egress]
  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: pg, protocol: TCP}]}]
"""
_CONFIG = """\
sources = ["intents"]
output = "out"
layout = "policy"
[labels]
team = "a"
"""
_OWNERS = "* @all\n/intents/shop.intent @team-shop me@example.org\nintents/**/x?[a-z].intent @x/y\n"
_FUNCTION = """\
apiVersion: config.kubernetes.io/v1
kind: ResourceList
items: []
functionConfig:
  apiVersion: netpolc/v1alpha1
  kind: NetworkIntents
  metadata: {name: a}
  spec: {intents: {a: "namespace shop"}, strict: false, labels: {a: b}, paths: [intents]}
"""
_BITS = """\
\0 \n \t { } [ ] ( ) " ' , : ; # @ * ! = - <- -> | & % ` ~ null true 0 -1 1e9 99999999 0x1f NaN .. / \\\\ é \u202e
ns in except none any dns internet namespace cluster group service default deny until because --- ? << *a &a !!binary
10.0.0.0/33 ::/0 ::ffff:1.2.3.4/128 2026-99-99 {} [] "" '' ${A} {{x}} *.yaml **
"""


def _changed(text: str, drawn: random.Random) -> str:
    """The text with up to four places cut out, doubled, or replaced."""
    for _ in range(drawn.randint(1, 4)):
        start = drawn.randint(0, len(text))
        end = min(len(text), start + drawn.choice([0, 1, 3, 10, 60]))
        other = drawn.randint(0, len(text))
        new = drawn.choice(
            ["", drawn.choice(_BITS.split()), text[start:end] * 2, text[other : other + 20]]
        )
        text = text[:start] + new + text[end:]
    return text


def _survives(*arguments: str) -> None:
    assert run(list(arguments)) != _CRASHED, arguments


@pytest.mark.parametrize("seed", range(_TRIES))
def test_no_input_makes_a_command_crash(
    put: Put,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    seed: int,
) -> None:
    drawn = random.Random(seed)
    put({"intents/shop.intent": _INTENT, "good.yaml": _WORKLOADS})
    assert run(["ir"]) == 0
    policies = capfd.readouterr().out
    put(
        {
            "bad.intent": _changed(_INTENT, drawn),
            "bad.yaml": _changed(_WORKLOADS, drawn),
            "ir.json": _changed(policies, drawn),
            "flows.json": _changed("\n".join(lines(shop_log(1))), drawn),
            ".github/CODEOWNERS": _changed(_OWNERS, drawn),
        }
    )
    _survives("check", "bad.intent", "--with", "good.yaml")
    _survives("check", "intents", "--with", "bad.yaml")
    _survives("check", "bad.yaml")
    _survives("check", "ir.json")
    _survives("list", "bad.intent", "bad.yaml", "--exposure")
    _survives("can", _changed("db <- api in ns shop:5432", drawn), "--with", "bad.yaml")
    _survives("import", "bad.yaml", "-o", "-")
    _survives("init", "bad.yaml", "-o", "-")
    _survives("learn", "flows.json", "--format", "intent")
    _survives("diff", "intents", "bad.intent")
    _survives("owners", "intents", "bad.intent")
    _survives("fmt", "--check", "bad.intent")
    monkeypatch.setattr("netpolc.io.project.read_stdin", _changed(_WORKLOADS, drawn).encode)
    _survives("check", "-")
    put({"netpolc.toml": _changed(_CONFIG, drawn)})
    _survives("compile")


@pytest.mark.parametrize("seed", range(_TRIES))
def test_no_resource_list_makes_the_function_crash(put: Put, tmp_path: Path, seed: int) -> None:
    put({"intents/shop.intent": _INTENT})
    text = _changed(_FUNCTION, random.Random(seed))
    assert function(text.encode("utf-8", "replace"), Request(here=tmp_path, today=_TODAY)).text
