"""The statements of a report, each once, with its dates and the commit that wrote it."""

from collections.abc import Iterator
from datetime import date

from netpolc.io.line_history import LineHistories
from netpolc.program.model import Program
from netpolc.provenance import Origin, Place
from netpolc.report.model import Change, Statement


class ReportStatements:
    """The statements that origins are, each made once."""

    def __init__(self, program: Program, histories: LineHistories | None) -> None:
        """Take the program, for the dates of its arrows, and perhaps what git knows of lines."""
        self._until: dict[Place, date] = {
            arrow.origin.place: arrow.until
            for namespace in program.namespaces.values()
            for arrow in namespace.arrows
            if arrow.until is not None
        }
        self._temporary = [
            arrow.origin
            for namespace in program.namespaces.values()
            for arrow in namespace.arrows
            if arrow.until is not None
        ]
        self._histories = histories
        self._found: dict[Place, Statement] = {}

    def of(self, origin: Origin) -> Statement:
        """The statement of an origin."""
        place = origin.place
        if place not in self._found:
            self._found[place] = Statement(
                path=origin.path,
                line=origin.line,
                text=origin.statement,
                because=origin.because,
                until=self._until.get(place),
                change=self._change(origin),
            )
        return self._found[place]

    def temporary(self) -> Iterator[Statement]:
        """The arrows that end, the soonest first."""
        statements = {self.of(origin) for origin in self._temporary}
        yield from sorted(
            statements,
            key=lambda statement: (statement.until or date.max, statement.path, statement.line),
        )

    def _change(self, origin: Origin) -> Change | None:
        if self._histories is None:
            return None
        written = self._histories.of(origin.path, origin.line)
        if written is None:
            return None
        return Change(
            commit=written.commit,
            day=written.day,
            author=written.author,
            is_oldest=written.is_oldest,
        )
