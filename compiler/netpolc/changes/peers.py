"""The peers of entries as the trees that their texts are written for.

A far end says in the intent language whom it means. Who needs a part of that, the
namespace or the name of a service, gets it from the language's own parser.
"""

from netpolc.changes.model import FarEnd
from netpolc.kube.display import ports_text
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import ArrowStatement, Peer


def text_of(far: FarEnd) -> str:
    """The peer as it is written, without its ports."""
    return far.text.removesuffix(ports_text(far.traffic))


def peer_of(far: FarEnd) -> Peer | None:
    """The tree of the peer; None where the language cannot say it."""
    if not far.sayable:
        return None
    outcome = parse(SourceFile("", f"x <- {text_of(far)}\n"))
    sections = outcome.value.sections
    if outcome.diagnostics or len(sections) != 1 or len(sections[0].statements) != 1:
        return None
    (statement,) = sections[0].statements
    if not isinstance(statement, ArrowStatement) or len(statement.connection.peers) != 1:
        return None
    return statement.connection.peers[0].peer
