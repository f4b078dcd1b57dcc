"""Manifests of the cluster: to be checked themselves, or to be counted with the intents.

Policies that others applied hold in the cluster too, and workloads make ports and
selectors concrete. What netpolc itself has made is another matter: beside the intents it
is their own earlier output, and counting it would prove yesterday's policies.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.analysis.tiers import Tiers
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory
from netpolc.manifest.manifest_set import Manifests, duplicates, inventory
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.policy_names import MANAGED_BY, MANAGER
from netpolc.manifest.tier_model import TierPolicy
from netpolc.passes.lift import lift_manifests
from netpolc.source import SourceFile
from netpolc.values import frozen

OWN_POLICIES_LEFT_OUT = Rule(code="NP750", name="own-policies-left-out", severity=Severity.NOTE)


@frozen(kw_only=True)
class ClusterManifests:
    """What manifests say: file by file, what their policies mean, and what runs.

    `policies` are not normalised, so that a finding can name each rule.
    """

    manifests: tuple[Manifests, ...]
    policies: Policies
    tiers: Tiers
    inventory: Inventory


def read_cluster_manifests(
    files: Iterable[Outcome[Manifests]],
    namespace: str,
    *,
    compiled: AbstractSet[str] = frozenset(),
    writes_tiers: bool = False,
    counted: Sequence[Manifests] = (),
) -> Outcome[ClusterManifests]:
    """What manifests mean.

    Args:
        files: what was read of each file.
        namespace: that of objects whose metadata name none.
        compiled: namespaces that the sources write policies for; netpolc's own policies of these
            are an earlier output and left out. Those of other namespaces are not replaced.
        writes_tiers: whether the sources write cluster-wide policies; likewise.
        counted: manifests that were read already, with nothing to be left out.

    Returns:
        What they say, without the policies and objects that have an error.
    """
    read_files: list[Manifests] = []
    found: list[Diagnostic] = []
    for outcome in files:
        read_files.append(outcome.value)
        found += outcome.diagnostics
    found += duplicates((*read_files, *counted))
    if compiled or writes_tiers:
        read_files = [
            _foreign(one, namespace, compiled, found, writes_tiers=writes_tiers)
            for one in read_files
        ]
    read_files += counted
    lifted = lift_manifests(read_files, namespace=namespace)
    known = inventory(read_files)
    given = ClusterManifests(
        manifests=tuple(read_files),
        policies=lifted.value,
        tiers=lift_tiers(
            (policy for one in read_files for policy in one.tiers),
            (policy for one in read_files for policy in one.unread),
        ),
        inventory=known.value,
    )
    return Outcome(given, (*found, *lifted.diagnostics, *known.diagnostics))


def _foreign(
    manifests: Manifests,
    namespace: str,
    compiled: AbstractSet[str],
    found: list[Diagnostic],
    *,
    writes_tiers: bool,
) -> Manifests:
    """The manifests without the policies that are an earlier output of what is compiled."""
    own: list[NetworkPolicy | TierPolicy] = []
    others: list[NetworkPolicy] = []
    tiers: list[TierPolicy] = []
    for policy in manifests.policies:
        replaced = _is_own(policy) and (policy.namespace or namespace) in compiled
        (own if replaced else others).append(policy)
    for tier in manifests.tiers:
        (own if writes_tiers and _is_own(tier) else tiers).append(tier)
    if not own:
        return manifests
    place = next((p.span for p in own if p.span is not None), SourceFile("", "").whole())
    found.append(
        Diagnostic(
            rule=OWN_POLICIES_LEFT_OUT,
            message=f"{'1 policy' if len(own) == 1 else f'{len(own)} policies'} made by netpolc left out",
            label=Label(place, "an earlier output; the intents replace it"),
            help="give them as a source of their own to look at them",
        )
    )
    return replace(manifests, policies=tuple(others), tiers=tuple(tiers))


def _is_own(policy: NetworkPolicy | TierPolicy) -> bool:
    return policy.labels.get(MANAGED_BY) == MANAGER
