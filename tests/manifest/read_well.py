"""Manifests that are read without a finding."""

from netpolc.manifest.manifest_set import Manifests
from netpolc.manifest.read import read
from netpolc.source import SourceFile


def good(text: str) -> Manifests:
    """What is read of a text without a finding."""
    outcome = read(SourceFile("some.yaml", text))
    assert not outcome.diagnostics
    return outcome.value


ROLLOUT = """
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: c, ports: [{containerPort: 8080}]}]}
"""
