"""The statements that an imported namespace needs."""

import pytest

from netpolc.manifest.read import read
from netpolc.passes.decompile.minimise import minimise
from netpolc.passes.lift import lift_manifests
from netpolc.source import SourceFile

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: db, namespace: shop}
spec: {podSelector: {matchLabels: {app: db}}, policyTypes: TYPES, ingress: [{from: [{podSelector: {}}]}]}
"""


@pytest.mark.parametrize(("types", "mirror"), [("[Ingress]", True), ("[Ingress, Egress]", False)])
def test_mirroring_is_switched_off_only_where_some_egress_is_closed(
    types: str, *, mirror: bool
) -> None:
    file = SourceFile("a.yaml", POLICY.replace("TYPES", types))
    policies = lift_manifests([read(file).value]).value.namespaces["shop"]
    assert minimise(policies, plain=True).mirror is mirror
