"""Changes of files below folders, as they happen.

Where `watchfiles` is installed (`netpolc[watch]`) the operating system tells that there is something
to look at. Elsewhere the files are looked at every half second, or less often where that takes long.
"""

import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from netpolc.io.config import FILE_NAME
from netpolc.io.sources import KINDS

_PACE = 0.5
_SHARE = 10
"""For so many times as long as looking took, nobody looks again."""
_SKIPPED = frozenset({"node_modules", "__pycache__"})
_STEP, _FIRST = 50, 1000
"""Milliseconds: without a change that end a group of them, and until the first look."""
_PATIENCE = 40
"""Looks after which files count as they are, although something writes them all the time."""


def changes(folders: Collection[Path], ignored: Collection[Path]) -> Iterator[set[Path]]:
    """Yield an empty set, then the files that changed, appeared or vanished since, again and again.

    Args:
        folders: where sources and netpolc.toml are.
        ignored: folders below them whose changes do not count, such as that of the output; some may
            be added later.
    """
    before = states(folders, ignored)
    yield set()
    for _ in _occasions(folders, ignored):
        after = states(folders, ignored)
        if after != before:
            after = _at_rest(after, folders, ignored)
        differing = {path for path in {*before, *after} if before.get(path) != after.get(path)}
        before = after
        if differing:
            yield {Path(path) for path in differing}


def _occasions(folders: Collection[Path], ignored: Collection[Path]) -> Iterator[None]:
    """Yield when there may be something to look at."""
    try:
        from watchfiles import watch  # noqa: PLC0415 - an extra, for this alone
    except ImportError:
        yield from _ticks()
        return
    counts, is_first = _Filter(folders, ignored), True
    for file_changes in watch(
        *folders,
        watch_filter=lambda _, path: counts(path),
        step=_STEP,
        rust_timeout=_FIRST,
        yield_on_timeout=True,
    ):
        # The first time also without a change: it may have come before the watch began.
        if file_changes or is_first:
            is_first = False
            yield


def _at_rest(
    earlier: dict[str, tuple[int, int]], folders: Collection[Path], ignored: Collection[Path]
) -> dict[str, tuple[int, int]]:
    """Return the states of files once two looks agree: an editor may empty a file before it writes it."""
    for _ in range(_PATIENCE):
        time.sleep(_STEP / 1000)
        later = states(folders, ignored)
        if later == earlier:
            break
        earlier = later
    return earlier


def _ticks() -> Iterator[None]:
    """Yield at a pace that leaves most of the time to others."""
    while True:
        start = time.monotonic()
        yield
        time.sleep(max(_PACE, _SHARE * (time.monotonic() - start)))


def states(folders: Collection[Path], ignored: Collection[Path]) -> dict[str, tuple[int, int]]:
    """Return the time of change and the size of each file that may be a source, or netpolc.toml."""
    counts = _Filter(folders, ignored)
    states_of: dict[str, tuple[int, int]] = {}
    for top in folders:
        for folder, inner, names in os.walk(top):
            inner[:] = [name for name in inner if counts(f"{folder}{os.sep}{name}")]
            for path in (f"{folder}{os.sep}{name}" for name in names if _is_read(name)):
                if counts(path):
                    try:
                        status = os.stat(path)  # noqa: PTH116 - for 100,000 files, plain strings
                    except OSError:
                        continue  # It has just vanished.
                    states_of[path] = status.st_mtime_ns, status.st_size
    return states_of


def _is_read(name: str) -> bool:
    return name == FILE_NAME or name.endswith(tuple(KINDS))


class _Filter:
    """Tells paths that count from those of hidden, foreign and ignored folders."""

    def __init__(self, folders: Collection[Path], ignored: Collection[Path]) -> None:
        self._tops = [str(folder) for folder in folders]
        self._ignored = ignored

    def __call__(self, path: str) -> bool:
        if any(_is_in(path, str(folder)) for folder in self._ignored):
            return False
        inside = (path[len(top) :] for top in self._tops if _is_in(path, top))
        parts = next(inside, path).split(os.sep)  # noqa: PTH206 - as above
        return not any(part.startswith(".") or part in _SKIPPED for part in parts)


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)
