"""`netpolc diff` beside all that a cluster may have at once, against the API's own text in drawn clusters.

The sides are intents with facts, or policies of namespaces and of tiers; more policies, and Namespace objects of some
namespaces, come by `--with`. Other tests draw one or two of these; here each may change what another one decides.
What changes in a cluster is told, and what is told without a mark changes in every cluster.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from functools import cache
from io import StringIO
from ipaddress import ip_address, ip_network
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import pytest
import yaml
from hypothesis import given, note, settings
from hypothesis import strategies as st

from netpolc.cli.main import run
from netpolc.commands.pipeline import run as compiled
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile
from tests.properties.test_tier_diff import edits
from tests.reference import kubernetes, tiers
from tests.reference import tier_strategies as small
from tests.reference.world import (
    METADATA_NAME,
    Address,
    ContainerPort,
    Endpoint,
    Plugin,
    Pod,
    World,
)
from tests.tries import tries

Objects: TypeAlias = list[dict[str, Any]]
_LABELS: tuple[dict[str, str], ...] = ({}, {"env": "p"}, {"env": "q"})
_PLACES: tuple[Address, ...] = tuple(
    map(
        ip_address,
        (
            *("10.0.0.1", "10.0.0.2", "10.1.0.1", "10.1.0.2", "10.2.0.1", "10.2.0.2"),
            *("192.168.0.1", "192.168.0.2", "fd00::1", "fd00::2", "fd01::1", "fd01::2"),
        ),
    )
)
"""Two addresses of pods in each part that the blocks tell apart."""
_OUTSIDE: tuple[Address, ...] = tuple(map(ip_address, ("192.0.2.1", "2001:db8::1")))
_PODS: tuple[tuple[str, ...], ...] = ((), (), ("10.1.0.0/16",), ("10.0.0.0/15", "fd00::/16"))
_NODES: tuple[tuple[str, ...], ...] = ((), (), ("10.2.0.0/16",), ("192.168.0.0/24", "fd01::/16"))
_SCOPES = {"": (False, True), "blocks: all\n": (True,), "blocks: outside\n": (False,)}
_SUBJECTS = ("{app=x}", "{app=y}", "{app!=x}", "{app=z}", "*")
_PEERS = (
    *("{app=x}", "{app=y}", "*", "any", "ns *", "ns {env=p}", "ns {env!=p}", "ns c", "internet"),
    *("{app!=y} in ns {env=q}", "10.0.0.0/8", "10.1.0.0/16", "0.0.0.0/0", "::/0", "192.0.2.0/24"),
    *("10.0.0.0/8 except [10.1.0.0/16]", "fd00::/16"),
)
_PORTS = ("", "", ":80", ":[80-90, 53/udp]")


@dataclass(frozen=True)
class _Facts:
    """What is stated of a cluster: addresses of pods and of nodes, what blocks match, labels of namespaces."""

    pods: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    blocks: str = ""
    labels: tuple[tuple[str, dict[str, str]], ...] = ()

    @property
    def text(self) -> str:
        """The section of the cluster."""
        pods, nodes = ", ".join(self.pods), ", ".join(self.nodes)
        stated = f"pods: {pods}\n" * bool(pods) + f"nodes: {nodes}\n" * bool(nodes)
        return f"cluster\ndns: none\n{self.blocks}{stated}"

    @property
    def namespaces(self) -> Objects:
        """The Namespace objects."""
        return [
            {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}
            for name, labels in self.labels
        ]


@dataclass(frozen=True)
class _Side:
    """One side of a comparison, with its policies."""

    text: str
    policies: Objects


@st.composite
def _arrows(draw: st.DrawFn) -> str:
    subject, peer = draw(st.sampled_from(_SUBJECTS)), draw(st.sampled_from(_PEERS))
    return (
        f"{subject} {draw(st.sampled_from(('<-', '->')))} {peer}{draw(st.sampled_from(_PORTS))}\n"
    )


@st.composite
def _intents(draw: st.DrawFn, facts: _Facts) -> tuple[_Side, _Side]:
    """Two programs, of which the second is another one or has one arrow more or less."""
    first, second = (draw(st.lists(_arrows(), max_size=3)) for _ in range(2))
    others = draw(st.sampled_from((first, first[1:], [*first, *second], second)))
    rest = "".join(draw(st.lists(_arrows(), max_size=3)))
    texts = (
        f"{facts.text}namespace a\n{''.join(own)}namespace b\n{rest}" for own in (first, others)
    )
    before, after = (_Side(text, _compiled(text)) for text in texts)
    return before, after


def _compiled(program: str) -> Objects:
    sources = Sources(intents=(SourceFile("a.intent", program),))
    made = compiled(sources, Options(today=date(2026, 1, 1)))
    assert not made.failed, program
    return [each for text in made.files.values() for each in yaml.safe_load_all(text) if each]


@st.composite
def _manifests(draw: st.DrawFn) -> tuple[_Side, _Side]:
    """Two sets of policies: an edit of the tiers, and policies of namespaces that may be others."""
    own = draw(small.network_policies())
    theirs = draw(st.just(own) | small.network_policies())
    before, after = draw(edits())
    sides = [*before, *own], [*after, *theirs]
    first, second = (_Side(_listed(side), side) for side in sides)
    return first, second


def _listed(objects: Objects) -> str:
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})


@st.composite
def _comparisons(draw: st.DrawFn) -> tuple[_Side, _Side, _Facts, Objects]:
    """The two sides, the facts, and the policies of the cluster that neither side changes."""
    names = sorted(draw(st.sets(st.sampled_from("abc"))))
    labels = tuple((name, draw(st.sampled_from(_LABELS))) for name in names)
    if draw(st.booleans()):
        return *draw(_manifests()), _Facts(labels=labels), []
    facts = _Facts(
        pods=draw(st.sampled_from(_PODS)),
        nodes=draw(st.sampled_from(_NODES)),
        blocks=draw(st.sampled_from(tuple(_SCOPES))),
        labels=labels,
    )
    existing = draw(st.just([]) | small.cluster_policies())
    return *draw(_intents(facts)), facts, [*existing, *draw(small.network_policies())]


def _world(facts: _Facts, drawn: Random, *, hosts: bool) -> World:
    """A cluster in which all that is stated is true, with pods on the host's network if these are wanted."""
    pods = []
    for namespace in "abc":
        for app in ("x", "y", ""):
            is_host = hosts and drawn.random() < 0.2
            stated = facts.nodes if is_host else facts.pods
            pods.append(
                Pod(
                    namespace=namespace,
                    name=app,
                    labels={"app": app} if app else {},
                    ports=small.NAMED,
                    address=drawn.choice(_places(stated)),
                    host_network=is_host,
                )
            )
    stated_labels = dict(facts.labels)
    namespaces = {
        name: {**stated_labels.get(name, drawn.choice(_LABELS)), METADATA_NAME: name}
        for name in "abc"
    }
    matches = drawn.choice(_SCOPES[facts.blocks])
    plugin = Plugin(matches, drawn.random() < 0.5, drawn.random() < 0.5)
    return World(namespaces, tuple(pods), plugin)


@cache
def _places(networks: tuple[str, ...]) -> tuple[Address, ...]:
    """The addresses that pods may have where the networks are stated; all of them without networks."""
    stated = [ip_network(each) for each in networks]
    return tuple(each for each in _PLACES if not stated or any(each in some for some in stated))


def _connections(world: World, drawn: Random) -> Iterator[tiers.Connection]:
    """Some connections that can exist in the cluster."""
    ends: list[Endpoint] = [*world.pods, *_OUTSIDE]
    for _ in range(40):
        source, destination = drawn.sample(ends, 2)
        if not isinstance(source, Pod) and not isinstance(destination, Pod):
            continue
        if kubernetes.connects(source, destination):
            protocol, port = drawn.choice(small.PORTS)
            yield tiers.Connection(
                source=source, destination=destination, protocol=protocol, port=port
            )


@settings(max_examples=tries(15), deadline=None)
@given(_comparisons(), st.integers(0, 1 << 30))
def test_what_changes_in_a_cluster_is_told_and_examples_are_right(
    tmp_path_factory: pytest.TempPathFactory,
    comparison: tuple[_Side, _Side, _Facts, Objects],
    seed: int,
) -> None:
    before, after, facts, existing = comparison
    answer = _diff(tmp_path_factory.mktemp("diff"), before, after, [*facts.namespaces, *existing])
    sides = [[*side.policies, *existing] for side in (before, after)]
    drawn = Random(seed)
    # The API of tiers does not say what its selectors mean for pods on the host's network.
    has_tiers = any(each["kind"] != "NetworkPolicy" for side in sides for each in side)
    for _ in range(10):
        world = _world(facts, drawn, hosts=not has_tiers)
        for asked in _connections(world, drawn):
            then, now = _verdicts(sides, world, asked)
            where = then, now, asked, world.namespaces, world.plugin
            assert then == now or not answer["same"], where
            if len(then) == len(now) == 1 and then != now:
                assert answer["opened" if True in now else "closed"], where
        for entry in _certain(answer):
            is_opened = entry["effect"] == "opened"
            places = drawn.sample(_places(facts.pods), 2)
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
    for name, text in (("old", before.text), ("new", after.text), ("k8s", _listed(existing))):
        path = folder / f"{name}.{'json' if text.startswith('{') else 'intent'}"
        path.write_text(text, "utf-8")
        names.append(str(path))
    note("\n".join((before.text, after.text, _listed(existing))))
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
