"""Who wrote a line of a file, and when, as git knows it.

The last commit is asked, never the working tree, so that no filter or hook of a repository runs. Lines
of files that were edited since are found again by their text; a line that is new has no history.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from difflib import SequenceMatcher
from pathlib import Path

from netpolc.io.git import GitFailedError, Repository
from netpolc.values import frozen

_HASH = 40


@frozen(kw_only=True)
class WrittenLine:
    """The commit that wrote a line. `is_oldest`: the clone has no history before it."""

    commit: str
    day: date
    author: str
    is_oldest: bool = False


@dataclass(slots=True)
class LineHistories:
    """The histories of the lines of files, by path; git is asked once for each file."""

    repository: Repository
    places: Mapping[str, Path]
    texts: Mapping[str, str]
    is_shallow: bool = False
    _found: dict[str, dict[int, WrittenLine]] = field(default_factory=dict)

    def of(self, path: str, line: int) -> WrittenLine | None:
        """Who wrote a line, which counts from 1; None where git does not know."""
        if path not in self._found:
            self._found[path] = self._lines(path)
        return self._found[path].get(line)

    def _lines(self, path: str) -> dict[int, WrittenLine]:
        place = self.places.get(path)
        if place is None:
            return {}
        try:
            answer = self.repository.blame(place)
        except GitFailedError:
            return {}
        blamed = list(_blamed(answer, is_shallow=self.is_shallow))
        now = self.texts[path].splitlines()
        same = [text for text, _ in blamed]
        if now == same:
            return {number: line for number, (_, line) in enumerate(blamed, start=1)}
        matcher = SequenceMatcher(None, same, now, autojunk=False)
        return {
            match.b + offset + 1: blamed[match.a + offset][1]
            for match in matcher.get_matching_blocks()
            for offset in range(match.size)
        }


def _blamed(answer: str, *, is_shallow: bool) -> Iterator[tuple[str, WrittenLine]]:
    """The lines of `git blame --porcelain`, each with its commit (git-blame(1), "The porcelain format")."""
    known: dict[str, WrittenLine] = {}
    commit, facts = "", dict[str, str]()
    for line in answer.split("\n"):
        if line.startswith("\t"):
            if commit not in known:
                known[commit] = _written(commit, facts, is_shallow=is_shallow)
            yield line[1:].removesuffix("\r"), known[commit]
            facts = {}
        elif len(head := line.partition(" ")[0]) >= _HASH and _is_hash(head):
            commit = head
        else:
            key, _, value = line.partition(" ")
            facts[key] = value


def _is_hash(text: str) -> bool:
    return all(char in "0123456789abcdef" for char in text)


def _written(commit: str, facts: Mapping[str, str], *, is_shallow: bool) -> WrittenLine:
    moment = datetime.fromtimestamp(int(facts.get("author-time", "0")), UTC)
    return WrittenLine(
        commit=commit,
        day=moment.date(),
        author=facts.get("author", ""),
        is_oldest=is_shallow and "boundary" in facts,  # A first commit is a boundary as well.
    )
