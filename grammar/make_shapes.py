"""Write `shapes.txt`: the parses of the shapes that people write most (`make grammar`).

Examples are put together from the parts of statements. A shape that is missing here costs a run
the loading of lark and nothing else.
"""

from collections.abc import Iterator
from itertools import product
from pathlib import Path

from netpolc.source import SourceFile
from netpolc.syntax.grammar import parsed
from netpolc.syntax.shape_table import plan_text
from netpolc.syntax.tokens import Tokens

TABLE = Path(__file__).with_name("shapes.txt")
_SELECTORS = ("{a=b}", "{a=b, c=d}", "{a/b=c}")
_NAMED = ("api", "api in ns b", "ns b", "*")
_PEERS = (*_NAMED, "10.0.0.0/8", "any", "internet", "dns")
_RARE_PEERS = (
    "* in ns b",
    "ns *",
    "api in ns *",
    "10.0.0.0/8 except 10.1.0.0/16",
    *(f"10.0.0.0/8 except [{', '.join(['10.1.0.0/16'] * count)}]" for count in (2, 3)),
    "::/0",
    *_SELECTORS,
    "ns {a=b}",
    *(f"{pods} in ns {home}" for pods in ("{a=b}", "*") for home in ("b", "*", "{a=b}")),
    "api in ns {a=b}",
)
_PORTS = (
    "",
    ":80",
    ":53/udp",
    ":[80, 443]",
    ":[53, 53/udp]",
    ":[53/udp, 53/tcp]",
    ":[80, 443, 8080]",
    ":[53/udp, 53/tcp, 80/tcp]",
)
_CLAUSES = ("", ' because "x"', " until 2027-03-31", ' until 2027-03-31 because "x"')
_BLOCKS = ("10.0.0.0/8", "10.0.0.0/8, fd00::/8", "10.0.0.0/8, 10.0.0.0/8")


def table_text() -> str:
    """The text of the table."""
    source = SourceFile("", "")
    shapes = sorted({Tokens(line, source, 0).shape for line in _examples()})
    plans = ((shape, parsed(shape)) for shape in shapes)
    return "".join(f"{shape}\t{plan_text(plan)}\n" for shape, plan in plans if plan is not None)


def _examples() -> Iterator[str]:
    for peers in _lists():
        yield f"db <- {peers}"
    for peer, ports in product((*_PEERS, *_SELECTORS), _PORTS[:3]):
        yield from (f"{subject} <- {peer}{ports}" for subject in ("*", *_SELECTORS))
        yield f"group g = {peer}{ports}"
    for peer, ports, clauses in product(_PEERS, _PORTS[:2], _CLAUSES[1:]):
        yield f"db <- {peer}{ports}{clauses}"
    for claim, subject in product(("never", "always", "only"), ("api", "ns b", "*", "* in ns *")):
        yield from (f"{claim} {subject} <- {peer}" for peer in (*_PEERS, "api:80", "ns *"))
    for claim, peer in product(("never", "always"), ("ns {a=b}", "api in ns b", "api in ns b:80")):
        yield from (f"enforce {claim} {pods} <- {peer}" for pods in ("ns *", "{a=b} in ns *"))
    yield from (
        "cluster",
        "baseline: deny",
        "label: app",
        "label: a/b",
        "mirror: no",
        "blocks: all",
        "dns: none",
        "group g = none",
    )
    yield from (f"{subject} <- none" for subject in ("only db", "*", *_SELECTORS))
    yield from (f"namespace a{facts}" for facts in ("", *_SELECTORS))
    yield from (f"service a = {selector}" for selector in _SELECTORS)
    yield from (f"default: deny{words}" for words in ("", " ingress", " ingress egress"))
    yield from (f"{word}: {blocks}" for word in ("pods", "services", "nodes") for blocks in _BLOCKS)


def _lists() -> Iterator[str]:
    yield "none"
    yield from map("".join, product((*_PEERS, *_RARE_PEERS), _PORTS))
    for ports in ("", ":80"):
        peers = [f"{peer}{ports}" for peer in (*_NAMED, "10.0.0.0/8")]
        yield from map(", ".join, product(peers, repeat=2))
        yield from (", ".join([peer] * count) for peer in peers for count in (3, 4, 5))


if __name__ == "__main__":
    TABLE.write_text(table_text(), encoding="ascii")
