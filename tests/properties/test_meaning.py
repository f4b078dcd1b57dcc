"""The compiler's correctness statement, on random programs and random worlds.

What the manifests permit under the NetworkPolicy API equals what the program means, for
every pair of pods and addresses, both ways. Two readings that share no code with the
compiler say so: `tests.reference.kubernetes` reads the manifests as YAML, and
`tests.reference.language` the program.
"""

from collections.abc import Mapping
from typing import Any

import yaml
from hypothesis import given, note, settings
from hypothesis import strategies as st

from netpolc.diagnostics import Diagnostic, Severity
from netpolc.manifest.write import write
from netpolc.passes.emit import emit
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.manifest.validity import problems
from tests.reference import kubernetes, language
from tests.reference.printing import to_text
from tests.reference.strategies import probes, programs, some_addresses, worlds


def compiled(files: Mapping[str, str]) -> list[dict[str, Any]]:
    """The manifests of intent files, as YAML gives them back; an error fails the test."""
    trees = [parse(SourceFile(name, text)) for name, text in files.items()]
    program = resolve([tree.value for tree in trees])
    lowered = lower(program.value)
    emitted = emit(normalise(lowered.value))
    found = [d for tree in trees for d in tree.diagnostics]
    refuse_errors((*found, *program.diagnostics, *lowered.diagnostics, *emitted.diagnostics))
    return [yaml.safe_load(write(policy)) for policy in emitted.value]


def refuse_errors(found: tuple[Diagnostic, ...]) -> None:
    """Random programs are right: an error among the findings is the compiler's mistake."""
    errors = [f"{d.rule.code} {d.message}" for d in found if d.severity is Severity.ERROR]
    assert not errors, errors


@settings(max_examples=4 * settings().max_examples)  # the statement that all else serves
@given(st.data())
def test_manifests_permit_what_the_program_means(data: st.DataObject) -> None:
    program = data.draw(programs())
    files = to_text(program, data.draw(st.integers(0, 999)))
    note("\n".join(f"== {name}\n{text}" for name, text in files.items()))
    policies = compiled(files)
    world = data.draw(worlds(program))
    for probe in probes(world, data.draw(some_addresses())):
        meant = language.permits(program, world, *probe)
        assert kubernetes.permits(policies, world, *probe) is meant, probe


@given(programs(), st.integers(0, 99), st.integers(0, 99))
def test_order_and_spelling_leave_no_trace(program: language.Program, one: int, other: int) -> None:
    first, second = compiled(to_text(program, one)), compiled(to_text(program, other))
    for document in (*first, *second):
        document["metadata"].pop("annotations", None)  # the statements, spelt as they were
    assert first == second


@given(programs())
def test_the_api_server_accepts_every_manifest(program: language.Program) -> None:
    policies = compiled(to_text(program))
    assert not [problem for policy in policies for problem in problems(policy)]
    names = [(p["metadata"]["namespace"], p["metadata"]["name"]) for p in policies]
    assert len(names) == len(set(names))
