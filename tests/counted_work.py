"""An organisation, and its compile, whose work is counted."""

from collections import Counter
from collections.abc import Callable
from datetime import date

from netpolc.commands.pipeline import Compilation, run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile

TODAY = date(2026, 1, 1)


def organisation(namespaces: int, services: int, peers: int = 4) -> tuple[SourceFile, ...]:
    """Namespaces that close themselves, each service open to some others of it and one outside."""
    return tuple(
        SourceFile(
            f"intents/ns{n}/s{s}.intent",
            f"namespace ns{n}\ndefault: deny\n"
            + "".join(f"s{s} <- s{(s + k + 1) % services}:{8000 + k}\n" for k in range(peers))
            + f"s{s} <- s{s} in ns ns{(n + 1) % namespaces}:443\ns{s} <- 10.{s}.0.0/16:80\n",
        )
        for n in range(namespaces)
        for s in range(services)
    )


def compiled(sources: tuple[SourceFile, ...]) -> Compilation:
    """A compile without findings."""
    result = run(Sources(intents=sources), Options(today=TODAY))
    assert not result.diagnostics
    return result


def work(calls: Counter[str], name: str, text: Callable[[int], str], *numbers: int) -> list[int]:
    """The number of calls that the check of a text takes, for some numbers of its parts."""
    found = []
    for number in numbers:
        calls.clear()
        run(Sources(intents=(SourceFile("a.intent", text(number)),)), Options(today=TODAY))
        found.append(calls[name])
    return found
