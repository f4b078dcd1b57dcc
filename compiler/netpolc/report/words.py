"""Sentences of a report that all of its formats for people share."""

from collections.abc import Iterator

from netpolc.report.model import Connection, Making, Report, Statement, Verdict

INGRESS_OPEN = "No policy isolates their ingress: everybody may reach them"
EGRESS_OPEN = (
    "No policy isolates their egress: they may reach every address, the metadata service included"
)


def counted(count: int, noun: str) -> str:
    """A number and its noun, in the plural where it must be."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def totals(report: Report) -> Iterator[str]:
    """The numbers that a reader wants first."""
    services = report.total("services")
    yield f"{counted(len(report.listed), 'connection')} between {counted(services, 'service')} in {counted(len(report.coverage), 'namespace')}"
    yield f"ingress is isolated for {report.total('ingress'):,} of {counted(services, 'service')}, egress for {report.total('egress'):,}"
    if report.assertions:
        proved = report.count(Verdict.PROVED)
        yield f"{proved:,} of {counted(len(report.assertions), 'assertion')} proved"
    undecided = sum(connection.is_undecided for connection in report.connections)
    if undecided:
        yield f"{counted(undecided, 'connection')} undecided"


def opened_words(connection: Connection) -> Iterator[tuple[str, tuple[Statement, ...]]]:
    """For each end of a connection, how it is open, and the statements that open it."""
    both = connection.sender_opened, connection.receiver_opened
    if connection.sender_opened == connection.receiver_opened and connection.sender_opened:
        yield "both ends opened by", connection.sender_opened
        return
    for end, statements in zip(("egress", "ingress"), both, strict=True):
        if statements:
            yield f"{end} opened by", statements
    for end, statements in zip(("egress", "ingress"), both, strict=True):
        if statements is None and not _is_address(connection, end):
            yield f"{end} not isolated", ()


def _is_address(connection: Connection, end: str) -> bool:
    """Whether the end is addresses, which no policy isolates."""
    node = connection.sender if end == "egress" else connection.receiver
    return node.is_addresses


def made_lines(making: Making) -> Iterator[str]:
    """Describe the origin of a report."""
    yield f"netpolc {making.version}"
    yield f"{counted(making.files, 'file')}, SHA-256 of their paths and texts: {making.digest}"
    for assumption in making.assumptions:
        yield f"on the assumption that {assumption}"
    if making.day is not None:
        yield f"on {making.day.isoformat()}"
    if not making.history:
        yield "without the history of git"
