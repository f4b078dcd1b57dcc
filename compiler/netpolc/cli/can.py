"""`netpolc can`: one question in the intent language, and why the answer is what it is."""

import click

from netpolc.analysis.explain_query import Answer
from netpolc.cli import options
from netpolc.cli.stderr import print_findings, print_summary
from netpolc.cli.stdout import print_json, print_text
from netpolc.commands.can import answer
from netpolc.commands.can_report import answer_json, answer_text
from netpolc.diagnostics.render import tally


@click.command("can", epilog="Example: netpolc can 'db <- api:5432' intents/ --namespace shop")
@click.argument("question")
@options.sources
@click.option(
    "--namespace",
    metavar="NAME",
    callback=options.valid_namespace,
    help="Namespace of the question's bare names.  [default: the only namespace, or default]",
)
@options.beside
@options.closed_world
@options.assume_no_other_policies
@click.option("--json", "as_json", is_flag=True, help="Print the answer and its reasons as JSON.")
def command(  # noqa: PLR0913 - one argument for each option
    *,
    question: str,
    sources: tuple[str, ...],
    namespace: str | None,
    beside: tuple[str, ...],
    closed_world: bool,
    assume_no_other_policies: bool,
    as_json: bool,
) -> int:
    """Ask whether connections are permitted, and why.

    QUESTION is one arrow of the intent language, in quotes. The answer is about every pod that could
    exist: yes, no, or partly. Exits with 0 for yes and 1 for anything else. SOURCE is as for check.

    With --namespace, a question about known namespaces is answered from the policies of those
    alone; `netpolc check` reports findings about others.
    """
    found = answer(
        question,
        options.request(
            sources=sources,
            beside=beside,
            closed_world=closed_world,
            assume_no_other_policies=assume_no_other_policies,
        ),
        namespace,
    )
    print_findings(found.diagnostics)
    if found.failed:
        print_summary(tally(found.diagnostics))
        return 1 if found.readable else 2
    if as_json:
        print_json(answer_json(found))
    else:
        print_text(answer_text(found))
    yes = found.answers and all(one.reply.answer is Answer.YES for one in found.answers)
    return 0 if yes else 1
