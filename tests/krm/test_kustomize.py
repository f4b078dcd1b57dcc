"""The example of integrations/kustomize, as it stands and with the real kustomize.

kustomize is not what `kubectl kustomize` is: kubectl (seen with 1.32) has no `--enable-exec` and
leaves exec functions out without a word, so only the program itself will do here.
"""

import os
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from netpolc.commands.fn import function
from netpolc.io.project import Request

EXAMPLE = Path(__file__).parent.parent.parent / "integrations" / "kustomize"
EXAMPLES = ("transformer", "generator")
POLICIES = {
    "transformer": ["api-ingress", "db-ingress", "deny-all-ingress", "web-ingress"],
    "generator": ["deny-all-ingress", "grafana-ingress", "prometheus-ingress"],
}

with_kustomize = pytest.mark.skipif(
    shutil.which("kustomize") is None, reason="there is no kustomize on this machine"
)


def policies(text: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all(text) if one["kind"] == "NetworkPolicy"]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example_without_kustomize(example: str) -> None:
    folder = EXAMPLE / example
    kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
    config = yaml.safe_load((folder / "network-intents.yaml").read_text())
    items = [
        item
        for name in kustomization.get("resources", [])
        for item in yaml.safe_load_all((folder / name).read_text())
    ]
    sent = {"apiVersion": "config.kubernetes.io/v1", "kind": "ResourceList"}
    answer = function(
        yaml.safe_dump({**sent, "items": items, "functionConfig": config}).encode(),
        Request(here=folder, today=date(2026, 1, 1)),
    )
    assert not answer.failed
    made = yaml.safe_load(answer.text)["items"][len(items) :]
    assert [policy["metadata"]["name"] for policy in made] == POLICIES[example]
    run = config["metadata"]["annotations"]["config.kubernetes.io/function"]
    program = folder / yaml.safe_load(run)["exec"]["path"]
    assert os.access(program, os.X_OK)


def test_the_page_shows_the_example() -> None:
    page = (EXAMPLE.parent.parent / "docs/kustomize.md").read_text(encoding="utf-8")
    assert (EXAMPLE / "transformer/network-intents.yaml").read_text(encoding="utf-8") in page


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EXAMPLE, tmp_path / "kustomize"))


def built(folder: Path) -> subprocess.CompletedProcess[str]:
    """What `kustomize build` prints, with the netpolc of this Python on the PATH."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        ["kustomize", "build", "--enable-alpha-plugins", "--enable-exec", str(folder)],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@with_kustomize
@pytest.mark.parametrize("example", EXAMPLES)
def test_the_example(copy: Path, example: str) -> None:
    done = built(copy / example)
    assert done.returncode == 0, done.stderr
    made = policies(done.stdout)
    assert [policy["metadata"]["name"] for policy in made] == POLICIES[example]
    for policy in made:
        assert not [key for key in policy["metadata"]["annotations"] if "config." in key]


@with_kustomize
def test_an_error_stops_the_build(copy: Path) -> None:
    intents = copy / "transformer/intents/shop.intent"
    intents.write_text(intents.read_text() + "db <- api:99999\n")
    done = built(copy / "transformer")
    assert done.returncode != 0
    assert not done.stdout
    assert "NP118" in done.stderr
    assert "intents/shop.intent:9:11" in done.stderr


@with_kustomize
def test_a_policy_among_the_resources_is_counted(copy: Path) -> None:
    folder = copy / "transformer"
    wide = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": "wide", "namespace": "shop"},
        "spec": {"podSelector": {}, "ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]},
    }
    (folder / "wide.yaml").write_text(yaml.safe_dump(wide))
    kustomization = folder / "kustomization.yaml"
    kustomization.write_text(kustomization.read_text().replace("- work", "- wide.yaml\n- work"))
    done = built(folder)
    assert done.returncode != 0
    assert "`never db <- internet` does not hold" in done.stderr


@with_kustomize
def test_what_was_built_can_be_built_upon(copy: Path) -> None:
    folder = copy / "transformer"
    once = built(folder).stdout
    (folder / "workloads.yaml").write_text(once)
    again = built(folder)
    assert again.returncode == 0, again.stderr
    assert sorted(again.stdout.split("---\n")) == sorted(once.split("---\n"))
