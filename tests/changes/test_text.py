"""The difference as people read it at a terminal."""

from netpolc.changes.model import Difference, StatementChange
from netpolc.changes.render.text import render
from netpolc.provenance import StatementKind
from tests.changes.changes import changed
from tests.changes.written import origin


def test_the_whole_page() -> None:
    found = changed(
        "default: deny\ndb <- api:5432\ncache <- api",
        "default: deny\ndb <- ns *:5432\ncache <- {app=api}",
    )
    assert (
        render(found, witness=True)
        == """\
from old to new: 1 opened
review: opened to every namespace

namespace shop, db
  was shop.intent:3  db <- api:5432
  now shop.intent:3  db <- ns *:5432
    opened  db <- {app!=api}:5432, ns {kubernetes.io/metadata.name!=shop}:5432
            ! opened to every namespace
            also other namespaces, pods that do not exist yet
            closed before by shop.intent:2  default: deny
            for example a pod without labels in namespace shop reaches a pod labelled app=db in namespace shop on TCP 5432

1 edited, without opening or closing anything
  namespace shop
    was shop.intent:4  cache <- api
    now shop.intent:4  cache <- {app=api}
"""
    )


def test_what_fans_out_comes_first_and_once() -> None:
    before = "group g = ns a\nc <- g:1\nd <- g:1\nb <- x:1"
    text = render(changed(before, before.replace("ns a", "ns a, ns z").replace("x:1", "x:2")))
    assert text.index("namespace shop, 2 subjects") < text.index("namespace shop, b\n")
    assert text.count("group g = ns a, ns z") == 1
    assert "    namespace shop, c\n      opened  c <- ns z:1\n" in text


def test_long_arrows_are_broken_between_peers() -> None:
    text = render(changed("api -> none", "api -> internet"))
    assert max(map(len, text.splitlines())) < 120
    assert "egress opened to public addresses" in text
    text = render(changed("", "db <- api:1"))
    assert "closed  db <- any (only the part no longer permitted):\n" in text


def test_assertions_stand_apart_what_is_gone_first() -> None:
    before = 'never db <- internet because "SEC-1"\nalways web <- api:1\ndb <- api:1'
    after = "always web <- api:2\ndb <- {app=api}:1"
    text = render(changed(before, after))
    assert "\nassertions: 1 removed, 1 edited\n" in text
    assert '    removed shop.intent:2  never db <- internet because "SEC-1"\n' in text
    assert "\n1 edited, without opening or closing anything\n" in text


def test_no_difference_is_said() -> None:
    assert (
        render(Difference(before="a", after="b")) == "from a to b: no change in what is permitted\n"
    )


def test_nothing_of_a_file_controls_the_terminal() -> None:
    hostile = "db <- \x1b[2J\u202e"
    change = StatementChange(
        what=StatementKind.ARROW, namespace=hostile, before=None, after=origin(hostile, 1, hostile)
    )
    text = render(Difference(before=hostile, after=hostile, rewordings=(change,)))
    assert text.count("\\x1b[2J\\u202e") == 5
    assert not {"\x1b", "\u202e"} & set(text)
    assert "\x1b[" in render(changed("db <- api:1", "db <- api:2"), colour=True)
