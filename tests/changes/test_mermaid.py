"""The picture of a change: every line of it is of a form that Mermaid reads, whatever is in it.

That Mermaid itself reads these forms, and shows the labels as the texts that they are, was
tried with Mermaid 11.17 on differences of `strategies` and on each character up to U+0250.
"""

import re

from hypothesis import given, settings

from netpolc.changes.model import Cause, Difference, Effect
from netpolc.changes.render.mermaid import MOST_EDGES, graph
from netpolc.kube.peers import Direction
from tests.changes.strategies import differences
from tests.changes.written import EVERYTHING, entry, shop, tcp

LABEL = r'"((?:[A-Za-z0-9 ]|#[0-9]{1,7};)+)"'
NODE = re.compile(
    rf" +(n\d+)(?:\[{LABEL}\]|\({LABEL}\)|\(\[{LABEL}\]\)|\(\(\({LABEL}\)\)\)|{{{{{LABEL}}}}})"
)
SUBGRAPH = re.compile(rf"  subgraph s\d+\[{LABEL}\]")
EDGE = re.compile(rf"  (n\d+) (==>|-\.-x)\|{LABEL}\| (n\d+)")
STYLE = re.compile(r"  linkStyle \d+(?:,\d+)* stroke:#[0-9a-f]{6}(?:,stroke-width:2px)?")


def drawn(difference: Difference) -> list[str]:
    """The lines of the flowchart."""
    text = graph(difference)
    if not text:
        return []
    start = text.index("```mermaid")
    lines = text[start + 1 : text.index("```", start)]
    assert lines[0] == "flowchart LR"
    return lines[1:]


def decoded(label: str) -> str:
    """A label as Mermaid shows it."""
    return re.sub("#([0-9]+);", lambda found: chr(int(found[1])), label)


def edges(difference: Difference) -> set[str]:
    """The edges in words: `otel in telemetry + 9187 db in shop`."""
    names: dict[str, str] = {}
    namespace = ""
    for line in drawn(difference):
        if found := SUBGRAPH.fullmatch(line):
            namespace = decoded(found[1])
        elif line == "  end":
            namespace = ""
        elif found := NODE.fullmatch(line):
            text = decoded(next(filter(None, found.groups()[1:])))
            names[found[1]] = f"{text} in {namespace}" if namespace else f"({text})"
    return {
        f"{names[found[1]]} {decoded(found[3])} {names[found[4]]}"
        for line in drawn(difference)
        if (found := EDGE.fullmatch(line))
    }


def test_boxes_stand_in_their_namespaces_and_arrows_go_from_the_sender() -> None:
    assert edges(shop()) == {
        "migrator in shop + 5432 db in shop",
        "legacy in shop \u2212 5432 db in shop",
        "(internet) + 443 web in shop",
        "web in shop + every port (any)",
        "otel in telemetry + 9187 db in shop",
        "otel in telemetry + 9187 web in shop",
        "otel in telemetry + 9187 ledger in pay",
        "otel in telemetry + 9187 api in pay",
    }


def test_peers_of_every_form_have_a_box() -> None:
    far = [
        ("ns monitoring", tcp(1)),
        ("{a=b} in ns x", tcp(2)),
        ("ns {e=f}", tcp(3)),
        ("*", tcp(4)),
    ]
    far += [("ns {kubernetes.io/metadata.name notin (a, b)}", tcp(6))]
    far += [
        ("0.0.0.0/0, ::/0", tcp(7)),
        ("2001:db8::/32", tcp(5)),
        ("10.0.0.0/8 except [10.1.0.0/16]", EVERYTHING),
    ]
    one = entry(Effect.CLOSED, "db", far, direction=Direction.EGRESS)
    assert edges(
        Difference(before="", after="", causes=(Cause(statements=(), entries=(one,)),))
    ) == {
        "db in shop \u2212 1 every pod in monitoring",
        "db in shop \u2212 2 {a=b} in x",
        "db in shop \u2212 3 (ns {e=f})",
        "db in shop \u2212 4 * in shop",
        "db in shop \u2212 5 (2001:db8::/32)",
        "db in shop \u2212 6 (every pod of other namespaces)",
        "db in shop \u2212 7 (every address)",
        "db in shop \u2212 every port (10.0.0.0/8 except [10.1.0.0/16])",
    }


@settings(max_examples=50, deadline=None)
@given(differences)
def test_every_line_is_of_a_known_form(difference: Difference) -> None:
    lines = drawn(difference)
    forms = (NODE, SUBGRAPH, EDGE, STYLE)
    assert all(line == "  end" or any(f.fullmatch(line) for f in forms) for line in lines)
    drawn_edges = [line for line in lines if EDGE.fullmatch(line)]
    assert bool(drawn_edges) == bool(difference)
    nodes = {found[1] for line in lines if (found := NODE.fullmatch(line))}
    for line in drawn_edges:
        found = EDGE.fullmatch(line)
        assert found is not None
        assert {found[1], found[4]} <= nodes
    opened = {effect for effect in Effect for e in difference.entries if e.effect is effect}
    assert sum(line.startswith("  linkStyle") for line in lines) == len(opened)


def test_a_picture_is_cut_and_says_so_with_what_is_risky_kept() -> None:
    far = [(f"p{n}", tcp(1)) for n in range(500)]
    causes = (Cause(statements=(), entries=(entry(Effect.OPENED, "db", far),)), *shop().causes)
    difference = Difference(before="a", after="b", causes=causes)
    text = graph(difference)
    assert len(edges(difference)) == MOST_EDGES
    assert "(internet) + 443 web in shop" in edges(difference)
    assert "478 of 508 lines left out here, and listed below." in "\n".join(text)
    assert len("\n".join(text)) < 5_000
