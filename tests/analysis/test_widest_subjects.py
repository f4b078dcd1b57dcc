"""The widest subjects of a namespace close the pods that all its subjects close."""

from hypothesis import given
from hypothesis import strategies as st

from netpolc.analysis.policy_index import PolicyIndex
from netpolc.ir.model import Subject
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT

_VALUES = ValueSet.among("x"), ValueSet.among("x", "y"), ValueSet.other_than("x"), PRESENT, ABSENT
_requirements = st.tuples(st.sampled_from(("a", "b", "c")), st.sampled_from(_VALUES))
_pods = st.lists(_requirements, min_size=1, max_size=3).map(Selector.of)
_labels = st.dictionaries(st.sampled_from(("a", "b", "c")), st.sampled_from(("x", "y", "z")))


def _index(*selectors: Selector) -> PolicyIndex:
    subjects = (Subject(selector=each, direction=Direction.EGRESS) for each in selectors)
    return PolicyIndex("shop", tuple(subjects))


@given(st.lists(_pods.filter(lambda pods: not pods.impossible), max_size=6, unique=True), _labels)
def test_the_widest_subjects_close_the_same_pods(
    selectors: list[Selector], labels: dict[str, str]
) -> None:
    index = _index(*selectors)
    assert any(subject.selector.matches(labels) for subject in index.widest) == any(
        selector.matches(labels) for selector in selectors
    )
    assert [subject for subject in index.subjects if subject in index.widest] == [*index.widest]


def test_a_subject_with_the_requirements_of_another_one_and_more_is_left_out() -> None:
    wide, other = Selector.labels({"e": "v"}), Selector.labels({"b": "v"})
    narrow = Selector.labels({"b": "w", "c": "v", "e": "v"})
    index = _index(narrow, wide, other)
    assert [subject.selector for subject in index.widest] == [wide, other]
    near = index.closing([dict(narrow.requirements)])
    assert [subject.selector for subject in near] == [wide]
    assert [subject.selector for subject in index.closing([dict(EVERYTHING.requirements)])] == [
        wide,
        other,
    ]
