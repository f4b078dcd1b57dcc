"""The text of a policy alone means what the policy means among others."""

from hypothesis import example, given

from netpolc.commands.own_text import own_text
from netpolc.manifest.read import read
from netpolc.source import SourceFile
from tests.manifest.strategies import policy_lists, texts

ALIASES = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicyList
items:
- metadata: {name: a, namespace: shop}
  spec: &spec
    podSelector: &db
      matchLabels: {app: db}
    ingress:
    - from:
      - namespaceSelector: {}
        podSelector: *db
- metadata: {name: b, namespace: shop}
  spec: *spec
- metadata: {name: c, namespace: shop}
  spec:
    <<: *spec
- metadata: {name: d, namespace: shop}
  spec: {podSelector: {}}
"""


@given(policy_lists().flatmap(texts))
@example(ALIASES)
def test_a_policy_alone_is_the_same_policy(text: str) -> None:
    for policy in read(SourceFile("all.yaml", text)).value.policies:
        alone = read(SourceFile("alone.yaml", _whole(own_text(policy)))).value.policies
        assert alone == (policy,)


def _whole(text: str) -> str:
    """The text with the version and kind that a member of a typed list lacks."""
    if "NetworkPolicy" in text:
        return text
    if text.startswith("{"):
        return text.replace(
            "{", '{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", ', 1
        )
    return f"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n{text}"
