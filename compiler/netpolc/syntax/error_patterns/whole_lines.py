"""Lines in the notation of another language: bullets, comments, braces, `from`."""

from netpolc.syntax import rules
from netpolc.syntax.error_patterns.error_pattern import BLOCK, TEST, ErrorPattern
from netpolc.syntax.keywords import WORD

WHOLE_LINES = (
    ErrorPattern(
        rule=rules.UNKNOWN_STATEMENT,
        pattern=r"^\s*(?P<at>[\])}]+)\s*$",
        message="`\\g<at>` closes nothing",
        label="nothing is open here",
        help="remove it; a section has no braces and ends at the next header",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.UNEXPECTED_TEXT,
        pattern=r"^\s*(?P<at>--+|//|/\*|;)",
        message="`\\g<at>` means nothing here",
        label="a comment?",
        help="comments begin with `#`; a line has one statement",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.UNEXPECTED_TEXT,
        pattern=r"^\s*(?P<at>[-*]|[0-9]+[.)])\s+(?!in\b)(?=[\w\"{*].*(?:<-|->))",
        message="a statement has no bullet before it",
        label="not needed",
        help="remove it: each line is a statement",
        fix="",
        safe=True,
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.WRONG_ARROW,
        pattern=r"(?P<at>!\s*(?:<-|->)|<[!/]-|-[!/]>|\bnot\s+(?:<-|->))",
        message="an arrow cannot be negated",
        label="expected `<-` or `->`",
        help="what no arrow permits is refused: remove the line, or write it with `never` before it"
        " to prove that nothing permits it",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.UNKNOWN_STATEMENT,
        pattern=rf"^(?!\s*(?:namespace|cluster|service|group)\b|.*(?:<-|->))"
        rf"\s*(?P<at>(?:(?:{WORD}|\"_*\")\s+)*(?P<pods>{TEST})\s*\{{)(?=.*\n.*\}}\s*$)",
        message="statements are not nested in braces",
        label="expected an arrow",
        help="write an arrow for each permitted connection, such as `\\g<pods> <- api:5432`",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.UNEXPECTED_TEXT,
        pattern=rf"(?P<at>any\s+in\s+ns\s+(?P<home>{TEST}))",
        message="`any` has no namespace",
        label="`any` is everybody, inside the cluster and outside",
        help="for every pod of the namespace write `ns \\g<home>`",
        fix="ns \\g<home>",
    ),
    ErrorPattern(
        rule=rules.UNEXPECTED_TEXT,
        pattern=rf"(?:<-|->|,)\s*(?P<word>internet|dns|none|{BLOCK})\s+(?P<at>in\s+ns\s+(?P<home>{TEST}))",
        message="`\\g<word>` has no namespace",
        label="only pods are in a namespace",
        help="remove it, or for every pod of the namespace write `ns \\g<home>`",
    ),
    ErrorPattern(
        rule=rules.MISSING_NS,
        pattern=rf"{TEST}\s+(?P<at>from)\s+(?=ns\s)",
        message="the namespace of a peer is written `in ns NAME`",
        label="not part of the language",
        help="write `in`",
        fix="in",
        safe=True,
    ),
    ErrorPattern(
        rule=rules.WRONG_ARROW,
        pattern=rf"^(?!.*(?:<-|->))\s*{TEST}\s+(?P<at>from)\s+(?=[\w\"{{*])",
        message="`from` is not an arrow",
        label="expected `<-` or `->`",
        help="write `<-`",
        fix="<-",
        anywhere=True,
    ),
)
