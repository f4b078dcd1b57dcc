"""Words of intents that lead somewhere: addresses on the web, and codes of rules."""

import re
from collections.abc import Iterator

from netpolc.diagnostics.all_rules import all_rules
from netpolc.source import SourceFile, Span
from netpolc.values import frozen

_LINK = re.compile(r'https?://[^\s"<>`]+[^\s"<>`.,;:)\]]|\bNP[0-9]{3}\b')


@frozen
class DocumentLink:
    """A word, and the address or the code of the rule that it leads to."""

    span: Span
    target: str


def document_links(file: SourceFile) -> Iterator[DocumentLink]:
    """Yield the links in comments and reasons of a file."""
    codes = {rule.code for rule in all_rules()}
    for match in _LINK.finditer(file.text):
        text = match.group()
        if text in codes or not text.startswith("NP"):
            yield DocumentLink(file.span(*match.span()), text)
