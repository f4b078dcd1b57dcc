"""A key of a finding that survives moved lines.

Platforms that keep findings from run to run must not report old ones as new because a
line was added above them. A fingerprint therefore holds what was found and the text
found fault with, and no line number; the third of three equal findings in a file is
distinguished by being the third.
"""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from netpolc.diagnostics.diagnostic import Diagnostic


def fingerprints(diagnostics: Iterable[Diagnostic]) -> list[tuple[Diagnostic, str]]:
    """Each finding with its fingerprint, 64 hexadecimal digits, in the order given."""
    seen: Counter[str] = Counter()
    fingerprinted = []
    for diagnostic in diagnostics:
        span = diagnostic.label.span
        line = " ".join(span.file.line_text(span.line).split())
        key = f"{diagnostic.rule.code}\n{span.path}\n{line}\n{diagnostic.message}"
        seen[key] += 1
        text = f"{key}\n{seen[key]}"
        fingerprinted.append(
            (diagnostic, sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
        )
    return fingerprinted
