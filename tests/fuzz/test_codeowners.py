"""Patterns of CODEOWNERS, against a matcher that goes through them letter by letter."""

import os
import random
import subprocess
import time
from functools import cache
from pathlib import Path

import pytest

from netpolc.changes.codeowners import parse_codeowners
from tests.repository import Scratch, needs_git

_TRIES = int(os.environ.get("NETPOLC_FUZZ", "12"))
_PIECES = ["a", "b", "*", "**", "/", "/", "?", "\\*", "/**/", ".", "ab"]


def matches(pattern: str, path: str) -> bool:
    """GitHub's rules, by trying everything."""
    body = pattern.strip("/").split("/")
    steps = path.split("/")
    starts = [0] if "/" in pattern.rstrip("/") else range(len(steps))
    ends = {end for start in starts for end in _ends(tuple(body), tuple(steps), start)}
    if pattern.endswith("/"):
        return any(end < len(steps) for end in ends)
    if pattern.endswith("/*"):
        return len(steps) in ends
    return bool(ends)


@cache
def _ends(body: tuple[str, ...], steps: tuple[str, ...], at: int) -> frozenset[int]:
    """How many steps of the path are used up by the parts of a pattern."""
    if not body:
        return frozenset({at})
    first, rest = body[0], body[1:]
    if first == "**":
        if not rest:
            return frozenset(range(at + 1, len(steps) + 1))  # What is inside, not the folder.
        return frozenset(
            e for start in range(at, len(steps) + 1) for e in _ends(rest, steps, start)
        )
    if at == len(steps) or not _step(first, steps[at]):
        return frozenset()
    return _ends(rest, steps, at + 1)


@cache
def _step(step: str, name: str) -> bool:
    if not step:
        return not name
    if step[0] == "*":
        return _step(step[1:], name) or (bool(name) and _step(step, name[1:]))
    if step[0] == "\\":
        return name[:1] == step[1] and _step(step[2:], name[1:])
    return bool(name) and step[0] in {"?", name[0]} and _step(step[1:], name[1:])


@pytest.mark.parametrize("seed", range(_TRIES))
def test_a_pattern_matches_what_github_says(seed: int) -> None:
    for number in range(100):
        drawn = random.Random(f"{seed} {number}")
        pattern = "".join(drawn.choices(_PIECES, k=drawn.randint(1, 7)))
        names = ("".join(drawn.choices("ab*.", k=drawn.randint(1, 3))) for _ in range(5))
        path = "/".join(list(names)[: drawn.randint(1, 5)])
        for rule in parse_codeowners(f"{pattern} @x\n").rules:
            if "//" not in pattern:  # GitHub says nothing of an empty part.
                assert bool(rule.matcher.search(path)) is matches(pattern, path), (pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*a" * 30 + "b", "a" * 3000),
        ("?*" * 30 + "b", "a" * 3000),
        ("/**/a" * 30 + "/x/", "a/" * 1000),
        ("**/*a*/" * 20 + "x", "aa/" * 1000),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    rules = parse_codeowners(f"{pattern} @x\n")
    assert rules.rules
    start = time.monotonic()
    assert rules.rule_of(path) is None
    assert time.monotonic() - start < 5


@needs_git
@pytest.mark.parametrize("seed", range(_TRIES))
def test_a_pattern_matches_what_git_ignores_by_it(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub's patterns are those of .gitignore but for `/*` at the end, which owns no subfolders."""
    drawn = random.Random(f"git {seed}")
    repository = Scratch(tmp_path / "r", monkeypatch)
    for _ in range(4):
        pattern = "".join(drawn.choices(_PIECES, k=drawn.randint(1, 7)))
        if (
            "***" in pattern
            or "//" in pattern
            or pattern.endswith(("/*", "*\\*"))
            or not pattern.strip("/")
        ):
            continue
        paths = {
            "/".join("".join(drawn.choices("ab*.", k=drawn.randint(1, 3))) for _ in range(depth))
            for depth in (1, 1, 2, 2, 3, 4) * 3
        }
        paths = {path for path in paths if not {".", ".."} & set(path.split("/"))}
        repository.put({".gitignore": f"{pattern}\n"})
        asked = subprocess.run(
            ["git", "check-ignore", "--no-index", "-z", "--stdin"],
            cwd=repository.folder,
            input="\0".join(sorted(paths)).encode(),
            capture_output=True,
            check=False,
        )
        ignored = set(filter(None, asked.stdout.decode().split("\0")))
        for rule in parse_codeowners(f"{pattern} @x\n").rules:
            owned = {path for path in paths if rule.matcher.search(path)}
            assert owned == ignored, pattern
