"""Flow logs, read line by line: they may be larger than memory, and may never end."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

from netpolc.adoption.learning import Learned, Log, learn
from netpolc.diagnostics import Diagnostic, Kind, Label, Outcome, Severity
from netpolc.passes.lower import lower
from netpolc.source import SourceFile
from netpolc.workspace.pipeline import Compilation
from netpolc.workspace.reading import reason, unreadable
from netpolc.workspace.sources import display_name

FLOWS_NOT_UNDERSTOOD = Kind(
    code="NP718",
    name="flows-not-understood",
    severity=Severity.WARNING,
    explanation="""\
Lines of a flow log are neither Hubble's JSON nor CSV with source, destination, port, protocol and
verdict. They are left out, so connections may be missing from the comparison. The first of them are
named with what is wrong.

    shop/app=api,shop/app=db,postgres,tcp,forwarded     # flows-not-understood: no port number

Correct them, or give the log that they belong to separately.
""",
)
FLOWS_NOT_COUNTED = Kind(
    code="NP719",
    name="too-many-kinds-of-flow",
    severity=Severity.WARNING,
    explanation="""\
A log holds more kinds of connections (labels of both ends, port, protocol, verdict) than are kept
in memory, so those that came first are compared and the rest is only counted. Most often labels
that differ from pod to pod, or a scan of ports, are the reason.

    netpolc learn everything.json       # too-many-kinds-of-flow

Give the log in parts, such as one namespace at a time: `hubble observe --namespace shop`.
""",
)
_LONGEST = 1 << 20
STDIN = "<stdin>"


def read_logs(arguments: tuple[str, ...], here: Path) -> Outcome[Log]:
    """Add up flow logs; files whose names end in `.gz` are unpacked.

    Returns:
        What the logs add up to, and findings about what could not be read or understood.
    """
    log, found = Log(), list[Diagnostic]()
    for argument in arguments:
        name = STDIN if argument == "-" else display_name(str(here / argument), here)
        try:
            if argument == "-":
                if sys.stdin is not None:
                    log.add(_lines(sys.stdin.buffer), name)
                continue
            with closing(_open(here / argument)) as stream:
                log.add(_lines(stream), name)
        except (OSError, EOFError, ValueError, zlib.error) as error:
            found.append(unreadable(name, reason(error)))
    if log.bad_lines:
        message = f"{log.bad_lines} of {log.lines} lines are not understood"
        found.append(_finding(FLOWS_NOT_UNDERSTOOD, message, log.bad))
    if log.beyond:
        message = f"{log.beyond} flows are of further kinds, which are not compared"
        found.append(_finding(FLOWS_NOT_COUNTED, message, []))
    return Outcome(log, tuple(found))


def compare(log: Log, known: Compilation) -> Learned:
    """The log, compared with what the sources mean."""
    return learn(
        log,
        known.program,
        policies=known.whole,
        raw=lower(known.program).value,
        inventory=known.inventory,
    )


def _open(path: Path) -> BinaryIO:
    return cast("BinaryIO", gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def _lines(stream: BinaryIO) -> Iterator[str]:
    """The lines; of one that is longer than any flow, only the beginning."""
    while line := stream.readline(_LONGEST):
        whole = line
        while whole and not whole.endswith(b"\n"):
            whole = stream.readline(_LONGEST)
        yield line.decode("utf-8", "replace")


def _finding(kind: Kind, message: str, lines: list[str]) -> Diagnostic:
    label = Label(SourceFile(lines[0].partition(":")[0] if lines else "flows", "").whole())
    return Diagnostic(kind=kind, message=message, label=label, help="; ".join(lines))
