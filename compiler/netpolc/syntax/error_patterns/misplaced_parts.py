"""Ports, `none`, clauses and arrows in a place or an order that the grammar does not have."""

from netpolc.syntax import rules
from netpolc.syntax.error_patterns.error_pattern import BLOCK, PORTS, TEST, ErrorPattern

MISPLACED_PARTS = (
    ErrorPattern(
        rule=rules.MISPLACED_PORT,
        pattern=rf"(?<![\w.-])(?P<at>(?P<pods>{TEST})\s*(?P<ports>{PORTS})\s+in\s+(?:ns\s+)?"
        rf"(?P<home>{TEST}))",
        message="ports go at the end of a peer",
        label="ports in the middle",
        help="write `\\g<pods> in ns \\g<home>\\g<ports>`",
        fix="\\g<pods> in ns \\g<home>\\g<ports>",
        safe=True,
    ),
    ErrorPattern(
        rule=rules.MISPLACED_PORT,
        pattern=rf"(?<![\w.:-])(?P<at>(?P<block>{BLOCK})\s*(?P<ports>{PORTS})\s+"
        r"(?P<rest>except\s+(?:\[[^\[\]]*\]|[0-9A-Fa-f.:]+/[0-9]+)))",
        message="ports go at the end of a peer",
        label="ports in the middle",
        help="write `\\g<block> \\g<rest>\\g<ports>`",
        fix="\\g<block> \\g<rest>\\g<ports>",
        safe=True,
    ),
    ErrorPattern(
        rule=rules.INVALID_PORT,
        pattern=r":\s*(?P<at>(?P<protocol>tcp|udp|sctp)\s*:\s*(?P<port>[0-9]+(?:-[0-9]+)?))",
        message="the protocol of a port comes after it",
        label="protocol and port?",
        help="write `\\g<port>/\\g<protocol>`",
        fix="\\g<port>/\\g<protocol>",
        safe=True,
    ),
    ErrorPattern(
        rule=rules.MISSING_BRACKET,
        pattern=r"(?P<at>:\s*(?P<first>[0-9][\w/-]*):\s*(?P<second>[0-9][\w/-]*))",
        message="several ports of one peer go in brackets",
        label="a second colon",
        help="write `:[\\g<first>, \\g<second>]`",
        fix=":[\\g<first>, \\g<second>]",
        safe=True,
    ),
    ErrorPattern(
        rule=rules.MISPLACED_NONE,
        pattern=r"(?P<at>\bnone)\s*[,:]",
        message="`none` must be alone after the arrow",
        label="permits nobody: no peer or port can follow",
        help="remove `none`, or what follows it",
    ),
    ErrorPattern(
        rule=rules.MISPLACED_CLAUSE,
        pattern=r"^(?!.*(?:<-|->|=>|<=|\s[<>]\s)).*\s(?P<at>until|because)\s",
        message="`\\g<at>` belongs to arrows and assertions",
        label="not here",
        help="write it as a comment: `# …`",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.UNEXPECTED_TEXT,
        pattern=r"(?:<-|->).*(?P<at><-|->)",
        message="a line has one arrow",
        label="a second arrow",
        help="write a line for each connection",
        anywhere=True,
    ),
    ErrorPattern(
        rule=rules.INVALID_PORT,
        pattern=r"(?<![0-9])(?P<at>(?P<first>[0-9]+)(?:\s+-\s*|-\s+)(?P<last>[0-9]+))",
        message="a range of ports has no spaces",
        label="spaces in the range",
        help="write `\\g<first>-\\g<last>`",
        fix="\\g<first>-\\g<last>",
        safe=True,
    ),
)
