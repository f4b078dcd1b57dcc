"""Assertions: claims about what is permitted, proved or refuted over all that could exist.

`never` claims that none of the connections it describes is permitted, `always` that each
is, `only` that the subject has no others in its direction. In: policies, an assertion,
and what is known to run. Out: a verdict, with a confirmed witness where it is refuted.

Namespace labels that nobody states are free, so they refute where some value does.
Other facts are unknown because nothing in a policy can say them (`unknown_facts`): a claim
that depends on one is undecided. The readings of policies that permit least and most
(`bounds`) show whether it does; the number of a named port is free in the search itself.
Pods on the host's network are left undefined by the API (networkpolicy docs, "What you
can't do"). Pods that could exist are taken to have a network of their own; a *known*
hostNetwork workload among the described ends is asked about separately (`host_bounds`). For `only`
the verdict depends on it if it is the subject, whose peers are everybody.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from enum import Enum
from itertools import product

from netpolc.analysis.block_reading import BlockReading, means_hosts
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.case_enumeration import exists
from netpolc.analysis.concrete_evaluator import Connection, describes
from netpolc.analysis.connection_sets import Connections, connections
from netpolc.analysis.host_bounds import end_of, host_questions, is_host, without_hosts
from netpolc.analysis.namespace_partition import Cluster
from netpolc.analysis.permit_boxes import Closer, Opener
from netpolc.analysis.port_encoding import PortLine
from netpolc.analysis.query import (
    EVERY_ADDRESS,
    EVERY_POD,
    PodEnd,
    Question,
    directed,
    ends,
)
from netpolc.analysis.search import Blocked
from netpolc.analysis.symbolic_case import END, RECEIVER, SENDER
from netpolc.analysis.three_valued import (
    Contradiction,
    Listed,
    find_blocked,
    find_permitted,
    line_of,
    names_behind,
    reading_for,
)
from netpolc.analysis.unknown_facts import PortNumber, UnknownFact
from netpolc.analysis.witness import WitnessUnconfirmed, confirmed
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Outside, Pods
from netpolc.kube.ports import EVERY_PORT
from netpolc.kube.selectors import EVERYTHING
from netpolc.program.model import Assertion, Claim
from netpolc.values import frozen


class Status(Enum):
    """The verdict on an assertion."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    """It depends on facts that nobody states; they are listed."""
    VACUOUS = "vacuous"
    """It describes no connection that could exist."""


@frozen(kw_only=True)
class Counterexample:
    """A connection that contradicts a claim, the class it is of, and what is to blame.

    Permitted: by `ingress` at the receiver and `egress` at the sender, None where that
    end is open (or an address). Not permitted: `closed` is the isolation that closes an end.
    """

    witness: Connection
    connections: Connections
    permitted: bool
    ingress: Opener = None
    egress: Opener = None
    closed: Closer | None = None


@frozen(kw_only=True)
class Verdict:
    """The verdict on an assertion. An unknown one may have a counterexample that might be real."""

    assertion: Assertion
    status: Status
    counterexample: Counterexample | None = None
    unknowns: tuple[UnknownFact, ...] = ()
    home: str | None = None


@frozen(kw_only=True)
class _Part:
    """One question of an assertion, seen from one namespace."""

    home: str
    question: Question
    listed: tuple[Listed, ...] = ()
    is_of_block: bool = False
    """Whether it is about the pods of a block, so that it exists where blocks match pods."""

    @property
    def is_of_hosts(self) -> bool:
        """Whether it is about pods on the host's network alone, of a block that means no other pods."""
        return is_host(self.question.sender) or is_host(self.question.receiver)


@frozen(kw_only=True, eq=False)
class _Refutation:
    """A contradiction to a claim, the reading that has it, and the facts it depends on."""

    cluster: Cluster
    contradiction: Contradiction
    facts: tuple[UnknownFact, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether it contradicts the claim whatever is unknown."""
        return self.contradiction.sure and not self.facts


def decide(
    bounds: Bounds,
    assertion: Assertion,
    inventory: Inventory | None = None,
    homes: Iterable[str] | None = None,
) -> Verdict:
    """The verdict on an assertion. `homes` are the program's namespaces (default: all known).

    They matter where the assertion is in a cluster section and speaks of `the own
    namespace`: it is then a claim about each of them.
    """
    known = Inventory() if inventory is None else inventory
    ordinary = without_hosts(known)
    cluster = bounds.least
    line = line_of(cluster, (grant.traffic for grant in assertion.grants))
    described = False
    doubtful: tuple[_Part, _Refutation] | None = None
    doubted: dict[UnknownFact, None] = {}
    hosts: dict[UnknownFact, None] = {}
    seen_from = sorted(cluster.known if homes is None else homes)
    for part in (*_parts(assertion, seen_from), *_block_parts(bounds, assertion, seen_from)):
        around = bounds.most if part.is_of_block else cluster
        if not exists(around, part.question, reading_for(line, part.question) or line.free):
            continue
        refutation = None
        if not part.is_of_hosts:
            refutation = _contradiction(bounds, line, assertion, part, ordinary)
        unread = bounds.unread_about((part.question.sender, part.question.receiver))
        by_hosts, facts = _by_hosts(bounds, line, assertion, part, known)
        is_described = not part.is_of_hosts or by_hosts is not None or bool(facts)
        described = described or is_described
        for contradiction in (refutation, by_hosts):
            if contradiction is not None and contradiction.sure and not unread:
                return Verdict(
                    assertion=assertion,
                    status=Status.REFUTED,
                    counterexample=_example(contradiction, line, assertion, part),
                    home=part.home,
                )
        if is_described:
            doubted.update(dict.fromkeys(unread))
        doubtful = doubtful or (None if refutation is None else (part, refutation))
        hosts.update(dict.fromkeys(facts))
    if not described:
        return Verdict(assertion=assertion, status=Status.VACUOUS)
    return _undecided(line, assertion, doubtful, (*doubted, *hosts))


def _undecided(
    line: PortLine,
    assertion: Assertion,
    doubtful: tuple[_Part, _Refutation] | None,
    facts: tuple[UnknownFact, ...],
) -> Verdict:
    if doubtful is None:
        status = Status.UNKNOWN if facts else Status.PROVED
        return Verdict(assertion=assertion, status=status, unknowns=facts)
    part, refutation = doubtful
    return Verdict(
        assertion=assertion,
        status=Status.UNKNOWN,
        counterexample=_example(refutation, line, assertion, part),
        unknowns=(*refutation.facts, *facts),
        home=part.home,
    )


def _contradiction(
    bounds: Bounds, line: PortLine, assertion: Assertion, part: _Part, inventory: Inventory
) -> _Refutation | None:
    """A contradiction of a claim: under some readings, or under all readings and so for certain.

    Where blocks match pods, the blocks that `only` lists excuse more, and those of other claims
    are about more. So both look at each reading of blocks.
    """
    if not bounds.by_blocks or not (assertion.claim is Claim.ONLY or part.is_of_block):
        return _between(bounds, line, assertion, part, inventory)
    each = [
        _between(by_block, line, assertion, part, inventory)
        for by_block in bounds.by_blocks
        if not part.is_of_block or by_block.least.parts is not None
    ]
    contradictions = sorted(
        (refutation for refutation in each if refutation is not None),
        key=lambda refutation: refutation.sure,
    )
    if not contradictions or len(contradictions) == len(bounds.by_blocks):
        return contradictions[0] if contradictions else None
    first = contradictions[0]
    facts = bounds.block_facts(_witness(first, line))
    return replace(first, facts=(*facts, *first.facts))


def _between(
    bounds: Bounds, line: PortLine, assertion: Assertion, part: _Part, inventory: Inventory
) -> _Refutation | None:
    """A contradiction of a claim between two readings, with the facts that choose one of them.

    What `never` finds in the reading that permits least is found in the other as well, and for
    `always` the other way round.
    """
    weak, strong = bounds.most, bounds.least
    if assertion.claim is Claim.ALWAYS:
        weak, strong = strong, weak
    refutation = _search(weak, line, assertion, part, inventory)
    if refutation is None or weak is strong:
        return refutation
    certain = _search(strong, line, assertion, part, inventory)
    if certain is not None:
        return certain
    return replace(refutation, facts=(*refutation.facts, *bounds.facts(_witness(refutation, line))))


def _witness(refutation: _Refutation, line: PortLine) -> Connection:
    """The connection that a contradiction is about."""
    piece = refutation.contradiction.found
    permitted = not isinstance(piece, Blocked)
    return confirmed(refutation.cluster, piece.case, piece.box, line, permitted=permitted)


def _search(
    cluster: Cluster, line: PortLine, assertion: Assertion, part: _Part, inventory: Inventory
) -> _Refutation | None:
    if assertion.claim is Claim.ALWAYS:
        contradiction = find_blocked(cluster, line, part.question, inventory=inventory)
    else:
        contradiction = find_permitted(
            cluster,
            line,
            part.question,
            inventory=inventory,
            direction=assertion.direction,
            listed=part.listed,
        )
    if contradiction is None:
        return None
    names = () if contradiction.sure else names_behind(contradiction, line) or line.names
    return _Refutation(
        cluster=cluster, contradiction=contradiction, facts=tuple(map(PortNumber, names))
    )


def _parts(assertion: Assertion, homes: list[str]) -> Iterator[_Part]:
    for home in _homes(assertion, homes):
        subjects = [end for end in ends(assertion.subject, home) if isinstance(end, PodEnd)]
        for subject in subjects:
            if assertion.claim is not Claim.ONLY:
                for grant in assertion.grants:
                    for peer in ends(grant.peer, home):
                        asked = directed(assertion.direction, subject, peer, grant.traffic)
                        if asked is not None:
                            yield _Part(home=home, question=asked)
                continue
            listed = tuple(
                Listed(peer, grant.traffic)
                for grant in assertion.grants
                for peer in ends(grant.peer, home)
            )
            for everybody in (EVERY_POD, EVERY_ADDRESS):
                asked = directed(assertion.direction, subject, everybody, EVERY_PORT)
                if asked is not None:
                    yield _Part(home=home, question=asked, listed=listed)


def _block_parts(bounds: Bounds, assertion: Assertion, homes: list[str]) -> Iterator[_Part]:
    """The questions of `never` and `always` about the pods that their blocks match."""
    if assertion.claim is Claim.ONLY:
        return
    blocks = [
        (grant.traffic, pods)
        for grant in assertion.grants
        if isinstance(grant.peer, Outside)
        for pods in _pods_of(bounds, assertion.claim, grant.peer.addresses)
    ]
    for home in _homes(assertion, homes):
        subjects = [end for end in ends(assertion.subject, home) if isinstance(end, PodEnd)]
        for subject, (traffic, pods) in product(subjects, blocks):
            asked = directed(assertion.direction, subject, pods, traffic)
            if asked is not None:
                yield _Part(home=home, question=asked, is_of_block=True)


def _pods_of(bounds: Bounds, claim: Claim, addresses: Addresses) -> Iterator[PodEnd]:
    """The pods that a claim about a block is about."""
    parts = bounds.most.parts
    if parts is not None and addresses in bounds.claimed:
        for pods in parts.selectors(addresses):
            yield PodEnd(EVERYTHING, pods, addresses=addresses)
    elif means_hosts(addresses, bounds.stated, closed=claim is Claim.NEVER):
        yield PodEnd(addresses=addresses, on_host=True)


def _homes(assertion: Assertion, homes: list[str]) -> list[str]:
    """The namespaces from which the assertion is seen; one is enough if it never says `own`."""
    if assertion.home is not None:
        return [assertion.home]
    spoken = (assertion.subject, *(grant.peer for grant in assertion.grants))
    own = any(isinstance(pods, Pods) and pods.namespaces is None for pods in spoken)
    return homes if own else [""]


def _example(
    refutation: _Refutation, line: PortLine, assertion: Assertion, part: _Part
) -> Counterexample:
    piece = refutation.contradiction.found
    witness = _witness(refutation, line)
    _check_described(assertion, part, witness, refutation.cluster.blocks)
    return Counterexample(
        witness=witness,
        connections=connections(piece.case, piece.box, line),
        permitted=not isinstance(piece, Blocked),
        ingress=None if isinstance(piece, Blocked) else piece.ingress,
        egress=None if isinstance(piece, Blocked) else piece.egress,
        closed=piece.closer if isinstance(piece, Blocked) else None,
    )


def _check_described(
    assertion: Assertion, part: _Part, witness: Connection, blocks: BlockReading
) -> None:
    """Confirm that the assertion speaks of the witness: all of it but what `only` lists."""
    listed = any(
        describes(assertion.direction, assertion.subject, grant, part.home, witness, blocks)
        for grant in assertion.grants
    )
    if listed is (assertion.claim is Claim.ONLY):
        raise WitnessUnconfirmed(f"{assertion.claim.value} is not about {witness}")  # noqa: EM102, TRY003


def _by_hosts(
    bounds: Bounds, line: PortLine, assertion: Assertion, part: _Part, inventory: Inventory
) -> tuple[_Refutation | None, tuple[UnknownFact, ...]]:
    """A sure contradiction of a claim by pods on the host's network, and else what others depend on."""
    is_only = assertion.claim is Claim.ONLY
    subject = END[assertion.direction]
    # Selectors match other pods too, which refute `only`; rules of tiers may deny these but not hosts.
    has_tiers = any(reading is not None for reading in bounds.least.tiers)
    ends = (subject,) if is_only and not has_tiers else (SENDER, RECEIVER)
    ordinary = without_hosts(inventory)
    facts: dict[UnknownFact, None] = {}
    for of_hosts in host_questions(bounds, part.question, inventory, ends):
        if is_only and is_host(end_of(of_hosts.question, subject)):
            # Where no policy applies to it, everybody may reach it and it may reach everybody.
            facts.update(dict.fromkeys(of_hosts.bounds.hosts))
            continue
        asked = replace(part, question=of_hosts.question)
        refutation = _between(of_hosts.bounds, line, assertion, asked, ordinary)
        if refutation is not None and refutation.sure and not of_hosts.is_possible:
            return refutation, ()
        if refutation is not None:
            facts.update(dict.fromkeys(refutation.facts or of_hosts.bounds.hosts))
        elif assertion.claim is Claim.NEVER and of_hosts.is_from_host:
            # A pod's own node always reaches it, whatever policies say.
            facts.update(dict.fromkeys(of_hosts.bounds.hosts))
    return None, tuple(facts)
