"""Decide which statements one namespace needs, so that they mean its policies.

The language says some things without words: an arrow inside a namespace opens both ends,
and pods whose egress is closed reach dns. Here it is decided, for each namespace, which
of this may be relied upon. Mirroring is kept where it opens nothing that the policies do
not open, and then their twins at the sender's end need not be written. Dns is automatic
where each closed pod has it. A wide isolation is the default where a policy exists only
to close.

Nothing is named here and nothing is worded. What is left are lines: a subject, a
direction, and the grants of one rule after the other, in the order of the manifests.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from netpolc.ir.model import Allow, PolicySet, Subject
from netpolc.ir.subsumption import Covering
from netpolc.kube.dns import BUILT_IN_DNS, is_dns
from netpolc.kube.peers import (
    Anyone,
    Direction,
    Grant,
    Outside,
    Peer,
    Pods,
    can_match,
    covers,
    own_pods,
    without_own_name,
)
from netpolc.kube.ports import EVERY_PORT, Traffic
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import EVERYTHING, Labels, Selector
from netpolc.passes.decompile.implied_rules import implications, local_peer
from netpolc.passes.decompile.opened import Opened
from netpolc.passes.decompile.policy_lines import (
    Line,
    Policy,
    policies_of,
    policy_of,
    written_lines,
)
from netpolc.provenance import Place
from netpolc.values import frozen


@frozen(kw_only=True)
class StatementPlan:
    """The statements of one namespace, and the settings that they rely on.

    `closed` are the directions in which the default denies, with the policies that only
    close them. `dns` are the grants of the setting: none for `dns: none`, None
    where no egress is closed to it, so that it does not matter. `half_open` are the allows whose
    mirror would open what is closed; where there are some, nothing is mirrored. `policies`
    are all of them, in the order of the manifests, with their places; `resolving` are those
    that open name service. `implied` has rules that are not written because others imply them:
    their places by the place of the rule to which they belong now, and `implied_by_dns` those
    for which there is none.
    """

    namespace: str
    labels: Labels
    closed: Mapping[Direction, tuple[Policy, ...]]
    dns: tuple[Grant, ...] | None
    mirror: bool
    half_open: tuple[Allow, ...]
    lines: tuple[Line, ...]
    policies: Mapping[Policy, Place]
    resolving: frozenset[Policy]
    implied: Mapping[Place, tuple[Place, ...]]
    implied_by_dns: tuple[Place, ...]


def minimise(
    policies: PolicySet, *, plain: bool = False, noted: Collection[Place] = frozenset()
) -> StatementPlan:
    """The statements that a namespace needs so that they mean its policies.

    Args:
        policies: as lifted, not normalised, so that the rules of policies stay separate.
        plain: whether nothing may be left to mirroring or to automatic dns.
        noted: the places of policies and rules about which something is noted.
    """
    return _Decision(policies, plain=plain).result(noted)


class _Decision:
    """The policies of one namespace, and what is decided about them."""

    def __init__(self, policies: PolicySet, *, plain: bool) -> None:
        self._policies, self._plain = policies, plain
        self._only_closing: set[Selector] = set()
        self._closed = {
            direction: [
                subject.selector
                for subject in policies.of(direction)
                if not subject.selector.impossible
            ]
            for direction in Direction
        }
        self._closed_egress = SelectorIndex.of(self._closed[Direction.EGRESS])
        self._allows = [
            allow for opening in policies.allows if (allow := _sayable(opening, policies.namespace))
        ]

    def result(self, noted: Collection[Place]) -> StatementPlan:
        """Return the statements that are needed."""
        half_open = self._half_open()
        mirror = not half_open and not self._plain
        dns = self._dns()
        kept = self._kept(mirror=mirror, dns=dns or ())
        closed = self._defaults(kept)
        lines = self._joined(written_lines(kept, self._silent(closed)))
        implied, rest = implications(self._allows, kept, self._policies.labels, noted)
        return StatementPlan(
            namespace=self._policies.namespace,
            labels=self._policies.labels,
            closed=closed,
            dns=None if self._is_dns_idle() else dns,
            mirror=mirror or not self._closed[Direction.EGRESS],
            half_open=tuple(half_open),
            lines=tuple(lines),
            policies=policies_of(self._policies.subjects),
            resolving=frozenset(
                policy_of(origin)
                for allow in self._of(Direction.EGRESS)
                for origin in allow.origins
                if is_dns(allow.traffic)
            ),
            implied=implied,
            implied_by_dns=rest,
        )

    def _half_open(self) -> list[Allow]:
        """The ingress allows of own pods that a mirror would open at a closed sender's end."""
        labels = self._policies.labels
        senders = SelectorIndex.of(self._senders())
        egress = Opened(
            replace(allow, peer=local_peer(allow.peer, labels))
            for allow in self._of(Direction.EGRESS)
        )
        allows = []
        for allow in self._of(Direction.INGRESS):
            pods = own_pods(allow.peer, labels)
            to = Pods(None, allow.subject)
            if pods is not None and not all(
                egress.opens(sender & pods, Direction.EGRESS, to, allow.traffic)
                for sender in senders.overlapping(pods)
            ):
                allows.append(allow)
        return allows

    def _senders(self) -> list[Selector]:
        """The pods whose egress is closed, as subjects."""
        closed = self._closed[Direction.EGRESS]
        return [EVERYTHING] if EVERYTHING in closed else closed

    def _of(self, direction: Direction) -> Iterator[Allow]:
        return (allow for allow in self._allows if allow.direction is direction)

    def _dns(self) -> tuple[Grant, ...]:
        """The grants of name services that every closed sender has, as they are written."""
        if self._plain:
            return ()
        asked: dict[Selector, dict[Peer, Traffic]] = {}
        for allow in self._of(Direction.EGRESS):
            if is_dns(allow.traffic):
                peers = asked.setdefault(allow.subject, {})
                peers[allow.peer] = peers.get(allow.peer, Traffic()) | allow.traffic
        subjects = SelectorIndex.of(asked)
        common: set[Grant] | None = None
        for closed in self._senders():
            here = {
                Grant(peer, traffic)
                for wide in subjects.supersets_of(closed)
                for peer, traffic in asked[wide].items()
            }
            common = here if common is None else common & here
            if not common:
                return self._usual_dns()
        return tuple(grant for grant in _ordered(asked) if grant in (common or ()))

    def _usual_dns(self) -> tuple[Grant, ...]:
        """The built-in value, where every closed sender has it as part of something wider."""
        opened = Opened(self._of(Direction.EGRESS))
        for closed in self._senders():
            for grant in BUILT_IN_DNS:
                if not opened.opens(closed, Direction.EGRESS, grant.peer, grant.traffic):
                    return ()
        return BUILT_IN_DNS

    def _is_dns_idle(self) -> bool:
        """Whether automatic dns opens nothing, whatever it is: all is open, or all to everyone."""
        opened = Opened(self._of(Direction.EGRESS))
        return not self._plain and all(
            opened.opens(closed, Direction.EGRESS, Anyone(), EVERY_PORT)
            for closed in self._senders()
        )

    def _kept(self, *, mirror: bool, dns: tuple[Grant, ...]) -> list[Allow]:
        """The allows that must be written."""
        kept = list(self._uncovered())
        if self._plain:
            return kept
        labels = self._policies.labels
        mirrored = Opened(
            replace(allow, peer=local_peer(allow.peer, labels))
            for allow in self._of(Direction.INGRESS)
        )
        needed = [
            allow
            for allow in kept
            if allow.direction is Direction.INGRESS
            or not (_is_among(allow, dns) or (mirror and _is_twin(allow, mirrored)))
        ]
        # Where nothing is left of a subject that nothing wider closes, its arrow must stay.
        speaking = {allow.subject for allow in needed if allow.direction is Direction.EGRESS}
        for allow in kept:
            silent = allow.direction is Direction.EGRESS and allow.subject not in speaking
            if silent and self._is_closed_alone(allow.subject):
                self._only_closing.add(allow.subject)
                needed.append(allow)
        return needed

    def _is_closed_alone(self, subject: Selector) -> bool:
        """Whether no default and no wider subject closes the egress of a subject as well."""
        wider = (
            selector
            for selector in self._closed_egress.supersets_of(subject)
            if selector != subject
        )
        return not subject.is_everything and next(wider, None) is None

    def _joined(self, lines: Iterable[Line]) -> Iterator[Line]:
        """The lines, those of a subject made one that are there only to close it.

        Each of them is redundant: removing it changes nothing, but not all.
        """
        waiting: dict[Selector, list[Line]] = {}
        for line in lines:
            if line.direction is Direction.EGRESS and line.subject in self._only_closing:
                waiting.setdefault(line.subject, []).append(line)
            else:
                yield line
        for same in waiting.values():
            rules = tuple(rule for line in same for rule in line.rules)
            yield replace(same[0], rules=rules, whole=True)

    def _uncovered(self) -> Iterator[Allow]:
        """The allows that no other allow of their subject covers.

        Of allows that cover each other, because they are the same in the language's words, the
        first is left.
        """
        groups: dict[tuple[Selector, Direction], list[Allow]] = {}
        for allow in self._allows:
            groups.setdefault((allow.subject, allow.direction), []).append(allow)
        for group in groups.values():
            covering = Covering(group)
            order = {id(member): number for number, member in enumerate(group)}
            for candidate in group:
                if not any(
                    order[id(other)] < order[id(candidate)] or not _covers(candidate, other)
                    for other in covering.over(candidate)
                ):
                    yield candidate

    def _defaults(self, kept: list[Allow]) -> dict[Direction, tuple[Policy, ...]]:
        """The directions that a default closes, with the policies that do nothing else."""
        defaults: dict[Direction, tuple[Policy, ...]] = {}
        for direction in Direction:
            if EVERYTHING not in self._closed[direction]:
                continue
            opening, written = (
                {
                    policy_of(origin)
                    for allow in allows
                    if allow.direction is direction and allow.subject.is_everything
                    for origin in allow.origins
                }
                for allows in (self._policies.allows, kept)
            )
            closing = policies_of(
                subject
                for subject in self._policies.of(direction)
                if subject.selector.is_everything
            )
            only = tuple(policy for policy in closing if policy not in opening)
            if only or not written:
                defaults[direction] = only
        return defaults

    def _silent(self, defaults: Mapping[Direction, object]) -> Iterator[Subject]:
        """The isolations without a rule: arrows to nobody.

        Said even where a default closes the pods as well: somebody wrote a policy for it.
        """
        opened = {(allow.subject, allow.direction) for allow in self._allows}
        for subject in self._policies.subjects:
            if subject.selector.impossible or subject.closed in opened:
                continue
            if not (subject.selector.is_everything and subject.direction in defaults):
                yield subject


def _sayable(allow: Allow, namespace: str) -> Allow | None:
    """The allow in the language's words; None where it opens nothing at all.

    An address has no container and so no port with a name. The own namespace is not called
    by its name.
    """
    if allow.subject.impossible or not can_match(allow.peer):
        return None
    traffic = allow.traffic
    if isinstance(allow.peer, Outside) and allow.direction is Direction.EGRESS:
        traffic = replace(traffic, named=frozenset())
    peer = without_own_name(allow.peer, namespace)
    return replace(allow, peer=peer, traffic=traffic) if traffic else None


def _covers(wide: Allow, narrow: Allow) -> bool:
    return covers(wide.peer, narrow.peer) and narrow.traffic <= wide.traffic


def _is_twin(allow: Allow, mirrored: Opened) -> bool:
    """Whether an egress allow is what the ingress allows' mirror opens anyway."""
    match allow.peer:
        case Pods(None, pods):
            back = Pods(None, allow.subject)
            return mirrored.opens(pods, Direction.INGRESS, back, allow.traffic)
        case _:
            return False


def _is_among(allow: Allow, dns: Iterable[Grant]) -> bool:
    """Whether automatic dns opens all of an allow."""
    return any(covers(grant.peer, allow.peer) and allow.traffic <= grant.traffic for grant in dns)


def _ordered(asked: Mapping[Selector, Mapping[Peer, Traffic]]) -> list[Grant]:
    """All grants, each once, in the order in which they are written."""
    return list(
        dict.fromkeys(
            Grant(peer, traffic) for peers in asked.values() for peer, traffic in peers.items()
        )
    )
