"""Random assertions: the verdict against every connection of a small complete world."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.assertions import Status, decide
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.concrete_evaluator import Connection, End, Pod, describes, permits
from netpolc.analysis.namespace_partition import Cluster
from netpolc.ir.model import Policies
from netpolc.kube.peers import Direction
from netpolc.program.model import Assertion, Claim
from netpolc.provenance import Origin, Role, source_of
from tests.analysis import strategies as small
from tests.tries import tries

ORIGIN = Origin(
    path="policy.intent", line=1, source=source_of(Role.ARROW, "never"), role=Role.ARROW
)


@st.composite
def assertions(draw: st.DrawFn, *, with_names: bool = False) -> Assertion:
    return Assertion(
        claim=draw(st.sampled_from(Claim)),
        home="a",
        subject=draw(small.pods),
        direction=draw(st.sampled_from(Direction)),
        grants=tuple(draw(st.lists(small.grants(with_names=with_names), min_size=1, max_size=2))),
        origin=ORIGIN,
    )


@settings(max_examples=tries(60), deadline=None)
@given(small.policies(), assertions())
def test_the_verdict_is_the_truth_of_the_whole_world(known: Policies, assertion: Assertion) -> None:
    verdict = decide(Bounds.certain(Cluster(known)), assertion)
    pods = small.all_pods()
    described = list(_spoken_of(known, assertion, pods))
    refuted = any(_contradicts(known, assertion, connection) for connection in described)
    if not described:
        assert verdict.status is Status.VACUOUS
    else:
        assert verdict.status is (Status.REFUTED if refuted else Status.PROVED)


@settings(max_examples=tries(15), deadline=None)
@given(small.policies(with_names=True), assertions(with_names=True))
def test_names_of_ports_are_never_guessed(known: Policies, assertion: Assertion) -> None:
    """Proved holds for all numbers behind the names; refuted fails for all, at one pair of ends."""
    verdict = decide(Bounds.certain(Cluster(known)), assertion)
    failing = []
    described = False
    for ports in small.worlds():
        spoken = list(_spoken_of(known, assertion, small.all_pods(ports)))
        described = described or bool(spoken)
        wrong = (c for c in spoken if _contradicts(known, assertion, c))
        failing.append({(_bare(c.sender), _bare(c.receiver)) for c in wrong})
    if not described:
        assert verdict.status is Status.VACUOUS
        return
    assert (verdict.status is Status.PROVED) is not any(failing)
    if verdict.status is Status.REFUTED:
        assert set.intersection(*failing)
    if verdict.status is Status.UNKNOWN:
        assert verdict.unknowns


def _bare(end: End) -> str:
    """An end without its ports."""
    return str(replace(end, ports={}) if isinstance(end, Pod) else end)


def _spoken_of(known: Policies, assertion: Assertion, pods: list[Pod]) -> Iterator[Connection]:
    """What a claim is about: for `only`, everything at its subject."""
    own = [p for p in pods if describes_pod(assertion, p)]
    for subject in own:
        for other in (*pods, *small.ADDRESSES):
            if not small.could_be(known, subject, other):
                continue
            for protocol, port in small.PORTS:
                inwards = assertion.direction is Direction.INGRESS
                connection = Connection(
                    sender=other if inwards else subject,
                    receiver=subject if inwards else other,
                    protocol=protocol,
                    port=port,
                )
                if assertion.claim is Claim.ONLY or _listed(assertion, connection):
                    yield connection


def describes_pod(assertion: Assertion, pod: Pod) -> bool:
    subject = assertion.subject
    assert assertion.home is not None
    if subject.namespaces is None:
        return pod.namespace == assertion.home and subject.pods.matches(pod.labels)
    return subject.namespaces.matches(pod.namespace_labels) and subject.pods.matches(pod.labels)


def _listed(assertion: Assertion, connection: Connection) -> bool:
    assert assertion.home is not None
    return any(
        describes(assertion.direction, assertion.subject, grant, assertion.home, connection)
        for grant in assertion.grants
    )


def _contradicts(known: Policies, assertion: Assertion, connection: Connection) -> bool:
    match assertion.claim:
        case Claim.ALWAYS:
            return not permits(known, connection)
        case Claim.NEVER:
            return permits(known, connection)
        case Claim.ONLY:
            return permits(known, connection) and not _listed(assertion, connection)
