"""Reading the fields of an object as strictly as the API server does.

What the server would refuse must be an error here with its place and its path: a field
dropped in silence is a wall that somebody believes in. So each of these functions reads
one kind of value and reports anything else, unknown fields included (strict field
validation, `kubectl apply --validate=strict`). `null` is the same as leaving a field
out, as in the API's own decoding of JSON.
"""

from collections.abc import Mapping

from netpolc.diagnostics import Diagnostic, Fix, Label, Rule, Severity
from netpolc.diagnostics.spelling import nearest
from netpolc.source import SourceFile, Span
from netpolc.yaml.nodes import Entry, Node, described

UNKNOWN_FIELD = Rule(code="NP410", name="unknown-field", severity=Severity.ERROR)
WRONG_TYPE = Rule(code="NP411", name="wrong-type", severity=Severity.ERROR)
MISSING_FIELD = Rule(code="NP412", name="missing-field", severity=Severity.ERROR)
INVALID_NAME = Rule(code="NP413", name="invalid-object-name", severity=Severity.ERROR)
AMBIGUOUS_WORD = Rule(code="NP417", name="ambiguous-word", severity=Severity.ERROR)

EMPTY_FIELD = Rule(code="NP454", name="empty-field", severity=Severity.WARNING)

_AMBIGUOUS = frozenset("yYnN")
_LONGEST = 60
_ENOUGH = 200


class Report:
    """Collects the findings of one file."""

    def __init__(self, source: SourceFile, findings: list[Diagnostic]) -> None:
        self._source = source
        self._found = findings
        self.errors = 0
        """The number of reported errors."""

    def span(self, place: Node | Entry) -> Span:
        """The place of a value, or of the key of a mapping's entry."""
        return Span(file=self._source, start=place.start, end=place.end)

    def add(
        self, kind: Rule, place: Node | Entry, path: str, message: str, advice: str = ""
    ) -> None:
        """Report a finding at a value or key; `path` leads there from the object's root."""
        self.errors += kind.severity is Severity.ERROR
        label = Label(self.span(place), path)
        self._found.append(Diagnostic(rule=kind, message=message, label=label, help=advice))

    def unknown(self, name: str, entry: Entry, path: str, fields: frozenset[str]) -> None:
        """Report a field that the API does not have."""
        close = nearest(name[:_LONGEST], fields) if self.errors < _ENOUGH else None
        span = self.span(entry)
        finding = Diagnostic(
            rule=UNKNOWN_FIELD,
            message=f"the API knows no field `{shown(name)}` here",
            label=Label(span, under(path, name)),
            help=f"did you mean `{close}`?" if close else "known: " + ", ".join(sorted(fields)),
            fixes=(Fix(span=span, replacement=close),) if close else (),
        )
        self.errors += 1
        self._found.append(finding)


def members(report: Report, node: Node, path: str, fields: frozenset[str]) -> dict[str, Node]:
    """The fields of an object that have a value; unknown ones are reported."""
    data = node.data
    if not isinstance(data, dict):
        wrong(report, node, path, "a mapping")
        return {}
    if not data.keys() <= fields:
        for name, entry in data.items():
            if name not in fields:
                report.unknown(name, entry, path, fields)
    return {name: entry[0] for name, entry in data.items() if entry[0][0] is not None}


def warn_of_empty(report: Report, node: Node, path: str, means: Mapping[str, str]) -> None:
    """Warn of fields with nothing below them, as templates leave that rendered empty.

    `means` says for each field what the API takes that for.
    """
    if not isinstance(node.data, dict):
        return
    for name, meaning in means.items():
        entry = node.data.get(name)
        if entry is not None and entry.value.data is None:
            message = f"`{name}` with nothing below it means {meaning}"
            advice = f"write what is meant; if it is this, leave `{name}` out"
            report.add(EMPTY_FIELD, entry, under(path, name), message, advice)


def mapping(report: Report, node: Node | None, path: str) -> dict[str, Node]:
    """The members that have a value of a mapping with fields that do not matter here."""
    if node is None:
        return {}
    data = node.data
    if not isinstance(data, dict):
        wrong(report, node, path, "a mapping")
        return {}
    return {name: entry[0] for name, entry in data.items() if entry[0][0] is not None}


def items(report: Report, node: Node | None, path: str) -> list[Node] | None:
    """The items of a list; None where the field is missing."""
    if node is None:
        return None
    if not isinstance(node.data, list):
        wrong(report, node, path, "a list")
        return None
    return node.data


def text(report: Report, node: Node | None, path: str) -> str | None:
    """A string; None where the field is missing or is none."""
    if node is None:
        return None
    if isinstance(node.data, str):
        if node.data in _AMBIGUOUS:
            _refuse_word(report, node, path)
        return node.data
    wrong(report, node, path, "a string")
    return None


def whole(report: Report, node: Node | None, path: str) -> int | None:
    """A whole number; None where the field is missing or is none."""
    if node is None:
        return None
    number = whole_number(node)
    if number is None:
        wrong(report, node, path, "a whole number")
    return number


def whole_number(node: Node) -> int | None:
    """The whole number that a value is; `80.0` is one, because JSON does not tell them apart."""
    data = node.data
    if isinstance(data, int) and not isinstance(data, bool):
        return data
    return int(data) if isinstance(data, float) and data.is_integer() else None


def flag(report: Report, node: Node | None, path: str) -> bool:
    """A boolean; false where the field is missing."""
    if node is None or isinstance(node.data, bool):
        return bool(node and node.data)
    wrong(report, node, path, "a boolean")
    return False


def strings(report: Report, node: Node | None, path: str) -> dict[str, str]:
    """A mapping from strings to strings; empty where the field is missing.

    A member without a value (`app:`) is the empty string, as in the API's own decoding.
    """
    if node is None:
        return {}
    data = node.data
    if not isinstance(data, dict):
        wrong(report, node, path, "a mapping")
        return {}
    values: dict[str, str] = {}
    for name, entry in data.items():
        value = entry.value
        if name in _AMBIGUOUS:
            _refuse_word(report, entry, under(path, name))
        if isinstance(value.data, str):
            values[name] = value.data
            if value.data in _AMBIGUOUS:
                _refuse_word(report, value, under(path, name))
        elif value.data is None:
            values[name] = ""
        else:
            wrong(report, value, under(path, name), "a string")
    return values


def shown(text: str) -> str:
    """A text of the user's as a message quotes it, cut where it is long."""
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def written(report: Report, node: Node) -> str:
    """A scalar as it is in the file, cut where it is long."""
    return shown(report.span(node).text)


def under(path: str, name: str) -> str:
    """The path of a member; a name that is not a plain word is in brackets."""
    if not name.isidentifier():
        return f"{path}[{shown(name)}]"
    return f"{path}.{shown(name)}" if path else shown(name)


def wrong(report: Report, node: Node, path: str, wanted: str) -> None:
    """Report a value of another type than the field has."""
    is_what = described(node)
    advice = ""
    if isinstance(node.data, bool | int | float):
        is_what += f", `{written(report, node)}`"
        advice = f'write it in quotes: `"{written(report, node)}"`' if "string" in wanted else ""
    name = path.rpartition(".")[2] if not path.endswith("]") else path
    report.add(
        WRONG_TYPE, node, path, f"`{name or 'object'}` must be {wanted}, not {is_what}", advice
    )


def _refuse_word(report: Report, place: Node | Entry, path: str) -> None:
    """Report a word that is written without quotes: as a value kubectl refuses it, and as a key it becomes `true`."""
    word = report.span(place).text
    if word in _AMBIGUOUS:
        message = f"`{word}` without quotes is a boolean to kubectl"
        report.add(AMBIGUOUS_WORD, place, path, message, f'write `"{word}"`')
