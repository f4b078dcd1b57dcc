"""What becomes closed or open as a whole is said in words, with the statements of both sides."""

import pytest

from netpolc.changes.model import Effect, Risk
from tests.changes.changes import changed


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("", "db <- api:1", "db was open to all, now closed: only the listed peers reach it"),
        ("", "db <- none", "db was open to all, now closed: nobody reaches it"),
        ("db <- api:1", "", "db was closed and is now open to all"),
        (
            "dns: none",
            "dns: none\napi -> none",
            "api was free to reach everything, now closed: it reaches nobody",
        ),
        ("api -> db:1", "", "api was closed and is now free to reach everything"),
        (
            "db <- api",
            "db <- api\n* <- ns mon",
            "some pods were open to all, now closed: only the listed peers reach them",
        ),
        (
            "default: deny",
            "",
            "namespace shop loses `default: deny`: pods without an arrow of their own are open to all",
        ),
        (
            "",
            "default: deny egress",
            (
                "namespace shop gains `default: deny egress`: "
                "pods without an arrow of their own reach only dns"
            ),
        ),
    ],
)
def test_the_sentence(before: str, after: str, words: str) -> None:
    (one,) = changed(before, after).isolations
    assert one.words == words


def test_nothing_is_said_where_a_default_closes_already() -> None:
    assert not changed("default: deny", "default: deny\ndb <- api:1").isolations
    assert not changed("db <- api:1\ndb <- web:1", "db <- api:1").isolations


def test_a_mirrored_end_closes_nobody() -> None:
    (one,) = changed("db <- api:1", "db <- api:1\napi -> none").isolations
    assert one.words.startswith("api was free to reach everything, now closed")
    assert [o.statement for o in one.after] == ["api -> none"]


def test_half_of_a_default_that_goes_is_said_as_such() -> None:
    (one,) = changed("default: deny ingress egress", "default: deny").isolations
    assert one.words.startswith("namespace shop loses `default: deny egress`: ")


def test_both_sides_are_named_and_a_default_that_goes_is_a_risk() -> None:
    (one,) = changed("default: deny", "\n").isolations
    assert one.effect is Effect.OPENED
    assert one.default
    assert one.risks == (Risk.DEFAULT_REMOVED,)
    assert [(o.statement, o.line) for o in one.before] == [("default: deny", 2)]
    assert one.after == ()
    assert [cause.before and cause.before.line for cause in one.causes] == [2]


def test_a_default_that_comes_is_no_risk() -> None:
    (one,) = changed("\n", "default: deny").isolations
    assert one.default
    assert one.risks == ()


def test_of_pods_inside_others_only_the_widest_are_named() -> None:
    (one,) = changed("default: deny\ndb <- api:1", "\n").isolations
    assert one.default
    (one,) = changed("\n", "{tier=back} <- api:1\n{tier=back, app=db} <- api:2").isolations
    assert (one.effect, one.subject) == (Effect.CLOSED, "{tier=back}")
