"""The words of a statement as values: names, ports and dates; blocks are in `block_literals`.

The grammar says where a word can be; this module says whether it is valid there. Each function
takes a word and its place, and either returns its value or raises `Refused` with the
finding. What Kubernetes' API server would refuse is refused here, where it was written.
"""

import re
from datetime import date

from netpolc.diagnostics import Diagnostic, Fix, Label, Rule
from netpolc.kube.name_rules import (
    label_key_problem,
    label_value_problem,
    namespace_problem,
    port_name_problem,
)
from netpolc.kube.ports import MAX_PORT, Protocol
from netpolc.source import Span
from netpolc.syntax import rules
from netpolc.syntax.keywords import RESERVED, is_number, quoted
from netpolc.syntax.parts import NamePort, NumberPort, Port

_PORT = re.compile(r"(?P<first>[0-9]+)(?:-(?P<last>[0-9]+))?")
_ESCAPE = r"\\(.?)"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_PROTOCOLS = {protocol.value.lower(): protocol for protocol in Protocol}
_LONGEST_NUMBER = 9


class Refused(Exception):  # noqa: N818
    """A word is not valid at its place; `finding` says why."""

    def __init__(self, finding: Diagnostic) -> None:
        super().__init__(finding.message)
        self.finding = finding


def refused(  # noqa: PLR0913
    kind: Rule,
    span: Span,
    message: str,
    label: str,
    help_text: str,
    fixes: tuple[Fix, ...] = (),
    *,
    others: tuple[Label, ...] = (),
) -> Refused:
    """A refusal, from the parts of its finding."""
    return Refused(
        Diagnostic(
            rule=kind,
            message=message,
            label=Label(span, label),
            others=others,
            help=help_text,
            fixes=fixes,
        )
    )


def unquoted(text: str, span: Span) -> str:
    """The text of a quoted string; a backslash escapes only quotes and backslashes."""
    for escape in re.finditer(_ESCAPE, text[1:-1]):
        if escape.group(1) not in {'"', "\\"}:
            start = span.start + 1 + escape.start()
            raise refused(
                rules.INVALID_ESCAPE,
                span.file.span(start, start + len(escape.group())),
                f"`{escape.group()}` is not an escape sequence",
                "unknown escape sequence",
                'write `\\\\` for a backslash and `\\"` for a quote; nothing else needs an escape sequence',
            )
    return re.sub(_ESCAPE, r"\1", text[1:-1])


def pod_name(text: str, span: Span) -> str:
    """The name of a service or a group, without quotes."""
    if text == "none":
        raise refused(
            rules.MISPLACED_NONE,
            span,
            "`none` must be alone after the arrow",
            "cannot be one of several peers",
            f"remove it; a service of this name is written `{quoted(text)}`",
        )
    if text in {"any", "internet"}:
        raise refused(
            rules.RESERVED_WORD,
            span,
            f"`{text}` is a reserved word",
            "not pods of a namespace",
            f"`*` is every pod of the namespace; a service of this name is written `{quoted(text)}`",
        )
    if text in RESERVED:
        raise refused(
            rules.RESERVED_WORD,
            span,
            f"`{text}` is a reserved word",
            "needs quotes as a name",
            f"for a service or group of this name, write `{quoted(text)}`",
            (Fix(span=span, replacement=quoted(text)),),
        )
    if is_number(text):
        raise refused(
            rules.INVALID_NAME,
            span,
            f"`{text}` is not a valid name",
            "a number",
            f"ports follow a peer and a colon: `api:{text}`; a service of this name is written `{quoted(text)}`",
        )
    return _checked(span, text, label_value_problem(text))


def quoted_pod_name(text: str, span: Span) -> str:
    """The name of a service or a group in quotes. It must do as the value of a label."""
    if not text:
        raise _invalid_name(span, "a name cannot be empty", "empty")
    return _checked(span, text, label_value_problem(text))


def namespace_name(text: str, span: Span) -> str:
    """The name of a namespace."""
    problem = namespace_problem(text)
    nearest = text.lower().replace("_", "-").replace(".", "-").strip("-")
    if problem is not None and nearest and namespace_problem(nearest) is None:
        raise refused(
            rules.INVALID_NAME,
            span,
            f"`{text}` {problem.partition(':')[0]}",
            _label(problem),
            f"write `{nearest}`: Kubernetes refuses `{text}`",
            (Fix(span=span, replacement=nearest),),
        )
    return _checked(span, text, problem)


def label_key(text: str, span: Span) -> str:
    """The key of a label."""
    return _checked(span, text, label_key_problem(text))


def label_value(text: str, span: Span) -> str:
    """The value of a label, which may be empty."""
    return _checked(span, text, label_value_problem(text))


def port(text: str, span: Span) -> Port:
    """A port, a range, a port's name or `*`, with its protocol."""
    what, slash, suffix = text.partition("/")
    if slash and what.lower() in _PROTOCOLS and suffix.lower() not in _PROTOCOLS:
        raise refused(
            rules.INVALID_PORT,
            span,
            f"`{text}` has its protocol before the port",
            "the port comes first",
            f"write `{suffix}/{what.lower()}`",
            (Fix(span=span, replacement=f"{suffix}/{what.lower()}", safe=True),),
        )
    protocol = _PROTOCOLS.get(suffix) if slash else Protocol.TCP
    if protocol is None:
        raise _no_protocol(span, what, suffix)
    if what == "*":
        return NumberPort(protocol, 1, MAX_PORT, span)
    number = _PORT.fullmatch(what)
    if number is None:
        problem = port_name_problem(what)
        if problem is None:
            return NamePort(protocol, what, span)
        raise _no_port(span, what, problem)
    return _numbers(number, protocol, span)


_PORT_HELP = "a port is a number, a range such as `8080-8090`, a container port's name, or `*`"


def _no_port(span: Span, what: str, problem: str) -> "Refused":
    """A port's name that no port can have: with what is left of it in small letters."""
    small = what.lower()
    if small in _PROTOCOLS:
        return _bad_port(
            span,
            f"`{what}` is a protocol, not a port",
            "the port is missing",
            f"write `*/{small}` for every port, or one port as `53/{small}`",
            (Fix(span=span, replacement=f"*/{small}"),),
        )
    message, label = f"`{what}` {problem}", "not a port"
    if small != what and port_name_problem(small) is None:
        fix = Fix(span=span, replacement=small)
        return _bad_port(span, message, label, f"write `{small}`", (fix,))
    return _bad_port(span, message, label, _PORT_HELP)


def _no_protocol(span: Span, what: str, suffix: str) -> "Refused":
    fixes: tuple[Fix, ...] = ()
    if suffix.lower() in _PROTOCOLS:
        replacement = f"{what}/{suffix.lower()}"
        fixes = (Fix(span=span, replacement=replacement, safe=True),)
        help_text = f"write `{replacement}`"
    else:
        help_text = "NetworkPolicy supports `/tcp` (the default), `/udp` and `/sctp`"
    if fixes:
        message, label = f"protocols are in small letters: `{suffix.lower()}`", "capital letters"
    elif suffix:
        message, label = f"`{suffix}` is not a protocol", "unknown protocol"
    else:
        message, label = "the protocol is missing after `/`", "no protocol"
    return refused(rules.INVALID_PORT, span, message, label, help_text, fixes)


def _numbers(number: re.Match[str], protocol: Protocol, span: Span) -> Port:
    texts = [text for text in number.groups() if text is not None]
    for text in texts:
        value = int(text) if len(text) <= _LONGEST_NUMBER else MAX_PORT + 1
        if not 1 <= value <= MAX_PORT:
            raise _bad_port(
                span,
                f"there is no port {text}",
                f"outside 1-{MAX_PORT}",
                f"ports are numbers from 1 to {MAX_PORT}; `*` is every port",
            )
    first, last = int(texts[0]), int(texts[-1])
    if first > last:
        fixed = f"{last}-{first}"
        raise _bad_port(
            span,
            f"the range `{number.group()}` is the wrong way round",
            "ends before it begins",
            f"write `{fixed}`",
            (Fix(span=_start(span, len(number.group())), replacement=fixed),),
        )
    return NumberPort(protocol, first, last, span)


def end_date(text: str, span: Span) -> date:
    """A day of the calendar, as `2027-03-31`."""
    if re.fullmatch(_DATE, text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            message, label = f"{text} does not exist", "no such day"
    else:
        message, label = f"`{text}` is not a date", "expected YEAR-MONTH-DAY"
    raise refused(rules.INVALID_DATE, span, message, label, "write a date like `2027-03-31`")


def _checked(span: Span, text: str, problem: str | None) -> str:
    if problem is None:
        return text
    raise _invalid_name(span, f"`{text}` {problem.partition(':')[0]}", _label(problem))


def _label(problem: str) -> str:
    """The rule that a name breaks: what follows the colon of a problem, or what is too long."""
    _, colon, rule = problem.partition(":")
    return f"must be{rule}" if colon else "too long"


def _invalid_name(span: Span, message: str, label: str) -> "Refused":
    return refused(rules.INVALID_NAME, span, message, label, "Kubernetes would refuse it")


def _bad_port(
    span: Span, message: str, label: str, help_text: str, fixes: tuple[Fix, ...] = ()
) -> "Refused":
    return refused(rules.INVALID_PORT, span, message, label, help_text, fixes)


def _start(span: Span, length: int) -> Span:
    return span.file.span(span.start, span.start + length)
