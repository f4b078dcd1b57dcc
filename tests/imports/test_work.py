"""The work of an import grows with its policies."""

from typing import Any

import pytest

from netpolc.commands.import_ import import_policies
from netpolc.passes.decompile.policy_lines import Policy
from netpolc.source import SourceFile

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: s{n}, namespace: shop}}
spec:
  podSelector: {{matchLabels: {{app: s{n}}}}}
  policyTypes: [Ingress]
  ingress: [{{from: [{{podSelector: {{matchLabels: {{app: s{next}}}}}}}]}}]
---
"""


def lookups(policies: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often a policy is looked up while so many of one namespace are imported."""
    found = 0
    real = Policy.__hash__

    def counted(self: Any) -> int:
        nonlocal found
        found += 1
        return real(self)

    text = "".join(POLICY.format(n=n, next=n + 1) for n in range(policies))
    with monkeypatch.context() as patch:
        patch.setattr(Policy, "__hash__", counted)
        imported = import_policies([SourceFile("all.yaml", text)])
    assert not imported.failed
    return found


def test_a_policy_is_looked_up_as_often_in_a_large_namespace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = lookups(40, monkeypatch)
    assert lookups(80, monkeypatch) <= 2.1 * few
