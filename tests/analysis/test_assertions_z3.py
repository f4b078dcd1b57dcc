"""Label reasoning, refereed by z3: the selectors of a subject against those of assertions.

The universe is one namespace, closed for ingress but for some arrows from everybody.
`never S <- any` is then refuted exactly if some pod meets S and the subject of an arrow,
`always` exactly if some pod meets S and no subject. z3 answers the same from the
operators as Kubernetes defines them, over labels with unboundedly many values.
"""

import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from netpolc.analysis.assertions import Status, decide
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.namespace_partition import Cluster
from netpolc.ir.build import policy_set
from netpolc.ir.model import Allow, Policies, Subject
from netpolc.kube.peers import Anyone, Direction, Grant, Pods
from netpolc.kube.ports import EVERY_PORT
from netpolc.kube.selectors import EVERYTHING, Selector
from netpolc.program.model import Assertion, Claim
from netpolc.provenance import Origin, Role, source_of
from netpolc.sets import ValueSet
from netpolc.sets.value_set import ABSENT, PRESENT
from tests.tries import tries

Requirement = tuple[str, str, tuple[str, ...]]
KEYS = "abc"

requirements = st.tuples(
    st.sampled_from(KEYS),
    st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]),
    st.lists(st.sampled_from(["x", "y", "z"]), min_size=1, max_size=2, unique=True).map(tuple),
)
selectors = st.lists(requirements, max_size=3)


def _selector(found: list[Requirement]) -> Selector:
    sets = {"Exists": PRESENT, "DoesNotExist": ABSENT}
    return Selector.of(
        (
            key,
            sets[how]
            if how in sets
            else (ValueSet.among(*values) if how == "In" else ValueSet.other_than(*values)),
        )
        for key, how, values in found
    )


def _meets(found: list[Requirement]) -> z3.BoolRef:
    terms = []
    for key, how, values in found:
        present, value = z3.Bool(f"has-{key}"), z3.String(f"value-{key}")
        equal = z3.Or([value == z3.StringVal(v) for v in values])
        terms.append(
            {
                "In": z3.And(present, equal),
                "NotIn": z3.Or(z3.Not(present), z3.Not(equal)),
                "Exists": present,
                "DoesNotExist": z3.Not(present),
            }[how]
        )
    return z3.And(terms)


@settings(max_examples=tries(60), deadline=None)
@given(selectors, st.lists(selectors, max_size=4), st.sampled_from([Claim.NEVER, Claim.ALWAYS]))
def test_z3_agrees(
    asked: list[Requirement], subjects: list[list[Requirement]], claim: Claim
) -> None:
    opened = [s for s in subjects if not _selector(s).impossible]
    status = decide(_bounds(opened), _assertion(_selector(asked), claim)).status
    solver = z3.Solver()
    solver.add(_meets(asked))
    if solver.check() == z3.unsat:
        assert status is Status.VACUOUS
        return
    some = z3.Or([_meets(s) for s in opened])
    solver.add(some if claim is Claim.NEVER else z3.Not(some))
    wanted = Status.REFUTED if solver.check() == z3.sat else Status.PROVED
    assert status is wanted


def _bounds(subjects: list[list[Requirement]]) -> Bounds:
    inwards = Direction.INGRESS
    allows = tuple(
        Allow(subject=_selector(s), direction=inwards, peer=Anyone(), traffic=EVERY_PORT)
        for s in subjects
    )
    closed = [Subject(selector=one.subject, direction=inwards) for one in allows]
    closed.append(Subject(selector=EVERYTHING, direction=inwards))
    shop = policy_set(namespace="shop", parts=(*closed, *allows))
    return Bounds.certain(Cluster(Policies({"shop": shop})))


def _assertion(subject: Selector, claim: Claim) -> Assertion:
    return Assertion(
        claim=claim,
        home="shop",
        subject=Pods(None, subject),
        direction=Direction.INGRESS,
        grants=(Grant(Anyone(), EVERY_PORT),),
        origin=Origin(path="a", line=1, source=source_of(Role.ARROW, "never"), role=Role.ARROW),
    )
