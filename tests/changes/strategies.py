"""Random differences whose every text tries to be markup."""

from hypothesis import strategies as st

from netpolc.changes.model import (
    Cause,
    Difference,
    Effect,
    Entry,
    IsolationChange,
    Risk,
    StatementChange,
)
from netpolc.kube.peers import Direction
from netpolc.kube.ports import NamedPort, Protocol, Traffic
from netpolc.provenance import Origin, StatementKind
from tests.changes.written import change, entry, isolation, origin, tcp
from tests.diagnostics.hostile import PIECES

MARKUP = (
    "``",
    "```",
    "````",
    "~~~",
    "**x**",
    "__x__",
    "![a](x)",
    "<https://x.invalid>",
    "https://x.invalid",
    "www.x.invalid",
    "<details>",
    "</details>",
    "</summary>",
    "<script>",
    "]]>",
    "--!>",
    "- ",
    "1. ",
    "> ",
    "    ",
    "end",
    "subgraph",
    "click n0 href",
    "%%{init: {}}%%",
    "%%",
    "-->",
    "|x|",
    '"',
    "'",
    ";",
    "#quot;",
    "#35;",
    "&amp;",
    ":::x",
    "$x$",
    ":smile:",
    "api",
    "api in ns pay",
    "ns *",
    "internet",
    "{app=api}",
)
hostile = st.lists(st.sampled_from((*PIECES, *MARKUP)) | st.characters(), max_size=5).map(
    "".join
) | st.sampled_from(("db", "api", "api in ns pay", "ns monitoring", "internet", "any", "ns *"))
effects = st.sampled_from(Effect)
risks = st.lists(st.sampled_from(Risk), max_size=2, unique=True).map(tuple)
traffics = st.sampled_from(
    (
        tcp(80),
        tcp(80, 443),
        Traffic.of(((Protocol.UDP, 1, 65535),)),
        Traffic.of((p, 1, 65535) for p in Protocol),
        Traffic.of((), (NamedPort(Protocol.TCP, "metrics"),)),
    )
)


@st.composite
def origins(draw: st.DrawFn) -> Origin:
    """A statement anywhere."""
    return origin(
        draw(hostile) or "x", draw(st.integers(1, 9)), draw(hostile), because=draw(hostile)
    )


@st.composite
def changes(draw: st.DrawFn) -> StatementChange:
    """A statement added, removed or edited."""
    before = draw(st.none() | origins())
    after = draw(origins() if before is None else st.none() | origins())
    return change(before, after, draw(st.sampled_from(StatementKind)), draw(hostile), draw(hostile))


@st.composite
def entries(draw: st.DrawFn, longest: int = 4) -> Entry:
    """Connections of any subject."""
    far = st.lists(st.tuples(hostile, traffics), min_size=1, max_size=longest)
    return entry(
        draw(effects),
        draw(hostile),
        draw(far),
        namespace=draw(st.sampled_from(("shop", "pay")) | hostile),
        direction=draw(st.sampled_from(Direction)),
        risks=draw(risks),
        sayable=draw(st.booleans()),
    )


@st.composite
def isolations(draw: st.DrawFn) -> IsolationChange:
    """Pods that are closed now, or open."""
    subject = draw(hostile)
    words = draw(st.sampled_from((f"`{subject}` was open to all, now closed", subject)))
    namespace = draw(hostile)
    return isolation(draw(effects), subject, words, namespace=namespace, risks=draw(risks))


@st.composite
def causes(draw: st.DrawFn) -> Cause:
    """Changed statements and what they do, which is something."""
    found = draw(st.lists(entries(), max_size=4))
    return Cause(
        statements=tuple(draw(st.lists(changes(), max_size=3))),
        isolations=tuple(draw(st.lists(isolations(), min_size=not found, max_size=2))),
        entries=tuple(found),
    )


differences = st.builds(
    Difference,
    before=hostile,
    after=hostile,
    causes=st.lists(causes(), max_size=4).map(tuple),
    rewordings=st.lists(changes(), max_size=3).map(tuple),
    moved=st.integers(0, 3),
)
