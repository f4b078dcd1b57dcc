"""Policies that the API takes, and that some client or network plugin does not."""

import pytest

from tests.lints.test_lints_beside_tiers import found


def policy(name: str, blocks: int = 1) -> str:
    """A policy with many blocks."""
    entries = ", ".join(
        f"{{ipBlock: {{cidr: 203.{n // 256}.{n % 256}.0/24}}}}" for n in range(blocks)
    )
    return f"""\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: {name}, namespace: shop}}
spec: {{podSelector: {{}}, policyTypes: [Ingress], ingress: [{{from: [{entries}]}}]}}
"""


@pytest.mark.parametrize(("length", "long"), [(63, False), (64, True)])
def test_a_name_must_fit_into_a_label(length: int, *, long: bool) -> None:
    assert found("long-policy-name", manifests=policy("a" * length)) is long


@pytest.mark.parametrize(("blocks", "large"), [(4_000, False), (9_000, True)])
def test_a_policy_must_fit_into_an_annotation(blocks: int, *, large: bool) -> None:
    assert found("large-policy", manifests=policy("a", blocks)) is large
