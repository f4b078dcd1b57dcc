"""Cluster-wide policies as enforced assertions, where these mean exactly the same.

A rule of the Admin tier that denies is `enforce never`, one that accepts `enforce always`. Enforced
assertions have no order, leave nothing to the next tier and must agree with the program; so a
policy is written as intents only if all of its rules can be, nothing contradicts them, and all
rules together still decide what they decided.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field

from netpolc.analysis.assertion_report import unproved
from netpolc.analysis.contradicted_enforcement import contradicted_enforcements
from netpolc.analysis.enforced_tiers import enforced_tiers
from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.analysis.tier_equivalence import decide_alike
from netpolc.analysis.tiers import Networks, TierPeer, TierRule
from netpolc.diagnostics import Diagnostic, Severity
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses, Block, Cidr
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Direction, Pods
from netpolc.manifest.tier_model import Action, Tier, TierPolicy
from netpolc.passes.decompile.build_nodes import enforced, somewhere
from netpolc.passes.resolve import resolve
from netpolc.source import SourceFile
from netpolc.syntax import tree
from netpolc.syntax.formatter import format_file, statement_text
from netpolc.syntax.parser import parse
from netpolc.syntax.parts import Peer, PodPeer, Word, WordPeer
from netpolc.values import frozen

FILE = "_cluster.intent"
"""The file of enforced assertions; no namespace can have this name."""

_HEAD = """\
# Written as cluster-wide policies; netpolc.toml needs `[tiers]` with `api = "v1alpha2"`.
cluster
"""
_EVERYWHERE = Addresses.of(Block(Cidr(version, 0, 0)) for version in (4, 6))
_CLAIMS = {Action.DENY: tree.Claim.NEVER, Action.ACCEPT: tree.Claim.ALWAYS}


@frozen(kw_only=True)
class ImportedTiers:
    """The text of the intents, empty where there are none, and why other policies are not in it."""

    text: str = ""
    refused: Mapping[str, str] = field(default_factory=dict)


def import_tiers(
    policies: Iterable[TierPolicy], means: Policies, inventory: Inventory
) -> ImportedTiers:
    """Write policies as enforced assertions.

    Args:
        policies: cluster-wide policies.
        means: what the intents beside them mean, normalised.
        inventory: the workloads that are known.
    """
    attempt = _Attempt(tuple(policies), means, inventory)
    while attempt.refuse_some():
        pass
    text = format_file(parse(SourceFile(FILE, attempt.text)).value) if attempt.text else ""
    return ImportedTiers(text=text, refused=attempt.refused)


class _UnsayableError(Exception):
    """A rule that cannot be written as an enforced assertion, with the reason."""


class _Attempt:
    """Policies written as intents; those that cannot be are refused one after the other."""

    def __init__(
        self, policies: tuple[TierPolicy, ...], means: Policies, inventory: Inventory
    ) -> None:
        self._policies, self._means, self._inventory = policies, means, inventory
        self.refused: dict[str, str] = {}
        self._lines: dict[str, list[str]] = {}
        for policy in policies:
            try:
                self._lines[str(policy)] = list(_lines(policy))
            except _UnsayableError as reason:
                self.refused[str(policy)] = str(reason)

    @property
    def text(self) -> str:
        """The intents for what is not refused."""
        parts = [
            f"\n# Imported from {_path(policy)}: {policy}\n"
            + "".join(f"{line}\n" for line in lines)
            for policy in self._policies
            if (lines := self._lines.get(str(policy)))
        ]
        return f"{_HEAD}{''.join(parts)}" if parts else ""

    def refuse_some(self) -> bool:
        """Refuse policies whose statements would be wrong; False where there are none."""
        if not self._lines:
            return False
        file = SourceFile(FILE, self.text)
        program = resolve([parse(file).value]).value
        written = enforced_tiers(program)
        kept = lift_tiers(policy for policy in self._policies if str(policy) in self.refused)
        every = kept.with_rules(written.value.rules)
        steps: tuple[Callable[[], Iterable[Diagnostic]], ...] = (
            lambda: written.diagnostics,
            lambda: contradicted_enforcements(program, self._means, self._inventory),
            lambda: unproved(program, self._means, self._inventory, every),
        )
        for step in steps:
            wrong = {
                self._policy_at(finding.label.span.line): finding.label.text
                for finding in step()
                if finding.severity is Severity.ERROR
            }
            for name, reason in wrong.items():
                self._refuse(name, reason)
            if wrong:
                return True
        return self._refuse_what_decides_otherwise(every.rules)

    def _refuse_what_decides_otherwise(self, rules: tuple[TierRule, ...]) -> bool:
        before = lift_tiers(self._policies).rules
        for tier, reason in (
            (Tier.ADMIN, "enforced assertions have no order, and the order of rules decides here"),
            (Tier.BASELINE, "`baseline: deny` closes every pod, and leaves name resolution open"),
        ):
            mine = [str(p) for p in self._policies if p.tier is tier and str(p) in self._lines]
            sides = [[rule for rule in some if rule.tier is tier] for some in (before, rules)]
            if mine and not decide_alike(sides[0], sides[1]):
                for name in mine:
                    self._refuse(name, reason)
                return True
        return False

    def _refuse(self, name: str, reason: str) -> None:
        self.refused[name] = reason
        self._lines.pop(name, None)

    def _policy_at(self, line: int) -> str:
        """The policy whose statement is on a line of the text."""
        above = [*self.text.split("\n")[:line]]
        heads = (text for text in reversed(above) if text.startswith("# Imported from "))
        return next(heads).rpartition(": ")[2]


def _lines(policy: TierPolicy) -> Iterator[str]:
    """The statements for a policy, one for each rule."""
    rules = lift_tiers((policy,)).rules
    if len(rules) != len(policy.ingress) + len(policy.egress):
        raise _UnsayableError(_UNKNOWN)
    if policy.tier is Tier.BASELINE:
        yield _baseline(rules)
        return
    for rule in rules:
        yield _statement(rule)


_UNKNOWN = "a rule has a peer that the language does not have"


def _baseline(rules: Iterable[TierRule]) -> str:
    """`baseline: deny` for the directions in which a rule denies."""
    closed = {rule.direction for rule in rules if rule.action is Action.DENY}
    words = [
        direction.value
        for direction in (Direction.INGRESS, Direction.EGRESS)
        if direction in closed
    ]
    return " ".join(("baseline: deny", *words))


def _statement(rule: TierRule) -> str:
    claim = _CLAIMS.get(rule.action)
    if claim is None:
        reason = "an enforced assertion decides, and `Pass` leaves the decision to others"
        raise _UnsayableError(reason)
    if rule.traffic.named:
        reason = "the API's name of a port has no protocol, and the language's has one"
        raise _UnsayableError(reason)
    peers = tuple(map(_peer, rule.peers))
    if any(isinstance(peer, WordPeer) for peer in peers):
        peers = (WordPeer(Word.ANY),)
    return statement_text(enforced(claim, rule.direction, _pods(rule.subject), peers, rule.traffic))


def _peer(peer: TierPeer) -> Peer:
    match peer:
        case Pods():
            return _pods(peer)
        case Networks(addresses) if addresses == _EVERYWHERE:
            return WordPeer(Word.ANY)
        case Networks():
            reason = "`networks` match pods as well, and blocks of the language do not"
            raise _UnsayableError(reason)
        case _:
            raise _UnsayableError(_UNKNOWN)


def _pods(pods: Pods) -> PodPeer:
    assert pods.namespaces is not None
    if pods.namespaces.impossible or pods.pods.impossible:
        reason = "no pod has the labels of a subject or peer"
        raise _UnsayableError(reason)
    return somewhere(pods.namespaces, pods.pods)


def _path(policy: TierPolicy) -> str:
    return policy.span.path if policy.span is not None else ""
