"""A ResourceList: how kustomize and kpt hand objects to a program and take them back.

The objects in it are other people's, with comments, unknown fields and an order that they
chose, and functions are asked to keep all that (KRM Functions Specification, v1,
"Operations"). A text that is parsed and printed again has lost it. So the new list is cut
out of the old text: what is not changed stays as it was, to the byte, and only policies and
results are written. The cut text is read back; where it does not say what it should (an
alias to an object that is gone), the whole is printed anew, as JSON.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, TypeAlias

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.manifest.field_reader import shown, under
from netpolc.source import SourceFile, Span
from netpolc.values import frozen
from netpolc.yaml.nodes import Data, Node, descendant, members, string_at, without_places
from netpolc.yaml.quote_scalar import scalar
from netpolc.yaml.stream import documents

NO_RESOURCE_LIST = Rule(code="NP741", name="no-resource-list", severity=Severity.ERROR)

GROUP = "config.kubernetes.io"
VERSION, KIND = f"{GROUP}/v1", "ResourceList"
_VERSIONS = frozenset({VERSION, f"{GROUP}/v1beta1", f"{GROUP}/v1alpha1"})

_NEVER_RAW = re.compile("[\x7f-\uffff]")
"""Characters that are escaped in JSON, since YAML does not permit all of them as they are.

Those above U+FFFF are never escaped: JSON has two escapes for each, which YAML does not join.
"""

_TEXT_OR_NO_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|-?Infinity|NaN')
_NO_NUMBERS = {"Infinity": ".inf", "-Infinity": "-.inf", "NaN": ".nan"}
"""What YAML calls the numbers for which JSON has no word, by Python's words for them."""

Value: TypeAlias = "int | str | Mapping[str, Value]"
Result: TypeAlias = Mapping[str, Value]
"""One of the list's `results`, fields as the specification names them."""


@frozen(kw_only=True)
class Item:
    """An object of a list, as far as one needs it to know which it is."""

    node: Node
    kind: str
    version: str
    namespace: str
    name: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]


@frozen(kw_only=True)
class ResourceList:
    """A list that was read: its text, its objects in order, and the function's configuration."""

    file: SourceFile
    root: Node
    items: tuple[Item, ...]
    config: Item | None


@frozen(kw_only=True)
class Changes:
    """The changes to a list.

    `replaced` has the YAML that takes the place of objects, by number; it is empty where one
    goes. `added` is the YAML of objects that come to the end.
    """

    replaced: Mapping[int, str] = field(default_factory=dict)
    added: tuple[str, ...] = ()
    results: tuple[Result, ...] = ()


def read_list(file: SourceFile) -> Outcome[ResourceList | None]:
    """Read a ResourceList; None with the findings that say why there is none."""
    findings: list[Diagnostic] = []
    roots = list(documents(file, findings))
    if findings:
        return Outcome(None, tuple(findings))
    if len(roots) != 1:
        what = "it is empty" if not roots else f"it holds {len(roots)} documents"
        return Outcome(None, (_no_list(file.whole(), what),))
    root = roots[0]
    fields = members(root)
    kind, version = string_at(root, "kind"), string_at(root, "apiVersion")
    if kind != KIND or version not in _VERSIONS:
        what = f"its `kind` is {_quoted(kind)}, its `apiVersion` {_quoted(version)}"
        return Outcome(None, (_no_list(file.span(root.start, root.start), what),))
    items = fields.get("items")
    listed = items.data if items is not None else None
    if not isinstance(listed, list | None):
        return Outcome(None, (_no_list(_span(file, items), "`items` is not a list"),))
    for node in listed or ():
        if not isinstance(node.data, dict):
            return Outcome(None, (_no_list(_span(file, node), "an item is not an object"),))
    config = fields.get("functionConfig")
    return Outcome(
        ResourceList(
            file=file,
            root=root,
            items=tuple(map(_item, listed or ())),
            config=_item(config) if config is not None and config.data is not None else None,
        )
    )


def rewritten(resource_list: ResourceList, changes: Changes) -> str:
    """The text of the list after the changes; comments and all that is not changed are kept."""
    expected = _expected(resource_list, changes)
    block = _as_block(resource_list)
    if block is not None:
        text = _cut(block, changes)
        if _said(text) == _line(expected):
            return text
    text = json.dumps(expected, indent=2, ensure_ascii=False) + "\n"
    text = _NEVER_RAW.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    return _TEXT_OR_NO_NUMBER.sub(lambda match: _NO_NUMBERS.get(match[0], match[0]), text)


def _as_block(resource_list: ResourceList) -> ResourceList | None:
    """Return a list whose fields are lines; None for JSON, which stays JSON, and what cannot be written so."""
    text, root = resource_list.file.text, resource_list.root
    if _is_block(text, root):
        return resource_list
    try:
        json.loads(text, parse_constant=_refuse)
    except ValueError:
        fields = (
            f"{scalar(key)}: {text[node.start : node.end]}\n" for key, node in members(root).items()
        )
        return read_list(SourceFile(resource_list.file.path, "".join(fields))).value
    return None


def _refuse(word: str) -> None:
    """Refuse `NaN` and `Infinity`, which Python's reader takes and JSON has not."""
    raise ValueError(word)


def bare(results: Sequence[Result]) -> str:
    """A list without objects, for input that could not be read."""
    return f"apiVersion: {VERSION}\nkind: {KIND}\nitems: []\n{_results(results)}"


def says(item: Item, text: str) -> bool:
    """Whether an object is what a YAML document says, however it is written."""
    return _line(without_places(item.node)) == _line(_loaded(text))


def place_in(node: Node, start: int, end: int) -> str:
    """The path of the innermost field of an object that holds a stretch of its text."""
    path = ""
    while True:
        inner = next(_holding(node, path, start, end), None)
        if inner is None:
            return path
        path, node = inner


def _holding(node: Node, path: str, start: int, end: int) -> Iterator[tuple[str, Node]]:
    data: Data = node.data
    if isinstance(data, dict):
        for name, entry in data.items():
            if entry.start <= start and end <= max(entry.end, entry.value.end):
                yield under(path, name), entry.value
    elif isinstance(data, list):
        for number, item in enumerate(data):
            if item.start <= start and end <= item.end:
                yield f"{path}[{number}]", item


def _no_list(span: Span, what: str) -> Diagnostic:
    return Diagnostic(
        rule=NO_RESOURCE_LIST,
        message=f"standard input is not a `{KIND}` of `{VERSION}`",
        label=Label(span, what),
        help="kustomize and kpt call this command; to compile intents, use `netpolc compile`",
    )


def _quoted(text: str) -> str:
    return f"`{shown(text)}`" if text else "missing"


def _span(file: SourceFile, node: Node | None) -> Span:
    return file.span(node.start, node.end) if node is not None else file.whole()


def _texts(node: Node | None) -> dict[str, str]:
    return {key: text for key, value in members(node).items() if (text := string_at(value))}


def _item(node: Node) -> Item:
    metadata = descendant(node, "metadata")
    return Item(
        node=node,
        kind=string_at(node, "kind"),
        version=string_at(node, "apiVersion"),
        namespace=string_at(metadata, "namespace"),
        name=string_at(metadata, "name"),
        labels=_texts(descendant(metadata, "labels")),
        annotations=_texts(descendant(metadata, "annotations")),
    )


def _loaded(text: str) -> Any:
    (node,) = documents(SourceFile("", text), [])
    return without_places(node)


def _line(value: Any) -> str:
    """A value as one line of JSON, by which values are compared: 1 is not true, nor 1.0."""
    return json.dumps(value, sort_keys=True)


def _expected(resource_list: ResourceList, changes: Changes) -> dict[str, Any]:
    """The expected content of the new list."""
    new: dict[str, Any] = dict(without_places(resource_list.root))
    items = [
        _loaded(changes.replaced[number])
        if number in changes.replaced
        else without_places(item.node)
        for number, item in enumerate(resource_list.items)
        if changes.replaced.get(number) != ""
    ]
    new["items"] = [*items, *map(_loaded, changes.added)]
    new.pop("results", None)
    if changes.results:
        new["results"] = list(changes.results)
    return new


def _said(text: str) -> str:
    """The content of a text as one line; empty if it cannot be read."""
    findings: list[Diagnostic] = []
    roots = list(documents(SourceFile("", text), findings))
    return _line(without_places(roots[0])) if len(roots) == 1 and not findings else ""


def _is_block(text: str, node: Node) -> bool:
    return text[node.start : node.start + 1] not in {"{", "[", "&", "!"}


def _cut(resource_list: ResourceList, changes: Changes) -> str:
    """The old text with the changed parts exchanged."""
    assert isinstance(resource_list.root.data, dict)
    text = resource_list.file.text
    pieces: list[tuple[int, int, str]] = []
    items = resource_list.root.data.get("items")
    results = resource_list.root.data.get("results")
    if results is not None:
        pieces.append((results.start, _line_end(text, results.value.end), ""))
    tail = _results(changes.results)
    if items is None:
        tail = f"items:{_listed(changes.added, 0)}{tail}"
    elif not resource_list.items or not _is_block(text, items.value):
        old = [text[item.node.start : item.node.end] for item in resource_list.items]
        pieces.append(_whole(text, items.end, items.value, old, changes))
    else:
        pieces += _exchanged(text, items.value, changes)
    if len(text) and not text.endswith("\n"):
        tail = f"\n{tail}"
    return _with_pieces(text, pieces) + tail


def _with_pieces(text: str, pieces: list[tuple[int, int, str]]) -> str:
    out, at = [], 0
    for start, end, new in sorted(pieces):
        out += [text[at:start], new]
        at = end
    return "".join([*out, text[at:]])


def _whole(
    text: str, after: int, value: Node, old: list[str], changes: Changes
) -> tuple[int, int, str]:
    """A list in brackets, or none at all, as a block."""
    colon = text.index(":", after) + 1
    end = max(colon, value.end)
    new = [changes.replaced.get(number, f"{kept}\n") for number, kept in enumerate(old)]
    return colon, end, _listed([item for item in (*new, *changes.added) if item], 0).rstrip("\n")


def _exchanged(text: str, value: Node, changes: Changes) -> Iterator[tuple[int, int, str]]:
    """The changes of a list that is written with dashes."""
    assert isinstance(value.data, list)
    nodes = value.data
    column = value.start - (text.rfind("\n", 0, value.start) + 1)
    starts = [_dash(text, node.start, column) for node in nodes]
    ends = [_line_end(text, node.end) for node in nodes]
    left = len(nodes) - sum(not new for new in changes.replaced.values())
    for number, new in changes.replaced.items():
        item = _listed([new], column).lstrip("\n") if new else ""
        yield starts[number], ends[number], item
    if changes.added:
        added = _listed(changes.added, column).lstrip("\n")
        yield ends[-1], ends[-1], added if text[ends[-1] - 1] == "\n" else f"\n{added}"
    elif not left:
        yield ends[-1], ends[-1], f"{' ' * (column + 1)}[]\n"


def _dash(text: str, offset: int, column: int) -> int:
    """Find the beginning of the line whose dash, at a column, opens the item at an offset."""
    start = text.rfind("\n", 0, offset) + 1
    while start and text[start : start + column + 1].lstrip(" ") != "-":
        start = text.rfind("\n", 0, start - 1) + 1
    return start


def _line_end(text: str, offset: int) -> int:
    """Return the offset after the line in which a node ends; block scalars end after their line break."""
    if text[offset - 1 : offset] == "\n":
        return offset
    end = text.find("\n", offset)
    return len(text) if end < 0 else end + 1


def _listed(objects: Sequence[str], column: int) -> str:
    """YAML documents as the items of a list, from the line after its key on."""
    if not objects:
        return " []\n"
    indent = " " * column
    return "\n" + "".join(f"{indent}- {_indented(item, indent + '  ')}" for item in objects)


def _indented(document: str, indent: str) -> str:
    first, *others = document.split("\n")
    return "\n".join((first, *(indent + line if line else "" for line in others)))


def _results(results: Sequence[Result]) -> str:
    """The field `results`; nothing where there are none."""
    if not results:
        return ""
    return "results:" + _listed(["".join(_members(result, "")) for result in results], 0)


def _members(mapping: Mapping[str, Value], indent: str) -> Iterator[str]:
    for key, value in mapping.items():
        if isinstance(value, Mapping):
            yield f"{indent}{scalar(key)}:\n"
            yield from _members(value, indent + "  ")
        else:
            yield f"{indent}{scalar(key)}: {scalar(value) if isinstance(value, str) else value}\n"
