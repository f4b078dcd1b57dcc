"""Lints on policies that somebody wrote by hand: mistakes that the API accepts.

`manifest_lints` is the one door. What makes a manifest invalid is found where it is read
(NP4xx), and what needs only the meaning is found there for intents and manifests alike
(`netpolc.lints`); here is what the written form shows. How sure a lint is decides its
severity: a warning is nearly always a mistake, a note deserves a look.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from netpolc.analysis.namespace_partition import Cluster
from netpolc.diagnostics import Diagnostic
from netpolc.ir.model import Policies
from netpolc.lints.manifests.and_or_confusion import SWALLOWED_PEER, and_or_confusions
from netpolc.lints.manifests.api_server import api_servers
from netpolc.lints.manifests.client_limits import client_limits
from netpolc.lints.manifests.comment_contradicts_rule import comment_contradicts_rule
from netpolc.lints.manifests.dns_egress import name_services
from netpolc.lints.manifests.empty_peers import empty_peers
from netpolc.lints.manifests.half_open_rule import half_open_rules
from netpolc.lints.manifests.implicit_policy_types import policy_types
from netpolc.lints.manifests.mesh_and_dns_ports import mesh_and_dns_ports
from netpolc.lints.manifests.metadata_service import metadata_services
from netpolc.lints.manifests.missing_namespace import missing_namespaces
from netpolc.lints.manifests.namespace_label import namespace_labels
from netpolc.lints.manifests.platform_pods_elsewhere import platform_pods_elsewhere
from netpolc.lints.manifests.pods_not_internet import pods_not_internet
from netpolc.lints.manifests.policy_source import Written, as_written
from netpolc.lints.manifests.redundant_rule import redundant_rules
from netpolc.lints.manifests.return_traffic import return_traffic
from netpolc.lints.manifests.service_address import service_addresses
from netpolc.lints.manifests.split_rule import split_rules
from netpolc.lints.manifests.unmatched_namespace import unmatched_namespaces
from netpolc.lints.manifests.useless_except import useless_excepts
from netpolc.lints.manifests.voided_policies import VOIDED_POLICIES, voided_policies
from netpolc.manifest.policy_names import is_own
from netpolc.source import Span

__all__ = ["Written", "as_written", "manifest_lints"]

_LINTS = (
    api_servers,
    and_or_confusions,
    empty_peers,
    useless_excepts,
    platform_pods_elsewhere,
    metadata_services,
    mesh_and_dns_ports,
    unmatched_namespaces,
    name_services,
    namespace_labels,
    pods_not_internet,
    policy_types,
    comment_contradicts_rule,
    return_traffic,
    service_addresses,
    split_rules,
    missing_namespaces,
    voided_policies,
    client_limits,
)


def manifest_lints(written: Written, policies: Policies) -> Iterator[Diagnostic]:
    """The findings in policies that a person wrote.

    Policies that netpolc made count, but get no findings: these are about their
    intents, at the line, and what only looks so is the form in which intents are written.

    Args:
        written: the policies as written, see `as_written`.
        policies: what they mean, not normalised, so that a finding can name each rule.
    """
    own = _Stretches(
        written_policy.span
        for written_policy in written.policies()
        if is_own(written_policy.policy.labels)
    )
    yield from (finding for finding in _found(written, policies) if finding.label.span not in own)


class _Stretches:
    """Stretches of text that do not overlap, to be asked whether a place is in one of them."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._by_path: dict[str, list[tuple[int, int]]] = {}
        for span in spans:
            self._by_path.setdefault(span.path, []).append((span.start, span.end))
        for some in self._by_path.values():
            some.sort()

    def __contains__(self, span: Span) -> bool:
        some = self._by_path.get(span.path, [])
        index = bisect_right(some, span.start, key=lambda pair: pair[0]) - 1
        return index >= 0 and span.start < some[index][1]


def _found(written: Written, policies: Policies) -> Iterator[Diagnostic]:
    if not written.namespaces:
        return
    findings = [finding for lint in _LINTS for finding in lint(written)]
    yield from findings
    reported = {
        finding.label.span
        for finding in findings
        if finding.rule in {SWALLOWED_PEER, VOIDED_POLICIES}
    }
    yield from redundant_rules(Cluster(policies), reported)
    yield from half_open_rules(policies, written.tiers)
