"""The author and date of a line, from git.

The last commit is asked, never the working tree, so that no filter or hook of a repository runs. Lines
of files that were edited since are found again by their text; a line that is new has no history.
"""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
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


class LineHistories:
    """The histories of the lines of files, by path."""

    def __init__(
        self, repository: Repository, places: Mapping[str, str], texts: Mapping[str, str]
    ) -> None:
        """Ask git once for each file, as many at a time as there are processors.

        Args:
            repository: where the files are.
            places: the files on the disk, by path.
            texts: what is in them now, by path.
        """
        is_shallow = repository.is_shallow()

        def lines(path: str) -> dict[int, WrittenLine]:
            try:
                answer = repository.blame(Path(places[path]))
            except GitFailedError:
                return {}
            return _lines(list(_blamed(answer, is_shallow=is_shallow)), texts[path].splitlines())

        known = [path for path in texts if path in places]
        pool = ThreadPoolExecutor(os.cpu_count())
        try:
            self._found = dict(zip(known, pool.map(lines, known), strict=True))
        finally:
            pool.shutdown(cancel_futures=True)  # Else an interrupt would wait for all files.

    def of(self, path: str, line: int) -> WrittenLine | None:
        """The author of a line, counted from 1; None where git does not know."""
        return self._found.get(path, {}).get(line)


def _lines(blamed: list[tuple[str, WrittenLine]], now: list[str]) -> dict[int, WrittenLine]:
    """Return who wrote the lines of a text, by those of the last commit."""
    before = [text for text, _ in blamed]
    if now == before:
        return {number: line for number, (_, line) in enumerate(blamed, start=1)}
    matcher = SequenceMatcher(None, before, now, autojunk=False)
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
