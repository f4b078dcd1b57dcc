"""From the text of an intent file to its tree, whatever is in the text.

The text is cut into lines (`logical_lines`), each line into tokens (`tokens`), and its node is
made as the grammar says (`statement_builder`); a line that fails is explained
(`mistakes`). So a bad line spoils no other. A bad
header takes its section with it: the statements below it are checked, but belong to no
namespace, since they must not change owner.
"""

from bisect import bisect_left
from typing import TYPE_CHECKING

from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.source import SourceFile
from netpolc.syntax import unicode_checks
from netpolc.syntax.known_words import KnownWords
from netpolc.syntax.logical_lines import Line, LineCutter, physical_lines
from netpolc.syntax.statement_builder import statement
from netpolc.syntax.tokens import Tokens
from netpolc.syntax.tree import (
    ClusterHeader,
    Header,
    IntentFile,
    NamespaceHeader,
    Node,
    Section,
    Statement,
)

if TYPE_CHECKING:
    from netpolc.syntax.mistakes import Mistakes


def parse(source: SourceFile, words: KnownWords | None = None) -> Outcome[IntentFile]:
    """Parse one intent file.

    Args:
        source: the file.
        words: what was read of arrows in other files; what this one adds is noted there.

    Returns:
        The tree of all lines that could be read, and what is wrong with the others, in
        the order of the file.
    """
    refusal = unicode_checks.unreadable(source)
    if refusal is not None:
        return Outcome(IntentFile(file=source, sections=()), (refusal,))
    findings = unicode_checks.forbidden(source)
    has_mark = source.text.startswith(unicode_checks.BYTE_ORDER_MARK)
    reader = _Reader(source, findings, KnownWords() if words is None else words)
    tail = reader.read(len(unicode_checks.BYTE_ORDER_MARK) if has_mark else 0)
    diagnostics = [*findings, *reader.finish()]
    diagnostics.sort(key=Diagnostic.sort_key)
    tree = IntentFile(file=source, sections=reader.sections(), tail=tail)
    return Outcome(tree, tuple(diagnostics))


_HEADERS = (NamespaceHeader, ClusterHeader)


class _Reader:
    """Reads line after line into sections; what is wrong with lines goes to the mistakes."""

    def __init__(self, source: SourceFile, forbidden: list[Diagnostic], words: KnownWords) -> None:
        self.source = source
        self._words = words
        self._mistakes: Mistakes | None = None
        self._spoilt = [finding.label.span.start for finding in forbidden]
        self._sections: list[Section] = []
        self._header: Header | None = None
        self._broken = False
        self._statements: list[Statement] = []

    def read(self, start: int) -> tuple[str, ...]:
        """Read all lines from an offset on; the comments after the last of them."""
        cutter, text = LineCutter(), self.source.text
        comments, known_node = cutter.comments_above, self._words.node
        for raw in physical_lines(text[start:] if start else text):
            node = None if cutter.is_open else known_node(raw, self.source, start, comments)
            if node is not None:
                self._add(node)
            else:
                for line in cutter.add(raw, start):
                    self._read(line)
            start += len(raw) + 1
        for line in cutter.last():
            self._read(line)
        return cutter.tail()

    def _read(self, line: Line) -> None:
        """Read one line."""
        node = None if self._spoilt and self._is_spoilt(line) else self._node(line)
        if node is not None:
            self._add(node)
        else:
            from netpolc.syntax.syntax_errors import begins_section  # noqa: PLC0415 - as in `mistakes`

            if begins_section(line):
                self._begin(None, broken=True)

    def _add(self, node: Node) -> None:
        """Add a node that is right."""
        if isinstance(node, _HEADERS):
            self._begin(node, broken=False)
        else:
            self._statements.append(node)
        if self._mistakes is not None:
            self._mistakes.add(())

    @property
    def mistakes(self) -> "Mistakes":
        """Gathers mistakes; its patterns take as long to load as all that reads right lines."""
        if self._mistakes is None:
            from netpolc.syntax.mistakes import Mistakes  # noqa: PLC0415 - for the first that needs it

            self._mistakes = Mistakes(self.source)
        return self._mistakes

    def finish(self) -> list[Diagnostic]:
        """The findings in the lines."""
        return [] if self._mistakes is None else self._mistakes.finish()

    def sections(self) -> tuple[Section, ...]:
        """The sections read so far, the open one included."""
        self._begin(None, broken=False)
        return tuple(self._sections)

    def _node(self, line: Line) -> Node | None:
        tokens = Tokens(line.text, self.source, line.start)
        built = statement(tokens, line.comments) if line.unclosed is None else None
        if built is None:
            self.mistakes.add_failure(line, tokens)
            return None
        node, findings = built
        if findings:
            self.mistakes.add(findings)
        if node is not None:
            self._words.note(node, tokens)
        return node

    def _is_spoilt(self, line: Line) -> bool:
        """Whether a forbidden character, already reported, is in the line."""
        index = bisect_left(self._spoilt, line.start)
        return index < len(self._spoilt) and self._spoilt[index] < line.start + len(line.text)

    def _begin(self, header: Header | None, *, broken: bool) -> None:
        if self._header is not None or self._statements or self._broken:
            section = Section(
                header=self._header, statements=tuple(self._statements), broken=self._broken
            )
            self._sections.append(section)
        self._header, self._broken, self._statements = header, broken, []
