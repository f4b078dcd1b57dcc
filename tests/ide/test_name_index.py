"""An index that is kept knows what one that is made anew knows."""

import random

import pytest

from netpolc.ide.name_index import NameIndex
from netpolc.ide.occurrence import Occurrence
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import IntentFile

LINES = (
    "namespace a",
    "namespace b {env=x}",
    "cluster",
    "service s = {app=s}",
    "group g = s, t in ns b",
    "s <- t, g:http",
    "t -> s in ns a, ns {kubernetes.io/metadata.name=b}",
    "never s <- g",
    "s <-",
)


def tree(path: str, chance: random.Random) -> IntentFile:
    text = "\n".join(chance.choices(LINES, k=6)) + "\n"
    return parse(SourceFile(path, text)).value


def known(index: NameIndex) -> object:
    names = list(index.all())
    symbols = [index.symbol(one) for one in names]
    places = [
        (
            [(one.span.path, one.span.start) for one in index.references(symbol)],
            [(one.span.path, one.span.start) for one in index.definitions(symbol)],
            index.is_group(symbol),
        )
        for symbol in symbols
    ]
    declared = [sorted(one.name for one in index.declared_in(scope)) for scope in ("", "a", "b")]
    subjects = [index.is_subject(scope, "s") for scope in ("a", "b")]
    return names, symbols, places, declared, subjects, index.namespaces


@pytest.mark.parametrize("seed", range(8))
def test_an_index_that_is_kept_is_like_a_new_one(seed: int) -> None:
    chance = random.Random(seed)
    kept, trees = NameIndex(), dict[str, IntentFile]()
    for _ in range(25):
        path = chance.choice("xyz")
        if path in trees and chance.random() < 0.3:
            del trees[path]
        else:
            trees[path] = tree(path, chance)
        default = chance.choice(["a", "a", "b"])
        kept.update(trees.values(), default)
        new = NameIndex()
        new.update(trees.values(), default)
        assert known(kept) == known(new)


def test_trees_that_are_the_same_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (tree(path, random.Random(1)) for path in "xy")
    index = NameIndex()
    index.update([one, other], "a")
    read: list[IntentFile] = []

    def occurrences(tree: IntentFile, _default: str) -> list[Occurrence]:
        read.append(tree)
        return []

    monkeypatch.setattr("netpolc.ide.name_index.occurrences", occurrences)
    changed = tree("y", random.Random(2))
    index.update([one, changed], "a")
    assert read == [changed]


def test_names_that_are_in_no_file_any_more_are_forgotten() -> None:
    index = NameIndex()
    for number in range(3):
        text = (
            f"namespace a{number}\nservice s{number} = {{k=v{number}}}\ns{number} <- t{number}:80\n"
        )
        index.update([parse(SourceFile("a.intent", text)).value], "default")
    index.update([], "default")
    kept = {name: dict(value) for name, value in vars(index).items() if isinstance(value, dict)}
    assert {name for name, value in kept.items() if value} == set()
    assert len(kept) == 6
