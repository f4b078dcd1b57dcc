"""Half-open rules, found by an index, against the exact search over all connections."""

from random import Random

import pytest

from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.query import PodEnd, directed, ends
from netpolc.analysis.three_valued import find_permitted, line_of
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.selectors import Selector
from netpolc.lints.manifests.half_open_rule import half_open_rules
from netpolc.manifest.manifest_set import Manifests
from netpolc.manifest.read import read
from netpolc.passes.lift import lift_manifests
from netpolc.source import SourceFile

PODS = ("{app: a}", "{app: b}", "{tier: x}", "{app: a, tier: x}")


def manifests(chance: Random) -> Manifests:
    """A few policies of two namespaces, both directions closed in most."""
    texts = [_policy(chance, number) for number in range(6)]
    outcome = read(SourceFile("some.yaml", "---\n".join(texts)))
    assert not outcome.failed
    return outcome.value


def _policy(chance: Random, number: int) -> str:
    namespace, subject = chance.choice("mo"), chance.choice(PODS)
    peer = f"podSelector: {{matchLabels: {chance.choice(PODS)}}}"
    if chance.random() < 0.4:
        other = f"{{{METADATA_NAME}: {chance.choice('mo')}}}"
        peer = f"{{namespaceSelector: {{matchLabels: {other}}}, {peer}}}"
    else:
        peer = f"{{{peer}}}"
    field, list_name = chance.choice((("ingress", "from"), ("egress", "to")))
    first = chance.choice((1, 2, 3))
    rule = f"{{{list_name}: [{peer}], ports: [{{port: {first}, endPort: 3}}]}}"
    return (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
        f"metadata: {{name: p{number}, namespace: {namespace}}}\n"
        f"spec: {{podSelector: {{matchLabels: {subject}}}, policyTypes: [Ingress, Egress], "
        f"{field}: [{rule}]}}\n"
    )


def exactly(policies: Policies) -> set[int]:
    """Where the rules stand of which the search finds no permitted connection."""
    cluster = Cluster(policies)
    found: set[int] = set()
    for name, one in policies.namespaces.items():
        for allow in one.allows:
            subject = PodEnd(Selector.namespace(name), allow.subject)
            asked = [
                directed(allow.direction, subject, end, allow.traffic)
                for end in ends(allow.peer, name)
            ]
            line = line_of(cluster, (allow.traffic,))
            if not any(
                question is not None
                and find_permitted(cluster, line, question, inventory=Inventory())
                for question in asked
            ):
                found.update(o.span.start for o in allow.origins if o.span)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_it_says_what_the_search_says(seed: int) -> None:
    policies = lift_manifests([manifests(Random(seed))]).value
    reported = {one.label.span.start for one in half_open_rules(policies)}
    exact = exactly(policies)
    assert reported <= exact
    # The other way round only where one policy closes all of the pods that are named.
    closed = {
        origin.span.start
        for name, one in policies.namespaces.items()
        for allow in one.allows
        for origin in allow.origins
        if origin.span is not None and _is_closed(policies, name, allow.peer, allow.direction)
    }
    assert exact & closed <= reported


def _is_closed(policies: Policies, name: str, peer: object, direction: Direction) -> bool:
    assert isinstance(peer, Pods)
    home = (
        name if peer.namespaces is None else (peer.namespaces.exact_labels() or {})[METADATA_NAME]
    )
    there = policies.namespaces.get(home)
    return there is not None and any(
        i.direction is not direction and peer.pods <= i.selector for i in there.subjects
    )
