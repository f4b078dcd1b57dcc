"""Names of policies: readable, valid, and one subject each."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.kube.name_rules import subdomain_problem
from netpolc.kube.selectors import Selector
from netpolc.manifest.policy_names import readable, stems
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT
from tests.properties.strategies import selectors


def labels(**some: str) -> Selector:
    return Selector.labels(some)


@pytest.mark.parametrize(
    ("selector", "words"),
    [
        (labels(app="db"), "db"),
        (Selector.labels({"app.kubernetes.io/name": "db"}), "db"),
        (labels(tier="backend"), "tier-backend"),
        (labels(app="api", tier="backend"), "api-tier-backend"),
        (Selector.labels({"k8s-app": "dns", "env": "x"}), "dns-env-x"),
        (
            Selector.of([("role", ValueSet.among("b", "a")), ("canary", ABSENT)]),
            "not-canary-role-a-b",
        ),
        (Selector.of([("app", ValueSet.other_than("x", "y"))]), "app-not-x-y"),
        (Selector.of([("env", PRESENT)]), "has-env"),
        (Selector.of([("env", ValueSet(frozenset(["dev"]), complement=True))]), "has-env-not-dev"),
        (Selector.of([("example.com/env", ABSENT)]), "not-env"),
    ],
)
def test_a_selector_in_words(selector: Selector, words: str) -> None:
    assert readable(selector) == words
    assert stems({selector: []}) == {selector: words}


@pytest.mark.parametrize(
    ("names", "stem"),
    [
        (["db"], "db"),
        (["z", "b", ""], "b"),
        (["DB"], "db"),
        (["a_b"], "a-b"),
        (["api.v2"], "api.v2"),
        (["-a-."], "a"),
        (["a.-.b"], "a.b"),
        (["é"], "x"),
        (["", "_"], "x"),
    ],
)
def test_the_name_in_statements_wins_made_valid(names: list[str], stem: str) -> None:
    assert stems({labels(app="x"): names}) == {labels(app="x"): stem}


@pytest.mark.parametrize("reserved", ["deny-all", "all", "allow-dns", "ALL"])
def test_the_names_of_the_defaults_are_taken(reserved: str) -> None:
    (found,) = stems({labels(app="x"): [reserved]}).values()
    assert found == f"{reserved.lower()}-85392a"


def test_who_shares_a_name_is_told_apart_and_nobody_else() -> None:
    found = stems({labels(app="a"): ["db"], labels(app="b"): ["DB"], labels(app="c"): ["web"]})
    assert list(found.values()) == ["db-69a67f", "db-672924", "web"]


def test_a_name_that_looks_like_a_hashed_one_takes_nothing_away() -> None:
    found = stems({labels(app="a"): ["db"], labels(app="b"): ["db"], labels(app="db-69a67f"): []})
    assert len(set(found.values())) == 3
    assert found[labels(app="a")].startswith("db-69a67f")


def test_a_long_name_is_cut_and_told_apart() -> None:
    long = "x" * 250
    first, second = stems({labels(app="a"): [long + "1"], labels(app="b"): [long + "2"]}).values()
    assert first != second
    for stem in (first, second):
        assert len(f"{stem}-ingress") == 253
        assert subdomain_problem(f"{stem}-ingress") is None


def test_a_selector_without_words_has_a_name() -> None:
    assert stems({labels(app=""): []}) == {labels(app=""): "pods"}


def test_the_empty_value_is_not_no_value() -> None:
    """Found by the property below: the two had one hash, and the search for names no end."""
    present, not_empty = PRESENT, ValueSet(frozenset([""]), complement=True)
    assert (
        len(set(stems({Selector.of([("tier", v)]): [] for v in (present, not_empty)}).values()))
        == 2
    )


hints = st.lists(
    st.one_of(st.sampled_from(["db", "DB", "all", "deny-all", "pods", "db-69a67f"]), st.text()),
    max_size=2,
)


@given(st.dictionaries(selectors, hints, max_size=8), st.randoms(use_true_random=False))
def test_stems_are_valid_different_and_the_same_in_any_order(
    subjects: dict[Selector, list[str]], chance: random.Random
) -> None:
    subjects.pop(Selector(), None)
    found = stems(subjects)
    assert len(set(found.values())) == len(subjects)
    for stem in found.values():
        assert subdomain_problem(f"{stem}-ingress") is None
        assert stem not in {"all", "deny-all", "allow-dns"}
    pairs = list(subjects.items())
    chance.shuffle(pairs)
    assert stems(dict(pairs)) == found
