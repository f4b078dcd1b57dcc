r"""Patterns of common mistakes, with a message and a fix for each.

A parser knows what it expected; a person wants to know what they got wrong. So lines written
from the habit of another language, or from memory, are recognised by a pattern. The first
pattern that matches is taken, so specific patterns come before general ones.

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
_CLAIM = r"^\s*(?:(?:enforce\s+)?(?:never|always|only)\s+)?"
_BLOCK = r"[0-9]+(?:\.[0-9]+){3}(?:/[0-9]+)?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:/[0-9]+)?"
_SETTING = "|".join(SETTINGS)


@frozen(kw_only=True)
class ErrorPattern:
    """A mistake, the pattern of its lines, and its finding. Without `fix` nothing is proposed."""

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


PATTERNS = (
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"^(?P<at><{7}|={7}|>{7}|\|{7})(?:\s|$)",
        message="a merge conflict is not resolved",
        label="marker of a merge conflict",
        help="choose between the two sides, and remove the markers",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.UNKNOWN_STATEMENT,
        pattern=r"^\s*(?P<at>[\])}]+)\s*$",
        message="`\\g<at>` closes nothing",
        label="nothing is open here",
        help="remove it; a section has no braces and ends at the next header",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=rf"(?P<at>any\s+in\s+ns\s+(?P<home>{_TEST}))",
        message="`any` has no namespace",
        label="`any` is everybody, inside the cluster and outside",
        help="for every pod of the namespace write `ns \\g<home>`",
        fix="ns \\g<home>",
    ),
    ErrorPattern(
        kind=rules.MISSING_NS,
        pattern=rf"{_TEST}\s+(?P<at>from)\s+(?=ns\s)",
        message="the namespace of a peer is written `in ns NAME`",
        label="not part of the language",
        help="write `in`",
        fix="in",
        safe=True,
    ),
    ErrorPattern(
        kind=rules.WRONG_ARROW,
        pattern=rf"^(?!.*(?:<-|->))\s*{_TEST}\s+(?P<at>from)\s+(?=[\w\"{{*])",
        message="`from` is not an arrow",
        label="expected `<-` or `->`",
        help="write `<-`",
        fix="<-",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"(?P<at>not\s+in)\s*\(",
        message="`notin` is one word",
        label="two words",
        help="write `notin`",
        fix="notin",
        safe=True,
    ),
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"(?P<at>(?P<key>[A-Za-z0-9_][\w./-]*)\s*:\s*(?P<value>\w[\w.-]*))(?=[^{}]*\})",
        message="a label is written `key=value`",
        label="a colon",
        help="write `\\g<key>=\\g<value>`",
        fix="\\g<key>=\\g<value>",
        safe=True,
        expected=frozenset({"EQUAL"}),
    ),
    ErrorPattern(
        kind=rules.MISSING_BRACKET,
        pattern=r":\s*(?P<at>\((?P<ports>[^()\[\]{}]*)\))",
        message="several ports of one peer go in square brackets",
        label="parentheses",
        help="write `[\\g<ports>]`",
        fix="[\\g<ports>]",
        safe=True,
        expected=frozenset({"LSQB"}),
    ),
    ErrorPattern(
        kind=rules.MISSING_BRACES,
        pattern=r"(?P<at>\[(?P<labels>[^\[\]{}:]*=[^\[\]{}:]*)\])",
        message="labels must be in braces",
        label="square brackets",
        help="write `{\\g<labels>}`",
        fix="{\\g<labels>}",
        safe=True,
    ),
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"(?:<-|->|^\s*group\s+\S+\s*=)\s*(?P<at>\[(?P<peers>[^\[\]{}]*)\])",
        message="a list of peers has no brackets",
        label="not needed",
        help="write `\\g<peers>`",
        fix="\\g<peers>",
        safe=True,
    ),
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"^\s*default\s*:\s*deny\s+(?:ingress|egress)\s*(?P<at>,)\s*(?:ingress|egress)\b",
        message="only a space goes between the directions of a default",
        label="not needed",
        help="remove the comma, as in `default: deny ingress egress`",
        fix="",
        safe=True,
    ),
    ErrorPattern(
        kind=rules.WRONG_QUOTES,
        pattern=r"(?P<at>(?P<tick>['`])(?P<text>[^'`\"]*)(?P=tick))",
        message="quotes must be double quotes",
        label="not a double quote",
        help='write `"\\g<text>"`',
        fix='"\\g<text>"',
        safe=True,
    ),
    ErrorPattern(
        kind=rules.WRONG_QUOTES,
        pattern=r"\bbecause\s+(?P<at>[^\s\"][^\"]*)$",
        message="a reason must be in double quotes",
        label="not quoted",
        help='write `because "\\g<at>"`',
        fix='"\\g<at>"',
        safe=True,
        expected=frozenset({"STRING"}),
    ),
    ErrorPattern(
        kind=rules.MISSING_SUBJECT,
        pattern=rf"{_CLAIM}(?P<at><-|->)",
        message="the arrow has no left side",
        label="no subject before it",
        help="name the pods, such as `db \\g<at> …`, or `*` for all of them",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.POLICY_VERB,
        pattern=rf"(?i){_CLAIM}(?P<at>allow|permit|accept|grant)\b(?=\s+[^\s:=<-])",
        message="`\\g<at>` is not part of the language",
        label="every arrow permits",
        help="leave it out: `db <- api:5432` lets api reach db",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.POLICY_VERB,
        pattern=rf"(?i){_CLAIM}(?P<at>deny|block|drop|reject|forbid|refuse)\b(?=\s+[^\s:=<-])",
        message="`\\g<at>` is not part of the language",
        label="NetworkPolicy cannot deny",
        help="what no arrow permits is refused: write `db <- none` to permit nobody, or `never …`"
        " to prove that nothing permits it",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=rf"^\s*(?P<at>(?P<word>{_SETTING})(?:\s*=|(?=\s+[^\s:<=-])))",
        message="a setting's name is followed by a colon",
        label="no colon",
        help="write `\\g<word>: …`",
        fix="\\g<word>:",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"^\s*(?:namespace|cluster|service|group)\s*(?P<at>:)",
        message="only settings have a colon after their first word",
        label="not a setting",
        help="leave the colon out",
        fix="",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.RESERVED_WORD,
        pattern=rf"{_CLAIM}(?P<at>any|internet)\s*(?:<-|->)",
        message="`\\g<at>` cannot be the subject of an arrow",
        label="not pods of a namespace",
        help='`*` is every pod of the namespace; a service of this name is written `"\\g<at>"`',
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.RESERVED_WORD,
        pattern=rf"{_CLAIM}(?P<at>{'|'.join(sorted(RESERVED - {'ns'}))})\s*(?:<-|->)",
        message="`\\g<at>` is a reserved word",
        label="needs quotes as a name",
        help='for a service of this name, write `"\\g<at>"`',
        fix='"\\g<at>"',
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.INVALID_SUBJECT,
        pattern=rf"{_CLAIM}(?P<at>{_BLOCK})\s*(?:<-|->)",
        message="addresses cannot be the subject of an arrow",
        label="not pods of this namespace",
        help="make the pods the subject: `db <- 10.0.0.0/8` or `api -> 10.0.0.0/8`",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.MISPLACED_PORT,
        pattern=rf"{_CLAIM}{_TEST}(?:\s+in\s+ns\s+{_TEST})?\s*(?P<at>{_PORTS})\s*(?:<-|->)",
        message="the subject of an arrow has no ports",
        label="ports on the left side",
        help="write them after the peer, `db <- api\\g<at>`: ports are always the receiver's",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.INVALID_SUBJECT,
        pattern=rf"{_CLAIM}{_TEST}\s*(?P<at>,)(?=[^<>]*(?:<-|->))",
        message="an arrow has one subject",
        label="a second subject follows",
        help="write one line for each subject",
    ),
    ErrorPattern(
        kind=rules.MISSING_BRACES,
        pattern=r"(?<![{\w./-])(?P<at>[A-Za-z0-9_][\w./-]*\s*(?:!=|==|=(?![=>]))\s*\w[\w.-]*)"
        r"(?![^{}]*\})(?=.*(?:<-|->))",
        message="labels must be in braces",
        label="no braces",
        help="write `{\\g<at>}`",
        fix="{\\g<at>}",
        safe=True,
    ),
    ErrorPattern(
        kind=rules.MISSING_BRACES,
        pattern=r"(?:<-|->).*?(?<![{\w./-])(?P<at>[A-Za-z0-9_][\w./-]*\s*(?:!=|==|=)\s*\w[\w.-]*)"
        r"(?![^{}]*\})",
        message="labels must be in braces",
        label="no braces",
        help="write `{\\g<at>}`",
        fix="{\\g<at>}",
        safe=True,
    ),
    ErrorPattern(
        kind=rules.MISSING_BRACES,
        pattern=rf"^\s*namespace\s+{_TEST}\s+(?P<at>[^\s{{}}][^{{}}]*=[^{{}}]*)$",
        message="the labels of a namespace must be in braces",
        label="no braces",
        help="write `{\\g<at>}`",
        fix="{\\g<at>}",
        safe=True,
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.UNKNOWN_STATEMENT,
        pattern=r"^\s*(?!(?:service|group)\s*=)(?P<at>[A-Za-z0-9_][\w.-]*)\s*=\s*\{",
        message="a declaration begins with `service`",
        label="`service` is missing",
        help="write `service \\g<at> = {…}`",
        fix="service \\g<at>",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.MISSING_NS,
        pattern=r"(?:<-|->|[,=])\s*(?:[^,]*\sin\s+)?(?P<at>namespace)\s+(?=[\w\"{*])",
        message="in an arrow, a namespace is written `ns NAME`",
        label="`namespace` begins a section",
        help="write `ns`",
        fix="ns",
        safe=True,
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.MISSING_NS,
        pattern=rf"\sin\s+(?P<at>{_TEST})",
        message="`ns` is missing before `\\g<at>`",
        label="a namespace?",
        help="write `in ns \\g<at>`",
        fix="ns \\g<at>",
        safe=True,
        expected=frozenset({"_NS"}),
    ),
    ErrorPattern(
        kind=rules.MISSING_BRACKET,
        pattern=r",\s*(?P<at>[0-9]+(?:-[0-9]+)?/[a-z]+)",
        message="expected a peer, found a port: `\\g<at>`",
        label="a port without its peer",
        help="several ports of one peer go in brackets: `api:[53, 53/udp]`",
    ),
    ErrorPattern(
        kind=rules.MISSING_NS,
        pattern=rf"(?<![\w./:-])(?P<at>(?P<home>{WORD})/(?P<pods>(?![0-9]+\b){WORD}|\*))",
        message="`\\g<at>` does not name a service of another namespace",
        label="namespace and service?",
        help="write `\\g<pods> in ns \\g<home>`",
        fix="\\g<pods> in ns \\g<home>",
    ),
    ErrorPattern(
        kind=rules.MISSING_NS,
        pattern=rf"(?<![\w.-])(?P<at>(?P<pods>{_TEST})@(?P<home>{WORD}))",
        message="`\\g<at>` does not name a service of another namespace",
        label="service and namespace?",
        help="write `\\g<pods> in ns \\g<home>`",
        fix="\\g<pods> in ns \\g<home>",
    ),
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"\bns\s*(?P<at>[:=/])",
        message="only a space goes between `ns` and the namespace",
        label="not needed",
        help="write `ns monitoring`",
        fix=" ",
    ),
    ErrorPattern(
        kind=rules.MISPLACED_PORT,
        pattern=rf"(?<![\w.-])(?P<at>(?P<who>{_TEST})\s*(?P<ports>{_PORTS})\s+in\s+(?:ns\s+)?"
        rf"(?P<home>{_TEST}))",
        message="ports go at the end of a peer",
        label="ports in the middle",
        help="write `\\g<who> in ns \\g<home>\\g<ports>`",
        fix="\\g<who> in ns \\g<home>\\g<ports>",
        safe=True,
    ),
    ErrorPattern(
        kind=rules.MISPLACED_PORT,
        pattern=rf"(?<![\w.:-])(?P<at>(?P<who>{_BLOCK})\s*(?P<ports>{_PORTS})\s+"
        r"(?P<rest>except\s+(?:\[[^\[\]]*\]|[0-9A-Fa-f.:]+/[0-9]+)))",
        message="ports go at the end of a peer",
        label="ports in the middle",
        help="write `\\g<who> \\g<rest>\\g<ports>`",
        fix="\\g<who> \\g<rest>\\g<ports>",
        safe=True,
    ),
    ErrorPattern(
        kind=rules.MISSING_BRACKET,
        pattern=r"(?P<at>:\s*(?P<one>[0-9][\w/-]*):\s*(?P<two>[0-9][\w/-]*))",
        message="several ports of one peer go in brackets",
        label="a second colon",
        help="write `:[\\g<one>, \\g<two>]`",
        fix=":[\\g<one>, \\g<two>]",
        safe=True,
    ),
    ErrorPattern(
        kind=rules.MISPLACED_NONE,
        pattern=r"(?P<at>\bnone)\s*[,:]",
        message="`none` must be alone after the arrow",
        label="permits nobody: no peer or port can follow",
        help="remove `none`, or what follows it",
    ),
    ErrorPattern(
        kind=rules.MISPLACED_CLAUSE,
        pattern=r"^(?!.*(?:<-|->)).*\s(?P<at>until|because)\s",
        message="`\\g<at>` belongs to arrows and assertions",
        label="not here",
        help="write it as a comment: `# …`",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"(?:<-|->).*(?P<at><-|->)",
        message="a line has one arrow",
        label="a second arrow",
        help="write a line for each connection",
        anywhere=True,
    ),
    ErrorPattern(
        kind=rules.INVALID_PORT,
        pattern=r"(?<![0-9])(?P<at>(?P<first>[0-9]+)(?:\s+-\s*|-\s+)(?P<last>[0-9]+))",
        message="a range of ports has no spaces",
        label="spaces in the range",
        help="write `\\g<first>-\\g<last>`",
        fix="\\g<first>-\\g<last>",
        safe=True,
    ),
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"(?P<at>\*\.[\w.-]+|(?<![A-Za-z])[A-Za-z]+://\S*)",
        message="`\\g<at>` is a host name",
        label="NetworkPolicy knows addresses and labels only",
        help="write the blocks of its addresses, or `internet`",
    ),
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"(?P<at>//|;|/\*).*",
        message="`\\g<at>` means nothing here",
        label="a comment?",
        help="comments begin with `#`; a line has one statement",
    ),
    ErrorPattern(
        kind=rules.MISSING_PEER,
        pattern=r"(?P<at>,)\s*[\])}]",
        message="nothing follows the comma",
        label="not needed",
        help="remove the comma",
        fix="",
        safe=True,
    ),
    ErrorPattern(
        kind=rules.MISSING_PEER,
        pattern=r"(?P<at><-|->)\s*(?:$|,|:|(?:until|because)\s+)",
        message="the arrow has no right side",
        label="no peer follows",
        help="name the peers, or write `none` for nobody",
    ),
    ErrorPattern(
        kind=rules.MISSING_PEER,
        pattern=r"(?P<at>[,:=]|\b(?:in|ns|except|until|because|service|group|namespace))"
        r"\s*(?:$|(?<=until\s)because\s)",
        message="nothing follows `\\g<at>`",
        label="the statement ends here",
        help="write what is missing, or remove it; a line continues after a comma and inside brackets",
    ),
    ErrorPattern(
        kind=rules.UNEXPECTED_TEXT,
        pattern=r"(?<=\s)(?P<at>(?:port\s+)?[0-9]+(?:-[0-9]+)?(?:/[a-z]+)?)(?=[\s,]|$)",
        message="a colon is missing before the ports",
        label="ports follow a colon",
        help="write `:` between the two",
        here=True,
        expected=frozenset({"COLON"}),
    ),
    ErrorPattern(
        kind=rules.MISSING_BRACES,
        pattern=rf"^\s*service\s+{_TEST}\s*=\s*(?P<at>[^{{}}]*)$",
        message="a service is declared by a selector in braces",
        label="no braces",
        help="write the labels of its pods, such as `{app=postgres, role=primary}`",
        anywhere=True,
        expected=frozenset({"LBRACE"}),
    ),
    ErrorPattern(
        kind=rules.INVALID_NAME,
        pattern=r"(?P<at>(?<![\w.-])\w[\w.-]*-)(?=[\s:,]|$)",
        message="`\\g<at>` is not a valid name",
        label="ends in `-`",
        help="a name ends in a letter or a digit",
    ),
    ErrorPattern(
        kind=rules.INVALID_EXCEPT,
        pattern=r"(?P<at>except)\s",
        message="only an address block has exceptions",
        label="not after an address block",
        help="remove `except`; `internet` already leaves private addresses out",
        here=True,
        expected=frozenset({"COMMA"}),
    ),
    ErrorPattern(
        kind=rules.MISSING_COMMA,
        pattern=r"(?<=\s)(?P<at>[A-Za-z_][\w.-]*|\{[^{}]*\}|\*|[0-9][\w./:-]*(?=.*[\])}]))",
        message="a comma is missing before `\\g<at>`",
        label="the next one begins here",
        help="separate peers, ports and labels by commas",
        here=True,
        expected=frozenset({"COMMA"}),
    ),
)
