r"""The commonest mistakes, by the shape of the line they leave.

A parser knows what it expected; a person wants to know what they got wrong. So the lines
that people write in another language's habit, or from memory, are recognised here by
their shape and get their own kind, message and fix. Each shape is one entry of a table;
the first that fits is taken, so the more special stand above the more general.

A pattern sees the line with the contents of its quotes blanked. Unless it is `anywhere`,
its match must meet the place where the grammar failed. Its group `at` is what is underlined and
what the fix replaces; `\g<name>` in texts and fixes is the text of a group.
"""

from dataclasses import field

from netpolc.diagnostics import Rule
from netpolc.syntax import rules
from netpolc.syntax.keywords import RESERVED, SETTINGS, WORD
from netpolc.values import frozen

_BRACES = r"\{[^{}]*\}"
_TEST = rf"(?:{WORD}|{_BRACES}|\*|\"_*\")"
_PORTS = r":\s*(?:\[[^\[\]]*\]|[A-Za-z0-9*][A-Za-z0-9/.-]*)"
_CLAIM = r"^\s*(?:(?:never|always|only)\s+)?"
_BLOCK = r"[0-9]+(?:\.[0-9]+){3}(?:/[0-9]+)?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/[0-9]+)?"
_SETTING = "|".join(SETTINGS)


@frozen(kw_only=True)
class Shape:
    """A mistake and how it is recognised. Without `fix` nothing is proposed."""

    kind: Rule
    pattern: str
    message: str
    label: str
    help: str
    fix: str | None = None
    safe: bool = False
    anywhere: bool = False
    here: bool = False
    """Whether `at` must begin exactly where it failed."""
    expected: frozenset[str] = field(default_factory=frozenset)
    """Terminals of the grammar that must have been possible where it failed."""


SHAPES = (
    Shape(
        kind=rules.WRONG_QUOTES,
        pattern=r"(?P<at>(?P<tick>['`])(?P<text>[^'`\"]*)(?P=tick))",
        message="quotes are double quotes",
        label="not quoted",
        help='write `"\\g<text>"`',
        fix='"\\g<text>"',
        safe=True,
    ),
    Shape(
        kind=rules.WRONG_QUOTES,
        pattern=r"\bbecause\s+(?P<at>[^\s\"][^\"]*)$",
        message="a reason stands in double quotes",
        label="not quoted",
        help='write `because "\\g<at>"`',
        fix='"\\g<at>"',
        safe=True,
        expected=frozenset({"STRING"}),
    ),
    Shape(
        kind=rules.MISSING_SUBJECT,
        pattern=rf"{_CLAIM}(?P<at><-|->)",
        message="the arrow has no left side",
        label="whose arrow is this?",
        help="name the pods that it protects, such as `db \\g<at> …`, or `*` for all of them",
        anywhere=True,
    ),
    Shape(
        kind=rules.POLICY_VERB,
        pattern=r"(?i)^\s*(?P<at>allow|permit|accept|grant)\b(?=\s+[^\s:=<-])",
        message="`\\g<at>` is no word of the language",
        label="every arrow is a permission",
        help="leave it out: `db <- api:5432` lets api reach db",
        anywhere=True,
    ),
    Shape(
        kind=rules.POLICY_VERB,
        pattern=r"(?i)^\s*(?P<at>deny|block|drop|reject|forbid|refuse)\b(?=\s+[^\s:=<-])",
        message="`\\g<at>` is no word of the language",
        label="NetworkPolicy cannot deny",
        help="what no arrow lists is refused: write `db <- none` for nobody, or `never …` to"
        " have it proved",
        anywhere=True,
    ),
    Shape(
        kind=rules.UNEXPECTED_TEXT,
        pattern=rf"^\s*(?P<at>(?P<word>{_SETTING})(?:\s*=|(?=\s+[^\s:<=-])))",
        message="a setting's name is followed by a colon",
        label="no colon",
        help="write `\\g<word>: …`",
        fix="\\g<word>:",
        anywhere=True,
    ),
    Shape(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"^\s*(?:namespace|cluster|service|group)\s*(?P<at>:)",
        message="only settings have a colon after their first word",
        label="not a setting",
        help="leave the colon out",
        fix="",
        anywhere=True,
    ),
    Shape(
        kind=rules.RESERVED_WORD,
        pattern=rf"{_CLAIM}(?P<at>any|internet)\s*(?:<-|->)",
        message="`\\g<at>` cannot be the subject of an arrow",
        label="not pods of a namespace",
        help='`*` is every pod of the namespace; a service called so is `"\\g<at>"`',
        anywhere=True,
    ),
    Shape(
        kind=rules.RESERVED_WORD,
        pattern=rf"{_CLAIM}(?P<at>{'|'.join(sorted(RESERVED - {'ns'}))})\s*(?:<-|->)",
        message="`\\g<at>` is a word of the language",
        label="not a name without quotes",
        help='if a service is called so, write `"\\g<at>"`',
        fix='"\\g<at>"',
        anywhere=True,
    ),
    Shape(
        kind=rules.INVALID_SUBJECT,
        pattern=rf"{_CLAIM}(?P<at>{_BLOCK})\s*(?:<-|->)",
        message="addresses cannot be the subject of an arrow",
        label="no pods of this namespace",
        help="write the arrow from the side of the pods: `db <- 10.0.0.0/8` or `api -> 10.0.0.0/8`",
        anywhere=True,
    ),
    Shape(
        kind=rules.MISPLACED_PORT,
        pattern=rf"{_CLAIM}{_TEST}(?:\s+in\s+ns\s+{_TEST})?\s*(?P<at>{_PORTS})\s*(?:<-|->)",
        message="the subject of an arrow has no ports",
        label="ports on the left side",
        help="write them behind the peer, `db <- api\\g<at>`: they are those of the receiver",
        anywhere=True,
    ),
    Shape(
        kind=rules.INVALID_SUBJECT,
        pattern=rf"{_CLAIM}{_TEST}\s*(?P<at>,)(?=[^<>]*(?:<-|->))",
        message="an arrow has one subject",
        label="a second subject follows",
        help="write one line for each subject",
    ),
    Shape(
        kind=rules.MISSING_BRACES,
        pattern=r"(?<![{\w./-])(?P<at>[A-Za-z0-9_][\w./-]*\s*(?:!=|==|=(?![=>]))\s*\w[\w.-]*)"
        r"(?![^{}]*\})(?=.*(?:<-|->))",
        message="a label test stands in braces",
        label="no braces",
        help="write `{\\g<at>}`",
        fix="{\\g<at>}",
        safe=True,
    ),
    Shape(
        kind=rules.MISSING_BRACES,
        pattern=r"(?:<-|->).*?(?<![{\w./-])(?P<at>[A-Za-z0-9_][\w./-]*\s*(?:!=|==|=)\s*\w[\w.-]*)"
        r"(?![^{}]*\})",
        message="a label test stands in braces",
        label="no braces",
        help="write `{\\g<at>}`",
        fix="{\\g<at>}",
        safe=True,
    ),
    Shape(
        kind=rules.MISSING_BRACES,
        pattern=rf"^\s*namespace\s+{_TEST}\s+(?P<at>[^\s{{}}][^{{}}]*=[^{{}}]*)$",
        message="the labels of a namespace stand in braces",
        label="no braces",
        help="write `{\\g<at>}`",
        fix="{\\g<at>}",
        safe=True,
        anywhere=True,
    ),
    Shape(
        kind=rules.UNKNOWN_STATEMENT,
        pattern=r"^\s*(?!(?:service|group)\s*=)(?P<at>[A-Za-z0-9_][\w.-]*)\s*=\s*\{",
        message="a declaration begins with `service`",
        label="no word before the name",
        help="write `service \\g<at> = {…}`",
        fix="service \\g<at>",
        anywhere=True,
    ),
    Shape(
        kind=rules.MISSING_NS,
        pattern=r"(?:<-|->|[,=])\s*(?:[^,]*\sin\s+)?(?P<at>namespace)\s+(?=[\w\"{*])",
        message="behind an arrow a namespace is announced by `ns`",
        label="the word of a section header",
        help="write `ns`",
        fix="ns",
        safe=True,
        anywhere=True,
    ),
    Shape(
        kind=rules.MISSING_NS,
        pattern=rf"\sin\s+(?P<at>{_TEST})",
        message="`\\g<at>` is not announced by `ns`",
        label="a namespace?",
        help="write `in ns \\g<at>`",
        fix="ns \\g<at>",
        safe=True,
        expected=frozenset({"_NS"}),
    ),
    Shape(
        kind=rules.MISSING_BRACKET,
        pattern=r",\s*(?P<at>[0-9]+(?:-[0-9]+)?/[a-z]+)",
        message="`\\g<at>` stands where a peer must",
        label="a port without its peer",
        help="several ports of one peer stand in brackets: `api:[53, 53/udp]`",
    ),
    Shape(
        kind=rules.MISSING_NS,
        pattern=rf"(?<![\w./:-])(?P<at>(?P<home>{WORD})/(?P<pods>(?![0-9]+\b){WORD}|\*))",
        message="`\\g<at>` is not how a service of another namespace is named",
        label="namespace and service?",
        help="write `\\g<pods> in ns \\g<home>`",
        fix="\\g<pods> in ns \\g<home>",
    ),
    Shape(
        kind=rules.MISSING_NS,
        pattern=rf"(?<![\w.-])(?P<at>(?P<pods>{_TEST})@(?P<home>{WORD}))",
        message="`\\g<at>` is not how a service of another namespace is named",
        label="service and namespace?",
        help="write `\\g<pods> in ns \\g<home>`",
        fix="\\g<pods> in ns \\g<home>",
    ),
    Shape(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"\bns\s*(?P<at>[:=/])",
        message="`ns` and the namespace have only a space between them",
        label="not needed",
        help="write `ns monitoring`",
        fix=" ",
    ),
    Shape(
        kind=rules.MISPLACED_PORT,
        pattern=rf"(?<![\w.-])(?P<at>(?P<who>{_TEST})\s*(?P<ports>{_PORTS})\s+in\s+(?:ns\s+)?"
        rf"(?P<home>{_TEST}))",
        message="ports stand at the end of a peer",
        label="ports in the middle",
        help="write `\\g<who> in ns \\g<home>\\g<ports>`",
        fix="\\g<who> in ns \\g<home>\\g<ports>",
        safe=True,
    ),
    Shape(
        kind=rules.MISPLACED_PORT,
        pattern=rf"(?<![\w.:-])(?P<at>(?P<who>{_BLOCK})\s*(?P<ports>{_PORTS})\s+"
        r"(?P<rest>except\s+(?:\[[^\[\]]*\]|[0-9A-Fa-f.:]+/[0-9]+)))",
        message="ports stand at the end of a peer",
        label="ports in the middle",
        help="write `\\g<who> \\g<rest>\\g<ports>`",
        fix="\\g<who> \\g<rest>\\g<ports>",
        safe=True,
    ),
    Shape(
        kind=rules.MISSING_BRACKET,
        pattern=r"(?P<at>:\s*(?P<one>[0-9][\w/-]*):\s*(?P<two>[0-9][\w/-]*))",
        message="several ports of one peer stand in brackets",
        label="a second colon",
        help="write `:[\\g<one>, \\g<two>]`",
        fix=":[\\g<one>, \\g<two>]",
        safe=True,
    ),
    Shape(
        kind=rules.MISPLACED_NONE,
        pattern=r"(?P<at>\bnone)\s*[,:]",
        message="`none` stands alone",
        label="nobody, so neither peers nor ports can follow",
        help="leave out `none`, or what follows it",
    ),
    Shape(
        kind=rules.MISPLACED_CLAUSE,
        pattern=r"^(?!.*(?:<-|->)).*\s(?P<at>until|because)\s",
        message="`\\g<at>` belongs to arrows and assertions",
        label="not here",
        help="write it as a comment: `# …`",
        anywhere=True,
    ),
    Shape(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"(?:<-|->).*(?P<at><-|->)",
        message="a line has one arrow",
        label="a second arrow",
        help="write a line for each connection",
        anywhere=True,
    ),
    Shape(
        kind=rules.INVALID_PORT,
        pattern=r"(?<![0-9])(?P<at>(?P<first>[0-9]+)(?:\s+-\s*|-\s+)(?P<last>[0-9]+))",
        message="a range of ports has no spaces",
        label="cut in pieces",
        help="write `\\g<first>-\\g<last>`",
        fix="\\g<first>-\\g<last>",
        safe=True,
    ),
    Shape(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"(?P<at>\*\.[\w.-]+|(?<![A-Za-z])[A-Za-z]+://\S*)",
        message="`\\g<at>` is a host name",
        label="NetworkPolicy knows addresses and labels only",
        help="write the blocks of its addresses, or `internet`",
    ),
    Shape(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"(?P<at>//|;|/\*).*",
        message="`\\g<at>` is nothing in the language",
        label="a comment?",
        help="a comment begins with `#`; a line has one statement",
    ),
    Shape(
        kind=rules.MISSING_PEER,
        pattern=r"(?P<at>,)\s*[\])}]",
        message="nothing follows the comma",
        label="what comes next?",
        help="leave the comma out",
        fix="",
        safe=True,
    ),
    Shape(
        kind=rules.MISSING_PEER,
        pattern=r"(?P<at><-|->)\s*(?:$|,|:|(?:until|because)\s+)",
        message="the arrow has no right side",
        label="no peer follows",
        help="name the peers, or write `none` for nobody",
    ),
    Shape(
        kind=rules.MISSING_PEER,
        pattern=r"(?P<at>[,:=]|\b(?:in|ns|except|until|because|service|group|namespace))"
        r"\s*(?:$|(?<=until\s)because\s)",
        message="nothing follows `\\g<at>`",
        label="the statement ends here",
        help="write what is missing, or leave it out; a line goes on after a comma and in brackets",
    ),
    Shape(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"(?<=\s)(?P<at>(?:port\s+)?[0-9]+(?:-[0-9]+)?(?:/[a-z]+)?)(?=[\s,]|$)",
        message="ports follow a peer and a colon",
        label="no colon",
        help="write `:` between the two",
        here=True,
        expected=frozenset({"COLON"}),
    ),
    Shape(
        kind=rules.MISSING_BRACES,
        pattern=rf"^\s*service\s+{_TEST}\s*=\s*(?P<at>[^{{}}]*)$",
        message="a service is declared by a selector in braces",
        label="no braces",
        help="write the labels of its pods, such as `{app=postgres, role=primary}`",
        anywhere=True,
        expected=frozenset({"LBRACE"}),
    ),
    Shape(
        kind=rules.INVALID_NAME,
        pattern=r"(?P<at>(?<![\w.-])\w[\w.-]*-)(?=[\s:,]|$)",
        message="`\\g<at>` is no name",
        label="ends in `-`",
        help="a name ends in a letter or a digit",
    ),
    Shape(
        kind=rules.INVALID_EXCEPT,
        pattern=r"(?P<at>except)\s",
        message="only an address block has exceptions",
        label="what is before it is no block",
        help="write peers without it; `internet` leaves private addresses out by itself",
        here=True,
        expected=frozenset({"COMMA"}),
    ),
    Shape(
        kind=rules.MISSING_COMMA,
        pattern=r"(?<=\s)(?P<at>[A-Za-z_][\w.-]*|\{[^{}]*\}|\*|[0-9][\w./:-]*(?=.*[\])}]))",
        message="a comma is missing before `\\g<at>`",
        label="another one begins here",
        help="separate peers, ports and labels by commas",
        here=True,
        expected=frozenset({"COMMA"}),
    ),
)
