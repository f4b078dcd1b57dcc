"""Differences of random programs, against every connection of random worlds.

What differs is decided by an evaluator that shares no code with the compiler; whether a
connection is among those of an entry is decided by the words of `analysis.classes` alone.
"""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, note, settings
from hypothesis import strategies as st

from netpolc.analysis import concrete_evaluator
from netpolc.analysis.concrete_evaluator import Connection, End, describes, permits
from netpolc.analysis.connection_sets import Connections, EndClass, PodClass
from netpolc.changes.diff import difference
from netpolc.changes.model import Effect, Entry, Side
from netpolc.ir.model import Policies
from netpolc.kube.peers import BlockScope, Pods
from netpolc.kube.ports import NamedPort, Protocol
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.program.model import Arrow, ClusterAddresses
from netpolc.source import SourceFile
from netpolc.syntax.parser import parse
from tests.properties.strategies import policies
from tests.properties.test_meaning import refuse_errors
from tests.reference import language
from tests.reference.language import Program, Section
from tests.reference.printing import to_text
from tests.reference.strategies import Probe, probes, programs, some_addresses, worlds
from tests.reference.world import Endpoint, Pod, World
from tests.tries import tries


@settings(max_examples=tries(25), deadline=None)
@given(st.data())
def test_a_difference_is_exactly_what_differs(data: st.DataObject) -> None:
    before = data.draw(programs())
    after = data.draw(st.one_of(edited(before), programs().map(lambda p: _agreeing(p, before))))
    found = difference(*(_of_outside(_side(one, data)) for one in (before, after)))
    world = data.draw(worlds(_united(before, after)))
    differs = False
    for probe in probes(world, data.draw(some_addresses())):
        then, now = (language.permits(one, world, *probe) for one in (before, after))
        differs = differs or then is not now
        said = {entry.effect for entry in found.entries if _is_in(probe, world, entry)}
        meant = set() if then is now else {Effect.OPENED if now else Effect.CLOSED}
        assert said == meant, probe
    assert found or not differs


@settings(max_examples=tries(20), deadline=None)
@given(policies(), policies())
def test_each_witness_is_permitted_on_exactly_one_side(then: Policies, now: Policies) -> None:
    sides = normalise(then), normalise(now)
    found = difference(*(Side(program=_NO_PROGRAM, policies=one) for one in sides))
    for entry in found.entries:
        permitted = [permits(one, entry.witness) for one in sides]
        # Labels of a namespace that the sides contradict each other in are the permitting one's.
        assert permitted[entry.effect is Effect.OPENED]
        if _agree(*sides):
            assert permitted[entry.effect is not Effect.OPENED] is False
    assert bool(found) is any((found.opened, found.closed))


@settings(max_examples=tries(25), deadline=None)
@given(programs(), st.integers(0, 99), st.integers(0, 99))
def test_order_and_spelling_are_no_difference(program: Program, one: int, other: int) -> None:
    found = difference(_compiled(to_text(program, one)), _compiled(to_text(program, other)))
    assert not found
    assert not found.isolations


@settings(max_examples=tries(25), deadline=None)
@given(st.data())
def test_an_arrow_means_what_the_entry_means(data: st.DataObject) -> None:
    """Written into its section, an entry's arrow lists exactly the entry's connections."""
    before = data.draw(programs())
    after = data.draw(edited(before))
    texts = {}
    for effect, program in ((Effect.CLOSED, before), (Effect.OPENED, after)):
        silent = {n: replace(s, arrows=()) for n, s in program.namespaces.items()}
        cluster = replace(program.cluster, arrows=())
        texts[effect] = to_text(replace(program, cluster=cluster, namespaces=silent))
    world = data.draw(worlds(before))
    sides = [_of_outside(_side(one, data)) for one in (before, after)]
    for entry in difference(*sides).entries:
        assert entry.causes, "some statement did it"
        if not entry.sayable:
            continue
        text = f"namespace {entry.namespace}\n{entry.arrow}\n"
        arrows = _compiled({**texts[entry.effect], "said.intent": text}).program
        (arrow,) = arrows.namespaces[entry.namespace].arrows
        for probe in probes(world, data.draw(some_addresses())):
            if probe[0] is not probe[1]:
                assert _lists(arrow, entry.namespace, probe, world) is _is_in(probe, world, entry)


def edited(program: Program) -> st.SearchStrategy[Program]:
    """The program after an edit or two."""
    return st.lists(_edit(program), min_size=1, max_size=2).map(
        lambda edits: _with_sections(program, edits)
    )


def _with_sections(program: Program, edits: list[tuple[str, Mapping[str, object]]]) -> Program:
    for name, fields in edits:
        if name:
            section = replace(program.namespaces[name], **fields)  # type: ignore[arg-type]
            program = replace(program, namespaces={**program.namespaces, name: section})
        else:
            program = replace(program, cluster=replace(program.cluster, **fields))  # type: ignore[arg-type]
    return program


@st.composite
def _edit(draw: st.DrawFn, program: Program) -> tuple[str, Mapping[str, object]]:
    """Fields of a section that are another's: some arrows, a setting, a group's members."""
    name = draw(st.sampled_from(["", *program.namespaces]))
    section = program.namespaces[name] if name else program.cluster
    donors = [program.cluster, *program.namespaces.values()]
    other: Section = draw(st.sampled_from(donors))
    choices: list[Mapping[str, object]] = [
        {"deny": other.deny},
        {"deny": {}},
        {"label": other.label},
        {"mirror": other.mirror},
        {"dns": other.dns},
        {"services": other.services},
    ]
    if section.arrows:
        gone = draw(st.integers(0, len(section.arrows) - 1))
        kept = tuple(arrow for n, arrow in enumerate(section.arrows) if n != gone)
        fewer = replace(section.arrows[gone], peers=section.arrows[gone].peers[1:])
        more = tuple(
            replace(arrow, egress=section.arrows[gone].egress)
            for arrow in section.arrows
            if arrow.egress is section.arrows[gone].egress
        )
        choices += [{"arrows": kept}, {"arrows": (*kept, fewer)}, {"arrows": more}]
    groups = {group: peers[1:] for group, peers in section.groups.items() if len(peers) > 1}
    if groups:
        choices.append({"groups": {**section.groups, **groups}})
    return name, draw(st.sampled_from(choices))


def _agreeing(program: Program, other: Program) -> Program:
    """The program with the other's facts about namespaces that both have."""
    namespaces = {
        name: replace(section, facts=other.namespaces[name].facts)
        if name in other.namespaces
        else section
        for name, section in program.namespaces.items()
    }
    return replace(program, namespaces=namespaces)


def _united(before: Program, after: Program) -> Program:
    return replace(before, namespaces={**before.namespaces, **after.namespaces})


def _side(program: Program, data: st.DataObject) -> Side:
    files = to_text(program, data.draw(st.integers(0, 999)))
    note("\n".join(f"== {name}\n{text}" for name, text in files.items()))
    return _compiled(files)


def _of_outside(side: Side) -> Side:
    """The side in a cluster where blocks match addresses outside alone."""
    return replace(side, program=replace(side.program, addresses=_OUTSIDE))


def _compiled(files: Mapping[str, str]) -> Side:
    trees = [parse(SourceFile(name, text)) for name, text in files.items()]
    program = resolve([tree.value for tree in trees])
    lowered = lower(program.value)
    found = [d for tree in trees for d in tree.diagnostics]
    refuse_errors((*found, *program.diagnostics, *lowered.diagnostics))
    return Side(program=program.value, policies=normalise(lowered.value))


_OUTSIDE = ClusterAddresses(blocks=BlockScope.OUTSIDE)
"""Where blocks may match pods, other rows are added: see `test_blocks_in_diff`."""
_NO_PROGRAM = replace(resolve([]).value, addresses=_OUTSIDE)


def _agree(then: Policies, now: Policies) -> bool:
    """Whether no label of a namespace is stated differently, or by one side and ruled out by the other."""
    return all(
        first.labels.get(key) == second.labels.get(key)
        or (key not in first.labels and not first.complete)
        or (key not in second.labels and not second.complete)
        for name, first in then.namespaces.items()
        if (second := now.namespaces.get(name)) is not None
        for key in (*first.labels, *second.labels)
    )


def _lists(arrow: Arrow, home: str, probe: Probe, world: World) -> bool:
    """Whether an arrow lists a connection, by the evaluator for one connection."""
    sender, receiver, protocol, port = probe
    connection = Connection(
        sender=_end(sender, world),
        receiver=_end(receiver, world),
        protocol=Protocol(protocol),
        port=port,
    )
    subject = Pods(None, arrow.subject)
    return any(
        describes(arrow.direction, subject, named.grant, home, connection) for named in arrow.grants
    )


def _end(end: Endpoint, world: World) -> End:
    if not isinstance(end, Pod):
        return end
    ports: dict[NamedPort, frozenset[int]] = {}
    for one in end.ports:
        name = NamedPort(Protocol(one.protocol), one.name)
        ports[name] = ports.get(name, frozenset()) | {one.number}
    return concrete_evaluator.Pod(
        namespace=end.namespace,
        namespace_labels=world.namespaces[end.namespace],
        labels=end.labels,
        ports=ports,
    )


def _is_in(probe: Probe, world: World, entry: Entry) -> bool:
    return any(_is_among(probe, world, one) for one in entry.connections)


def _is_among(probe: Probe, world: World, one: Connections) -> bool:
    sender, receiver, protocol, port = probe
    if sender is receiver:
        return False
    if isinstance(sender, Pod) and isinstance(receiver, Pod):
        if one.same_namespace is not (sender.namespace == receiver.namespace):
            return False
    elif isinstance(one.sender, PodClass) and isinstance(one.receiver, PodClass):
        return False
    kind = Protocol(protocol)
    borne = {
        NamedPort(kind, declared.name)
        for declared in (receiver.ports if isinstance(receiver, Pod) else ())
        if (declared.protocol, declared.number) == (protocol, port)
    }
    return (
        _is_of(sender, world, one.sender)
        and _is_of(receiver, world, one.receiver)
        and port in one.traffic.numbers(kind)
        and one.called <= borne
        and not one.not_called & borne
    )


def _is_of(end: Endpoint, world: World, some: EndClass) -> bool:
    if not isinstance(some, PodClass):
        return not isinstance(end, Pod) and end in some
    return (
        isinstance(end, Pod)
        and end.namespace in some.names
        and some.namespaces.matches(world.namespaces[end.namespace])
        and some.pods.matches(end.labels)
    )
