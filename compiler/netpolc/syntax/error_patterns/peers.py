"""Labels without braces, and namespaces without `ns`."""

from netpolc.syntax import rules
from netpolc.syntax.error_patterns.error_pattern import TEST, ErrorPattern
from netpolc.syntax.keywords import WORD


def _labels_without_braces(pattern: str) -> ErrorPattern:
    """The mistake `app=web` in an arrow."""
    return ErrorPattern(
        rule=rules.MISSING_BRACES,
        pattern=pattern,
        message="labels must be in braces",
        label="no braces",
        help="write `{\\g<at>}`",
        fix="{\\g<at>}",
        safe=True,
    )


def _subject_of_other_namespace(pattern: str, label: str) -> ErrorPattern:
    """The mistakes `shop/api` and `api@shop` before an arrow."""
    return ErrorPattern(
        rule=rules.MISSING_NS,
        pattern=pattern,
        message="the subject of an arrow is in its section's namespace, unlike `\\g<at>`",
        label=label,
        help="in namespace `\\g<home>` write `\\g<pods> \\g<arrow> …`",
    )


def _peer_of_other_namespace(pattern: str, label: str) -> ErrorPattern:
    """The mistakes `shop/api` and `api@shop` after an arrow."""
    return ErrorPattern(
        rule=rules.MISSING_NS,
        pattern=pattern,
        message="`\\g<at>` does not name a service of another namespace",
        label=label,
        help="write `\\g<pods> in ns \\g<home>`",
        fix="\\g<pods> in ns \\g<home>",
    )


PEERS = (
    _labels_without_braces(
        r"(?<![{\w./-])(?P<at>[A-Za-z0-9_][\w./-]*\s*(?:!=|==|=(?![=>]))\s*\w[\w.-]*)"
        r"(?![^{}]*\})(?=.*(?:<-|->))",
    ),
    _labels_without_braces(
        r"(?:<-|->).*?(?<![{\w./-])(?P<at>[A-Za-z0-9_][\w./-]*\s*(?:!=|==|=)\s*\w[\w.-]*)"
        r"(?![^{}]*\})",
    ),
    ErrorPattern(
        rule=rules.MISSING_BRACES,
        pattern=rf"^\s*namespace\s+{TEST}\s+(?P<at>[^\s{{}}][^{{}}]*=[^{{}}]*)$",
        message="the labels of a namespace must be in braces",
        label="no braces",
        help="write `{\\g<at>}`",
        fix="{\\g<at>}",
        safe=True,
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.UNKNOWN_STATEMENT,
        pattern=r"^\s*(?!(?:service|group)\s*=)(?P<at>[A-Za-z0-9_][\w.-]*)\s*=\s*\{",
        message="a declaration begins with `service`",
        label="`service` is missing",
        help="write `service \\g<at> = {…}`",
        fix="service \\g<at>",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.MISSING_NS,
        pattern=r"(?:<-|->|[,=])\s*(?:[^,]*\sin\s+)?(?P<at>namespace)\s+(?=[\w\"{*])",
        message="in an arrow, a namespace is written `ns NAME`",
        label="`namespace` begins a section",
        help="write `ns`",
        fix="ns",
        safe=True,
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.MISSING_NS,
        pattern=rf"\sin\s+(?P<at>{TEST})",
        message="`ns` is missing before `\\g<at>`",
        label="a namespace?",
        help="write `in ns \\g<at>`",
        fix="ns \\g<at>",
        safe=True,
        expected=frozenset({"_NS"}),
    ),
    ErrorPattern(
        rule=rules.MISSING_BRACKET,
        pattern=r",\s*(?P<at>[0-9]+(?:-[0-9]+)?/[a-z]+)",
        message="expected a peer, found a port: `\\g<at>`",
        label="a port without its peer",
        help="several ports of one peer go in brackets: `api:[53, 53/udp]`",
    ),
    ErrorPattern(
        rule=rules.INVALID_PORT,
        pattern=r"(?:<-|->|,)\s*(?P<at>(?P<protocol>tcp|udp|sctp)/(?P<port>[a-z0-9][a-z0-9-]*))",
        message="`\\g<at>` is not a peer",
        label="a protocol and a port?",
        help="write the port after its peer: `api:\\g<port>/\\g<protocol>`",
    ),
    _subject_of_other_namespace(
        rf"^\s*(?P<at>(?P<home>{WORD})/(?P<pods>(?![0-9]+\b){WORD}|\*))\s*(?P<arrow><-|->)",
        "namespace and service?",
    ),
    _subject_of_other_namespace(
        rf"^\s*(?P<at>(?P<pods>{TEST})@(?P<home>{WORD}))\s*(?P<arrow><-|->)",
        "service and namespace?",
    ),
    ErrorPattern(
        rule=rules.MISSING_NS,
        pattern=rf"^\s*service\s+(?P<at>(?P<home>{WORD})/(?P<pods>{WORD}))",
        message="a service is declared in a section of its namespace, without `\\g<home>/`",
        label="namespace and service?",
        help="in namespace `\\g<home>` write `service \\g<pods> …`",
    ),
    ErrorPattern(
        rule=rules.UNEXPECTED_TEXT,
        pattern=r"(?<![\w.:-])(?P<at>(?=[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:)"
        r"[0-9A-Fa-f:.]{2,39}-[0-9A-Fa-f:.]{2,39})(?![\w.:-])",
        message="`\\g<at>` is a range of addresses, not a block",
        label="two addresses",
        help="write the blocks of the range, each with its mask, such as `2001:db8::/64`",
    ),
    _peer_of_other_namespace(
        rf"(?<![\w./:-])(?P<at>(?P<home>{WORD})/(?P<pods>(?![0-9]+\b){WORD}|\*))",
        "namespace and service?",
    ),
    _peer_of_other_namespace(
        rf"(?<![\w.-])(?P<at>(?P<pods>{TEST})@(?P<home>{WORD}))",
        "service and namespace?",
    ),
    ErrorPattern(
        rule=rules.UNEXPECTED_TEXT,
        pattern=r"\bns\s*(?P<at>[:=/])",
        message="only a space goes between `ns` and the namespace",
        label="not needed",
        help="write `ns monitoring`",
        fix=" ",
    ),
)
