"""A report as data: everything that its renderers show, worked out.

Nothing here is safe to print as it is: names, reasons and authors come from the files. Each
renderer escapes them in its own way.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import Enum

from netpolc.graph.model import Graph, Node
from netpolc.values import frozen

SOON, LATER = 30, 90
"""Days within which temporary connections end that are shown apart."""


@frozen(kw_only=True)
class Change:
    """The commit that wrote a line. `is_oldest` says that history before it is missing."""

    commit: str
    day: date
    author: str
    is_oldest: bool = False


@frozen(kw_only=True)
class Statement:
    """A statement, or a part of a policy, that opens or closes something."""

    path: str
    line: int
    text: str
    because: str = ""
    until: date | None = None
    change: Change | None = None

    @property
    def place(self) -> str:
        """File and line; what is built in has none."""
        return f"{self.path}:{self.line}" if self.path else "built in"


@frozen(kw_only=True)
class UnknownFact:
    """A fact that nobody states, what would state it, and how many connections depend on it."""

    text: str
    remedy: str
    connections: int = 0


class ExposureKind(Enum):
    """Ways to be exposed, the most serious first. The value is a heading."""

    FROM_INTERNET = "Open to the internet"
    FROM_EVERY_NAMESPACE = "Open to every namespace"
    FROM_UNKNOWN_PODS = "Open to pods that are not known"
    TO_EVERYTHING = "May reach every address"
    TO_INTERNET = "May reach the internet"
    TO_METADATA = "May reach the cloud's metadata service"

    __hash__ = object.__hash__


@frozen(kw_only=True)
class Connection:
    """One row of `netpolc list`, with the statements that open each end.

    `sender_opened` and `receiver_opened` are None where nothing closes the end. With `exposure` the
    other end are pods that are not among the given workloads.
    """

    sender: Node
    receiver: Node
    ports: str
    sender_opened: tuple[Statement, ...] | None
    receiver_opened: tuple[Statement, ...] | None
    facts: tuple[UnknownFact, ...] = ()
    is_undecided: bool = False
    exposure: bool = False
    exposes: tuple[ExposureKind, ...] = ()

    @property
    def statements(self) -> tuple[Statement, ...]:
        """The statements that open an end, each once."""
        both = (*(self.sender_opened or ()), *(self.receiver_opened or ()))
        return tuple(dict.fromkeys(both))


@frozen(kw_only=True)
class Coverage:
    """The number of isolated services of a namespace, and whether all other pods are isolated."""

    namespace: str
    services: int
    ingress: int
    egress: int
    every_ingress: bool
    every_egress: bool


@frozen(kw_only=True)
class Exposure:
    """The connections that expose services in one way."""

    kind: ExposureKind
    connections: tuple[Connection, ...]


class Verdict(Enum):
    """The verdict on an assertion."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    CONTRADICTED = "contradicted by a statement"
    VACUOUS = "vacuous"
    ABOUT_UNKNOWN_PODS = "holds, about pods that nothing else names"

    __hash__ = object.__hash__


@frozen(kw_only=True)
class CheckedAssertion:
    """An assertion, its verdict, and the services that it is about.

    `protects` has a few of their names, `count` all of them. `note` is the counterexample or the
    unknown fact.
    """

    statement: Statement
    verdict: Verdict
    protects: tuple[str, ...]
    count: int
    note: str = ""


@frozen(kw_only=True)
class Finding:
    """A finding of `netpolc check`."""

    code: str
    name: str
    severity: str
    message: str
    path: str
    line: int
    note: str = ""
    help: str = ""

    @property
    def place(self) -> str:
        """File and line."""
        return f"{self.path}:{self.line}"


@frozen(kw_only=True)
class Making:
    """The origin of a report. `day` is None unless requested: equal inputs give equal bytes."""

    version: str
    digest: str
    files: int
    assumptions: tuple[str, ...] = ()
    day: date | None = None
    history: bool = False


@frozen(kw_only=True)
class Report:
    """All of it. `graph` is unfolded.

    `open_ingress` and `open_egress` are the services that no policy isolates in that direction.
    """

    connections: tuple[Connection, ...]
    coverage: tuple[Coverage, ...]
    open_ingress: tuple[Node, ...]
    open_egress: tuple[Node, ...]
    exposures: tuple[Exposure, ...]
    graph: Graph
    assertions: tuple[CheckedAssertion, ...]
    findings: tuple[Finding, ...]
    temporary: tuple[Statement, ...]
    unknown: tuple[UnknownFact, ...]
    making: Making

    @property
    def listed(self) -> tuple[Connection, ...]:
        """The connections that `netpolc list` has: those of exposure are left out."""
        return tuple(connection for connection in self.connections if not connection.exposure)

    def total(self, name: str) -> int:
        """The sum of a number of all namespaces: `services`, `ingress` or `egress`."""
        return sum(getattr(coverage, name) for coverage in self.coverage)

    def count(self, verdict: Verdict) -> int:
        """The number of assertions with a verdict."""
        return sum(checked_assertion.verdict is verdict for checked_assertion in self.assertions)


def ending(temporary: Iterable[Statement], day: date) -> dict[str, tuple[Statement, ...]]:
    """Temporary statements by when they end, seen from a day, the soonest first."""
    soon, later = day + timedelta(days=SOON), day + timedelta(days=LATER)
    by_day: dict[str, list[Statement]] = {}
    for statement in temporary:
        assert statement.until is not None
        if statement.until < day:
            when = "Ended already"
        elif statement.until <= soon:
            when = f"Ends within {SOON} days"
        elif statement.until <= later:
            when = f"Ends within {LATER} days"
        else:
            when = "Ends later"
        by_day.setdefault(when, []).append(statement)
    return {when: tuple(some) for when, some in by_day.items()}
