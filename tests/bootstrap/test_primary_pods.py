"""Pods that Flagger makes for canaries, host names of `hostAliases` and hosts of probes, in first intents."""

from datetime import date

import pytest

from netpolc.bootstrap.first_intents import first_intents
from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.manifest.manifest_set import inventory
from netpolc.manifest.read import read
from netpolc.manifest.references import mentions
from netpolc.source import SourceFile


def workload(name: str, pod: str = "", *, container: str = "", labels: str = "") -> str:
    """A Deployment of namespace shop, with fields of its pods and its container."""
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {name}, namespace: shop}}
spec:
  template:
    metadata: {{labels: {{{labels or f"app: {name}"}}}}}
    spec: {{{pod}containers: [{{name: c, image: i, ports: [{{containerPort: 9898}}, {{containerPort: 9797}}]{container}}}]}}
---
"""


def service(name: str, address: str = "10.96.0.20") -> str:
    """A Service of namespace shop on port 80."""
    return f"""\
apiVersion: v1
kind: Service
metadata: {{name: {name}, namespace: shop}}
spec: {{clusterIP: {address}, selector: {{app: {name}}}, ports: [{{port: 80, targetPort: 9898}}]}}
---
"""


def canary(name: str, fields: str = "port: 80, targetPort: 9898") -> str:
    """A Canary of namespace shop for a Deployment."""
    return f"""\
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {{name: {name}, namespace: shop}}
spec: {{targetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}, service: {{{fields}}}}}
---
"""


def lines(*manifests: str) -> set[str]:
    """The arrows and the notes of the first intents for manifests, which compile without a finding of their own."""
    source = SourceFile("k8s.yaml", "".join(manifests))
    made = first_intents(inventory([read(source).value]).value, mentions((source,)))
    files = tuple(SourceFile(path, text) for path, text in made.files.items())
    assert not run(Sources(intents=files), Options(today=date(2026, 1, 1))).failed
    return {line for text in made.files.values() for line in text.splitlines() if line}


URL = ", env: [{name: URL, value: 'http://podinfo'}]"


def test_callers_of_a_canary_reach_both_workloads_that_flagger_runs() -> None:
    found = lines(workload("podinfo"), workload("web", container=URL), canary("podinfo"))
    assert {"podinfo <- web:9898", "podinfo-primary <- web:9898"} <= found


def test_the_service_of_the_manifests_is_taken_over() -> None:
    manifests = (workload("podinfo"), service("podinfo"), workload("web", container=URL))
    found = lines(*manifests, canary("podinfo"))
    assert {"podinfo <- web:9898", "podinfo-primary <- web:9898"} <= found
    assert "podinfo-primary <- web:9898" not in lines(*manifests)


@pytest.mark.parametrize("suffix", ["-primary", "-canary"])
def test_the_services_of_one_workload_lead_to_it_alone(suffix: str) -> None:
    caller = workload("web", container=URL.replace("podinfo'", f"podinfo{suffix}'"))
    found = lines(workload("podinfo"), caller, canary("podinfo"))
    names = {line.partition(" ")[0] for line in found if line.endswith(" <- web:9898")}
    assert names == {"podinfo-primary" if suffix == "-primary" else "podinfo"}


def test_the_copy_calls_what_the_workload_calls() -> None:
    manifests = (workload("db"), service("db"))
    api = workload("api", container=", env: [{name: DB, value: 'db:80'}]")
    found = lines(*manifests, api, canary("api"))
    assert {"db <- api:9898", "db <- api-primary:9898"} <= found


def test_the_ports_of_containers_are_discovered_if_the_canary_says_so() -> None:
    caller = workload("web", container=URL.replace("podinfo'", "podinfo:9797'"))
    fields = "port: 80, targetPort: 9898, portDiscovery: true"
    assert "podinfo-primary <- web:9797" in lines(
        workload("podinfo"), caller, canary("podinfo", fields)
    )


def test_the_first_label_that_flagger_knows_tells_the_copy_apart() -> None:
    made = workload("podinfo", labels="tier: x, app.kubernetes.io/name: info")
    found = lines(made, workload("web", container=URL), canary("podinfo"))
    assert any("info-primary" in line for line in found)
    for labels in ("tier: x", f"app: {'x' * 60}"):
        assert not any(
            "-primary <-" in line
            for line in lines(workload("podinfo", labels=labels), canary("podinfo"))
        )


def test_a_name_of_host_aliases_means_its_address() -> None:
    aliases = "hostAliases: [{ip: 10.96.0.20, hostnames: [legacy.example.com, old]}, {ip: 192.0.2.7, hostnames: [far]}], "
    calls = ", env: [{name: A, value: 'http://Legacy.example.com'}, {name: B, value: 'far:5432'}]"
    found = lines(workload("api"), service("api"), workload("web", aliases, container=calls))
    assert "api <- web:9898" in found
    assert any(line.startswith("# calls 192.0.2.7: ") for line in found)
    assert not any("legacy.example.com" in line for line in found)


@pytest.mark.parametrize("check", ["livenessProbe", "lifecycle: {preStop"])
def test_what_a_probe_asks_by_a_host_is_a_guess(check: str) -> None:
    end = "}}" if "{" in check else "}"
    request = f", {check}: {{httpGet: {{host: api, port: 80}}{end}"
    found = lines(workload("api"), service("api"), workload("web", container=request))
    assert "# api <- any:9898" in found
    assert any("the kubelet asks this" in line for line in found)
    local = request.replace("host: api", "host: 127.0.0.1")
    assert "# api <- any:9898" not in lines(
        workload("api"), service("api"), workload("web", container=local)
    )
