"""`netpolc owners`: whose agreement a change needs."""

from collections.abc import Sequence

from netpolc.changes.codeowners import CodeOwners, parse_codeowners
from netpolc.changes.owners import Agreement, agreement
from netpolc.commands.diff import Compared, diff
from netpolc.commands.pipeline_run import Progress, silent
from netpolc.diagnostics import Diagnostic
from netpolc.io.codeowners import read_codeowners
from netpolc.io.config import project_in_repository
from netpolc.io.project import Request
from netpolc.values import frozen


@frozen(kw_only=True)
class Owned:
    """Whose agreement a change needs, or what is wrong.

    `agreement` is missing where the sides cannot be compared, where `compared.difference` is not
    whole, and where CODEOWNERS cannot be read (`diagnostics`). `rules` are missing without a
    CODEOWNERS; `name` is its path, and `folder` that of the project in its repository.
    """

    compared: Compared
    agreement: Agreement | None = None
    rules: CodeOwners | None = None
    name: str = ""
    folder: str = ""
    diagnostics: tuple[Diagnostic, ...] = ()


def owners(
    arguments: Sequence[str],
    request: Request,
    codeowners: str | None,
    *,
    paths: int | None = None,
    progress: Progress = silent,
) -> Owned:
    """The files whose owners must agree to a change, or the findings that prevent an answer.

    Args:
        arguments: the two sides, as for `diff`.
        request: what else was asked for.
        codeowners: the path of a CODEOWNERS file; None for the usual places.
        paths: how many of the arguments come after a `--`.
        progress: shows the steps.
    """
    compared = diff(arguments, request, paths=paths, progress=progress)
    if compared.difference is None or not compared.difference.whole:
        return Owned(compared=compared)
    needed = agreement(compared.difference, *compared.sides)
    read = read_codeowners(codeowners, request.here)
    if read.failed:
        return Owned(compared=compared, diagnostics=read.diagnostics)
    return Owned(
        compared=compared,
        agreement=needed,
        rules=None if read.value is None else parse_codeowners(read.value.text),
        name="" if read.value is None else read.value.path,
        folder=project_in_repository(request.here),
    )
