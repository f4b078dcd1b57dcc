"""The IR as a JSON file, and back.

`netpolc ir` prints what a program means, and other tools can say what they mean in the
same form (`grammar/ir.schema.json`). What is read here was written by anyone: it is held
against the schema first, then what no schema can say is checked, and only then does it
become values. Each finding is at a path, `$.namespaces[0].allows[3].traffic.tcp[0]`.

The text is canonical: equal policies give the same bytes.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.ir.build import policies as collected
from netpolc.ir.build import policy_set
from netpolc.ir.decode import decode
from netpolc.ir.encode import VERSION, encode
from netpolc.ir.form import surely_has_form
from netpolc.ir.json_positions import first_repeated, locate
from netpolc.ir.model import LeftOut, Policies, PolicySet
from netpolc.ir.true_origins import with_true_origins
from netpolc.ir.verifier import Finding, Listed, findings, path_text
from netpolc.source import SourceFile

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

IR_SYNTAX = Rule(code="NP357", name="ir-syntax", severity=Severity.ERROR)
IR_SCHEMA = Rule(code="NP358", name="ir-schema-violation", severity=Severity.ERROR)

_MOST = 50
"""More violations than these help nobody: the file is of some other kind."""
_NOT_IR = "not what `netpolc ir` prints"
_SHOWN = 60
_ALLOW = len(("namespaces", 0, "allows", 0))
"""The length of an allow's path: what is shorter does not follow from a value inside it."""
_WIDTH = 96


def dump(policies: Policies) -> str:
    """Policies as JSON text with their origins.

    Args:
        policies: policy sets as `ir.build` makes them, normalised.

    Returns:
        The text, whatever fits on one line on one. Spans are not in it.

    Raises:
        ValueError: a selector that nothing meets, which the form cannot say.
    """
    return _text(encode(policies), 0) + "\n"


def load(source: SourceFile) -> Outcome[Policies]:
    """Policies out of JSON text.

    Args:
        source: the text of an IR file.

    Returns:
        The policies of the namespaces in which nothing is wrong, and the findings; no policies
        where the text is not JSON or does not follow the schema.
        `load` of what `dump` prints gives equal policies with equal origins.
    """
    try:
        document, wrong = _parse(source)
        violations = (wrong,) if wrong else tuple(dict.fromkeys(_violations(document, source)))
    except RecursionError:
        # What json.loads can still read may be too deep for the schema or for the positions.
        deep = _syntax(Label(source.whole()), "the file is nested too deeply to be IR")
        return Outcome(Policies({}), (deep,))
    if violations:
        return Outcome(Policies({}), violations)
    raw, problems = decode(document)
    if len({listed.namespace for listed in raw}) != len(raw):
        return Outcome(Policies({}), tuple(_diagnostics(problems, source)))
    problems += _fresh(findings(raw), problems)
    bad = {finding.path[1] for finding in problems}
    true = with_true_origins(document["namespaces"], raw, source)
    built = collected(_built(item) for index, item in enumerate(true.value) if index not in bad)
    return Outcome(
        replace(built, left_out=frozenset(map(LeftOut, document.get("left_out", ())))),
        tuple(_diagnostics(problems, source)) or true.diagnostics,
    )


def _built(listed: Listed) -> PolicySet:
    return policy_set(
        namespace=listed.namespace,
        labels=listed.labels,
        complete=listed.complete,
        parts=(*listed.closed, *listed.allows),
    )


def _fresh(later: Iterable[Finding], earlier: Iterable[Finding]) -> list[Finding]:
    """The later findings that are not the wake of an earlier one inside the same value."""
    touched = {
        finding.path[:steps] for finding in earlier for steps in range(len(finding.path) + 1)
    }
    return [
        finding for finding in later if len(finding.path) <= _ALLOW or finding.path not in touched
    ]


def _parse(source: SourceFile) -> tuple[Any, Diagnostic | None]:
    """The JSON document, or what is wrong with the text."""
    try:
        return json.loads(
            source.text, object_pairs_hook=_once, parse_constant=_refuse_constant
        ), None
    except json.JSONDecodeError as error:
        span = source.span(error.pos, error.pos + 1)
        words = error.msg[:1].lower() + error.msg[1:]
        return None, _syntax(Label(span, words), "the file is not JSON")
    except _RepeatedKeyError:
        place = first_repeated(source.text)
        label = Label(source.span(place.start, place.end), "comes again")
        return None, _syntax(label, f"key {_listed(place.path[-1:])} comes twice")
    except ValueError as error:
        return None, _syntax(Label(source.whole(), _cut(str(error))), "the file is not JSON")


def _syntax(label: Label, message: str) -> Diagnostic:
    return Diagnostic(rule=IR_SYNTAX, message=message, label=label)


class _RepeatedKeyError(ValueError):
    """An object of the document has the same key twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _RepeatedKeyError
    return members


def _refuse_constant(name: str) -> None:
    message = f"{name} is not a JSON number"
    raise ValueError(message)


@cache
def _validator() -> "Draft202012Validator":
    from importlib import resources  # noqa: PLC0415 - as below

    import jsonschema  # noqa: PLC0415 - only IR files need it

    text = resources.files("netpolc.grammar").joinpath("ir.schema.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def _violations(document: Any, source: SourceFile) -> Iterator[Diagnostic]:
    """The places where the document violates the schema."""
    if isinstance(document, Mapping) and type(document.get("version")) is int:
        version = document["version"]
        if version != VERSION:
            start, end = locate(source.text, [("version",)])["version",]
            yield Diagnostic(
                rule=IR_SCHEMA,
                message=f"version {_cut(str(version))} of the IR is not known to this netpolc",
                label=Label(source.span(start, end), f"it reads version {VERSION}"),
                help="use the netpolc that wrote it, or write it again with this one",
            )
            return
    if surely_has_form(document):
        return
    errors = list(islice(_validator().iter_errors(document), _MOST))
    where = locate(source.text, [tuple(error.absolute_path) for error in errors])
    for error in errors:
        path = tuple(error.absolute_path)
        what, meant, help_text = _words(error)
        yield Diagnostic(
            rule=IR_SCHEMA,
            message=f"{f'`{path_text(path)}`' if path else 'the document'} {what}",
            label=Label(source.span(*where[path]), meant if path else _NOT_IR),
            help=help_text,
        )


def _words(error: "ValidationError") -> tuple[str, str, str]:
    """The problem with a value as the end of a sentence, the expected form, and help."""
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    meant = str(schema.get("description", "")).partition(". ")[0].removesuffix(".")
    meant = meant[:1].lower() + meant[1:]
    rule: Any = error.validator_value
    value: Any = error.instance
    match error.validator:
        case "required":
            return f"has no {_listed(key for key in rule if key not in value)}", meant, ""
        case "additionalProperties":
            known = [*schema.get("properties", ())]
            extra = [key for key in value if key not in known]
            return f"has {_listed(extra)}, which is unknown", meant, f"known are {_listed(known)}"
        case "type":
            return f"is {_shown(value)}, not of type {rule}", meant, ""
        case "const":
            return f"is {_shown(value)}, not {_shown(rule)}", meant, ""
        case "enum":
            return f"is {_shown(value)}", meant, f"write one of {_listed(rule)}"
        case "minItems" | "minProperties" if not value:
            return "is empty", meant, "leave it out where there is nothing"
        case "minItems" | "maxItems" | "minProperties" | "maxProperties":
            return f"has {len(value)} parts, not {rule}", meant, ""
        case "minimum" | "maximum":
            return f"is {_shown(value)}, the {error.validator} is {rule}", meant, ""
        case "not":
            return "has a character that a line of text cannot have", meant, ""
        case _:
            return f"is {_shown(value)}, which has not the form", meant, ""


def _listed(words: Iterable[object]) -> str:
    return ", ".join(f"`{_cut(json.dumps(word).strip(chr(34)))}`" for word in words)


def _shown(value: object) -> str:
    return f"`{_cut(json.dumps(value))}`"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _diagnostics(problems: Sequence[Finding], source: SourceFile) -> Iterator[Diagnostic]:
    where = locate(source.text, [problem.path for problem in problems]) if problems else {}
    for finding in problems:
        span = source.span(*where[finding.path])
        yield finding.diagnostic(span, f"at `{path_text(finding.path)}`")


def _text(value: object, indent: int, before: int = 0) -> str:
    """The value as JSON, on one line where it fits after `before` characters of its line."""
    match value:
        case dict() if value:
            keys = [f"{_leaf(key)}: " for key in value]
            inner = [
                key + _text(member, indent + 2, len(key))
                for key, member in zip(keys, value.values(), strict=True)
            ]
            return _enclosed("{", inner, "}", indent, before)
        case list() if value:
            inner = [_text(item, indent + 2) for item in value]
            return _enclosed("[", inner, "]", indent, before)
        case _:
            return _leaf(value)


def _enclosed(opening: str, inner: list[str], closing: str, indent: int, before: int) -> str:
    width = indent + before + sum(map(len, inner)) + 2 * len(inner)
    if width < _WIDTH and not any("\n" in part for part in inner):
        return f"{opening}{', '.join(inner)}{closing}"
    space = "\n" + " " * (indent + 2)
    return f"{opening}{space}{f',{space}'.join(inner)}\n{' ' * indent}{closing}"


_SURROGATE = re.compile("[\ud800-\udfff]")
_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


def _leaf(value: object) -> str:
    text = _ENCODE(value)
    if text.isascii():
        return text
    # Half characters come from file names that are not UTF-8; only escaped can they be written.
    return _SURROGATE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
