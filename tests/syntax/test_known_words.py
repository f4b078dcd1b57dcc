"""An arrow that is recognised by its words is the arrow that it would be if it were read."""

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from itertools import cycle, product
from typing import Any

import pytest

from netpolc.diagnostics import Outcome
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile, Span
from netpolc.syntax.known_words import KnownWords
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import ArrowStatement, Comments, IntentFile

_SUBJECTS = (
    *(
        "db",
        "db",
        "web",
        '"db"',
        '"default"',
        "fd00",
        "2001",
        "10.0.0.1",
        "*",
        "{a=b}",
        "{a in (b)}",
    ),
    *("ns shop", "db in ns shop", "never db", "db -> web", "team", ""),
)
_PEERS = (
    *(
        "api",
        "api",
        '"api"',
        "fd00",
        "2001",
        "none",
        "any",
        "internet",
        "dns",
        "*",
        "team",
        "local",
    ),
    *("ns shop", "ns *", "api in ns shop", "team in ns shop", "{a=b}", "{a=b} in ns {c=d}", "{}"),
    *(
        "10.0.0.0/8",
        "10.0.0.0/8 except 10.1.0.0/16",
        "10.0.0.0/8 except [10.1.0.0/16, 10.2.0.0/16]",
    ),
    *("fd00::/8", "::/0", "2001:db8::/32", "2001:db8::/32 except 2001:db8:1::/48", "10.0.0.1"),
    *("api, web", "api:80, web", "api:80, 443", "10.0.0.0/8 except 10.1.0.0/16, 10.2.0.0/16"),
)
_PORTS = (
    *(
        "",
        ":80",
        ":80",
        ":http",
        ":[80, 443]",
        ":80,",
        ":80",
        "::80",
        ":*",
        ":53/udp",
        ":8000-8099",
        ":080",
    ),
    *(
        ":",
        ": 80",
        " :80",
        ":80:80",
        ":80 until 2027-03-31",
        ' because "it must"',
        ":80,",
        ":80  # why",
    ),
)
_SIGNS = ("<-", "<-", "<-", "->", " <-", "<-  ")
_DECLARED = (
    "",
    "namespace shop\ngroup team = api, web:80\ngroup local = api",
    "cluster\ngroup team = api:80\nservice fd00 = {tier=back}\nlabel: role",
    "namespace shop\nservice api = {tier=back}\ndefault: deny egress\ndns: api in ns dns:53/udp",
)


def _texts() -> Iterator[str]:
    """Each peer with all ports, then again with another subject; each subject with some peers."""
    for subject, sign in product(("db", "web"), ("<-", "->")):
        for peer in _PEERS:
            yield "\n".join(f"{subject} {sign} {peer}{ports}" for ports in _PORTS)
    for subject in (*_SUBJECTS, *_SUBJECTS):
        yield "\n".join(f"{subject} {sign} {peer}" for sign in _SIGNS for peer in _PEERS[:4])
    yield "db <- api,\ndb <- api:80\nweb"  # The first line waits for more.


class _NoWords(KnownWords):
    """Recognises nothing, so that each line is read."""

    __slots__ = ()

    def node(
        self, text: str, file: SourceFile, start: int, comments: Callable[[], Comments]
    ) -> None:
        """Recognise no line."""


def _places(value: Any) -> object:
    """A tree with all of its places and comments."""
    if isinstance(value, tuple):
        return [_places(part) for part in value]
    if isinstance(value, Span):
        return value.start, value.end
    if not is_dataclass(value) or isinstance(value, SourceFile):
        return str(value)
    names = {one.name for one in fields(value)} - {"within", "at", "subject_text", "peers_text"}
    names |= {"span"} if hasattr(type(value), "span") else set()
    return type(value).__name__, [(name, _places(getattr(value, name))) for name in sorted(names)]


def _files() -> list[SourceFile]:
    headers = cycle(("namespace pay\n", "namespace shop\n", "namespace shop {a=b}\n"))
    texts = enumerate(map("".join, zip(headers, _texts(), strict=False)))
    return [SourceFile(f"{number:03}.intent", text) for number, text in texts]


def test_recognised_arrows_are_what_they_are_when_they_are_read() -> None:
    words = KnownWords()
    for file in _files():
        known, read = parse(file, words), parse(file, _NoWords())
        assert known == read
        assert _places(known.value) == _places(read.value)


def test_an_arrow_of_known_words_is_recognised() -> None:
    words = KnownWords()
    parse(
        SourceFile("a.intent", "db <- api:80\nweb -> ns shop:[80, 443]\n{a=b} <- 10.0.0.0/8\n"),
        words,
    )
    file = SourceFile("b.intent", "")
    known = [
        words.node(text, file, 0, Comments)
        for text in ("web <- 10.0.0.0/8:80", "{a=b} -> api", "db <- ns shop:[80, 443]")
    ]
    assert all(known)
    for text in (
        "api <- db",
        "db <- api:",
        "db <- api:443",
        "db  <- api",
        "db <- api:80 ",
        "db <- fd00",
    ):
        assert words.node(text, file, 0, Comments) is None


def _without_texts(tree: IntentFile) -> IntentFile:
    """A tree in which no arrow has the text of its ends, by which their meanings are found again."""

    def plain(statement: Any) -> Any:
        if not isinstance(statement, ArrowStatement):
            return statement
        alone = replace(statement.connection, subject_text=None, peers_text=None)
        return replace(statement, connection=alone)

    sections = (
        replace(section, statements=tuple(map(plain, section.statements)))
        for section in tree.sections
    )
    return replace(tree, sections=tuple(sections))


def _said(outcome: Outcome[Any]) -> tuple[str, object]:
    places = [(one, one.label.span.start, one.label.span.end) for one in outcome.diagnostics]
    return repr(outcome.value), places


@pytest.mark.parametrize("declared", _DECLARED)
def test_peers_found_by_their_text_mean_what_they_mean_when_they_are_expanded(
    declared: str,
) -> None:
    words = KnownWords()
    trees = [parse(file, words).value for file in _files()]
    trees += [parse(SourceFile("z.intent", declared), words).value]
    assert _said(resolve(trees)) == _said(resolve([*map(_without_texts, trees)]))
