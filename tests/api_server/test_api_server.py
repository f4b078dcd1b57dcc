"""What netpolc takes is what the API server takes, asked of the server's own code.

`main.go` holds the decoder, the defaults and the validation of kube-apiserver, at the version in
`go.mod`. To build it takes Go, the network and more than a minute, so it is done only by
`make api-server`. Where netpolc and the server differ on purpose, a rule says so.
"""

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any, TypeAlias

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netpolc.diagnostics import Diagnostic, Severity
from netpolc.manifest.read import read
from netpolc.source import SourceFile
from tests.manifest.strategies import network_policies
from tests.manifest.test_read_random import FIELDS, JUNK, KIND, containers

_HERE = Path(__file__).parent
ROOT = _HERE.parents[1]
_BUILD = ROOT / "build/api-server"
_REFUSED_LATER = {"host-bits-in-policy", "removed-field"}
"""Rules about what the newest server refuses, and older ones or stored objects do not."""

_BLOCKS: list[Any] = [
    *("10.1.2.3/8", "2001:db8::1/64", "10.0.0.0/08", "0.0.0.0/00", "1.2.3.4/032", "010.0.0.0/8"),
    *("::ffff:10.0.0.0/104", "::ffff:10.0.0.0/8", "2001:0DB8::/32", "::/0", "10.0.0.0", "10.0/8"),
    *({"cidr": "10.1.2.3/8"}, {"cidr": "10.0.0.0/8", "except": ["10.1.2.3/16", "11.0.0.0/8"]}),
]

_OWNER: dict[str, Any] = {"apiVersion": "v1", "kind": "A", "name": "own", "uid": "u"}
_TIMES = ["x", "", 5, "2026-01-01", "2026-02-30T00:00:00Z", "2026-01-01T1:00:00.5+02:00"]
_NUMBERS = ["x", -1, 1.5, 2**63 - 1, 2**63, -(2**63) - 1]
_METADATA: dict[str, list[Any]] = {
    **dict.fromkeys(("creationTimestamp", "deletionTimestamp"), _TIMES),
    **dict.fromkeys(("generation", "deletionGracePeriodSeconds"), _NUMBERS),
    "generateName": ["a-", "A_", "-", "a" * 300],
    "finalizers": [["a"], ["a/b"], ["kubernetes"], ["orphan", "foregroundDeletion"], ["a b"], [5]],
    "ownerReferences": [
        [_OWNER],
        [_OWNER, _OWNER],
        [_OWNER | {"controller": True}, _OWNER | {"controller": True}],
        *(
            [_OWNER | {key: value}]
            for key in (*_OWNER, "controller")
            for value in ("", None, 5, "v2")
        ),
        *([_OWNER | {"apiVersion": value}] for value in ("a/v1", "a/b/v1", "a/", "/v1")),
        [_OWNER | {"kind": "Event"}],
        [_OWNER | {"blockOwnerDeletion": "x"}],
    ],
    "managedFields": [
        [{}],
        *([{"operation": value}] for value in ("Apply", "Update", "apply")),
        *([{"operation": "Apply", "fieldsType": value}] for value in ("FieldsV1", "", "X")),
        [{"operation": "Apply", "time": "x"}],
    ],
    **{name: [5, "", "x", None] for name in ("uid", "resourceVersion", "selfLink")},
    "labels": [{}, {"a": None}, {"a": "b c"}, {"a b": "c"}, {"a" * 64: "b"}, []],
    "annotations": [{}, {"A/b": "c"}, {"a b": "c"}, {"a": "x" * 262200}, {"a": 5}],
}
"""Values of the fields of metadata, right and wrong ones."""

Manifest: TypeAlias = dict[str, Any]


@pytest.fixture(scope="session")
def server() -> Path:
    """The program that answers as the API server does."""
    if not os.environ.get("NETPOLC_API_SERVER"):
        pytest.skip("only `make api-server` builds the API server's validation")
    if shutil.which("go") is None:
        pytest.skip("there is no Go on this machine")
    _BUILD.mkdir(parents=True, exist_ok=True)
    for name in ("go.mod", "main.go"):
        shutil.copyfile(_HERE / name, _BUILD / name)
    built = subprocess.run(
        ["go", "build", "-mod=mod", "-o", "server", "."],
        cwd=_BUILD,
        capture_output=True,
        text=True,
        check=False,
    )
    if "dial tcp" in built.stderr or "no such host" in built.stderr:
        pytest.skip("the Go modules of Kubernetes cannot be fetched")
    assert built.returncode == 0, built.stderr
    return _BUILD / "server"


def _refusals(server: Path, objects: list[Manifest]) -> list[str]:
    """For each object why the server refuses it, empty where it takes it."""
    done = subprocess.run(
        [server], input=json.dumps(objects), capture_output=True, text=True, check=True
    )
    answers: list[str] = json.loads(done.stdout)
    return answers


def _assert_agreement(server: Path, objects: list[Manifest]) -> None:
    for one, refusal in zip(objects, _refusals(server, objects), strict=True):
        outcome = read(SourceFile("a.json", json.dumps(one)))
        rules = {found.rule.name for found in outcome.diagnostics}
        if refusal:
            assert outcome.failed or rules & _REFUSED_LATER, (refusal, one)
        else:
            stricter = [found for found in outcome.diagnostics if found.severity is Severity.ERROR]
            assert all(map(_is_stricter_on_purpose, stricter)), (stricter, one)


def _is_stricter_on_purpose(error: Diagnostic) -> bool:
    """Whether an error is one of those of docs/api-server.md that JSON can have.

    To the server, a null in a list is an empty item, which may open everything, and an object with
    `generateName` has a name that no manifest knows.
    """
    is_empty_item = error.rule.code == "NP411" and error.message.endswith(", not nothing")
    return (is_empty_item and error.label.text.endswith("]")) or (
        error.rule.code == "NP412" and "`generateName`" in error.message
    )


def _mutant(policy: Manifest, drawn: random.Random) -> Manifest:
    """The policy with one or two places changed to something else, or removed."""
    broken = deepcopy(policy)
    blocks = [one for one in containers(broken) if isinstance(one, dict) and "cidr" in one]
    if blocks and drawn.random() < 0.5:
        drawn.choice(blocks)["cidr"] = drawn.choice(_BLOCKS)
        return broken
    for _ in range(drawn.randint(1, 2)):
        place = drawn.choice(list(containers(broken)))
        junk = deepcopy(drawn.choice(JUNK + _BLOCKS))
        if isinstance(place, list):
            place.insert(drawn.randint(0, len(place)), junk)
        elif place and drawn.random() < 0.3:
            del place[drawn.choice(sorted(place))]
        else:
            place[drawn.choice([*sorted(place), drawn.choice(FIELDS)])] = junk
    return broken | KIND


def _policies(folder: Path) -> Iterator[Manifest]:
    for path in sorted((*folder.rglob("*.yaml"), *folder.rglob("*.yml"))):
        try:
            for one in yaml.safe_load_all(path.read_text(encoding="utf-8")):
                if isinstance(one, dict) and KIND.items() <= one.items():
                    yield json.loads(json.dumps(one, default=str))
        except (yaml.YAMLError, UnicodeDecodeError, ValueError):
            continue


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(network_policies(), min_size=50, max_size=50), st.integers())
def test_random_policies_and_their_mutants(
    server: Path, policies: list[Manifest], seed: int
) -> None:
    drawn = random.Random(seed)
    _assert_agreement(server, [*policies, *(_mutant(one, drawn) for one in policies)])


@pytest.mark.parametrize(
    "folder", ["out", "tests", os.environ.get("NETPOLC_CORPUS", "../shared/corpus")]
)
def test_policies_of_a_folder_and_their_mutants(server: Path, folder: str) -> None:
    if not (ROOT / folder).is_dir():
        pytest.skip(f"there is no {folder}")
    policies = list(_policies(ROOT / folder))
    assert policies
    drawn = random.Random(1)
    _assert_agreement(server, [*policies, *(_mutant(one, drawn) for one in policies * 3)])


@pytest.mark.parametrize("name", sorted(_METADATA))
def test_metadata(server: Path, name: str) -> None:
    spec: Manifest = {"podSelector": {}}
    _assert_agreement(
        server,
        [
            {**KIND, "metadata": {"name": "a", "namespace": "b", name: value}, "spec": spec}
            for value in _METADATA[name]
        ],
    )


@pytest.mark.parametrize("kind", ["Networkpolicy", "NetworkPolicies", "networkpolicy"])
def test_a_misspelt_kind_is_refused_by_both(server: Path, kind: str) -> None:
    misspelt = {**KIND, "kind": kind, "metadata": {"name": "a"}, "spec": {"podSelector": {}}}
    assert all(_refusals(server, [misspelt]))
    assert read(SourceFile("a.json", json.dumps(misspelt))).failed


def test_what_is_compiled_is_taken(server: Path) -> None:
    assert not any(_refusals(server, list(_policies(ROOT / "out"))))
