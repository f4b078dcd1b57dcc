"""What comes before the arrow or the colon: verbs, settings, declarations, subjects."""

from netpolc.syntax import rules
from netpolc.syntax.error_patterns.error_pattern import BLOCK, CLAIM, PORTS, TEST, ErrorPattern
from netpolc.syntax.keywords import RESERVED, SETTINGS

_SETTING = "|".join(SETTINGS)

LINE_BEGINNINGS = (
    ErrorPattern(
        rule=rules.MISSING_SUBJECT,
        pattern=rf"{CLAIM}(?P<at><-|->)",
        message="the arrow has no left side",
        label="no subject before it",
        help="name the pods, such as `db \\g<at> …`, or `*` for all of them",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.POLICY_VERB,
        pattern=r"(?i)^\s*(?:enforce\s+)?(?P<claim>never|always|only)\s+"
        r"(?P<at>allow|permit|accept|grant|deny|block|drop|reject|forbid|refuse)\b(?=\s+[^\s:=<-])",
        message="`\\g<at>` is not part of the language",
        label="an assertion is always about what is permitted",
        help="leave it out, as in `\\g<claim> db <- api`",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.POLICY_VERB,
        pattern=rf"(?i){CLAIM}(?P<at>allow|permit|accept|grant)\b(?=\s+[^\s:=<-])",
        message="`\\g<at>` is not part of the language",
        label="every arrow permits",
        help="leave it out: `db <- api:5432` lets api reach db",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.POLICY_VERB,
        pattern=rf"(?i){CLAIM}(?P<at>deny|block|drop|reject|forbid|refuse)\b(?=\s+[^\s:=<-])",
        message="`\\g<at>` is not part of the language",
        label="NetworkPolicy cannot deny",
        help="what no arrow permits is refused: write `db <- none` to permit nobody, or `never …`"
        " to prove that nothing permits it",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.UNEXPECTED_TEXT,
        pattern=rf"^\s*(?P<at>(?P<word>{_SETTING})(?:\s*=|(?=\s+[^\s:<=-])))"
        r"(?=\s*(?P<value>\S.*))",
        message="a setting's name is followed by a colon",
        label="no colon",
        help="write `\\g<word>: \\g<value>`",
        fix="\\g<word>:",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.UNEXPECTED_TEXT,
        pattern=r"^\s*(?:namespace|cluster|service|group)\s*(?P<at>:)",
        message="only settings have a colon after their first word",
        label="not a setting",
        help="leave the colon out",
        fix="",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.UNEXPECTED_TEXT,
        pattern=rf"^\s*(?:service|group)\s+{TEST}\s*(?P<at>:)",
        message="a declaration has `=` after its name",
        label="a colon",
        help="write `=`",
        fix=" =",
        safe=True,
        expected=frozenset({"EQUAL"}),
    ),
    ErrorPattern(
        rule=rules.RESERVED_WORD,
        pattern=rf"{CLAIM}(?P<at>any|internet)\s*(?:<-|->)",
        message="`\\g<at>` cannot be the subject of an arrow",
        label="not pods of a namespace",
        help='`*` is every pod of the namespace; a service of this name is written `"\\g<at>"`',
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.RESERVED_WORD,
        pattern=rf"{CLAIM}(?P<at>{'|'.join(sorted(RESERVED - {'ns'}))})\s*(?:<-|->)",
        message="`\\g<at>` is a reserved word",
        label="needs quotes as a name",
        help='for a service of this name, write `"\\g<at>"`',
        fix='"\\g<at>"',
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.INVALID_SUBJECT,
        pattern=rf"{CLAIM}(?P<at>{BLOCK})\s*(?:<-|->)",
        message="addresses cannot be the subject of an arrow",
        label="not pods of this namespace",
        help="make the pods the subject: `db <- 10.0.0.0/8` or `api -> 10.0.0.0/8`",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.MISPLACED_PORT,
        pattern=rf"{CLAIM}{TEST}(?:\s+in\s+ns\s+{TEST})?\s*(?P<at>{PORTS})\s*(?:<-|->)",
        message="the subject of an arrow has no ports",
        label="ports on the left side",
        help="write them after the peer, `db <- api\\g<at>`: ports are always the receiver's",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.INVALID_SUBJECT,
        pattern=rf"{CLAIM}{TEST}\s*(?P<at>,)(?=[^<>]*(?:<-|->))",
        message="an arrow has one subject",
        label="a second subject follows",
        help="write one line for each subject",
    ),
)
