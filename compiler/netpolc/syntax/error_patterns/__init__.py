"""Common mistakes in a line, each with a message and a fix.

A parser knows what it expected; a person wants to know what they got wrong. So lines written
from the habit of another language, or from memory, are recognised by a pattern. The first
pattern that matches is taken, so specific patterns come before general ones: the order of the
modules matters as much as the order in each of them.
"""

from netpolc.syntax.error_patterns.line_beginnings import LINE_BEGINNINGS
from netpolc.syntax.error_patterns.misplaced_parts import MISPLACED_PARTS
from netpolc.syntax.error_patterns.missing_parts import MISSING_PARTS
from netpolc.syntax.error_patterns.peers import PEERS
from netpolc.syntax.error_patterns.punctuation import PUNCTUATION
from netpolc.syntax.error_patterns.whole_lines import WHOLE_LINES

PATTERNS = (
    *WHOLE_LINES,
    *PUNCTUATION,
    *LINE_BEGINNINGS,
    *PEERS,
    *MISPLACED_PARTS,
    *MISSING_PARTS,
)
