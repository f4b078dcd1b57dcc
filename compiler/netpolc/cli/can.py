"""`netpolc can`: one question in the intent language, and why the answer is what it is."""

import json
from collections.abc import Iterable, Iterator
from functools import partial

import click

from netpolc.analysis.concrete_evaluator import Connection, Pod
from netpolc.analysis.explain_query import Answer, Miss, Reasons, Reply
from netpolc.analysis.query import AddressEnd, EndOfQuestion
from netpolc.analysis.sentence import sentence
from netpolc.cli import options
from netpolc.cli.stderr import print_findings, print_summary
from netpolc.cli.stdout import print_output, print_text
from netpolc.commands.can import Asked, ask, narrowed
from netpolc.commands.pipeline import Compilation, understand
from netpolc.commands.project import Project, Request, open_project
from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.render import tally
from netpolc.diagnostics.render.escape import visible
from netpolc.kube.display import (
    addresses_text,
    namespaces_text,
    peer_text,
    ports_text,
    selector_text,
)
from netpolc.kube.peers import Direction
from netpolc.provenance import Origin, Origins, closing_or_all

_SOME, _NEAREST = 5, 3


@click.command("can", epilog="Example: netpolc can 'db <- api:5432' intents/ --namespace shop")
@click.argument("question")
@options.sources
@click.option(
    "--namespace",
    metavar="NAME",
    callback=options.valid_namespace,
    help="Where the question's bare names live.  [default: the one namespace there is, or default]",
)
@options.beside
@click.option("--json", "as_json", is_flag=True, help="Print the answer and its reasons as JSON.")
def command(
    *,
    question: str,
    sources: tuple[str, ...],
    namespace: str | None,
    beside: tuple[str, ...],
    as_json: bool,
) -> int:
    """Ask whether connections are permitted, and why.

    QUESTION is one arrow of the intent language, in quotes. The answer is about every pod that could
    exist: yes, no, or partly. Exits with 0 for yes and 1 for anything else. SOURCE is as for check.

    With --namespace, a question that speaks of known namespaces alone is answered from what is said
    of these; findings about others are left to check.
    """
    request = Request(sources=sources, beside=beside)
    opened = open_project(request, options.working_folder(), options.today())
    project = opened.value
    known = _known(project, question, namespace, opened.diagnostics)
    home = namespace or _only_namespace(list(known.whole.namespaces), project.options.namespace)
    outcome = ask(question, known, home=home, namespace=project.options.namespace)
    found = (*known.diagnostics, *outcome.diagnostics)
    print_findings(found)
    if known.failed or outcome.failed:
        print_summary(tally(found))
        return 2 if outcome.failed else 1
    answers = outcome.value
    if as_json:
        print_output(json.dumps([_as_json(asked) for asked in answers], indent=2) + "\n")
    else:
        print_text("".join(_as_text(asked, home) for asked in answers) or "nothing is asked\n")
    return int(not answers or any(a.reply.answer is not Answer.YES for a in answers))


def _known(
    project: Project, question: str, home: str | None, before: tuple[Diagnostic, ...]
) -> Compilation:
    """What has to be known for the question; all, where its home is not decided yet."""
    if home is None:
        return understand(project.sources, project.options, before=before)
    narrow = partial(narrowed, question, home=home, namespace=project.options.namespace)
    return understand(project.sources, project.options, before=before, narrow=narrow)


def _only_namespace(names: list[str], default: str) -> str:
    """Where bare names live if nobody says: in the one namespace that there is."""
    return names[0] if len(names) == 1 else default


def _as_text(asked: Asked, home: str) -> str:
    lines = [f"{_word(asked.reply)}: {_question(asked.reply)} (in namespace {home})"]
    reply = asked.reply
    for which, reasons in (("receiver", reply.ingress), ("sender", reply.egress)):
        lines += [f"  {which}: {line}" for line in _reasons(reasons)]
    if reply.answer is Answer.PARTLY:
        for connection, what in ((reply.permitted, "permitted"), (reply.blocked, "not permitted")):
            if connection is not None:
                lines.append(f"  {what}, for example: {sentence(connection)}")
    if reply.answer is Answer.UNKNOWN:
        names = ", ".join(f"`{name.name}`" for name in reply.names)
        lines.append(f"  depends on the number behind {names}: give the workloads --with")
    lines += [f"  unknown for {host}: it uses the host's network" for host in reply.hosts]
    return "".join(f"{visible(line)}\n" for line in lines)


def _word(reply: Reply) -> str:
    return "nothing to ask" if reply.answer is Answer.NOTHING else reply.answer.value


def _question(reply: Reply) -> str:
    return f"{_end(reply.question.sender)} to {_end(reply.question.receiver)}{ports_text(reply.question.traffic)}"


def _end(end: EndOfQuestion) -> str:
    if isinstance(end, AddressEnd):
        return addresses_text(end.addresses) or "every address"
    return f"{selector_text(end.pods)} in ns {namespaces_text(end.namespaces)}"


def _reasons(reasons: Reasons) -> Iterator[str]:
    if reasons.open:
        yield "open: no policy closes it" + (" for some of these" if reasons.isolations else "")
    yield from _several("opened by", [a.origins for a in reasons.allows])
    yield from _several("closed by", [closing_or_all(i.origins) for i in reasons.isolations])
    nearest = [
        f"{_places(miss.allow.origins)}, which misses {_missed(miss)}" for miss in reasons.nearest
    ]
    for line in list(dict.fromkeys(nearest))[:_NEAREST]:
        yield f"nearest: {line}"


def _several(verb: str, groups: list[Origins]) -> Iterator[str]:
    places = list(dict.fromkeys(_place(origin) for origins in groups for origin in origins))
    for place in places[:_SOME]:
        yield f"{verb} {place}"
    if len(places) > _SOME:
        yield f"{verb} {len(places) - _SOME} more"


def _places(origins: Origins) -> str:
    return ", ".join(map(_place, origins[:_SOME]))


def _place(origin: Origin) -> str:
    where = f" ({origin.path}:{origin.line})" if origin.path else ""
    return f"`{origin.statement}`{where}"


def _missed(miss: Miss) -> str:
    allow = miss.allow
    subject, peer = (
        ("receiver", "sender") if allow.direction is Direction.INGRESS else ("sender", "receiver")
    )
    parts = [
        (miss.subject, f"the {subject} (it is about {selector_text(allow.subject)})"),
        (miss.peer, f"the {peer} (it lists {peer_text(allow.peer)})"),
        (miss.traffic, f"the port (it lists {ports_text(allow.traffic).removeprefix(':')})"),
    ]
    return " and ".join(text for missed, text in parts if missed)


def _as_json(asked: Asked) -> dict[str, object]:
    reply = asked.reply
    return {
        "question": asked.text,
        "answer": reply.answer.value,
        "permitted": _connection(reply.permitted),
        "blocked": _connection(reply.blocked),
        "receiver": _reasons_json(reply.ingress),
        "sender": _reasons_json(reply.egress),
        "unknown": [f"{p.name}/{p.protocol.value}" for p in reply.names]
        + [str(w) for w in reply.hosts],
    }


def _reasons_json(reasons: Reasons) -> dict[str, object]:
    return {
        "open": reasons.open,
        "opened_by": _places_json(one.origins for one in reasons.allows),
        "closed_by": _places_json(closing_or_all(i.origins) for i in reasons.isolations),
        "nearest": [
            {
                "statements": _places_json((miss.allow.origins,)),
                "misses": [
                    part
                    for part, missed in (
                        ("subject", miss.subject),
                        ("peer", miss.peer),
                        ("traffic", miss.traffic),
                    )
                    if missed
                ],
            }
            for miss in reasons.nearest
        ],
    }


def _places_json(groups: Iterable[Origins]) -> list[dict[str, object]]:
    origins = dict.fromkeys(origin for some in groups for origin in some)
    return [{"path": o.path, "line": o.line, "statement": o.statement} for o in origins]


def _connection(connection: Connection | None) -> dict[str, object] | None:
    if connection is None:
        return None
    return {
        "from": _end_json(connection.sender),
        "to": _end_json(connection.receiver),
        "protocol": connection.protocol.value,
        "port": connection.port,
    }


def _end_json(end: object) -> object:
    if not isinstance(end, Pod):
        return str(end)
    return {
        "namespace": end.namespace,
        "namespace_labels": dict(end.namespace_labels),
        "labels": dict(end.labels),
    }
