"""Findings about lines that do not follow the grammar.

Explained is the first mistake of a line: a common mistake (`error_patterns`), a wrong arrow, a line that is not
a statement, or else what was expected at the place where the grammar failed. A manifest
pasted into an intent file is reported once, not line by line.
"""

import re
from collections.abc import Callable, Iterator

from netpolc.diagnostics import Diagnostic, Fix, Label
from netpolc.diagnostics.spelling import nearest
from netpolc.source import SourceFile
from netpolc.syntax import rules
from netpolc.syntax.error_patterns import PATTERNS
from netpolc.syntax.error_patterns.error_pattern import ErrorPattern
from netpolc.syntax.grammar import expected_after
from netpolc.syntax.keywords import SETTINGS, STATEMENTS
from netpolc.syntax.logical_lines import BLANKS, Line, masked
from netpolc.syntax.token_names import possibilities
from netpolc.syntax.tokens import STRING, Tokens, beginnings
from netpolc.syntax.unicode_checks import look_alike
from netpolc.values import frozen

_NEAR = 1000
"""The limit of characters examined; slips are not longer, and patterns backtrack."""

_GROUP = re.compile(r"\\g<(\w+)>")
_COMPILED = tuple(
    (re.compile(error_pattern.pattern, re.ASCII | re.DOTALL), error_pattern)
    for error_pattern in PATTERNS
)
_HEADERS = ("namespace", "cluster")
_FIRST = re.compile(r"\s*(?P<at>[A-Za-z_][\w.-]*)")
_TWO_WORDS = re.compile(r"\s*(?P<at>[A-Za-z_][\w.-]*)\s+[\w\"{*]")
_UNKNOWN_SETTING = re.compile(r"\s*(?P<at>[A-Za-z_][\w.-]*)\s*:(?:\s|$)")
_ARROW = re.compile(r"<-|->")
_ARROW_LIKE = re.compile(r":=|<\s+-+|(?<!-)-+\s+>|[<>=~-]+")
_FINE = re.compile(r"-+|~+|<-|->")
"""Arrows, and the parts of a name."""

_UNTIL = re.compile(r"\suntil\s")
_BECAUSE = re.compile(r"\sbecause\s")
_DECLARATION = re.compile(r"\s*(?:service|group)\s")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_BLOCK = re.compile(r"\s*(?:namespace\s+\S+|cluster)\s*\{\s*")
_BRACES = re.compile(r"\{[^{}]*\}")
_TOKEN = re.compile(r"<-|->|[A-Za-z0-9_.][\w./-]*|\"[^\"]*\"?|.", re.DOTALL)


@frozen
class Failure:
    """The place where a line leaves the grammar.

    `start` is the offset in the line of what cannot be there, the line's length when it ends too
    early. `expected` are the grammar's terminals that could be there instead.
    """

    start: int
    expected: frozenset[str]


def begins_section(line: Line) -> bool:
    """Whether a line that could not be read was meant to begin a section."""
    code = _BRACES.sub("", masked(line.text)).partition("{")[0]
    first = _FIRST.match(code)
    if first is None or _ARROW.search(code):
        return False
    word = first.group("at").lower()
    if word in _HEADERS:
        return True
    return "=" not in code and (word == "ns" or nearest(word, _HEADERS) is not None)


def explained(line: Line, tokens: Tokens, source: SourceFile) -> Diagnostic:
    """The finding that says why a line does not follow the grammar."""
    code = masked(line.text)
    failure = failure_of(line, tokens)
    return (
        _unclosed_quote(line, source)
        or look_alike(code, source, line.start)
        or _unclosed_bracket(line, source)
        or _wrong_beginning(line, code, source)
        or _recognised(line, code, failure, source)
        or _wrong_arrow(line, code, source)
        or _unknown_statement(line, code, source)
        or _unexpected(line, failure, source)
    )


def failure_of(line: Line, tokens: Tokens) -> Failure:
    """The place where a refused line leaves the grammar, and the tokens expected there."""
    if line.unclosed is not None:  # It ends inside a bracket.
        return Failure(len(line.text), frozenset())
    kinds = tokens.shape.split()
    count, expected = expected_after(kinds)
    if count == len(kinds):
        return Failure(len(line.text), expected)
    piece = 2 * count + 1
    start = tokens.offsets[piece] - line.start
    for kind, length in beginnings(tokens.pieces[piece]):
        accepted, after = expected_after((*kinds[:count], kind))
        if accepted > count:
            return Failure(start + length, after)
    return Failure(start, expected)


def _unclosed_quote(line: Line, source: SourceFile) -> Diagnostic | None:
    for match in re.finditer(STRING, line.text):
        if not match.group("close"):
            start = line.start + match.start()
            return Diagnostic(
                rule=rules.UNCLOSED_QUOTE,
                message="a double quote is opened but not closed",
                label=Label(source.span(start, start + 1), "opened here"),
                help='close it on the same line; write a quote inside it as `\\"`',
            )
    return None


def _unclosed_bracket(line: Line, source: SourceFile) -> Diagnostic | None:
    if line.unclosed is None:
        return None
    span = source.span(line.unclosed, line.unclosed + 1)
    if _BLOCK.fullmatch(line.text):
        return Diagnostic(
            rule=rules.UNCLOSED_BRACKET,
            message="a section has no braces around it",
            label=Label(span, "not needed"),
            help="remove it: a section ends at the next header, and braces after its name hold labels",
        )
    return Diagnostic(
        rule=rules.UNCLOSED_BRACKET,
        message=f"`{span.text}` is opened but not closed",
        label=Label(span, "opened here"),
        help=f"write the matching `{_CLOSING[span.text]}`",
    )


def _wrong_beginning(line: Line, code: str, source: SourceFile) -> Diagnostic | None:
    """A misspelt first word with another word after it."""
    match = _TWO_WORDS.match(code)
    if match is None or match.group("at") in (*STATEMENTS, *SETTINGS):
        return None
    word = match.group("at")
    meant = "namespace" if word == "ns" and not _ARROW.search(code) else nearest(word, STATEMENTS)
    if meant is None:
        return None
    span = source.span(line.start + match.start("at"), line.start + match.end("at"))
    return Diagnostic(
        rule=rules.UNKNOWN_STATEMENT,
        message=f"no statement begins with `{word}`",
        label=Label(span, "unknown word"),
        help=f"write `{meant}`",
        fixes=(Fix(span=span, replacement=meant),),
    )


def _recognised(line: Line, code: str, failure: Failure, source: SourceFile) -> Diagnostic | None:
    """The finding of the first pattern that a failed line matches, if it matches one.

    Args:
        line: the line.
        code: its text with the contents of quotes blanked.
        failure: where the grammar failed.
        source: the file that the line is in.
    """
    for pattern, mistake in _COMPILED:
        if not mistake.expected <= failure.expected:
            continue
        for match in _matches(pattern, mistake, code, failure):
            return _finding(mistake, match, line, source)
    return None


def _matches(
    pattern: re.Pattern[str], mistake: ErrorPattern, code: str, failure: Failure
) -> Iterator[re.Match[str]]:
    """The places where a pattern matches and is allowed to."""
    if mistake.here:
        match = pattern.match(code, failure.start, failure.start + _NEAR)
        if match is not None:
            yield match
    elif mistake.anywhere:
        yield from pattern.finditer(code, 0, _NEAR)
    else:
        around = max(0, failure.start - _NEAR), failure.start + _NEAR
        for match in pattern.finditer(code, *around):
            if match.start() <= failure.start <= match.end():
                yield match


def _finding(
    mistake: ErrorPattern, match: re.Match[str], line: Line, source: SourceFile
) -> Diagnostic:
    say = _filling(match, line.text)
    span = source.span(line.start + match.start("at"), line.start + match.end("at"))
    fixes: tuple[Fix, ...] = ()
    if mistake.fix is not None:
        fixes = (Fix(span=span, replacement=say(mistake.fix), safe=mistake.safe),)
    return Diagnostic(
        rule=mistake.rule,
        message=say(mistake.message),
        label=Label(span, say(mistake.label)),
        help=say(mistake.help),
        fixes=fixes,
    )


def _filling(match: re.Match[str], text: str) -> Callable[[str], str]:
    """A function that fills the groups of a match into a text, as the user wrote them."""

    def group(reference: re.Match[str]) -> str:
        start, end = match.span(reference.group(1))
        return " ".join(text[start:end].split())

    return lambda template: _GROUP.sub(group, template)


def _wrong_arrow(line: Line, code: str, source: SourceFile) -> Diagnostic | None:
    """Something that was meant to be an arrow."""
    outside = _BRACES.sub(lambda braces: " " * len(braces.group()), code)
    if _DECLARATION.match(outside):
        return None
    for match in _ARROW_LIKE.finditer(outside):
        sign = "".join(match.group().split())
        if _FINE.fullmatch(match.group()):
            continue
        span = source.span(line.start + match.start(), line.start + match.end())
        fixes: tuple[Fix, ...] = ()
        if "<" in sign and ">" in sign:
            help_text = "write one line for each direction"
        else:
            arrow = "->" if ">" in sign else "<-"
            help_text = f"write `{arrow}`"
            fixes = (Fix(span=span, replacement=arrow),)
            if sign.strip("=:") == "":
                help_text = "write `<-` to let the right side reach the left one"
        return Diagnostic(
            rule=rules.WRONG_ARROW,
            message=f"`{match.group()}` is not an arrow",
            label=Label(span, "expected `<-` or `->`"),
            help=help_text,
            fixes=fixes,
        )
    return None


def _unknown_statement(line: Line, code: str, source: SourceFile) -> Diagnostic | None:
    """A line that begins with no word of the language and has no arrow."""
    if _ARROW.search(code):
        return None
    setting = _UNKNOWN_SETTING.match(code)
    if setting is not None and setting.group("at") not in SETTINGS:
        return _unknown_setting(line, setting, source)
    first = _FIRST.match(code)
    if first is not None and first.group("at") in (*STATEMENTS, *SETTINGS):
        return None
    start = line.start + len(code) - len(code.lstrip(BLANKS))
    end = line.start + first.end("at") if first is not None else start + 1
    return Diagnostic(
        rule=rules.UNKNOWN_STATEMENT,
        message="not a statement: no arrow and no known keyword",
        label=Label(source.span(start, end), "this line"),
        help="a connection has an arrow, such as `db <- api:5432`; comments begin with `#`",
    )


def _unknown_setting(line: Line, setting: re.Match[str], source: SourceFile) -> Diagnostic:
    word = setting.group("at")
    span = source.span(line.start + setting.start("at"), line.start + setting.end("at"))
    meant = nearest(word, SETTINGS)
    return Diagnostic(
        rule=rules.UNKNOWN_SETTING,
        message=f"there is no setting `{word}`",
        label=Label(span, "not a setting"),
        help=f"write `{meant}`" if meant else f"the settings are {', '.join(SETTINGS)}",
        fixes=(Fix(span=span, replacement=meant),) if meant else (),
    )


def _unexpected(line: Line, failure: Failure, source: SourceFile) -> Diagnostic:
    """A finding about an unexpected token, or an unexpected end, and what was expected."""
    could = possibilities(failure.expected - _clauses_in(line))
    if failure.start >= len(line.text):
        end = line.start + len(line.text)
        message, label = "the statement ends too early", "something is missing here"
        span = source.span(end, end)
    else:
        token = _TOKEN.match(line.text, failure.start)
        text = token.group() if token is not None else ""
        start = line.start + failure.start
        message, label = f"unexpected `{text}`", "not expected here"
        span = source.span(start, start + max(1, len(text)))
    return Diagnostic(
        rule=rules.UNEXPECTED_TEXT,
        message=message,
        label=Label(span, label),
        help=f"expected {could}" if could else "see LANGUAGE.md for the forms of statements",
    )


def _clauses_in(line: Line) -> set[str]:
    """The clauses that a line already has, which the grammar would accept again."""
    code = masked(line.text)
    clauses = (("_UNTIL", _UNTIL), ("_BECAUSE", _BECAUSE))
    return {terminal for terminal, pattern in clauses if pattern.search(code)}
