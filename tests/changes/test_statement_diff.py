"""Changed text with the same meaning, and lines that only moved."""

from netpolc.changes.model import Edit
from tests.changes.changes import changed


def texts(before: str, after: str) -> list[tuple[Edit, str, str]]:
    found = changed(before, after)
    assert not found
    return [
        (
            one.edit,
            one.before.statement if one.before else "",
            one.after.statement if one.after else "",
        )
        for one in found.rewordings
    ]


def test_an_arrow_in_other_words() -> None:
    assert texts("db <- api:[80, 81]", "db <- {app=api}:80-81") == [
        (Edit.EDITED, "db <- api:[80, 81]", "db <- {app=api}:80-81")
    ]


def test_a_reason_or_a_date() -> None:
    assert texts("db <- api:1", 'db <- api:1 until 2030-01-01 because "x"') == [
        (Edit.EDITED, "db <- api:1", 'db <- api:1 until 2030-01-01 because "x"')
    ]


def test_a_redundant_arrow_and_an_assertion() -> None:
    assert texts("db <- api", "db <- api\ndb <- api:80\nnever db <- internet") == [
        (Edit.ADDED, "", "db <- api:80"),
        (Edit.ADDED, "", "never db <- internet"),
    ]


def test_a_reworded_arrow_is_not_blamed_for_its_neighbour() -> None:
    found = changed("db <- api:1", 'db <- api:1 because "x"\ndb <- api:2')
    assert [one.after.statement for one in found.rewordings if one.after] == [
        'db <- api:1 because "x"'
    ]
    (cause,) = found.causes
    assert [one.after.statement for one in cause.statements if one.after] == ["db <- api:2"]


def test_spaces_and_comments_are_nothing() -> None:
    found = changed(
        "db <- api:1, web", "# who\ndb  <-  api : 1,\n  web  # these".replace(" : ", ":")
    )
    assert (found.rewordings, found.moved, bool(found)) == ((), 0, False)


def test_lines_that_moved_are_counted() -> None:
    lines = ["a <- x", "b <- x", "c <- x", "d <- x"]
    assert changed("\n".join(lines), "\n".join([*lines[1:], lines[0]])).moved == 1
    assert changed("\n".join(lines), "\n\n" + "\n".join(lines)).moved == 0


def test_a_statement_in_another_file_has_moved() -> None:
    one = {"old/a.intent": "namespace shop\na <- x\nb <- x\n"}
    two = {"new/a.intent": "namespace shop\na <- x\n", "new/b.intent": "namespace shop\nb <- x\n"}
    assert changed(one, two).moved == 1
    assert changed(one, {"new/a.intent": one["old/a.intent"]}).moved == 0
