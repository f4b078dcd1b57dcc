"""Policies from several places, as one.

An IR file is another form of intents, so it adds to what the intents say: policies
only ever add. What cannot be united are contradicting facts about a namespace.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.ir.build import policies, policy_set
from netpolc.ir.model import Policies, PolicySet
from netpolc.memory import NO_MEMORY, Memory
from netpolc.source import SourceFile

CONFLICTING_FACTS = Rule(code="NP730", name="conflicting-namespace-facts", severity=Severity.ERROR)


def unite(
    first: Policies, second: Policies, file: SourceFile, memory: Memory = NO_MEMORY
) -> Outcome[Policies]:
    """The policies of both, not normalised; `file` is where the second come from."""
    findings: list[Diagnostic] = []
    namespaces = dict(first.namespaces)
    for name, added in second.namespaces.items():
        known = namespaces.get(name)
        if known is not None:
            findings += _conflicts(known, added, file)
            work = partial(_united, known, added)
            added = memory.once("united", name, (known, added), work)  # noqa: PLW2901
        namespaces[name] = added
    return Outcome(policies(namespaces.values()), tuple(findings))


def closed(known: Policies, names: Iterable[str]) -> Policies:
    """Policies whose namespaces, and others by name, have the stated labels and no more."""
    others = (policy_set(namespace=name) for name in set(names) - known.namespaces.keys())
    return policies(replace(each, complete=True) for each in (*known.namespaces.values(), *others))


def _united(first: PolicySet, second: PolicySet) -> PolicySet:
    return policy_set(
        namespace=first.namespace,
        labels={**second.labels, **first.labels},
        complete=first.complete or second.complete,
        parts=first.subjects + second.subjects,
    )


def _conflicts(first: PolicySet, second: PolicySet, file: SourceFile) -> Iterator[Diagnostic]:
    for key in sorted({*first.labels, *second.labels}):
        value, contrary = _stated(first, key), _stated(second, key)
        if value != contrary and None not in {value, contrary}:
            yield Diagnostic(
                rule=CONFLICTING_FACTS,
                message=f"namespace `{first.namespace}` has conflicting values for label `{key}`: {contrary} and {value}",
                label=Label(file.whole(), f"says {contrary} here"),
                help="make the sources agree, or leave one of them out",
            )


def _stated(policies: PolicySet, key: str) -> str | None:
    """The statement of a label, in words; None if there is none."""
    value = policies.labels.get(key)
    if value is None:
        return "absent" if policies.complete else None
    return f"`{value}`"
