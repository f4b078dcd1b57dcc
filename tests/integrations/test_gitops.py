"""The recipes for Argo CD and Flux: right fields, and what they run is run.

The schemas are written from the pages of Argo CD (Application, config management plugins, sync
options) and Flux (GitRepository v1, Kustomization v1): the fields that the recipes use, and no
others, so that a slip in a name is found.
"""

import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.integrations.scratch import (
    DB,
    INTEGRATIONS,
    NETPOLC,
    ROOT,
    commit,
    environment,
    repository,
    run,
)

RECIPES = sorted((*INTEGRATIONS.glob("argocd/*.yaml"), *INTEGRATIONS.glob("flux/*.yaml")))
TEXT = {"type": "string", "minLength": 1}
DURATION = {"type": "string", "pattern": "^([0-9]+(h|m|s))+$"}


def closed(required: str, **properties: Any) -> dict[str, Any]:
    """A mapping with these fields and no others."""
    return {
        "type": "object",
        "required": required.split(),
        "properties": properties,
        "additionalProperties": False,
    }


NAMED = closed("name", name=TEXT, namespace=TEXT)
SCHEMAS: dict[tuple[str, str], dict[str, Any]] = {
    ("argoproj.io/v1alpha1", "Application"): closed(
        "project source destination",
        project=TEXT,
        source=closed(
            "repoURL path targetRevision",
            repoURL=TEXT,
            path=TEXT,
            targetRevision=TEXT,
            directory=closed("", recurse={"type": "boolean"}, include=TEXT, exclude=TEXT),
            plugin=closed(
                "",
                name=TEXT,
                env={"type": "array", "items": closed("name value", name=TEXT, value=TEXT)},
            ),
        ),
        destination=closed("server", server=TEXT, namespace=TEXT),
        syncPolicy=closed(
            "",
            automated=closed("", prune={"type": "boolean"}, selfHeal={"type": "boolean"}),
            syncOptions={
                "type": "array",
                "items": {"enum": ["FailOnSharedResource=true", "PruneLast=true"]},
            },
        ),
    ),
    ("argoproj.io/v1alpha1", "ConfigManagementPlugin"): closed(
        "generate",
        version=TEXT,
        discover=closed("", fileName=TEXT, find=closed("", glob=TEXT)),
        generate=closed(
            "command",
            command={"type": "array", "items": TEXT},
            args={"type": "array", "items": TEXT},
        ),
    ),
    ("source.toolkit.fluxcd.io/v1", "GitRepository"): closed(
        "interval url", interval=DURATION, url=TEXT, ref=closed("branch", branch=TEXT)
    ),
    ("kustomize.toolkit.fluxcd.io/v1", "Kustomization"): closed(
        "interval prune sourceRef",
        interval=DURATION,
        timeout=DURATION,
        path={"type": "string", "pattern": r"^\./"},
        prune={"const": True},
        wait={"type": "boolean"},
        suspend={"type": "boolean"},
        dependsOn={"type": "array", "items": NAMED},
        sourceRef=closed("kind name", kind={"const": "GitRepository"}, name=TEXT),
    ),
    ("apps/v1", "Deployment"): {"type": "object", "required": ["template"]},
}


def documents() -> Iterator[dict[str, Any]]:
    for path in RECIPES:
        yield from yaml.safe_load_all(path.read_text(encoding="utf-8"))


def test_every_recipe_has_the_fields_that_there_are() -> None:
    seen = set()
    for document in documents():
        what = (document["apiVersion"], document["kind"])
        schema = closed(
            "apiVersion kind metadata spec",
            apiVersion=TEXT,
            kind=TEXT,
            metadata=NAMED,
            spec=SCHEMAS[what],
        )
        jsonschema.Draft202012Validator(schema).validate(document)
        seen.add(what)
    assert seen == SCHEMAS.keys()


def test_what_flux_names_is_there() -> None:
    named = {(one["kind"], one["metadata"]["name"]) for one in documents()}
    kustomizations = [one["spec"] for one in documents() if one["kind"] == "Kustomization"]
    for spec in kustomizations:
        assert ("GitRepository", spec["sourceRef"]["name"]) in named
        for other in spec.get("dependsOn", []):
            assert ("Kustomization", other["name"]) in named
    (deny,) = [spec for spec in kustomizations if spec["path"] == "./out/deny"]
    assert deny["dependsOn"] == [{"name": "network-policies-allow"}]


def test_the_folders_of_the_stages_are_those_that_the_page_compiles(tmp_path: Path) -> None:
    folder = repository(tmp_path / "checkout")
    page = (ROOT / "docs/gitops.md").read_text(encoding="utf-8")
    commands = [
        line.split() for line in page.splitlines() if line.startswith("    netpolc compile --stage")
    ]
    assert len(commands) == 2
    for command in commands:
        assert run(NETPOLC, *command[1:], cwd=folder).returncode == 0
    assert [path.name for path in folder.glob("out/allow/*/*")] == ["db-ingress.yaml"]
    assert [path.name for path in folder.glob("out/deny/*/*")] == ["deny-all-ingress.yaml"]


def test_the_annotations_order_the_halves(tmp_path: Path) -> None:
    text = (INTEGRATIONS / "argocd/netpolc.toml").read_text(encoding="utf-8")
    shown = (ROOT / "docs/gitops.md").read_text(encoding="utf-8")
    assert text.partition("[")[2] in shown
    folder = repository(tmp_path / "checkout")
    commit(folder, {"netpolc.toml": text})
    waves = {}
    for path in (folder / "out").rglob("*.yaml"):
        annotations = yaml.safe_load(path.read_text())["metadata"]["annotations"]
        waves[path.name] = int(annotations["argocd.argoproj.io/sync-wave"])
        last = annotations.get("argocd.argoproj.io/sync-options") == "PruneLast=true"
        assert last is (path.name == "deny-all-ingress.yaml")
    assert waves == {"db-ingress.yaml": 0, "deny-all-ingress.yaml": 1}
    assert tomllib.loads(text)["stages"].keys() == {"allow", "deny"}


def generated(folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """What Argo CD would run in the Application's folder."""
    plugin = yaml.safe_load((INTEGRATIONS / "argocd/plugin.yaml").read_text(encoding="utf-8"))
    generate = plugin["spec"]["generate"]
    command = [*generate["command"], *generate["args"]]
    return run(*command, cwd=folder, env=environment(ARGOCD_APP_NAME="x", **env))


def test_the_plugin_prints_manifests_and_nothing_else(tmp_path: Path) -> None:
    folder = repository(tmp_path / "checkout")
    done = generated(folder)
    assert done.returncode == 0, done.stderr
    found = list(yaml.safe_load_all(done.stdout))
    assert [one["metadata"]["name"] for one in found] == ["db-ingress", "deny-all-ingress"]
    for stage, name in (("allow", "db-ingress"), ("deny", "deny-all-ingress")):
        staged = yaml.safe_load(generated(folder, ARGOCD_ENV_STAGE=stage).stdout)
        assert staged["metadata"]["name"] == name


@pytest.mark.parametrize("stage", ["", "$(touch pwned)", "allow --output=pwned"])
def test_the_plugin_fails_without_a_word_on_standard_output(tmp_path: Path, stage: str) -> None:
    folder = repository(tmp_path / "checkout")
    if not stage:
        commit(folder, {"intents/shop.intent": DB + "db <- api:99999\n"}, fresh=False)
    done = generated(folder, **({"ARGOCD_ENV_STAGE": stage} if stage else {}))
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr
    assert not (folder / "pwned").exists()


def test_the_sidecar_has_the_plugin_where_argo_cd_looks_for_it() -> None:
    (patch,) = [one for one in documents() if one["kind"] == "Deployment"]
    pod = patch["spec"]["template"]["spec"]
    (sidecar,) = pod["containers"]
    assert sidecar["command"] == ["/var/run/argocd/argocd-cmp-server"]
    assert sidecar["securityContext"] == {"runAsNonRoot": True, "runAsUser": 999}
    mounts = {mount["mountPath"]: mount["name"] for mount in sidecar["volumeMounts"]}
    assert mounts["/home/argocd/cmp-server/config/plugin.yaml"] == "netpolc-plugin"
    own = {volume["name"] for volume in pod["volumes"]}
    assert set(mounts.values()) - own == {"var-files", "plugins"}, "those the Deployment has"
