"""The text of one policy, cut out of a file with other objects.

A member of a list is indented, and an alias may mean a value of another object.
"""

import json

from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.tier_model import TierPolicy
from netpolc.source import SourceFile, Span
from netpolc.yaml.nodes import elements, members, without_places
from netpolc.yaml.stream import documents


def own_text(policy: NetworkPolicy | TierPolicy) -> str:
    """A policy's own text, at the margin; a list's members are deeper in their file."""
    if policy.span is None:
        return ""
    indent = " " * (policy.span.column - 1)
    lines = policy.span.text.rstrip().split("\n")
    text = "\n".join([lines[0], *(line.removeprefix(indent) for line in lines[1:])]) + "\n"
    return _without_aliases(policy.span, text) if "*" in text else text


def _without_aliases(span: Span, text: str) -> str:
    """The text of an object, or JSON where it has aliases of values that are elsewhere in its file."""
    copied = [without_places(document) for document in documents(SourceFile("", text), [])]
    pending = [*documents(span.file, [])]
    while pending:
        node = pending.pop()
        if node.start == span.start and isinstance(node.data, dict):
            value = without_places(node)
            return text if copied == [value] else f"{json.dumps(value, indent=2)}\n"
        pending += [*elements(node), *members(node).values()]
    return text
