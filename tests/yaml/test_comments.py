"""Where the comments of a YAML text are."""

import pytest
import yaml

from netpolc.source import SourceFile
from netpolc.yaml import comments
from netpolc.yaml.comments import Comments

TEXT = """\
# top é
a: 'x # y'  # one
b: "x # \\" # y"
c: don't # two
d: |
  # not
  x # not
e: >-  # three
  x # not
f: x#y
g: [a, # four
    "b
  # not
  "]
# end"""
FOUND = ["# top é", "# one", "# two", "# three", "# four", "# end"]


@pytest.mark.parametrize("loader", [yaml.SafeLoader, comments._LOADER])
def test_comments_are_those_of_the_scanner(
    loader: type[yaml.SafeLoader], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comments, "_LOADER", loader)
    found = Comments(SourceFile("a.yaml", TEXT))
    assert [TEXT[start:end] for start, end in found.ends().items()] == FOUND
    lines = [found.on_line(number) for number in range(1, TEXT.count("\n") + 2)]
    assert [text for text, _ in lines if text] == FOUND
    assert [trails for text, trails in lines if text] == [False, True, True, True, True, False]


def test_comments_end_where_a_text_is_no_longer_yaml() -> None:
    text = "a: b # one\nc: 'open # two\n"
    assert list(Comments(SourceFile("a.yaml", text)).ends()) == [5]
    text = "a: | # one"
    assert list(Comments(SourceFile("a.yaml", text)).ends()) == [5]
    text = "a: b\n\tc # d\n"
    assert not Comments(SourceFile("a.yaml", text)).ends()


def test_a_text_without_a_sign_is_not_scanned(monkeypatch: pytest.MonkeyPatch) -> None:
    def scan(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(yaml, "scan", scan)
    assert Comments(SourceFile("a.yaml", "a: b\n")).on_line(1) == ("", False)
