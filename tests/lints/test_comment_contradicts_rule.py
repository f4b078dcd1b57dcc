"""Comments that promise a source, over rules that admit everybody."""

import pytest

from tests.lints.test_manifest_lints import found, ingress

PROMISE = "# Allow ingress from monitoring\n"


@pytest.mark.parametrize(
    ("rules", "kinds"),
    [
        ("- ports: [{port: 1}]", ["promised-source"]),
        ("- ports: [{port: 1}]\n- ports: [{port: 2, protocol: UDP}]", []),
    ],
)
def test_a_comment_on_the_policy_is_about_its_only_rule(rules: str, kinds: list[str]) -> None:
    assert found(f"{PROMISE}{ingress(rules)}") == kinds


@pytest.mark.parametrize(
    ("comment", "kinds"),
    [
        ("# Do not edit! Allow ingress from monitoring", ["promised-source"]),
        ("# Not for jobs; allow ingress from monitoring", ["promised-source"]),
        ("# Do not allow ingress from monitoring", []),
    ],
)
def test_each_sentence_of_a_comment_is_read_by_itself(comment: str, kinds: list[str]) -> None:
    assert found(ingress(f"{comment}\n- ports: [{{port: 1}}]")) == kinds
