"""Each hot path gives the same results as the plain way that it replaces."""

import pickle
import re
from dataclasses import FrozenInstanceError, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netpolc.analysis import (
    disjointness,
    namespace_redundancy,
    possibly_redundant,
    redundant_statements,
)
from netpolc.analysis.namespace_partition import Cluster
from netpolc.commands import translation_validation
from netpolc.ir.build import made_allow, made_subject
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.kube.ports import Protocol
from netpolc.manifest.model import NetworkPolicy, PolicyRule
from netpolc.passes import lift
from netpolc.passes.emit import emit
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.provenance import Origin, Role, source_of
from netpolc.source import SourceFile, Span
from netpolc.syntax import logical_lines, parser
from netpolc.syntax.logical_lines import cut
from netpolc.syntax.parts import NumberPort
from netpolc.values import maker
from tests.properties.strategies import policies as drawn_policies
from tests.reference import strategies
from tests.reference.language import Program
from tests.reference.printing import to_text
from tests.syntax.lines import arrows, files


def policies_of(program: Program) -> Policies:
    """What a drawn program means, not normalised."""
    trees = [parser.parse(SourceFile(p, t)).value for p, t in to_text(program).items()]
    return lower(resolve(trees).value).value


def plainly_said(manifests: tuple[NetworkPolicy, ...], meant: Policies) -> bool:
    """The proof by building: what is lifted, normalised, must be equal."""
    return not list(
        translation_validation._mismatches(meant, normalise(lift.lift(manifests).value))
    )


@given(drawn_policies(), st.data())
def test_the_quick_proof_proves_what_the_plain_one_does(
    drawn: Policies, data: st.DataObject
) -> None:
    meant = normalise(drawn)
    manifests = list(emit(meant).value)
    assert lift.manifests_match(manifests, meant)
    if not manifests:
        return
    index = data.draw(st.integers(0, len(manifests) - 1))
    manifests[index] = _broken(manifests[index], data.draw(st.integers(0, 4)))
    if lift.manifests_match(manifests, meant):
        assert plainly_said(tuple(manifests), meant)


def _broken(policy: NetworkPolicy, way: int) -> NetworkPolicy:
    """A policy that says something else, mostly."""
    rules = policy.ingress or policy.egress or ()
    if way == 0 or not rules:
        return replace(policy, policy_types=("Egress",), ingress=None, egress=rules or None)
    first: PolicyRule = rules[0]
    changed = (
        replace(first, peers=None),
        replace(first, ports=None),
        replace(first, peers=(first.peers or ())[1:] or None),
        PolicyRule(peers=None, ports=None),
    )
    left = rules if way > 3 else rules[1:]  # The last is one more rule: for everyone.
    if policy.ingress:
        return replace(policy, ingress=(changed[way - 1], *left))
    return replace(policy, egress=(changed[way - 1], *left))


def _looked_at_anew(policies: Policies) -> Policies:
    """The policies, of which no subject is known to be distinct."""
    return Policies(
        {
            name: replace(one, subjects=tuple(replace(s, distinct=False) for s in one.subjects))
            for name, one in policies.namespaces.items()
        }
    )


@given(strategies.programs())
def test_distinct_subjects_are_in_canonical_form(program: Program) -> None:
    policies = policies_of(program)
    assert normalise(policies) == normalise(_looked_at_anew(policies))


@given(strategies.programs(), st.sampled_from((0, 1, 16)))
def test_neighbours_hide_no_redundancy(program: Program, few: int) -> None:
    policies = policies_of(program)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(possibly_redundant, "_FEW", few)
        quick = list(redundant_statements.redundant_statements(Cluster(policies)))
    cluster = Cluster(_looked_at_anew(policies))
    with pytest.MonkeyPatch.context() as patch:
        for module in (namespace_redundancy, possibly_redundant):
            patch.setattr(module, "surely_happens", lambda _: False)
        patch.setattr(
            disjointness.Neighbours,
            "of",
            lambda self, one, _: (o for o in self._allows if o is not one),
        )
        patch.setattr(namespace_redundancy, "_ASKED_ALONE", 1 << 20)
        plain = list(redundant_statements.redundant_statements(cluster))
    assert [(q.namespace, q.origin, q.covered_by) for q in quick] == [
        (p.namespace, p.origin, p.covered_by) for p in plain
    ]


@given(strategies.programs())
def test_where_no_statement_may_be_redundant_none_is(program: Program) -> None:
    policies = policies_of(program)
    plain = _looked_at_anew(policies).namespaces
    alone = [
        one for one in policies.namespaces.values() if not possibly_redundant.may_be_redundant(one)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(possibly_redundant, "surely_happens", lambda _: False)
        for one in alone:
            cluster = Cluster(Policies({one.namespace: plain[one.namespace]}))
            assert not list(redundant_statements.redundant_statements(cluster))


def test_statements_that_open_the_same_may_be_redundant() -> None:
    text = "namespace shop\ndefault: deny\ndb <- api:5432\ndb <- 10.0.0.0/8\napi <- web"
    assert not possibly_redundant.may_be_redundant(_policies_of_shop(text))
    for other in (
        "* <- api:5432",
        "{app=db, tier=x} <- api:5432",
        "db <- api",
        "db <- 10.1.0.0/16:80",
    ):
        assert possibly_redundant.may_be_redundant(_policies_of_shop(f"{text}\n{other}\n"))


def _policies_of_shop(text: str) -> PolicySet:
    tree = parser.parse(SourceFile("a.intent", text)).value
    return lower(resolve([tree]).value).value.namespaces["shop"]


@given(st.one_of(files(), st.lists(arrows(), max_size=4).map("\n".join)))
def test_whole_lines_are_cut_as_others_are(text: str) -> None:
    quick = cut(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logical_lines, "_WHOLE", re.compile("(?!)"))
        assert cut(text) == quick


SPAN = SourceFile("a", "b").span(0, 1)
ORIGIN = Origin(path="a", line=1, source=source_of(Role.ARROW, "b"), role=Role.ARROW, span=SPAN)


@given(drawn_policies())
def test_made_values_are_the_values(drawn: Policies) -> None:
    for one in drawn.namespaces.values():
        for allow in one.allows:
            made = made_allow(*(getattr(allow, f.name) for f in fields(Allow)))
            assert (made, hash(made), repr(made)) == (allow, hash(allow), repr(allow))
        for subject in one.subjects:
            parts = (getattr(subject, f.name) for f in fields(Subject))
            assert made_subject(*parts) == subject


@pytest.mark.parametrize("value", [SPAN, ORIGIN, NumberPort(Protocol.TCP, 1, 1, SPAN)])
def test_made_values_are_as_frozen_as_any(value: Span | Origin | NumberPort) -> None:
    kind = type(value)
    made = maker(kind)(*(getattr(value, f.name) for f in fields(kind)))
    assert (type(made), made, repr(made)) == (kind, value, repr(value))
    assert not isinstance(made, Origin) or pickle.loads(pickle.dumps(made)) == value  # noqa: S301
    with pytest.raises(FrozenInstanceError):
        setattr(made, fields(kind)[0].name, 1)
