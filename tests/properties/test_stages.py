"""The two halves of a roll-out, on random programs and worlds.

A roll-out must not refuse for a moment what it will permit in the end. The reading of the
manifests is that of `tests.reference.kubernetes`, which shares no code with the compiler.
"""

from datetime import date
from typing import Any

import yaml
from hypothesis import given, note, settings
from hypothesis import strategies as st

from netpolc.commands.pipeline import Compilation, run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.output_layout import Layout
from netpolc.manifest.rollout_stages import Stage, half, stage_of_text
from netpolc.manifest.write import write
from netpolc.passes.emit import emit
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.reference import kubernetes, language
from tests.reference.printing import to_text
from tests.reference.strategies import probes, programs, some_addresses, worlds
from tests.reference.world import Endpoint, Pod, World


def compiled(program: language.Program, stage: Stage | None, layout: Layout) -> Compilation:
    files = tuple(SourceFile(name, text) for name, text in to_text(program).items())
    folders = {file.path: file.path.rpartition("/")[0] for file in files}
    options = Options(today=date(2026, 1, 1), layout=layout, stage=stage)
    result = run(Sources(intents=files, folders=folders), options)
    assert not result.failed, "random programs are right"
    return result


def emitted(program: language.Program) -> tuple[NetworkPolicy, ...]:
    """The manifests, without the proofs of a whole run."""
    trees = [parse(SourceFile(name, text)).value for name, text in to_text(program).items()]
    return emit(normalise(lower(resolve(trees).value).value)).value


def manifests(policies: tuple[NetworkPolicy, ...]) -> list[dict[str, Any]]:
    return [yaml.safe_load(write(policy)) for policy in policies]


def layouts() -> st.SearchStrategy[Layout]:
    return st.sampled_from(list(Layout))


@settings(max_examples=settings().max_examples // 3)  # three whole runs each
@given(programs(), layouts())
def test_the_halves_are_the_whole(program: language.Program, layout: Layout) -> None:
    whole, allow, deny = (compiled(program, stage, layout) for stage in (None, *Stage))
    assert allow.manifests == deny.rest
    assert deny.manifests == allow.rest
    both = sorted((*allow.manifests, *deny.manifests), key=lambda p: (p.namespace or "", p.name))
    assert tuple(both) == whole.manifests
    assert not allow.files.keys() & deny.files.keys()
    for part, whole_other in ((allow, deny), (deny, allow)):
        assert part.other is not None
        assert part.other.paths == whole_other.files.keys()
        assert {stage_of_text(text) for text in part.files.values()} <= {part.stage}
    if layout is not Layout.NAMESPACE:
        assert {**allow.files, **deny.files} == whole.files


@settings(max_examples=settings().max_examples * 2 // 3)  # each probe is read three times
@given(st.data())
def test_no_moment_refuses_what_the_end_permits(data: st.DataObject) -> None:
    program = data.draw(programs())
    note("\n".join(f"== {name}\n{text}" for name, text in to_text(program).items()))
    whole = emitted(program)
    allow, deny = manifests(half(whole, Stage.ALLOW)), manifests(half(whole, Stage.DENY))
    some = [*allow, *(policy for policy in deny if data.draw(st.booleans()))]
    world = data.draw(worlds(program))
    for probe in probes(world, data.draw(some_addresses())):
        at_first, later, in_the_end = (
            kubernetes.permits(policies, world, *probe)
            for policies in (allow, some, [*allow, *deny])
        )
        assert at_first >= later >= in_the_end, "each step only closes, and no more than the last"
        if not is_selected(allow, world, *probe[:2]):
            assert at_first, "the first half closes only what it selects"


def is_selected(
    policies: list[dict[str, Any]], world: World, source: Endpoint, target: Endpoint
) -> bool:
    """Whether some policy closes an end of the connection."""
    ends = ((source, "Egress"), (target, "Ingress"))
    return any(
        isinstance(end, Pod) and kubernetes.isolated(policies, world, end, direction)
        for end, direction in ends
    )
