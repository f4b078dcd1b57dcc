"""The command line `netpolc`: how it ends, whatever happens.

Exit codes: 0 good, 1 errors in the input or a difference found by `--check`, 2 wrong
usage, 70 a bug in netpolc (EX_SOFTWARE of sysexits.h), 130 interrupted, 141
nobody reads the output any more (as a shell reports SIGINT and SIGPIPE).
"""

import os
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import click

from netpolc.cli.lazy import LazyGroup
from netpolc.cli.stdout import NoReaderError
from netpolc.diagnostics.render.escape import visible
from netpolc.diagnostics.render.workflow_commands import inert
from netpolc.version import __version__

_INTERNAL, _INTERRUPTED, _NO_READER = 70, 130, 141


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example: netpolc compile intents/ -o out/",
)
@click.version_option(
    __version__, "-V", "--version", prog_name="netpolc", message="%(prog)s %(version)s"
)
def group() -> None:
    """Compile intents such as `db <- api:5432` to Kubernetes NetworkPolicy manifests."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        result = group.main(list(arguments), prog_name="netpolc", standalone_mode=False)
    except click.ClickException as error:
        shown = StringIO()
        error.show(shown)
        click.echo(inert(shown.getvalue(), os.environ), err=True, nl=False)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except NoReaderError:
        return _NO_READER
    except Exception as error:  # noqa: BLE001 - the last resort, so that nobody sees a traceback
        _report(error)
        return _INTERNAL
    return result if isinstance(result, int) else 0


def _report(error: Exception) -> None:
    """Say what broke and where, without the traceback unless NETPOLC_DEBUG asks for it."""
    import traceback  # noqa: PLC0415 - it should never be needed

    if os.environ.get("NETPOLC_DEBUG"):
        traceback.print_exception(error)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    what = visible(f"{type(error).__name__}: {error}")
    click.echo(
        f"netpolc: internal error: {what}{place}\n"
        "This is a bug in netpolc. Please report it, with what netpolc prints when\n"
        "the environment has NETPOLC_DEBUG=1.",
        err=True,
    )
