"""Clusters that have all at once that netpolc reads, as intents with facts, policies of namespaces and of tiers.

The intents and the facts are drawn first; then clusters are drawn in which all that the facts state is true.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from ipaddress import ip_address, ip_network
from itertools import product
from random import Random
from typing import Any, TypeAlias

import yaml
from hypothesis import strategies as st

from netpolc.commands.pipeline import run
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.source import SourceFile
from tests.reference import kubernetes, tiers
from tests.reference import tier_strategies as small
from tests.reference.world import METADATA_NAME, Address, Endpoint, Plugin, Pod, World

Objects: TypeAlias = list[dict[str, Any]]
NamespaceLabels: TypeAlias = tuple[tuple[str, dict[str, str]], ...]
PODS = tuple(product("abc", ("x", "y", "")))
"""The namespaces of all pods, and the values of their label `app`; pods with an empty value do not have it."""
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
OUTSIDE: tuple[Address, ...] = tuple(map(ip_address, ("192.0.2.1", "2001:db8::1")))
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
class Facts:
    """What is stated of a cluster: addresses of pods and of nodes, what blocks match, labels of namespaces."""

    pods: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    blocks: str = ""
    labels: NamespaceLabels = ()

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


@st.composite
def facts_of_clusters(draw: st.DrawFn, labels: NamespaceLabels) -> Facts:
    """Facts with these labels of namespaces."""
    return Facts(
        pods=draw(st.sampled_from(_PODS)),
        nodes=draw(st.sampled_from(_NODES)),
        blocks=draw(st.sampled_from(tuple(_SCOPES))),
        labels=labels,
    )


@st.composite
def labels_of_namespaces(draw: st.DrawFn) -> NamespaceLabels:
    """The labels of the namespaces of which they are stated."""
    names = sorted(draw(st.sets(st.sampled_from("abc"))))
    return tuple((name, draw(st.sampled_from(_LABELS))) for name in names)


@st.composite
def arrows(draw: st.DrawFn) -> str:
    """An arrow."""
    subject, peer = draw(st.sampled_from(_SUBJECTS)), draw(st.sampled_from(_PEERS))
    return (
        f"{subject} {draw(st.sampled_from(('<-', '->')))} {peer}{draw(st.sampled_from(_PORTS))}\n"
    )


def compiled(program: str) -> Objects:
    """The policies that a program is compiled to."""
    sources = Sources(intents=(SourceFile("a.intent", program),))
    made = run(sources, Options(today=date(2026, 1, 1)))
    assert not made.failed, program
    return [each for text in made.files.values() for each in yaml.safe_load_all(text) if each]


def manifest(objects: Objects) -> str:
    """The manifest of some objects."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})


def cluster(facts: Facts, drawn: Random, hosts: Collection[tuple[str, str]]) -> World:
    """A cluster in which all that is stated is true, with some of `PODS` on the host's network."""
    pods = [
        Pod(
            namespace=namespace,
            name=app or "none",
            labels={"app": app} if app else {},
            ports=small.NAMED,
            address=drawn.choice(
                possible_addresses(facts.nodes if (namespace, app) in hosts else facts.pods)
            ),
            host_network=(namespace, app) in hosts,
        )
        for namespace, app in PODS
    ]
    stated_labels = dict(facts.labels)
    namespaces = {
        name: {**stated_labels.get(name, drawn.choice(_LABELS)), METADATA_NAME: name}
        for name in "abc"
    }
    matches = drawn.choice(_SCOPES[facts.blocks])
    plugin = Plugin(matches, drawn.random() < 0.5, drawn.random() < 0.5)
    return World(namespaces, tuple(pods), plugin)


@cache
def possible_addresses(networks: tuple[str, ...]) -> tuple[Address, ...]:
    """The addresses that pods may have where the networks are stated; all of them without networks."""
    stated = [ip_network(each) for each in networks]
    return tuple(each for each in _PLACES if not stated or any(each in some for some in stated))


def connections(world: World, drawn: Random) -> Iterator[tiers.Connection]:
    """Some connections that can exist in the cluster."""
    ends: list[Endpoint] = [*world.pods, *OUTSIDE]
    for _ in range(40):
        source, destination = drawn.sample(ends, 2)
        if not isinstance(source, Pod) and not isinstance(destination, Pod):
            continue
        if kubernetes.connects(source, destination):
            protocol, port = drawn.choice(small.PORTS)
            yield tiers.Connection(
                source=source, destination=destination, protocol=protocol, port=port
            )
