"""Beginning with intents: manifests in, new files out, nothing of anybody's replaced."""

import os
import secrets
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from netpolc.adoption.beginning import Beginning, begin
from netpolc.diagnostics import Diagnostic, Kind, Label, Outcome, Severity
from netpolc.diagnostics.model import has_errors
from netpolc.manifest.manifests import duplicates, inventory
from netpolc.manifest.mentions import mentions
from netpolc.manifest.read import read
from netpolc.source import SourceFile
from netpolc.workspace.reading import reason
from netpolc.workspace.sources import display_name, gather

WOULD_REPLACE = Kind(
    code="NP715",
    name="would-replace-file",
    severity=Severity.ERROR,
    explanation="""\
A file that `netpolc init` would write is there already. Somebody may have worked on it, so nothing
is written at all.

    netpolc init k8s/ -o intents/      # would-replace-file: intents/shop/db.intent

Give another folder with `--output`, print the proposal with `-o -`, or replace the files with
`--force`.
""",
)
NOT_BEGUN = Kind(
    code="NP716",
    name="cannot-begin",
    severity=Severity.ERROR,
    explanation="""\
The operating system refused to write a new file of intents: the folder may not be written to, a
file stands where a folder is needed, or the disk is full. Files written before that one remain.

    netpolc init k8s/ -o /etc/hosts/intents      # cannot-begin: not a directory

Give a folder that can be written to, and run the command again with `--force`.
""",
)
NO_WORKLOADS = Kind(
    code="NP717",
    name="no-workloads",
    severity=Severity.ERROR,
    explanation="""\
The manifests hold no workload: no Deployment, StatefulSet, DaemonSet, Job, CronJob or Pod. There is
nothing to begin with.

    netpolc init policies/             # no-workloads

Give the manifests of what runs: `helm template CHART | netpolc init -`, or
`kubectl get deployments,services,configmaps,ingresses -A -o yaml | netpolc init -`.
""",
)


def begin_project(
    arguments: tuple[str, ...], here: Path, namespace: str
) -> Outcome[Beginning | None]:
    """Read manifests and propose intents.

    Args:
        arguments: folders, files or `-`, relative to the working folder.
        here: the working folder, absolute.
        namespace: where objects stand whose metadata names none.

    Returns:
        The proposal; None with an error among the findings.
    """
    places = [str(here / some) if some != "-" else some for some in arguments]
    gathered = gather((), here, _read_stdin, beside=places)
    files = gathered.value.manifests
    found: list[Diagnostic] = [*gathered.diagnostics]
    manifests = []
    for file in files:
        outcome = read(file, namespace=namespace)
        manifests.append(outcome.value)
        found += outcome.diagnostics
    found += duplicates(manifests) if len(manifests) > 1 else ()
    known = inventory(manifests)
    found += known.diagnostics
    found = list(dict.fromkeys(found))
    if not known.value.workloads and not has_errors(found):
        name = files[0].path if files else "<stdin>"
        found.append(_finding(NO_WORKLOADS, "there is no workload in the manifests", name))
    if has_errors(found):
        return Outcome(None, tuple(found))
    return Outcome(begin(known.value, mentions(files, namespace=namespace)), tuple(found))


def write_new(folder: str, here: Path, files: Mapping[str, str], *, force: bool) -> Outcome[int]:
    """Write files that people will own from then on.

    Args:
        folder: where to, relative to the working folder.
        here: the working folder, absolute.
        files: texts by path from the folder.
        force: whether files may be replaced.

    Returns:
        How many were written; nothing is where one would have been replaced.
    """
    top = here / folder
    name = display_name(str(top), here)
    there = [path for path in files if os.path.lexists(top / path)]
    if there and not force:
        shown = [f"{name}/{path}" for path in there]
        return Outcome(
            0, tuple(_finding(WOULD_REPLACE, f"`{one}` is there already", one) for one in shown)
        )
    for number, (path, text) in enumerate(files.items()):
        try:
            _write(top / path, text)
        except (OSError, ValueError) as error:
            shown_path = f"{name}/{path}"
            message = f"`{shown_path}` cannot be written: {reason(error)}"
            return Outcome(number, (_finding(NOT_BEGUN, message, shown_path),))
    return Outcome(len(files))


def _write(path: Path, text: str) -> None:
    """Write a file whole: under another name first, then moved into its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.tmp")
    try:
        with waiting.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        waiting.replace(path)
    except OSError:
        with suppress(OSError):
            waiting.unlink()
        raise


def _finding(kind: Kind, message: str, name: str) -> Diagnostic:
    return Diagnostic(kind=kind, message=message, label=Label(SourceFile(name, "").whole()))


def _read_stdin() -> bytes:
    return sys.stdin.buffer.read() if sys.stdin is not None else b""
