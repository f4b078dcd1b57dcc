"""`netpolc can`: one question in the intent language, and why the answer is what it is."""

import click

from netpolc.analysis.explain_query import Answer
from netpolc.cli import completions, options
from netpolc.cli.request import new_request
from netpolc.cli.stderr import not_shown, print_findings, print_summary
from netpolc.cli.stdout import colours, print_json, print_text
from netpolc.commands.can import answer
from netpolc.commands.can_report import answer_json, answer_text
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible
from netpolc.io.project import Request, requests_of_outputs

_UNSAID = 2


@click.command("can", epilog="Example: netpolc can 'db <- api:5432' intents/ --namespace shop")
@click.argument("question")
@options.sources
@click.option(
    "--namespace",
    metavar="NAME",
    callback=options.valid_namespace,
    shell_complete=completions.namespaces,
    help="Namespace of the question's bare names.  [default: the only namespace, or default]",
)
@options.environment
@options.beside
@options.closed_world
@options.assume_no_other_policies
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to print the answer and its reasons.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
def command(  # noqa: PLR0913 - one argument for each option
    *,
    question: str,
    sources: tuple[str, ...],
    namespace: str | None,
    beside: tuple[str, ...],
    closed_world: bool,
    assume_no_other_policies: bool,
    form: str,
    as_json: bool,
) -> int:
    """Ask whether connections are permitted, and why.

    QUESTION is one arrow of the intent language, in quotes. The answer is about every pod that could
    exist: yes, no, partly, or unknown. `shop/db`, as list prints it, means `db in ns shop`.

    Exits with 0 for yes, 1 for no or partly, and 2 where there is no answer: the question or a
    source has errors, facts are unknown, or nothing names such pods. SOURCE is as for
    check. All outputs of netpolc.toml are asked, or the one of -e, and the exit code is the highest.

    With --namespace, a question about known namespaces is answered from the policies of those
    alone; `netpolc check` reports findings about others.
    """
    request = new_request(
        sources=sources,
        beside=beside,
        closed_world=closed_world,
        assume_no_other_policies=assume_no_other_policies,
    )
    as_json = as_json or form == "json"
    requests = (request,) if as_json else requests_of_outputs(request)
    shown: set[object] = set()
    codes = [
        _answer(
            question, output_request, namespace, shown, as_json=as_json, several=len(requests) > 1
        )
        for output_request in requests
    ]
    return max(codes)


def _answer(
    question: str,
    request: Request,
    namespace: str | None,
    shown: set[object],
    *,
    as_json: bool,
    several: bool,
) -> int:
    """Print the answer about one output, without findings that were shown; the exit code."""
    answered = answer(question, request, namespace)
    if several:
        print_text(f"{visible(request.environment or '')}:\n")
    print_findings(not_shown(answered.diagnostics, shown))
    if answered.failed:
        print_summary(tally(answered.diagnostics))
        return _UNSAID
    if as_json:
        print_json(answer_json(answered))
    else:
        print_text(answer_text(answered, coloured=colours()))
    answers = {
        Answer.UNKNOWN if asked.unknown else asked.reply.answer for asked in answered.answers
    }
    if not answers or answers & {Answer.UNKNOWN, Answer.NOTHING}:
        return _UNSAID
    return 0 if answers == {Answer.YES} else 1
