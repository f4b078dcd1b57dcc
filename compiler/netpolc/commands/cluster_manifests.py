"""Manifests of the cluster: to be checked themselves, or to be counted with the intents.

Policies that others applied hold in the cluster too, and workloads make ports and
selectors concrete. What the sources replace is another matter: a policy of the same name, and
what netpolc itself made from the same intents, or for a namespace that the sources write policies for, as intents or as an
output. It is an earlier version, and counting it would prove yesterday's policies.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory
from netpolc.manifest.manifest_set import Manifests, duplicates, inventory
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.policy_names import is_own
from netpolc.manifest.tier_model import TierPolicy
from netpolc.manifest.write import sources_of
from netpolc.passes.lift import lift_manifests
from netpolc.source import SourceFile
from netpolc.values import frozen

OWN_POLICIES_LEFT_OUT = Rule(code="NP750", name="own-policies-left-out", severity=Severity.NOTE)

OWN_POLICIES_COUNTED = Rule(code="NP761", name="own-policies-counted", severity=Severity.NOTE)


@frozen(kw_only=True)
class ClusterManifests:
    """The given manifests: the files, the meaning of their policies, and the inventory.

    `policies` are not normalised, so that a finding can name each rule.
    """

    manifests: tuple[Manifests, ...]
    policies: Policies
    tiers: Tiers
    inventory: Inventory


NO_MANIFESTS = ClusterManifests(
    manifests=(), policies=Policies({}), tiers=NO_TIERS, inventory=Inventory()
)


def read_cluster_manifests(  # noqa: PLR0913 - where each comes from decides what it replaces
    files: Sequence[Outcome[Manifests]],
    namespace: str,
    *,
    compiled: AbstractSet[str] = frozenset(),
    writes_tiers: bool = False,
    intents: AbstractSet[str] = frozenset(),
    claimed: AbstractSet[str] = frozenset(),
    beside: Sequence[Outcome[Manifests]] = (),
    replaced: AbstractSet[str] = frozenset(),
    counted: Sequence[Manifests] = (),
) -> Outcome[ClusterManifests]:
    """Read and lift the given manifests.

    Args:
        files: what was read of each file.
        namespace: that of objects whose metadata name none.
        compiled: namespaces that the sources write policies for; netpolc's own policies of these
            are an earlier output and left out. Those of other namespaces are not replaced.
        writes_tiers: whether the sources write cluster-wide policies; likewise.
        intents: the paths of the intents among the sources. A policy made from these alone is an earlier
            output too: a compile removes it if they no longer write it.
        claimed: namespaces about which the sources make claims, and write no policies for them, but for others.
            An export from a cluster does not say whether these sources once made netpolc's own policies there.
        beside: what was read of each file that is only given beside the sources.
        replaced: further such namespaces for what is `beside`.
        counted: manifests that were read already, with nothing to be left out.

    Returns:
        What they say, without the policies and objects that have an error.
    """
    if not (files or beside or counted):
        return Outcome(NO_MANIFESTS)
    from netpolc.manifest.foreign_files import set_aside_foreign_files  # noqa: PLC0415 - of manifests alone

    read_files: list[Manifests] = []
    findings: list[Diagnostic] = []
    for outcome in set_aside_foreign_files(files):
        read_files.append(outcome.value)
        findings += outcome.diagnostics
    sources = _Written.by(read_files, namespace)
    earlier = _Replaced(namespace, compiled, writes_tiers, intents, _Written())
    read_files = [earlier.left_out_of(manifests, findings) for manifests in read_files]
    own = compiled | replaced | own_namespaces(read_files, namespace)
    earlier = _Replaced(namespace, own, writes_tiers or sources.own_tiers, intents, sources)
    for outcome in set_aside_foreign_files(beside):
        read_files.append(earlier.left_out_of(outcome.value, findings))
        findings += outcome.diagnostics
    findings += _counted(read_files, namespace, claimed)
    read_files += counted
    findings += duplicates(read_files)
    return _meaning(read_files, namespace, findings)


def _counted(
    files: Sequence[Manifests], namespace: str, claimed: AbstractSet[str]
) -> Iterator[Diagnostic]:
    """The finding that policies count of which nothing says whether they are an earlier output."""
    policies = [
        policy
        for manifests in files
        for policy in manifests.policies
        if (policy.namespace or namespace) in claimed
        and is_own(policy.labels)
        and policy.span is not None
        and sources_of(policy.span.file.text) is None
    ]
    if not policies:
        return
    first = policies[0]
    assert first.span is not None
    count = "1 policy" if len(policies) == 1 else f"{len(policies)} policies"
    verb = "is" if len(policies) == 1 else "are"
    yield Diagnostic(
        rule=OWN_POLICIES_COUNTED,
        message=f"{count} that netpolc made from unknown intents {verb} counted",
        label=Label(
            first.span,
            f"the intents make claims about `{first.namespace or namespace}` and write no policies for it",
        ),
        help="leave out of the manifests what these intents made earlier: a compile no longer writes it",
    )


def _meaning(
    files: Sequence[Manifests], namespace: str, before: Iterable[Diagnostic]
) -> Outcome[ClusterManifests]:
    """What the manifests mean that are left, with the findings made before."""
    lifted, known = lift_manifests(files, namespace=namespace), inventory(files)
    return Outcome(
        ClusterManifests(
            manifests=tuple(files),
            policies=lifted.value,
            tiers=_tiers(files),
            inventory=known.value,
        ),
        (*before, *lifted.diagnostics, *known.diagnostics),
    )


def _tiers(files: Sequence[Manifests]) -> Tiers:
    """The rules of the cluster-wide policies."""
    policies = [policy for manifests in files for policy in manifests.tiers]
    unread = [policy for manifests in files for policy in manifests.unread]
    if not policies and not unread:
        return NO_TIERS
    from netpolc.analysis.lift_tiers import lift_tiers  # noqa: PLC0415 - few clusters have tiers

    return lift_tiers(policies, unread)


def own_namespaces(files: Iterable[Manifests], namespace: str) -> frozenset[str]:
    """The namespaces for which netpolc made policies of these files."""
    policies = (policy for manifests in files for policy in manifests.policies)
    return frozenset(policy.namespace or namespace for policy in policies if is_own(policy.labels))


@frozen
class _Written:
    """The names of the policies that sources have: with their namespace, and of tiers with their kind.

    `own_tiers` says whether netpolc made some of the tiers.
    """

    policies: frozenset[tuple[str, str]] = frozenset()
    tiers: frozenset[tuple[str, str]] = frozenset()
    own_tiers: bool = False

    @classmethod
    def by(cls, files: Sequence[Manifests], namespace: str) -> "_Written":
        """The manifests of some files."""
        policies = (policy for manifests in files for policy in manifests.policies)
        tiers = [tier for manifests in files for tier in manifests.tiers]
        return cls(
            frozenset((policy.namespace or namespace, policy.name) for policy in policies),
            frozenset((tier.kind, tier.name) for tier in tiers),
            any(is_own(tier.labels) for tier in tiers),
        )


@frozen
class _Replaced:
    """The policies that sources replace.

    `compiled` are the namespaces of which all of netpolc's own policies are replaced, `tiers` says whether its own tiers are,
    `intents` are the sources of which policies are replaced, and `sources` has further names.
    """

    namespace: str
    compiled: AbstractSet[str]
    tiers: bool
    intents: AbstractSet[str]
    sources: _Written

    def left_out_of(self, manifests: Manifests, findings: list[Diagnostic]) -> Manifests:
        """The manifests without them, and a finding if there are some."""
        earlier: tuple[NetworkPolicy | TierPolicy, ...] = (
            *(policy for policy in manifests.policies if self._has(policy)),
            *(tier for tier in manifests.tiers if self._has_tier(tier)),
        )
        if not earlier:
            return manifests
        findings.append(_left_out(earlier))
        spans = {policy.span for policy in earlier}
        return replace(
            manifests,
            policies=tuple(
                network_policy
                for network_policy in manifests.policies
                if network_policy.span not in spans
            ),
            tiers=tuple(
                tier_policy for tier_policy in manifests.tiers if tier_policy.span not in spans
            ),
            objects=tuple(name for name in manifests.objects if name.span not in spans),
        )

    def _has(self, policy: NetworkPolicy) -> bool:
        namespace = policy.namespace or self.namespace
        is_named = (namespace, policy.name) in self.sources.policies
        return is_named or (
            is_own(policy.labels)
            and (namespace in self.compiled or self._is_made_from_sources(policy))
        )

    def _is_made_from_sources(self, policy: NetworkPolicy) -> bool:
        """Whether the header of a policy's file names intents, all of which are among the sources."""
        made_from = sources_of(policy.span.file.text) if self.intents and policy.span else None
        return bool(made_from) and self.intents >= set(made_from or ())

    def _has_tier(self, tier: TierPolicy) -> bool:
        return (tier.kind, tier.name) in self.sources.tiers or (self.tiers and is_own(tier.labels))


def _left_out(earlier: Sequence[NetworkPolicy | TierPolicy]) -> Diagnostic:
    place = next((p.span for p in earlier if p.span is not None), SourceFile("", "").whole())
    single = len(earlier) == 1
    left_out = "1 policy is" if single else f"{len(earlier)} policies are"
    return Diagnostic(
        rule=OWN_POLICIES_LEFT_OUT,
        message=f"{left_out} left out: the sources replace {'it' if single else 'them'}",
        label=Label(place, "an earlier version"),
        help="give these manifests as a source of their own to look at them",
    )
