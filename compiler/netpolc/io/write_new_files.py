"""Files that people will own: written once, and never over what they wrote.

Compiled manifests are replaced at every compile; intents that netpolc wrote from
something else are a beginning, and from then on somebody's work. So where a file exists
with another content, or intents that would join the new ones, nothing is written unless
that is asked for.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from netpolc.diagnostics import Diagnostic, Outcome, Rule, Severity
from netpolc.io.config import find_project
from netpolc.io.disk import DISK
from netpolc.io.output_folder import (
    FOREIGN_FILE,
    SYMBOLIC_LINK,
    OutputFolder,
    bad_folder,
    bad_paths,
    refusal,
)
from netpolc.io.output_plan import Plan, encoded
from netpolc.io.output_writer import write_planned
from netpolc.io.read_file import reason, unreadable
from netpolc.io.sources import path_name

FILE_PRESENT = Rule(code="NP723", name="file-present", severity=Severity.ERROR)
OTHER_INTENTS = Rule(code="NP724", name="other-intents-present", severity=Severity.ERROR)
EXAMPLE = "example.intent"
"""The first intent of a new project, which drafts from manifests usually replace."""


def new_folder(here: Path, path: str) -> OutputFolder:
    """The folder at a path, as somebody in the working folder calls it."""
    # `..` is taken out of the text: the way to the folder is then what is looked at for links.
    absolute = os.path.abspath(here / path)  # noqa: PTH100 - `resolve` would follow links
    return OutputFolder(
        path=Path(absolute), name=path_name(absolute, find_project(here)), project=here
    )


def write_new(output: OutputFolder, files: Mapping[str, str], *, force: bool) -> Outcome[int]:
    """Write files that are written once, all or none.

    Returns:
        How many were written; none, with the findings that say why, where it was refused.
    """
    outcome = write_planned(output, lambda: plan_new(output, files, force=force))
    return Outcome(outcome.value.written if outcome.value else 0, outcome.diagnostics)


def absent(output: OutputFolder, paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths at which there is nothing yet; of intents none, if the folder has others.

    A first intent is an example, which must not join a program that somebody has written.
    """
    missing = [path for path in paths if not is_present(output, path)]
    return tuple(path for path in missing if not _joins_others(output.path / path))


def is_present(output: OutputFolder, path: str) -> bool:
    """Whether there is something at a path from the folder, even a link that leads nowhere."""
    return os.path.lexists(output.path / path)


def _joins_others(path: Path) -> bool:
    return path.suffix == ".intent" and any(_intents_below(path.parent))


def plan_new(
    output: OutputFolder, files: Mapping[str, str], *, force: bool = False
) -> Outcome[Plan]:
    """The plan for files that are written once.

    Args:
        output: the folder; it need not exist.
        files: texts by path from the folder, with forward slashes.
        force: whether to replace files and to write next to other intents.

    Returns:
        What is to do: files are written, none is removed. With an error among the findings,
        nothing may be done.
    """
    findings = [*bad_paths(files, output.name), *bad_folder(output)]
    writes: dict[str, str] = {}
    present: dict[str, bytes] = {}
    for path, text in sorted(files.items() if not findings else ()):
        there = _there(output, path, findings)
        if there is not None:
            present[path] = there
        if there is None or there != encoded(text):
            writes[path] = text
            if there is not None and not force:
                message = f"`{output.name}/{path}` exists already and is different"
                instead = "look at it, then replace it with `--force`; or write elsewhere with `-o`"
                findings.append(refusal(FILE_PRESENT, message, output.name, path, instead=instead))
    if not findings and not force:
        findings += _others(output, files)
    todo = Plan(writes=writes, removals=(), present=present, unchanged=len(files) - len(writes))
    return Outcome(todo, tuple(findings))


def _there(output: OutputFolder, path: str, findings: list[Diagnostic]) -> bytes | None:
    """The bytes of the file at a path, None where there is none."""
    name, parts = output.name, Path(path).parts
    for depth in range(1, len(parts) + 1):
        some = output.path.joinpath(*parts[:depth])
        shown = "/".join(parts[:depth])
        if os.path.islink(some):  # noqa: PTH114 - `Path.is_symlink` raises PermissionError
            findings.append(
                refusal(SYMBOLIC_LINK, f"`{name}/{shown}` is a symbolic link", name, shown)
            )
            return None
        what = "file" if depth == len(parts) else "folder"
        if DISK.exists(some) and DISK.is_folder(some) is (what == "file"):
            findings.append(refusal(FOREIGN_FILE, f"`{name}/{shown}` is not a {what}", name, shown))
            return None
    try:
        return output.path.joinpath(path).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        findings.append(unreadable(f"{name}/{path}", reason(error)))
        return None


def _others(output: OutputFolder, files: Mapping[str, str]) -> list[Diagnostic]:
    """The first of the intents that would join the new ones, if there are some."""
    if not any(path.endswith(".intent") for path in files):
        return []
    for path in _intents_below(output.path):
        if path not in files:
            message = f"there are other intents in `{output.name}`"
            instead = "write elsewhere with `-o`, or beside them with `--force`"
            if path == EXAMPLE:
                instead = f"if it is only the example of `netpolc new`, remove it; else {instead}"
            return [refusal(OTHER_INTENTS, message, output.name, path, instead=instead)]
    return []


def _intents_below(folder: Path) -> Iterator[str]:
    """Yield the paths of intent files from a folder, without hidden ones; unreadable folders are skipped."""
    for above, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(".intent") and not name.startswith("."):
                yield Path(above, name).relative_to(folder).as_posix()
