"""Labels and label selectors, read and checked as the API server does.

A selector that says something other than its author thinks opens or closes the wrong
pods. The server's rules (`k8s.io/apimachinery`, `ValidateLabels` and
`ValidateLabelSelector`) are the least that must be asked of one.
"""

from netpolc.diagnostics import Rule, Severity
from netpolc.kube.name_rules import label_key_problem, label_value_problem
from netpolc.manifest.field_reader import (
    EMPTY_FIELD,
    MISSING_FIELD,
    Report,
    items,
    members,
    shown,
    strings,
    text,
    under,
    warn_of_empty,
    wrong,
)
from netpolc.manifest.model import Expression, LabelSelector
from netpolc.yaml.nodes import Data, Entry, Node

INVALID_LABEL = Rule(code="NP414", name="invalid-manifest-label", severity=Severity.ERROR)
INVALID_EXPRESSION = Rule(code="NP415", name="invalid-expression", severity=Severity.ERROR)
LABELS_OF_NOTHING = Rule(code="NP452", name="labels-of-nothing", severity=Severity.WARNING)

_SELECTOR = frozenset({"matchLabels", "matchExpressions"})
_EMPTY = {"matchLabels": "no labels", "matchExpressions": "no expressions"}
"""The meaning of each field with nothing below it, where the other field is given."""
_EXPRESSION = frozenset({"key", "operator", "values"})
_WITH_VALUES = frozenset({"In", "NotIn"})
_WITHOUT_VALUES = frozenset({"Exists", "DoesNotExist"})


def labels(report: Report, node: Node | None, path: str) -> dict[str, str]:
    """The labels of an object, or of `matchLabels`."""
    values = strings(report, node, path)
    for key, value in values.items():
        if not value and _entry(node, key).value.data is None:
            message = f"label `{shown(key)}` with nothing after it has the empty value"
            advice = f'write the value; if it is this, `{shown(key)}: ""`'
            report.add(EMPTY_FIELD, _entry(node, key), under(path, key), message, advice)
        if (problem := label_key_problem(key)) is not None:
            message = f"`{shown(key)}` {problem}"
            report.add(INVALID_LABEL, _entry(node, key), under(path, key), message)
        if (problem := label_value_problem(value)) is not None:
            message = f"`{shown(value)}` {problem}"
            report.add(INVALID_LABEL, _entry(node, key).value, under(path, key), message)
    return values


def selector(report: Report, node: Node, path: str) -> LabelSelector:
    """A LabelSelector; without members it selects everything."""
    fields = members(report, node, path, _SELECTOR)
    if not fields:
        _warn_of_lost_labels(report, node, path)
        return LabelSelector()
    warn_of_empty(report, node, path, _EMPTY)
    expressions = items(report, fields.get("matchExpressions"), f"{path}.matchExpressions")
    return LabelSelector(
        labels(report, fields.get("matchLabels"), f"{path}.matchLabels"),
        tuple(
            _expression(report, item, f"{path}.matchExpressions[{i}]")
            for i, item in enumerate(expressions or ())
        ),
    )


def _warn_of_lost_labels(report: Report, node: Node, path: str) -> None:
    match node.data:
        case {"matchLabels": Entry() as entry}:
            name, what = "matchLabels", "labels"
        case {"matchExpressions": Entry() as entry}:
            name, what = "matchExpressions", "expressions"
        case _:
            return
    message = f"`{name}` with nothing below it selects everything"
    advice = f"write the {what}; if everything is meant, write `{{}}` as the selector"
    report.add(LABELS_OF_NOTHING, entry, f"{path}.{name}", message, advice)


def _entry(node: Node | None, key: str) -> Entry:
    assert node is not None
    data: Data = node.data
    assert isinstance(data, dict)
    entry: Entry = data[key]
    return entry


def _expression(report: Report, node: Node, path: str) -> Expression:
    fields = members(report, node, path, _EXPRESSION)
    key = text(report, fields.get("key"), f"{path}.key")
    operator = text(report, fields.get("operator"), f"{path}.operator")
    listed = items(report, fields.get("values"), f"{path}.values") or []
    values: list[str] = []
    for i, item in enumerate(listed):
        if isinstance(item.data, str):
            values.append(item.data)
            if (problem := label_value_problem(item.data)) is not None:
                message = f"`{shown(item.data)}` {problem}"
                report.add(INVALID_LABEL, item, f"{path}.values[{i}]", message)
        else:
            wrong(report, item, f"{path}.values[{i}]", "a string")
    for name, value in (("key", key), ("operator", operator)):
        if value is None and name not in fields and isinstance(node.data, dict):
            report.add(MISSING_FIELD, node, path, f"the expression has no `{name}`")
    if key is not None and (problem := label_key_problem(key)) is not None:
        report.add(INVALID_LABEL, fields["key"], f"{path}.key", f"`{shown(key)}` {problem}")
    if operator is not None:
        _check_operator(report, fields, path, operator, has_values=bool(listed))
    return Expression(key=key or "", operator=operator or "", values=tuple(values))


def _check_operator(
    report: Report, fields: dict[str, Node], path: str, operator: str, *, has_values: bool
) -> None:
    place = fields["operator"]
    if operator not in _WITH_VALUES | _WITHOUT_VALUES:
        report.add(
            INVALID_EXPRESSION,
            place,
            f"{path}.operator",
            f"`{shown(operator)}` is not a label selector operator",
            "write In, NotIn, Exists or DoesNotExist",
        )
    elif operator in _WITH_VALUES and not has_values:
        message = f"operator `{operator}` needs values"
        report.add(INVALID_EXPRESSION, fields.get("values", place), f"{path}.values", message)
    elif operator in _WITHOUT_VALUES and has_values:
        message = f"operator `{operator}` takes no values"
        advice = "leave `values` out, or write In or NotIn"
        report.add(INVALID_EXPRESSION, fields["values"], f"{path}.values", message, advice)
