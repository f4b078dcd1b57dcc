"""Assertions that do not hold, in words that somebody at the pull request can act on.

`analysis.assertions` decides; here its verdicts become findings. A refuted assertion is
shown at the assertion, with one connection that contradicts it, in a plain
sentence, and a label at each statement or policy that is to blame.
"""

from collections import Counter
from collections.abc import Iterator

from netpolc.analysis.assertions import Counterexample, Status, Verdict, decide
from netpolc.analysis.block_reading import means_pods
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.concrete_evaluator import Pod
from netpolc.analysis.permit_boxes import Closer, Opener
from netpolc.analysis.policy_version import PolicyVersion
from netpolc.analysis.sentence import sentence
from netpolc.analysis.tiers import NO_TIERS, TierRule, Tiers
from netpolc.analysis.unknown_facts import reason, remedy
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Outside
from netpolc.memory import NO_MEMORY, Memory
from netpolc.program.model import Assertion, Claim, Program
from netpolc.provenance import Origins, closing_or_all
from netpolc.source import Span

REFUTED_ASSERTION = Rule(code="NP501", name="refuted-assertion", severity=Severity.ERROR)
UNDECIDED_ASSERTION = Rule(code="NP502", name="undecided-assertion", severity=Severity.ERROR)
VACUOUS_ASSERTION = Rule(code="NP503", name="vacuous-assertion", severity=Severity.WARNING)
_SOME = 3
_CLAIMED = {
    Claim.NEVER: "is permitted",
    Claim.ALWAYS: "is not permitted",
    Claim.ONLY: "is permitted and not listed",
}


def unproved(
    program: Program,
    policies: Policies,
    inventory: Inventory,
    tiers: Tiers = NO_TIERS,
    memory: Memory = NO_MEMORY,
) -> Iterator[Diagnostic]:
    """A finding for each assertion of a program that is refuted or undecided, in their order.

    Args:
        program: its assertions are looked at.
        policies: what will be in the cluster, the program's own policies included.
        inventory: the workloads that are known.
        tiers: the cluster-wide policies.
        memory: what is remembered of these policies.
    """
    homes = list(program.namespaces) or sorted(policies.namespaces)
    bounds = Bounds.of(policies, program.addresses, _listed_blocks(program), tiers, memory)
    verdicts_by_place: dict[tuple[Span, Status], list[Verdict]] = {}
    for assertion in program.assertions:
        verdict = _decided(bounds, assertion, inventory, homes, memory)
        verdicts_by_place.setdefault((_place(verdict), verdict.status), []).append(verdict)
    often = Counter(place for (place, _), verdicts in verdicts_by_place.items() for _ in verdicts)
    for (place, _), verdicts in verdicts_by_place.items():
        homes = [verdict.assertion.home or "" for verdict in verdicts]
        yield from _finding(verdicts[0], homes[1:], everywhere=len(homes) == often[place])


def _listed_blocks(program: Program) -> Iterator[Addresses]:
    """The blocks of claims whose meaning may depend on whether blocks match pods."""
    for assertion in program.assertions:
        for grant in assertion.grants:
            if isinstance(grant.peer, Outside) and (
                assertion.claim is Claim.ONLY or means_pods(grant.peer.addresses, program.addresses)
            ):
                yield grant.peer.addresses


def _decided(
    bounds: Bounds,
    assertion: Assertion,
    inventory: Inventory,
    homes: list[str],
    memory: Memory,
) -> Verdict:
    """Decide an assertion, unless neither it nor a policy that decides it has changed."""
    least, most = bounds.least, bounds.most
    name = (
        (assertion.origin.path, assertion.origin.line, assertion.home),
        (
            least is most,
            bounds.blocks,
            bounds.stated,
            len(bounds.by_blocks),
            bounds.unread,
            tuple(homes),
        ),
    )
    inputs = (
        (assertion, inventory, least.facts, least.ports, least.shape, *least.tiers, *most.tiers),
        (least.parts, most.parts),
    )

    def work() -> tuple[Verdict, tuple[str, ...]]:
        for cluster in bounds.clusters:
            cluster.asked.clear()
        verdict = decide(bounds, assertion, inventory, homes)
        asked = (names.single for cluster in bounds.clusters for names in cluster.asked)
        return verdict, tuple(dict.fromkeys(name for name in asked if name is not None))

    def policies(verdict_and_names: tuple[Verdict, tuple[str, ...]]) -> tuple[object, ...]:
        known = least.policies[PolicyVersion.ONLY].namespaces
        return tuple(map(known.get, verdict_and_names[1]))

    return memory.once("verdict", name, inputs, work, policies)[0]


def _finding(verdict: Verdict, also: list[str], *, everywhere: bool) -> Iterator[Diagnostic]:
    """The finding of a verdict; `also` are other namespaces for which it is the same.

    `everywhere`: the assertion, which a cluster section makes for each namespace, has no other verdict.
    """
    place = _place(verdict)
    claim = verdict.assertion.origin.statement
    match verdict.status:
        case Status.PROVED:
            return
        case Status.VACUOUS:
            where = "" if everywhere else f" in {_named([verdict.assertion.home or '', *also])}"
            yield Diagnostic(
                rule=VACUOUS_ASSERTION,
                message=f"`{claim}` is vacuous{where}: no connection matches it",
                label=Label(place, "describes a connection that cannot exist"),
                help="check the labels of its subject and peers",
            )
        case Status.UNKNOWN:
            yield Diagnostic(
                rule=UNDECIDED_ASSERTION,
                message=f"cannot decide whether `{claim}` holds",
                label=Label(place, "depends on " + " and ".join(map(reason, verdict.unknowns))),
                others=tuple(blamed(verdict.counterexample)),
                help=remedy(verdict.unknowns[0]),
            )
        case Status.REFUTED:
            yield _refuted(verdict, place, claim, also)


def _refuted(verdict: Verdict, place: Span, claim: str, also: list[str]) -> Diagnostic:
    example = verdict.counterexample
    assert example is not None
    return Diagnostic(
        rule=REFUTED_ASSERTION,
        message=f"`{claim}` does not hold{_elsewhere(also)}",
        label=Label(
            place, f"this {_CLAIMED[verdict.assertion.claim]}: {sentence(example.witness)}"
        ),
        others=tuple(blamed(example)),
        help=_advice(verdict.assertion.claim, example),
    )


def _elsewhere(also: list[str]) -> str:
    """Mention the other namespaces with the same result, a few of them by name."""
    if not also:
        return ""
    return f", nor in {_named(also)}"


def _named(names: list[str]) -> str:
    """The first few names of namespaces, and how many more there are."""
    named = ", ".join(f"`{name}`" for name in names[:_SOME])
    return named + (f" and {len(names) - _SOME} more" if len(names) > _SOME else "")


def _advice(claim: Claim, example: Counterexample) -> str:
    if isinstance(example.closed, TierRule):
        return "narrow the rule that denies it, or the claim: no arrow can overrule it"
    if claim is Claim.ALWAYS:
        return "add an arrow that permits it, at each end that is closed"
    if isinstance(example.ingress, TierRule) or isinstance(example.egress, TierRule):
        return "narrow the rule that accepts it, or the claim: no arrow can overrule it"
    narrower = "list the peer in the claim" if claim is Claim.ONLY else "narrow the claim"
    ends = [
        (end, allow)
        for end, allow, at in (
            ("receiver", example.ingress, example.witness.receiver),
            ("sender", example.egress, example.witness.sender),
        )
        if isinstance(at, Pod)
    ]
    if opened := [end for end, allow in ends if allow is not None]:
        return f"narrow what opens the {' or the '.join(opened)}, or {narrower}"
    closing = " or the ".join(end for end, _ in ends)
    which = "one of them" if len(ends) > 1 else "it"
    return f"no policy closes the {closing} in this direction: close {which}, or {narrower}"


def blamed(example: Counterexample | None) -> Iterator[Label]:
    """The statements and policies that make the example possible."""
    if example is None:
        return
    for allow, what in (
        (example.ingress, "opens the receiver"),
        (example.egress, "opens the sender"),
    ):
        if allow is not None:
            yield from _labels(allow.origins, f"{what}{_in_tier(allow)}")
    if example.closed is not None:
        what = f"closes its {example.closed.direction.value}{_in_tier(example.closed)}"
        yield from _labels(closing_or_all(example.closed.origins), what)


def _in_tier(decider: Opener | Closer) -> str:
    """The policy and the place in its tier of a rule, after what it does; empty for others."""
    if not isinstance(decider, TierRule):
        return ""
    named = "" if decider.is_enforced else f"{decider.origins[0].statement}, "
    return f" ({named}{decider.place})"


def _labels(origins: Origins, what: str) -> Iterator[Label]:
    for origin in origins:
        if origin.span is not None:
            yield Label(origin.span, what)
        elif origin.path:
            yield Label(origin.shown_span, f"{what}: {origin.statement}")


def _place(verdict: Verdict) -> Span:
    return verdict.assertion.origin.shown_span
