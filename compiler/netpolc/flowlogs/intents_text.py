"""Proposals as an intent file, with what should be looked at first as comments.

That is how often an arrow was seen and when, blocks that would be wider than what was seen, and
everything that is not proposed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain, groupby

from netpolc.flowlogs.classify import ClassifiedFlow, ClassifiedLog, FlowClass, namespaces_of
from netpolc.flowlogs.display import explained, flow_text, lines_text, policies_text, seen_text
from netpolc.flowlogs.proposals import Proposal, assumption, closing, guesses
from netpolc.flowlogs.vocabulary import Intents
from netpolc.kube.cidr import BITS, Block, Cidr
from netpolc.kube.label_conventions import DEFAULT_LABEL
from netpolc.passes.decompile.build_nodes import word
from netpolc.provenance import StatementKind
from netpolc.source import NOWHERE
from netpolc.syntax import parts, tree
from netpolc.syntax.formatter import format_nodes, pod_peer_text, statement_text

_NEARBY = {4: 24, 6: 64}
_TOGETHER = 3
_UNPROPOSED = (
    (FlowClass.DROPPED, "Dropped, and so not proposed:"),
    (FlowClass.DOUBTFUL, "Possibly replies (a client's port, and the log does not say who began):"),
    (FlowClass.UNSURE, "Permitted or not, by labels or port names that the log does not show:"),
    (FlowClass.NODE, "One end has a node's address, and so not proposed:"),
    (FlowClass.SPECIAL, "One end has an address that is not a peer's, and so not proposed:"),
    (FlowClass.GUARDED, "Denied by cluster-wide policies, certainly or possibly:"),
    (
        FlowClass.NAMELESS,
        "Between pods that no label tells from others, so no policy can name them:",
    ),
    (FlowClass.ENTITY, "From or to what is neither a pod nor an address outside the cluster:"),
)


def intents_text(
    log: ClassifiedLog, proposals: Iterable[Proposal], intents: Intents, *, egress: bool
) -> str:
    """The proposals as an intent file, with comments for all that is not proposed."""
    listed = tuple(proposals)
    assumed = assumption(listed, log.nodes)
    heading = (*_heading(log), *((assumed,) if assumed else ()))
    top = tuple(f"# {line}" for line in heading)
    nodes = _nodes(log, listed, intents, _arrows, egress=egress)
    first = next(nodes, None)
    if first is None:
        return format_nodes((), (*top, *_tail(log)))
    header = replace(first, comments=tree.Comments(before=(*top, "")))
    return format_nodes(chain((header,), nodes), _tail(log))


def text_of_some(
    log: ClassifiedLog,
    chosen: Iterable[Proposal],
    intents: Intents,
    is_wanted: Callable[[Proposal], bool],
    *,
    egress: bool,
) -> str:
    """Intents that open what the wanted proposals open, and close the subjects of all proposals."""

    def arrows(proposals: Iterable[Proposal]) -> Iterator[tree.Statement]:
        for (direction, _), same in groupby(
            proposals, lambda proposal: (proposal.direction, proposal.subject)
        ):
            listed = list(same)
            wanted = [proposal.statement() for proposal in listed if is_wanted(proposal)]
            yield from wanted or (closing(direction, listed[0].subject),)

    return format_nodes(_nodes(log, chosen, intents, arrows, egress=egress), ())


def _nodes(
    log: ClassifiedLog,
    proposals: Iterable[Proposal],
    intents: Intents,
    arrows: Callable[[Iterable[Proposal]], Iterable[tree.Statement]],
    *,
    egress: bool,
) -> Iterator[tree.Statement | tree.Header]:
    """The sections of all namespaces that proposals are for."""
    blank = tree.Comments(before=("",))
    for namespace, mine in groupby(proposals, lambda proposal: proposal.namespace):
        yield tree.NamespaceHeader(name=word(namespace), facts=(), span=NOWHERE, comments=blank)
        yield from _settings(namespace, log, intents, egress=egress)
        yield from arrows(mine)


def _settings(
    namespace: str, log: ClassifiedLog, intents: Intents, *, egress: bool
) -> Iterator[tree.Statement]:
    """The settings that the intents of a namespace still need."""
    if namespace in log.new:
        yield tree.DefaultSetting(deny=True, ingress=egress, egress=egress, span=NOWHERE)
    if namespace not in intents.program.namespaces:
        label = log.names.label(namespace)
        if label != DEFAULT_LABEL or intents.sets_for_all(StatementKind.LABEL):
            yield tree.LabelSetting(key=word(label), span=NOWHERE)


def _arrows(proposals: Iterable[Proposal]) -> Iterator[tree.Statement]:
    """The arrows of a namespace, a blank line between subjects, groups of addresses noted."""
    listed = list(proposals)
    subject, noted = "", dict(_grouped(listed))
    for proposal in listed:
        mine = pod_peer_text(proposal.subject)
        before = ("",) if mine != subject else ()
        subject = mine
        above = (*before, *noted.get(id(proposal), ()))
        yield proposal.statement(tree.Comments(before=above, after=f"# {seen_text(proposal.seen)}"))


def _grouped(proposals: Iterable[Proposal]) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Blocks that several addresses lie in, as comments at the first of them."""
    near: dict[object, list[Proposal]] = {}
    for proposal in proposals:
        if isinstance(proposal.peer, parts.BlockPeer):
            wide = _around(proposal.peer.block.cidr)
            key = proposal.direction, proposal.subject, proposal.traffic, wide
            near.setdefault(key, []).append(proposal)
    for same in near.values():
        first = same[0]
        if len(same) >= _TOGETHER and isinstance(first.peer, parts.BlockPeer):
            wide = _around(first.peer.block.cidr)
            text = replace(first, peer=parts.BlockPeer(Block(wide))).statement()
            yield (
                id(first),
                (
                    f"# {len(same)} addresses of {wide} were seen. If all of it is theirs, write instead of them:",
                    f"# {statement_text(text)}",
                ),
            )


def _around(cidr: Cidr) -> Cidr:
    prefix = _NEARBY[cidr.version]
    spare = BITS[cidr.version] - prefix
    return Cidr(cidr.version, cidr.first >> spare << spare, prefix)


def _heading(log: ClassifiedLog) -> Iterator[str]:
    yield f"Proposed by netpolc learn from {lines_text(log, '{:%Y-%m-%d}'.format)}."
    yield "A log shows what happened, not what is meant: read each arrow before you keep it."
    if log.new & {*namespaces_of(log.openings)}:
        yield "A default closes all the rest of a namespace: what is rare may not be in the log."
    if log.unread:
        yield f"Not counted, though they may permit or deny these connections too: {policies_text(log.unread)}."
    if log.bad:
        yield f"Lines that could not be understood: {log.bad}."
    if log.overflow:
        yield f"Flows beyond the limit of different flows, not included here: {log.overflow}."


def _tail(log: ClassifiedLog) -> Iterator[str]:
    for flow_class, heading in _UNPROPOSED:
        rows = log.of(flow_class)
        if rows:
            yield ""
            yield f"# {heading}"
            for row in rows:
                yield f"#   {flow_text(row.kind, log.names)}  {seen_text(row.seen)}"
                yield from (f"#     {line}" for line in guess_lines(row, log))
            for line in explained(rows, log):
                yield f"#   {line}"


def guess_lines(row: ClassifiedFlow, log: ClassifiedLog) -> Iterator[str]:
    """The arrows that may permit a kind of flow of a node, for a person to decide on."""
    for namespace, statement in guesses(row, log):
        yield f"guess, not enabled, in namespace {namespace}: {statement}"
