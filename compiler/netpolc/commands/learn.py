"""`netpolc learn`: from a log of flows to proposed intents that are verified.

The text of the proposals is read again, compiled together with the intents there are,
and asked about every kind of flow: what was forwarded and named must be permitted now,
and what was permitted must still be. Nothing is shown that fails this.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from netpolc.commands.pipeline import Compilation, understand
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render.escape import visible
from netpolc.flowlogs.aggregate import BadLine, Tally
from netpolc.flowlogs.classify import ClassifiedFlow, ClassifiedLog, FlowClass, classify
from netpolc.flowlogs.display import flow_text
from netpolc.flowlogs.flows import PodParty
from netpolc.flowlogs.intents_text import intents_text, text_of_some
from netpolc.flowlogs.permitted import Comparison, Permitted
from netpolc.flowlogs.proposals import Proposal, proposals
from netpolc.flowlogs.vocabulary import Intents, Names
from netpolc.io.flow_logs import add_logs
from netpolc.io.project import Options, Request, open_project
from netpolc.io.project_settings import has_project
from netpolc.io.sources import Sources
from netpolc.ir.model import Policies
from netpolc.kube.peers import Direction, Peer, Pods
from netpolc.program.model import Program
from netpolc.source import SourceFile
from netpolc.values import frozen

BAD_FLOW = Rule(code="NP715", name="flow-not-understood", severity=Severity.WARNING)
TOO_MANY_FLOWS = Rule(code="NP716", name="too-many-kinds-of-flows", severity=Severity.WARNING)
NO_FLOWS = Rule(code="NP718", name="no-flows", severity=Severity.ERROR)
UNPROVED_PROPOSAL = Rule(code="NP719", name="proposal-not-proved", severity=Severity.ERROR)
PROPOSED = "<proposals>"
_SHOWN, _LONGEST = 100_000, 1000
_AT_ONCE = 100_000
"""Flows that are proved at once."""


@frozen(kw_only=True)
class LearnResult:
    """The result of learning: the classified log, the proposed arrows, and their text."""

    log: ClassifiedLog
    proposals: tuple[Proposal, ...]
    text: str
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether there is an error among the findings."""
        return has_errors(self.diagnostics)


def learn_flows(
    flows: Sequence[str],
    request: Request,
    *,
    new: bool,
    egress: bool,
    platform: bool = False,
) -> Outcome[LearnResult | None]:
    """Read logs and compare them with a project, if there is one.

    Args:
        flows: paths of logs, and `-`, as the user gave them.
        request: the sources to compare with.
        new: whether namespaces without policies are to be closed.
        egress: whether they are to be closed on the senders' end too.
        platform: whether namespaces of the platform are among them.

    Returns:
        The proposals, with all findings; None where the sources or a log cannot be read.
    """
    alone = not request.sources and not has_project(request.here)
    opened = open_project(request, only_beside=alone)
    project = opened.value
    known = understand(project.sources, project.options, before=opened.diagnostics)
    if known.failed:
        return Outcome(None, known.diagnostics)
    tally = Tally(intents_of(known).keys)
    if unread := tuple(add_logs(flows, request.here, tally)):
        return Outcome(None, (*known.diagnostics, *unread))
    result = propose(
        tally, project.sources, project.options, known, new=new, egress=egress, platform=platform
    )
    return Outcome(result, (*known.diagnostics, *result.diagnostics))


def intents_of(known: Compilation) -> Intents:
    """The intents and policies with which a log is compared."""
    return Intents(
        program=known.program,
        policies=known.whole,
        tiers=known.tiers,
        keys=frozenset(
            (
                *_keys(known.whole),
                *_written_keys(known.program),
                *(key for pods in known.tiers.pods() for key in _peer_keys(pods)),
            )
        ),
    )


def propose(  # noqa: PLR0913 - one argument for each option
    tally: Tally,
    sources: Sources,
    options: Options,
    known: Compilation,
    *,
    new: bool = False,
    egress: bool = False,
    platform: bool = False,
) -> LearnResult:
    """Compare a log with what the sources mean, and propose what is missing.

    Args:
        tally: the log, added up with the label keys of the intents.
        sources: what was read.
        options: how it was read.
        known: what it means.
        new: whether namespaces that no policy speaks for are to be closed; where there
            are not policies at all they are anyway.
        egress: whether they are to be closed on the senders' end too.
        platform: whether namespaces of the platform are among them.

    Returns:
        The proposals, proved, and the findings about the log.
    """
    intents = intents_of(known)
    new = new or not known.whole.namespaces
    log = classify(tally, intents, known.inventory, new=new, egress=egress, platform=platform)
    proposed = proposals(log, intents)
    text = intents_text(log, proposed, intents, egress=egress)
    findings = [*_about_log(tally)]
    ends = (
        end
        for classified in log.flows
        for end in (classified.kind.sender, classified.kind.receiver)
    )
    pods = {end for end in ends if isinstance(end, PodParty)}
    for part, rows in _parts(log, proposed, intents, text, egress=egress) if proposed else ():
        unproved = tuple(_unproved(rows, pods, part, sources, options))
        findings += unproved
        if unproved:
            break
    return LearnResult(log=log, proposals=proposed, text=text, diagnostics=tuple(findings))


def _parts(
    log: ClassifiedLog, proposed: tuple[Proposal, ...], intents: Intents, text: str, *, egress: bool
) -> Iterator[tuple[str, Sequence[ClassifiedFlow]]]:
    """The proposals in parts that are proved one by one, each with the flows that it is for.

    Memory has room for one part. Each closes all that the whole text closes and opens
    no more, so what it permits the whole text permits.
    """
    missing, permitted = log.of(FlowClass.MISSING), log.of(FlowClass.PERMITTED)
    if len(missing) <= _AT_ONCE:
        yield text, (*missing, *permitted)
        return
    for start in range(0, len(missing), _AT_ONCE):
        rows = missing[start : start + _AT_ONCE]
        mine = {id(row) for row in rows}

        def is_wanted(proposal: Proposal, mine: set[int] = mine) -> bool:
            return any(id(opening.flow) in mine for opening in proposal.openings)

        part = text_of_some(log, proposed, intents, is_wanted, egress=egress)
        yield part, rows if start else (*rows, *permitted)


def _unproved(
    rows: Iterable[ClassifiedFlow],
    pods: Iterable[PodParty],
    text: str,
    sources: Sources,
    options: Options,
) -> Iterator[Diagnostic]:
    """The flows that proposals do not permit, and the connections they close, found by compiling them."""
    file = SourceFile(PROPOSED, text)
    together = replace(sources, intents=(*sources.intents, file))
    known = understand(together, options)
    if known.failed:
        yield from (finding for finding in known.diagnostics if finding.severity is Severity.ERROR)
        yield _not_proved("they do not compile", file)
        return
    intents = intents_of(known)
    names = Names(intents, pods)
    comparison = Comparison(intents, names, known.inventory, new=False, egress=False)
    for classified in rows:
        closed = [
            d for d in Direction if comparison.end_permits(classified.kind, d) is not Permitted.YES
        ]
        if closed or comparison.may_be_denied(classified.kind):
            where = closed[0].value if closed else "cluster-wide policies"
            what = f"`{visible(flow_text(classified.kind, names))}` is not permitted"
            yield _not_proved(f"{what} ({where})", file)
            return


def _not_proved(why: str, file: SourceFile) -> Diagnostic:
    return Diagnostic(
        rule=UNPROVED_PROPOSAL,
        message=f"the proposals could not be verified: {why}",
        label=Label(file.whole()),
        help="this is a bug in netpolc; please report it",
    )


def _about_log(tally: Tally) -> Iterator[Diagnostic]:
    yield from map(_bad_line, tally.bad_lines)
    if tally.overflow:
        yield Diagnostic(
            rule=TOO_MANY_FLOWS,
            message=f"there are more than {len(tally.kinds)} different flows;"
            f" {tally.overflow} lines of later ones are left out",
            label=Label(SourceFile("<flows>", "").whole()),
            help="learn from one namespace after the other: `hubble observe -n shop -o jsonpb`",
        )
    if not tally.kinds:
        yield Diagnostic(
            rule=NO_FLOWS,
            message="the log has no flow that a policy could be about",
            label=Label(SourceFile("<flows>", "").whole()),
            help="give the lines of `hubble observe -o jsonpb`, or the table that `netpolc explain NP715` shows",
        )


def _bad_line(line: BadLine) -> Diagnostic:
    # The place is shown with its number by as many empty lines above it as that takes.
    if line.number <= _SHOWN:
        file = SourceFile(line.path, "\n" * (line.number - 1) + line.text[:_LONGEST])
        span = file.span(line.number - 1, len(file.text))
    else:
        span = SourceFile(line.path, "").whole()
    return Diagnostic(
        rule=BAD_FLOW,
        message=f"line {line.number} is not a flow: {visible(line.why)}",
        label=Label(span, "left out"),
        help="`netpolc explain NP715` shows the lines that are read",
    )


def _keys(policies: Policies) -> Iterator[str]:
    """The label keys that policies look at."""
    for each in policies.namespaces.values():
        for subject in each.subjects:
            yield from subject.selector.keys()
            for allow in subject.allows:
                yield from _peer_keys(allow.peer)


def _written_keys(program: Program) -> Iterator[str]:
    """The label keys that statements look at, also where a meaning has no use for them."""
    for namespace in program.namespaces.values():
        for service in namespace.services.values():
            yield from service.pods.keys()
        for arrow in namespace.arrows:
            yield from arrow.subject.keys()
            for named_grant in arrow.grants:
                yield from _peer_keys(named_grant.grant.peer)


def _peer_keys(peer: Peer) -> Iterable[str]:
    if not isinstance(peer, Pods):
        return ()
    return (*peer.pods.keys(), *(() if peer.namespaces is None else peer.namespaces.keys()))
