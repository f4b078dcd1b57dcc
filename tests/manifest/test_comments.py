"""What authors wrote beside their policies, found at the places that origins name."""

import json

import pytest

from netpolc.manifest.comments import Remarks, remarks
from netpolc.manifest.read import read
from netpolc.source import SourceFile

POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: db{annotations}}}
spec:
  podSelector: {{}}{spec}
"""


def said(text: str) -> dict[str, Remarks]:
    """The remarks of a text, by statement."""
    outcome = read(SourceFile("some.yaml", text))
    assert not outcome.failed
    return {part.text: one for (_, _, part), one in remarks(outcome.value.policies).items()}


def policy(*, above: str = "", annotations: str = "", spec: str = "") -> str:
    """A policy with something around and in it."""
    return above + POLICY.format(annotations=annotations, spec=spec)


def test_nothing_is_said() -> None:
    assert said(policy()) == {}


@pytest.mark.parametrize(
    ("above", "comments"),
    [
        ("# Why.\n", ("Why.",)),
        ("# Why.\n# And more.\n", ("Why.", "And more.")),
        ("# At the top.\n\n", ("At the top.",)),
        ("# Before the mark.\n---\n", ("Before the mark.",)),
        ("# ====\n# === The database ===\n# ====\n", ("The database",)),
        ("# Copyright 2026 Somebody\n# Licensed under the MIT License\n", ()),
        ("# Source: chart/templates/db.yaml\n", ()),
        ("# - podSelector: {}\n#   ports:\n", ()),
        ("# a\u202eb\n", ("ab",)),
    ],
)
def test_above_a_policy(above: str, comments: tuple[str, ...]) -> None:
    assert said(policy(above=above)).get("db", Remarks()).comments == comments


def test_a_comment_below_belongs_to_the_policy_if_it_is_indented() -> None:
    text = policy(spec="\n  # Nothing gets in.") + "---\n# The next one.\n"
    text += policy().replace("name: db", "name: api")
    found = said(text)
    assert found["db"].comments == ("Nothing gets in.",)
    assert found["api"].comments == ("The next one.",)


RULES = """
  ingress:
  # The one client.
  - from:
    - podSelector: {}   # any of ours
    - namespaceSelector: {}
    ports:
    - port: 80   # http
    - port: 443  # https
  # Metrics.
  - ports: [{port: 9187}]
  egress:
  - {}"""


def test_a_rule_is_told_from_the_next() -> None:
    found = said(policy(spec=RULES))
    first = Remarks(("The one client.", "any of ours, http, https"))
    assert found == {
        "db ingress[0]": first,
        "db ingress[0].from[0]": first,
        "db ingress[0].from[1]": first,
        "db ingress[1]": Remarks(("Metrics.",)),
    }


def test_a_number_sign_in_a_string_is_no_comment() -> None:
    assert said(policy(annotations=', annotations: {note: "a # b"}')) == {}


@pytest.mark.parametrize("key", ["description", "kubernetes.io/description", "example.com/reason"])
def test_a_description(key: str) -> None:
    found = said(policy(annotations=f", annotations: {{{key}: 'The  only\n    way in'}}"))
    assert found == {"db": Remarks(description="The only way in")}


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        ('db <- api:5432 because "OPS-1: \\"x\\""', Remarks(description='OPS-1: "x"')),
        ('db <- a because "x"\ndb <- b', Remarks(('db <- a because "x"',))),
        ('db <- a until 2027-03-31 because "x"', Remarks(("until 2027-03-31",), "x")),
        ("db <- a", Remarks()),
        ('web -> db because "the other end"', Remarks()),
    ],
)
def test_what_we_noted_ourselves_when_we_compiled(statements: str, expected: Remarks) -> None:
    note = json.dumps({"netpolc/intents": statements})
    text = policy(annotations=f", annotations: {note}", spec="\n  policyTypes: [Ingress]")
    assert said(text).get("db", Remarks()) == expected


def test_comments_are_told_from_quoted_signs_on_the_same_line() -> None:
    spec = """
  ingress:
  - from:
    - podSelector: {matchLabels: {app: "a"}}  # quoted
    - podSelector: {matchLabels: {app: 'b'}}  # it's plain
    ports: [{port: 80}]"""
    found = said(policy(spec=spec))
    assert found["db ingress[0]"] == Remarks(("quoted, it's plain",))


def test_a_block_of_text_holds_no_comments() -> None:
    note = "\n  annotations:\n    note: |\n      # Not a comment.\n    other: x  # a comment\n"
    text = POLICY.replace("metadata: {{name: db{annotations}}}", f"metadata:\n  name: db{note}")
    assert said(text.format(spec="")) == {}
