"""Findings whose texts try to command whoever shows them."""

from hypothesis import strategies as st

from netpolc.diagnostics import Diagnostic, Fix, Label
from netpolc.diagnostics.all_rules import all_rules
from netpolc.source import SourceFile

PIECES = (
    "::error::x",
    "::stop-commands::t",
    "##[error]x",
    "%0A",
    "%",
    "\r",
    "\n",
    "\r\n",
    "\x1b[31m",
    "\x9b2J",
    "\u202e",
    "\u2028",
    "\ufeff",
    ":",
    ",",
    "=",
    "[a](https://x.invalid)",
    "[a](1)",
    "\\](1)",
    "{0}",
    "{app=db}",
    "`",
    "|",
    "<b>",
    "<!--",
    "-->",
    "&lt;",
    "@team",
    "#1",
    "\ud800",
    "ü",
    "\U0001d4b3",
    " ",
    "a",
    "\t",
    "\0",
)

texts = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=8).map("".join)


@st.composite
def findings(draw: st.DrawFn) -> Diagnostic:
    """A finding of any kind, with every field from a hostile hand."""
    file = SourceFile(draw(texts) or "x", draw(texts))
    size = len(file.text)
    labels = [
        Label(file.span(start, draw(st.integers(start, size))), draw(texts))
        for start in draw(st.lists(st.integers(0, size), min_size=1, max_size=3))
    ]
    return Diagnostic(
        rule=draw(st.sampled_from(all_rules())),
        message=draw(texts),
        label=labels[0],
        others=tuple(labels[1:]),
        help=draw(texts),
        fixes=(Fix(span=labels[-1].span, replacement=draw(texts)),) if draw(st.booleans()) else (),
    )
