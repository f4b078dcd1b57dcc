"""The differences of the output folder from a fresh compile, for people and for CI.

A pull request whose manifests are not those of its intents must not pass, whatever the
reason: somebody forgot to compile, edited a manifest by hand, removed an intent, or
never added a new namespace's folder. Each file is named, with a unified diff that
`patch` understands.
"""

from collections.abc import Iterator
from enum import Enum

from netpolc.diagnostics.render.escape import visible
from netpolc.io.output_plan import Plan, encoded

_NO_FILE = "/dev/null"
_TOO_LONG = 20_000
"""Lines above which a diff is left out: difflib's time grows with their square."""


class Difference(Enum):
    """In what way a file of the output is not as it should be."""

    MISSING = "missing"
    DIFFERENT = "stale or edited by hand"
    LEFT_OVER = "left over"


def differences(todo: Plan) -> Iterator[tuple[str, Difference]]:
    """The files that are not as they should be, by path."""
    for path in sorted({*todo.writes, *todo.removals}):
        if path not in todo.writes:
            yield path, Difference.LEFT_OVER
        else:
            yield path, Difference.DIFFERENT if path in todo.present else Difference.MISSING


def difference_text(todo: Plan, path: str, difference: Difference, name: str) -> str:
    """A heading and a unified diff from the file that is there to the one that should be."""
    shown = visible(f"{name}/{path}")
    missing, left_over = difference is Difference.MISSING, difference is Difference.LEFT_OVER
    diff = line_difference(
        todo.present.get(path, b""),
        encoded(todo.writes.get(path, "")),
        _NO_FILE if missing else shown,
        _NO_FILE if left_over else shown,
    )
    return f"{difference.value}: {shown}\n{diff}\n"


def line_difference(before: bytes, after: bytes, old_name: str, new_name: str) -> str:
    """A unified diff of two contents, safe for a terminal; the names must be."""
    from difflib import unified_diff  # noqa: PLC0415 - most runs show no difference

    old, new = _lines(before), _lines(after)
    if len(old) + len(new) > _TOO_LONG:
        return "(too long for a line by line comparison)\n"
    return "".join(map(_ended, unified_diff(old, new, fromfile=old_name, tofile=new_name)))


def _lines(data: bytes) -> list[str]:
    """The lines, made safe for a terminal: anybody may have written them."""
    text = data.decode("utf-8", "replace")
    ended = text.split("\n")
    last = ended.pop()
    lines = [visible(line, longest=len(line)) + "\n" for line in ended]
    return [*lines, visible(last, longest=len(last))] if last else lines


def _ended(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
