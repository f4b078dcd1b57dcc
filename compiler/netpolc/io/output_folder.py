"""The folder that a command writes to, and the reasons why it cannot."""

import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import field
from pathlib import Path
from unicodedata import normalize

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.diagnostics.render.escape import visible
from netpolc.io.read_file import reason, unreadable
from netpolc.source import SourceFile
from netpolc.values import frozen

FOREIGN_FILE = Rule(code="NP711", name="foreign-file", severity=Severity.ERROR)
SYMBOLIC_LINK = Rule(code="NP712", name="symbolic-link", severity=Severity.ERROR)
OUTSIDE_OUTPUT = Rule(code="NP713", name="outside-output", severity=Severity.ERROR)
UNSUITABLE_FOLDER = Rule(code="NP756", name="unsuitable-folder", severity=Severity.ERROR)
ONE_FILE_TWICE = Rule(code="NP714", name="one-file-twice", severity=Severity.ERROR)
_INSTEAD = {
    FOREIGN_FILE: "move it away, or write to another folder with `--output`",
    SYMBOLIC_LINK: "remove the link, or give the folder that it leads to with `--output`",
    OUTSIDE_OUTPUT: "this is a bug in netpolc; please report it",
    UNSUITABLE_FOLDER: "name the folder that is meant",
    ONE_FILE_TWICE: "rename one of the two, or use another `--layout`",
}


@frozen(kw_only=True)
class OutputFolder:
    """The output folder (absolute), what to call it, and the project's folder (absolute).

    `owner` is what its marker has to name (`output_marker`); empty for folders without one. `known`
    are the names of the outputs that netpolc.toml describes, where it describes this one: such an
    output may take over the folder of one that is gone. All outputs share these names: a copy for
    each of 10,000 clusters would take gigabytes. `is_source` says that the folder is also a source.
    """

    path: Path
    name: str
    project: Path
    owner: str = ""
    known: Collection[str] = field(default=(), compare=False)
    is_source: bool = False


def bad_folder(output: OutputFolder) -> Iterator[Diagnostic]:
    """Check that the output folder is a folder, and that no part of its path is a link.

    Of the way only that part is looked at which the user may not know: inside the
    project, where a link can come with somebody's branch. `/tmp` may well be a link.
    """
    path, name, project = output.path, output.name, output.project
    if output.is_source:
        message = f"`{name}` is a source, and manifests go to a folder of their own"
        instead = (
            "write to another folder with `--output`, or beside the intents with `--layout source`"
        )
        yield refusal(UNSUITABLE_FOLDER, message, name, instead=instead)
        return
    if "~" in path.parts:
        message = (
            f"`{name}` would be in a folder called `~`: only a shell reads `~` as the home folder"
        )
        yield refusal(UNSUITABLE_FOLDER, message, name, instead="write the whole path")
        return
    inside = path.relative_to(project).parents if path.is_relative_to(project) else ()
    for some in (path, *(project / part for part in inside if part != Path())):
        try:
            mode = some.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            yield unreadable(name, reason(error))
            return
        if stat.S_ISLNK(mode):
            yield refusal(
                SYMBOLIC_LINK, f"the path of `{name}` leads through a symbolic link", name
            )
            return
        if not stat.S_ISDIR(mode):
            yield refusal(FOREIGN_FILE, f"`{name}` is not a folder", name)
            return


def file_system_root(name: str) -> Diagnostic:
    """Return the finding that a folder to read or to write is the root of the file system."""
    return refusal(UNSUITABLE_FOLDER, f"`{name}` is the root of the file system", name)


def bad_paths(files: Mapping[str, str], name: str) -> Iterator[Diagnostic]:
    """A finding for each path that leads out of the folder, or to the same file as another on some machine."""
    seen: dict[str, str] = {}
    reported: set[str] = set()
    good: set[str] = set()
    for path in sorted(files):
        parts = path.split("/")
        if not {"", ".", ".."}.isdisjoint(parts) or "\0" in path or "\\" in path:
            yield refusal(OUTSIDE_OUTPUT, f"`{path}` leads out of `{name}`", name, path)
            continue
        above = path.rpartition("/")[0]
        for depth in range(len(parts) if above in good else 1, len(parts) + 1):
            some = "/".join(parts[:depth])
            other = seen.setdefault(normalize("NFC", some.casefold()), some)
            if other != some or (some in files and depth < len(parts)):
                if some not in reported:
                    message = f"`{name}/{other}` and `{name}/{path}` cannot both be written"
                    yield refusal(ONE_FILE_TWICE, message, name, path)
                reported.add(some)
                break
        else:
            good.add(above)


def refusal(
    kind: Rule, message: str, name: str, path: str = "", *, instead: str = ""
) -> Diagnostic:
    """The finding that nothing may be written, because of a path in the folder called `name`.

    `instead` says what to do, where that is not the same for all findings of the kind.
    """
    place = visible(f"{name}/{path}" if path else name)
    return Diagnostic(
        rule=kind,
        message=message,
        label=Label(SourceFile(place, "").whole()),
        help=instead or _INSTEAD[kind],
    )
