"""Two sides: which are meant, what is wrong with either, and that sharing work changes nothing."""

import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.commands.diff import Compared, understand_sides
from netpolc.commands.pipeline import Compilation, understand
from netpolc.io.diff_sides import choose
from netpolc.io.project import Options, Request
from netpolc.io.revisions import Revision
from netpolc.io.sources import Sources, with_known
from netpolc.ir.serialize import dump
from netpolc.memory import NO_MEMORY, LastingMemory, Memory
from netpolc.source import SourceFile
from tests.reference import strategies
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.repository import Scratch, needs_git

TODAY = date(2026, 1, 1)
A, B = "db <- api:5432\n", "db <- web:5432\n"


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scratch:
    """A repository with one commit, which is the working folder."""
    scratch = Scratch(tmp_path / "repo", monkeypatch)
    monkeypatch.chdir(scratch.folder)
    scratch.commit({"intents/a.intent": A})
    return scratch


def chosen(*arguments: str, paths: int | None = None) -> list[str]:
    """The sides, `revision NAME` or `path PATH`; or the code of what is wrong."""
    outcome = choose(arguments, paths, Path.cwd())
    if outcome.diagnostics:
        assert outcome.value == ()
        return [found.rule.code for found in outcome.diagnostics]
    return [
        f"revision {side.name}" if isinstance(side, Revision) else f"path {side.path}"
        for side in outcome.value
    ]


@needs_git
def test_which_two_are_meant(repo: Scratch) -> None:
    repo.git("tag", "v1")
    assert chosen() == ["revision HEAD", "path None"]
    assert chosen(paths=0) == ["revision HEAD", "path None"]
    assert chosen("v1") == ["revision v1", "path None"]
    assert chosen("v1", "main") == ["revision v1", "revision main"]
    assert chosen("v1..main") == ["revision v1", "revision main"]
    assert chosen("v1...main")[1] == "revision main"
    assert chosen("v1:intents", "intents") == ["revision v1:intents", "path intents"]
    assert chosen("intents") == ["path intents", "path None"]
    assert chosen("-", "v1") == ["path -", "revision v1"]
    assert chosen("v1..main", "intents") == ["NP788"]
    assert chosen("v1..main", "v1..main") == ["NP788"]
    assert chosen("v1", "v1", "v1") == ["NP788"]
    assert chosen("nope") == ["NP785"]
    assert chosen("v1", "../nope/") == ["revision v1", "path ../nope/"]
    assert chosen("a/../b", "/c") == ["path a/../b", "path /c"]
    assert chosen("..", ".") == ["path ..", "path ."]


@needs_git
def test_a_revision_and_a_path_of_one_name(repo: Scratch) -> None:
    repo.git("branch", "intents")
    assert chosen("intents") == ["NP787"]
    assert chosen("./intents") == ["path ./intents", "path None"]
    assert chosen("intents", paths=0) == ["revision intents", "path None"]
    assert chosen("intents", paths=1) == ["path intents", "path None"]
    assert chosen("intents", "intents", paths=1) == ["revision intents", "path intents"]
    assert chosen("main", "intents", paths=2) == ["path main", "path intents"]
    repo.put({"main..intents": ""})
    assert chosen("main..intents") == ["NP787"]


def test_without_a_repository_everything_is_a_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.delenv("GIT_DIR", raising=False)
    assert chosen("old", "new") == ["path old", "path new"]
    assert chosen("old", "new", paths=1) == ["NP783"]
    assert chosen() == ["NP783"]


def compared(*arguments: str, beside: tuple[str, ...] = ()) -> Compared:
    sides = choose(arguments, None, Path.cwd())
    assert not sides.diagnostics
    return understand_sides(sides.value, Request(here=Path.cwd(), today=TODAY, beside=beside))


def codes(result: Compared) -> dict[str, list[str]]:
    return {name: [finding.rule.code for finding in findings] for name, findings in result.findings}


@needs_git
def test_two_sides_are_understood(repo: Scratch) -> None:
    repo.put({"intents/a.intent": B, "intents/new.intent": "namespace shop\nx <- y\n"})
    before, after = compared().sides
    assert (before.name, after.name) == ("HEAD", "the working tree")
    assert list(before.policies.namespaces) == ["default"]
    assert list(after.policies.namespaces) == ["default", "shop"]
    assert before.program.namespaces["default"].arrows[0].origin.statement == "db <- api:5432"


@needs_git
def test_what_is_wrong_is_said_of_its_side(repo: Scratch) -> None:
    repo.put({"intents/a.intent": "db <-- api\n"})
    result = compared()
    assert result.sides == ()
    assert codes(result) == {"HEAD": [], "the working tree": ["NP108"]}
    assert codes(compared("main:nope", "nope/../intents")) == {
        "main:nope": ["NP701"],
        "nope/../intents": ["NP701"],
    }


@needs_git
def test_what_is_in_the_cluster_besides_counts_on_both_sides(repo: Scratch) -> None:
    policy = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        "metadata: {name: x, namespace: other}\nspec: {podSelector: {}}\n"
    )
    repo.put({"cluster/x.yaml": policy, "intents/a.intent": B})
    for side in compared(beside=("cluster",)).sides:
        assert list(side.policies.namespaces) == ["default", "other"]
    assert codes(compared(beside=("nope",))) == {
        "HEAD": ["NP701"],
        "the working tree": ["NP701"],
    }


@needs_git
def test_a_damaged_repository_is_an_error(repo: Scratch) -> None:
    blob = repo.git("rev-parse", "HEAD:intents/a.intent")
    loose = repo.folder / ".git/objects" / blob[:2] / blob[2:]
    loose.chmod(0o644)
    loose.write_bytes(b"damaged")
    result = compared()
    assert result.sides == ()
    assert codes(result)["HEAD"] in (["NP784"], ["NP789"])


@needs_git
def test_equal_namespaces_are_one(repo: Scratch) -> None:
    other = "namespace shop\nx <- y:80, z:81\nx <- 10.0.0.0/8\n"
    repo.commit({"intents/shop.intent": other})
    repo.put({"intents/a.intent": B})
    before, after = compared().sides
    assert before.policies.namespaces["shop"] is after.policies.namespaces["shop"]
    assert before.policies.namespaces["default"] != after.policies.namespaces["default"]
    repo.put({"intents/shop.intent": "\n" + other})
    before, after = compared().sides
    assert before.policies.namespaces["shop"] == after.policies.namespaces["shop"]
    lines = [
        {origin.line for one in side.policies.namespaces["shop"].subjects for origin in one.origins}
        for side in (before, after)
    ]
    assert lines == [{2, 3}, {3, 4}]


def understood(sources: Sources, memory: Memory = NO_MEMORY) -> Compilation:
    return understand(sources, Options(today=TODAY), memory=memory)


def sources_of(texts: dict[str, str]) -> Sources:
    return Sources(intents=tuple(SourceFile(*item) for item in sorted(texts.items())))


@given(strategies.programs(), st.integers(0, 99), st.integers(0, 99), st.data())
def test_what_is_shared_changes_nothing(
    program: Program, one: int, other: int, data: st.DataObject
) -> None:
    first, second = to_text(program, one), to_text(program, other)
    chance = random.Random(one)
    mixed = {
        name: chance.choice([text, second.get(name, text), "\n" + text])
        for name, text in first.items()
    }
    if data.draw(st.booleans()):
        mixed["more.intent"] = "namespace more\nx <- y in ns {env=a}\ndefault: deny egress\n"
    memory, files = LastingMemory(), dict[str, SourceFile]()
    for texts in (first, mixed):
        sources = with_known(sources_of(texts), files)
        files = {file.path: file for file in sources.files}
        with_, without = understood(sources, memory), understood(sources_of(texts))
        assert with_.program == without.program
        assert dump(with_.whole) == dump(without.whole), "origins and their lines too"
        assert [one.message for one in with_.diagnostics] == [
            one.message for one in without.diagnostics
        ]


def test_files_that_are_equal_on_both_sides_are_the_same() -> None:
    before = sources_of({"a.intent": "x <- y\n", "b.intent": "x <- z\n"})
    files = {file.path: file for file in before.files}
    after = with_known(sources_of({"a.intent": "x <- y\n", "b.intent": "x <- w\n"}), files)
    assert after.files[0] is before.files[0]
    assert after.files[1] is not before.files[1]
