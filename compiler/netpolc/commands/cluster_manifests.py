"""Manifests of the cluster: to be checked themselves, or to be counted with the intents.

Policies that others applied hold in the cluster too, and workloads make ports and
selectors concrete. What netpolc itself has made is another matter: beside the intents it
is their own earlier output, and counting it would prove yesterday's policies.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.frozen import frozen
from netpolc.ir.model import Policies
from netpolc.kube.inventory import Inventory
from netpolc.manifest.manifest_set import Manifests, duplicates, inventory
from netpolc.manifest.policy_names import MANAGED_BY, MANAGER
from netpolc.passes.lift import lift_manifests
from netpolc.source import SourceFile

OWN_POLICIES_LEFT_OUT = Rule(code="NP750", name="own-policies-left-out", severity=Severity.NOTE)


@frozen(kw_only=True)
class ClusterManifests:
    """What manifests say: file by file, what their policies mean, and what runs.

    `policies` are not normalised, so that a finding can name each rule.
    """

    manifests: tuple[Manifests, ...]
    policies: Policies
    inventory: Inventory


def read_cluster_manifests(
    files: Iterable[Outcome[Manifests]],
    namespace: str,
    *,
    beside: bool,
    counted: Sequence[Manifests] = (),
) -> Outcome[ClusterManifests]:
    """What manifests mean.

    Args:
        files: what was read of each file.
        namespace: that of objects whose metadata name none.
        beside: whether they stand beside intents; netpolc's own output is left out then.
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
    if beside:
        read_files = [_foreign(one, found) for one in read_files]
    read_files += counted
    lifted = lift_manifests(read_files, namespace=namespace)
    known = inventory(read_files)
    given = ClusterManifests(
        manifests=tuple(read_files), policies=lifted.value, inventory=known.value
    )
    return Outcome(given, (*found, *lifted.diagnostics, *known.diagnostics))


def _foreign(manifests: Manifests, found: list[Diagnostic]) -> Manifests:
    """The manifests without the policies that are an earlier output of netpolc."""
    own = [p for p in manifests.policies if p.labels.get(MANAGED_BY) == MANAGER]
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
    others = tuple(p for p in manifests.policies if p.labels.get(MANAGED_BY) != MANAGER)
    return replace(manifests, policies=others)
