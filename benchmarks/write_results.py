"""Write the tables of RESULTS.md from the figures of a bench.

RESULTS.md is a page for people. Its text is written by hand; each table between `<!-- figures: NAME -->` and
`<!-- end -->` is replaced by the figures of that name, where the bench has measured them.

    python benchmarks/write_results.py build/bench/figures.json
"""

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("RESULTS.md")
_TABLE = re.compile(r"(<!-- figures: (?P<name>[^>]+) -->\n).*?(<!-- end -->)", re.DOTALL)
Figures = Mapping[str, Any]


def growth_table(figures: Figures) -> str:
    """A row for each command, with processor seconds and peak memory for each size."""
    sizes = sorted(figures, key=int)
    rows = [["command", *(f"{int(size):,} services" for size in sizes)], ["--"] * (len(sizes) + 1)]
    for command in dict.fromkeys(command for size in sizes for command in figures[size]):
        costs = (figures[size].get(command) for size in sizes)
        cells = (f"{c['processor']:.2f} s, {c['memory']:.0f} MiB" if c else "" for c in costs)
        rows.append([command, *cells])
    return _markdown(rows)


def peers_table(figures: Figures) -> str:
    """A table for each race, with the ratio of each contender's processor time to netpolc's."""
    parts = []
    for title, costs in figures.items():
        first = next(iter(costs.values()))["processor"]
        rows = [[title, "processor s", "peak MiB", "of netpolc"], ["--"] * 4]
        for name, cost in costs.items():
            seconds, memory = cost["processor"], cost["memory"]
            rows.append([name, f"{seconds:.2f}", f"{memory:.0f}", f"{seconds / first:.1f}"])
        parts.append(_markdown(rows))
    return "\n".join(parts)


TABLES: Mapping[str, Callable[[Figures], str]] = {"growth": growth_table, "peers": peers_table}


def with_tables(page: str, figures: Mapping[str, Figures]) -> str:
    """The page with the tables that have new figures."""

    def table(match: re.Match[str]) -> str:
        name = match["name"]
        return f"{match[1]}{TABLES[name](figures[name])}{match[3]}" if name in figures else match[0]

    return _TABLE.sub(table, page)


def _markdown(rows: list[list[str]]) -> str:
    return "".join(f"| {' | '.join(cells)} |\n" for cells in rows).replace("| -- ", "|--")


def main() -> None:
    """Put the figures of a JSON file into the page."""
    figures = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    RESULTS.write_text(with_tables(RESULTS.read_text(encoding="utf-8"), figures), encoding="utf-8")


if __name__ == "__main__":
    main()
