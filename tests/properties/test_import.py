"""Whatever the API accepts, imported and compiled again, permits the same connections.

The import proves that itself, by the analysis; here readings that share no code with the
compiler say so too: manifests are drawn at random, imported, the texts compiled, and the
manifests before and after asked for every pair of a random world. And what netpolc itself
compiled comes back as a program that compiles to the same policies, up to their names.
"""

from typing import Any

import yaml
from hypothesis import given, note, settings
from hypothesis import strategies as st

from netpolc.analysis.semantic_diff import equivalent
from netpolc.commands.import_ import Imported, import_policies
from netpolc.diagnostics import Severity
from netpolc.ir.model import Policies
from netpolc.manifest.read import read
from netpolc.manifest.write import write
from netpolc.passes.decompile import By
from netpolc.passes.emit import emit
from netpolc.passes.lift import lift_manifests
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from tests.manifest.strategies import ADDRESSES, Manifest, policy_lists, texts, worlds
from tests.passes.test_lift import without_null_namespace
from tests.properties.strategies import policies
from tests.reference import kubernetes
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.reference.strategies import programs, telling_probes
from tests.reference.strategies import worlds as worlds_of_programs
from tests.reference.world import World

SPELT_OUT = "Nothing is left to mirroring here"
"""Stands where the import had to write a namespace again, which works but reads badly."""

FEWER = settings(max_examples=max(1, settings().max_examples // 2))
PORTS = (
    *(("TCP", port) for port in (1, 2, 53, 80, 443, 8080, 65535)),
    *(("UDP", port) for port in (53, 80, 8080)),
    ("SCTP", 443),
)


def imported(text: str, by: By = By.SERVICE) -> Imported:
    """The import of one text, which must succeed; its files are as the formatter leaves them."""
    result = import_policies([SourceFile("given.yaml", text)], by=by)
    note("\n".join(f"== {path}\n{found}" for path, found in result.files.items()))
    assert not result.failed, result.diagnostics
    for path, found in result.files.items():
        assert SPELT_OUT not in found, "the first text was right"
        outcome = parse(SourceFile(path, found))
        assert not outcome.diagnostics
        assert format_file(outcome.value) == found
    return result


def meaning(result: Imported) -> Policies:
    """What the imported files mean; nothing may be wrong with them."""
    trees = [parse(SourceFile(path, text)).value for path, text in result.files.items()]
    program = resolve(trees)
    lowered = lower(program.value)
    found = (*program.diagnostics, *lowered.diagnostics)
    assert not [d for d in found if d.severity is Severity.ERROR]
    return normalise(lowered.value)


def compiled(policies: Policies) -> list[dict[str, Any]]:
    """The manifests of policies, as YAML gives them back."""
    return [yaml.safe_load(write(policy)) for policy in emit(policies).value]


def namespaces_of(world: World) -> list[Manifest]:
    """The world's namespaces as objects."""
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
        for name, labels in world.namespaces.items()
    ]


@FEWER
@given(st.data())
def test_compiled_again_the_policies_permit_the_same(data: st.DataObject) -> None:
    drawn = data.draw(policy_lists())
    world = data.draw(worlds())
    stated = namespaces_of(world)[: data.draw(st.integers(0, 3))]
    text = yaml.safe_dump_all([*stated, *drawn])
    given_policies = [without_null_namespace(policy) for policy in drawn]
    note(text)
    after = compiled(meaning(imported(text, data.draw(st.sampled_from(By)))))
    ends = (*world.pods, *data.draw(st.lists(st.sampled_from(ADDRESSES), max_size=3)))
    for source in ends:
        for destination in ends:
            if source not in world.pods and destination not in world.pods:
                continue
            for protocol, port in PORTS:
                probe = (source, destination, protocol, port)
                before = kubernetes.permits(given_policies, world, *probe)
                assert kubernetes.permits(after, world, *probe) is before, probe


@FEWER
@given(st.data())
def test_the_form_of_the_manifests_does_not_matter(data: st.DataObject) -> None:
    drawn = data.draw(policy_lists())
    plain = imported(yaml.safe_dump_all(drawn, sort_keys=False))
    other = imported(data.draw(texts(drawn)))
    assert equivalent(meaning(plain), meaning(other))


@FEWER
@given(policies())
def test_policies_of_every_shape_are_said_at_once(drawn: Policies) -> None:
    manifests = compiled(normalise(drawn))
    if manifests:
        text = yaml.safe_dump_all(manifests)
        note(text)
        again = compiled(meaning(imported(text)))
        assert equivalent(lifted(again), lifted(manifests))


@FEWER
@given(programs(), st.data())
def test_our_own_manifests_come_back_as_a_program_that_compiles_to_them(
    program: Program, data: st.DataObject
) -> None:
    files = to_text(program)
    trees = [parse(SourceFile(name, text)).value for name, text in files.items()]
    manifests = compiled(normalise(lower(resolve(trees).value).value))
    if not manifests:
        return
    first = imported(yaml.safe_dump_all(manifests))
    again = compiled(meaning(first))
    world = data.draw(worlds_of_programs(program))
    for probe in list(telling_probes(program, world))[data.draw(st.integers(0, 20)) :: 21]:
        before = kubernetes.permits(manifests, world, *probe)
        assert kubernetes.permits(again, world, *probe) is before, probe
    # What was imported once has found its form.
    second = meaning(imported(yaml.safe_dump_all(again)))
    third = meaning(imported(yaml.safe_dump_all(compiled(second))))
    assert second == third


def lifted(manifests: list[dict[str, Any]]) -> Policies:
    """What manifests mean."""
    outcome = read(SourceFile("again.yaml", yaml.safe_dump_all(manifests)))
    return normalise(lift_manifests([outcome.value]).value)
