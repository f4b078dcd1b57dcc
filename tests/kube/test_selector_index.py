"""The index answers what looking at every entry answers, in the entries' order."""

from hypothesis import given
from hypothesis import strategies as st

from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import EVERYTHING, NOTHING, Selector
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT

KEYS = ("app", "tier", "zone")
ALLOWED = (
    ValueSet.among("a"),
    ValueSet.among("b"),
    ValueSet.among("a", "b"),
    ValueSet.other_than("a"),
    PRESENT,
    ABSENT,
)


def selectors() -> st.SearchStrategy[Selector]:
    """Selectors of a few keys and values, everything and nothing among them."""
    requirements = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(ALLOWED))
    return st.one_of(
        st.sampled_from((EVERYTHING, NOTHING)),
        requirements.map(lambda chosen: Selector.of(chosen.items())),
    )


@given(st.lists(selectors(), max_size=12), selectors())
def test_it_finds_what_looking_at_all_finds(known: list[Selector], asked: Selector) -> None:
    index = SelectorIndex.of(known)
    distinct = list(dict.fromkeys(known))
    assert list(index.supersets_of(asked)) == [one for one in distinct if asked <= one]
    meeting = [one for one in distinct if not (one & asked).impossible]
    assert list(index.overlapping(asked)) == meeting
    assert index.meets(asked) is bool(meeting)
    assert index.exact(asked) == [one for one in distinct if one == asked]


@given(
    st.lists(selectors(), max_size=12),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(("a", "b", "c"))),
)
def test_it_finds_what_matches_labels(known: list[Selector], labels: dict[str, str]) -> None:
    index = SelectorIndex.of(known)
    distinct = dict.fromkeys(known)
    matching = [each for each in distinct if each.matches(labels)]
    assert sorted(index.matching(labels), key=Selector.sort_key) == sorted(
        matching, key=Selector.sort_key
    )


@given(
    st.lists(st.sampled_from("abcdefghijkl"), min_size=7, unique=True),
    st.one_of(
        selectors(), st.sampled_from("abcdefghijkl").map(lambda v: Selector.labels({"app": v}))
    ),
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from("abc")),
)
def test_it_finds_the_same_among_values_of_one_label(
    values: list[str], asked: Selector, labels: dict[str, str]
) -> None:
    known = [Selector.labels({"app": value}) for value in values]
    index = SelectorIndex.of(known)
    assert list(index.overlapping(asked)) == [one for one in known if not (one & asked).impossible]
    assert list(index.matching(labels)) == [one for one in known if one.matches(labels)]
    assert index.is_disjoint


def test_entries_of_one_selector_stay_together() -> None:
    app = Selector.labels({"app": "a"})
    index = SelectorIndex([(app, 1), (EVERYTHING, 2), (app, 3)])
    assert index.exact(app) == [1, 3]
    assert sorted(index.overlapping(app)) == [1, 2, 3]


def test_a_thousand_subjects_are_not_compared_with_each_other() -> None:
    subjects = [Selector.labels({"app": f"s{n}", "part-of": "shop"}) for n in range(1000)]
    index = SelectorIndex.of(subjects)
    tried = index._filed().meeting(dict(subjects[7].requirements))
    assert tried == [subjects[7]]
