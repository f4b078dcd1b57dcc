"""`netpolc diff` beside all that a cluster may have at once, against the API's own text in drawn clusters.

The sides are intents with facts, or policies of namespaces and of tiers; more policies, and Namespace objects of some
namespaces, come by `--with`. Other tests draw one or two of these; here each may change what another one decides.
What changes in a cluster is told, and what is told without a mark changes in every cluster.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from ipaddress import ip_address
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from netpolc.cli.main import run
from tests.fuzz.drawn_clusters import (
    PODS,
    Facts,
    Objects,
    arrows,
    cluster,
    compiled,
    connections,
    facts_of_clusters,
    labels_of_namespaces,
    manifest,
    possible_addresses,
)
from tests.properties.test_tier_diff import edits
from tests.reference import kubernetes, tiers
from tests.reference import tier_strategies as small
from tests.reference.world import METADATA_NAME, Address, ContainerPort, Endpoint, Pod, World
from tests.tries import tries


@dataclass(frozen=True)
class _Side:
    """One side of a comparison, with its policies."""

    text: str
    policies: Objects


@st.composite
def _intents(draw: st.DrawFn, facts: Facts) -> tuple[_Side, _Side]:
    """Two programs, of which the second is another one or has one arrow more or less."""
    first, second = (draw(st.lists(arrows(), max_size=3)) for _ in range(2))
    others = draw(st.sampled_from((first, first[1:], [*first, *second], second)))
    rest = "".join(draw(st.lists(arrows(), max_size=3)))
    texts = (
        f"{facts.text}namespace a\n{''.join(own)}namespace b\n{rest}" for own in (first, others)
    )
    before, after = (_Side(text, compiled(text)) for text in texts)
    return before, after


@st.composite
def _manifests(draw: st.DrawFn) -> tuple[_Side, _Side]:
    """Two sets of policies: an edit of the tiers, and policies of namespaces that may be others."""
    own = draw(small.network_policies())
    theirs = draw(st.just(own) | small.network_policies())
    before, after = draw(edits())
    sides = [*before, *own], [*after, *theirs]
    first, second = (_Side(manifest(side), side) for side in sides)
    return first, second


@st.composite
def _comparisons(draw: st.DrawFn) -> tuple[_Side, _Side, Facts, Objects]:
    """The two sides, the facts, and the policies of the cluster that neither side changes."""
    labels = draw(labels_of_namespaces())
    if draw(st.booleans()):
        return *draw(_manifests()), Facts(labels=labels), []
    facts = draw(facts_of_clusters(labels))
    existing = draw(st.just([]) | small.cluster_policies())
    return *draw(_intents(facts)), facts, [*existing, *draw(small.network_policies())]


@settings(max_examples=tries(15), deadline=None)
@given(_comparisons(), st.integers(0, 1 << 30))
def test_what_changes_in_a_cluster_is_told_and_examples_are_right(
    tmp_path_factory: pytest.TempPathFactory,
    comparison: tuple[_Side, _Side, Facts, Objects],
    seed: int,
) -> None:
    before, after, facts, existing = comparison
    answer = _diff(tmp_path_factory.mktemp("diff"), before, after, [*facts.namespaces, *existing])
    sides = [[*side.policies, *existing] for side in (before, after)]
    drawn = Random(seed)
    # The API of tiers does not say what its selectors mean for pods on the host's network.
    has_tiers = any(each["kind"] != "NetworkPolicy" for side in sides for each in side)
    for _ in range(10):
        hosts = set() if has_tiers else {pod for pod in PODS if drawn.random() < 0.2}
        world = cluster(facts, drawn, hosts)
        for asked in connections(world, drawn):
            then, now = _verdicts(sides, world, asked)
            where = then, now, asked, world.namespaces, world.plugin
            assert then == now or not answer["same"], where
            if len(then) == len(now) == 1 and then != now:
                assert answer["opened" if True in now else "closed"], where
        for entry in _certain(answer):
            is_opened = entry["effect"] == "opened"
            places = drawn.sample(possible_addresses(facts.pods), 2)
            outcomes = list(_outcomes(sides, world, entry["witness"], places))
            expected = {not is_opened}, {is_opened}
            assert not outcomes or expected in outcomes, (entry, outcomes, places, world.plugin)


def _verdicts(
    sides: list[Objects], world: World, asked: tiers.Connection
) -> tuple[set[bool], set[bool]]:
    """What the policies of the two sides may do with a connection."""
    ends = (*world.pods, asked.source, asked.destination)
    pods = [end for end in ends if isinstance(end, Pod)]
    network = tiers.Network(pods={pod: pod.address for pod in pods if pod.address is not None})
    then, now = (set(tiers.verdicts(side, world, network, asked)) for side in sides)
    return then, now


def _certain(answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The entries about connections that surely change."""
    for cause in answer["causes"]:
        yield from (entry for entry in cause["entries"] if "undecided" not in entry)


def _outcomes(
    sides: list[Objects], world: World, witness: dict[str, Any], places: Sequence[Address]
) -> Iterator[tuple[set[bool], set[bool]]]:
    """What becomes of an example connection, with each name that its port may have."""
    protocol, port = witness["protocol"], witness["port"]
    examples = witness["from"], witness["to"]
    labels = {
        each["namespace"]: {METADATA_NAME: each["namespace"], **each["namespace_labels"]}
        for each in examples
        if not isinstance(each, str)
    }
    there = World({**world.namespaces, **labels}, world.pods, world.plugin)
    for names in ((), ("http",), ("dns",), ("http", "dns")):
        ports = tuple(ContainerPort(name, protocol, port) for name in names)
        source, destination = (
            _end(each, ports, place) for each, place in zip(examples, places, strict=True)
        )
        if kubernetes.connects(source, destination):
            asked = tiers.Connection(
                source=source, destination=destination, protocol=protocol, port=port
            )
            yield _verdicts(sides, there, asked)


def _end(
    example: str | dict[str, Any], ports: tuple[ContainerPort, ...], place: Address
) -> Endpoint:
    """The end of an example connection: an address, or a pod whose address is drawn."""
    if isinstance(example, str):
        return ip_address(example)
    namespace, labels = example["namespace"], example["labels"]
    return Pod(namespace=namespace, name="example", labels=labels, ports=ports, address=place)


def _diff(folder: Path, before: _Side, after: _Side, existing: Objects) -> dict[str, Any]:
    """What `diff` says of two sides; its exit code is what `--fail-on` makes of this."""
    names = []
    for name, text in (("old", before.text), ("new", after.text), ("k8s", manifest(existing))):
        path = folder / f"{name}.{'json' if text.startswith('{') else 'intent'}"
        path.write_text(text, "utf-8")
        names.append(str(path))
    note("\n".join((before.text, after.text, manifest(existing))))
    codes = []
    for fail_on in ("any", "opened"):
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as errors:
            asked = ["diff", *names[:2], "--with", names[2], "--format", "json"]
            codes.append(run([*asked, "--fail-on", fail_on]))
        assert codes[-1] in {0, 1}, errors.getvalue()
    answer: dict[str, Any] = json.loads(out.getvalue())
    assert answer["whole"]
    assert codes == [not answer["same"], bool(answer["opened"])]
    return answer
