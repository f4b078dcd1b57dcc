"""Findings about programs that are right but perhaps not meant: one lint a file.

`program_lints` look at statements one by one; `policy_lints` at what they mean, together with
what else is known of the cluster. Lints that need what most programs do not have (assertions,
workloads, policies of others, manifests) are loaded where it is there: together they take as long to load
as all others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

from netpolc.analysis.possibly_redundant import may_be_redundant
from netpolc.analysis.tiers import NO_TIERS, TierReading, Tiers
from netpolc.diagnostics import Diagnostic
from netpolc.ir.model import Policies, PolicySet
from netpolc.kube.inventory import Inventory, Workload
from netpolc.kube.peers import Pods
from netpolc.kube.platform import AMBIENT_MODE
from netpolc.lints.arrow_traps import Stated, arrow_traps
from netpolc.lints.cluster_address_block import cluster_address_blocks
from netpolc.lints.default_without_effect import defaults_without_effect
from netpolc.lints.everyday_word import everyday_words
from netpolc.lints.host_name_peer import host_name_peers
from netpolc.lints.port_word import port_words
from netpolc.lints.short_lived_label import short_lived_labels
from netpolc.lints.unprotected_service import unprotected_services, unprotected_workloads
from netpolc.lints.voided_exception import voided_exceptions
from netpolc.memory import NO_MEMORY, Memory
from netpolc.program.model import Namespace, Program

if TYPE_CHECKING:
    from netpolc.analysis.namespace_partition import Cluster
    from netpolc.lints.manifests import Written
    from netpolc.manifest.routes import Route


@dataclass(kw_only=True, eq=False)
class Meaning:
    """The meaning of a program, with the known manifests.

    `own` are its policies and `whole` those with the policies beside them, as written: each
    allow with its own statement, so that a finding can blame it. The same when nothing is
    beside them. `written` are manifests given for themselves, not beside intents, and `routes`
    ways into Services for callers that are not in them. `memory` has what lints found in earlier
    states.
    """

    program: Program
    own: Policies
    whole: Policies
    inventory: Inventory
    tiers: Tiers = NO_TIERS
    written: "Written | None" = None
    routes: tuple["Route", ...] = ()
    memory: Memory = NO_MEMORY

    @cached_property
    def own_cluster(self) -> "Cluster":
        """The program's own policies, to be asked."""
        from netpolc.analysis.namespace_partition import Cluster  # noqa: PLC0415 - few have to be

        return Cluster(self.own, memory=self.memory.part("own"))

    @cached_property
    def most(self) -> TierReading | None:
        """The cluster-wide policies, read as what permits most; None without any."""
        return self.readings[-1]

    @cached_property
    def readings(self) -> tuple[TierReading | None, ...]:
        """The cluster-wide policies, read as what permits least, then most: once if that is the same."""
        if not self.tiers:
            return (None,)
        from netpolc.analysis.bounds import tier_readings  # noqa: PLC0415 - few programs have tiers
        from netpolc.analysis.tier_facts import tier_facts  # noqa: PLC0415 - as above

        least, most = tier_readings(self.tiers, self.program.addresses)
        return (least, most) if least is not None and tier_facts(least) else (most,)


def program_lints(meaning: Meaning) -> Iterator[Diagnostic]:
    """The findings that need no proof, statement by statement."""
    program, whole, memory = meaning.program, meaning.whole, meaning.memory
    labels = {name: namespace.labels for name, namespace in program.namespaces.items()}
    labels |= {name: policies.labels for name, policies in whole.namespaces.items()}
    stated = memory.same("stated labels", "", labels)
    for name in dict.fromkeys((*program.namespaces, *whole.namespaces)):
        namespace, policies = program.namespaces.get(name), whole.namespaces.get(name)
        inputs = (namespace, policies, stated, program.addresses, meaning.tiers, meaning.inventory)
        yield from memory.once(
            "lints", name, inputs, partial(_statement_lints, meaning, stated, namespace, policies)
        )
    for claim in program.assertions:
        traffic = [grant.traffic for grant in claim.grants]
        yield from port_words(claim.origin, traffic, meaning.inventory)
    yield from defaults_without_effect(program)


def _statement_lints(
    meaning: Meaning, stated: Stated, namespace: Namespace | None, policies: PolicySet | None
) -> list[Diagnostic]:
    """The findings in the statements of a namespace; `stated` are the known labels of all namespaces."""
    findings: list[Diagnostic] = []
    arrows = () if namespace is None else namespace.arrows
    if policies is not None:
        own, inventory = meaning.program.addresses, meaning.inventory
        findings += cluster_address_blocks(arrows, policies, own, inventory)
    if namespace is not None and policies is not None:
        findings += unprotected_services(namespace, policies, meaning.most)
        if not namespace.dns:
            from netpolc.lints.forgotten_name_service import (  # noqa: PLC0415 - few say `dns: none`
                forgotten_name_services,
            )

            findings += forgotten_name_services(namespace, policies, meaning.tiers)
    if namespace is not None:
        findings += host_name_peers(namespace)
        findings += everyday_words(namespace, stated, meaning.inventory)
        for arrow in namespace.arrows:
            if any(granted.grant.traffic.named for granted in arrow.grants):
                traffic = [granted.grant.traffic for granted in arrow.grants]
                findings += port_words(arrow.origin, traffic, meaning.inventory)
        findings += arrow_traps(namespace, stated, meaning.inventory)
        findings += voided_exceptions(namespace.arrows)
    return findings


def namespace_lints(meaning: Meaning) -> Iterator[Diagnostic]:
    """The findings in the meaning of each namespace by itself."""
    if _may_have_redundant_arrows(meaning):
        from netpolc.lints.redundant_arrow import redundant_arrows  # noqa: PLC0415 - with boxes

        yield from redundant_arrows(meaning.own_cluster, meaning.memory)
    for name, policies in meaning.whole.namespaces.items():
        yield from meaning.memory.once(
            "short-lived labels", name, (policies,), partial(_short_lived_labels, policies)
        )


def _may_have_redundant_arrows(meaning: Meaning) -> bool:
    """Whether some arrow comes so near another one that only boxes can tell."""
    return any(
        meaning.memory.once("near", name, (policies,), partial(may_be_redundant, policies))
        for name, policies in meaning.own.namespaces.items()
    )


def _short_lived_labels(policies: PolicySet) -> list[Diagnostic]:
    return list(short_lived_labels(policies))


def _namespace_objects(meaning: Meaning) -> Iterator[Diagnostic]:
    """The findings that need the labels of Namespace objects, or of pods."""
    if any(policies.complete for policies in meaning.whole.namespaces.values()):
        from netpolc.lints.unmatched_namespace_peer import (  # noqa: PLC0415
            unmatched_namespace_peers,
        )

        yield from unmatched_namespace_peers(meaning.program, meaning.whole)
    if any(AMBIENT_MODE in labelled.labels for labelled in _labelled(meaning)):
        from netpolc.lints.ambient_mesh_arrow import ambient_mesh_arrows  # noqa: PLC0415

        yield from ambient_mesh_arrows(meaning.program, meaning.whole, meaning.inventory)


def _labelled(meaning: Meaning) -> Iterator[PolicySet | Workload]:
    """The namespaces and workloads, which both have labels."""
    yield from meaning.whole.namespaces.values()
    yield from meaning.inventory.workloads


def _accepting(meaning: Meaning) -> "Cluster | None":
    """The program with cluster-wide policies, read as what permits most; None without any."""
    if meaning.most is None:
        return None
    from netpolc.analysis.namespace_partition import Cluster  # noqa: PLC0415 - few have tiers

    return Cluster(meaning.own, tiers=(meaning.most,))


def _meets_closed_pods(meaning: Meaning) -> bool:
    """Whether the other end of some arrow is closed in a namespace of the program."""
    subjects = (subject for some in meaning.own.namespaces.values() for subject in some.subjects)
    closed = {subject.direction for subject in subjects}
    return any(
        arrow.direction.other in closed
        for namespace in meaning.program.namespaces.values()
        for arrow in namespace.arrows
    )


def _has_name_service(program: Program) -> bool:
    """Whether `dns` means pods in a namespace of the program."""
    return any(
        isinstance(grant.peer, Pods) and grant.peer.home(name) in program.namespaces
        for name, namespace in program.namespaces.items()
        for grant in namespace.dns
    )


def policy_lints(meaning: Meaning) -> Iterator[Diagnostic]:
    """The findings in the meaning of the program: assertions that do not hold, and lints."""
    if meaning.program.assertions:
        yield from _assertion_lints(meaning)
    if _meets_closed_pods(meaning):
        from netpolc.lints.half_open_arrow import half_open_arrows  # noqa: PLC0415

        known = meaning.program, meaning.own_cluster, meaning.inventory
        yield from half_open_arrows(*known, meaning.memory, _accepting(meaning))
    if _has_name_service(meaning.program):
        from netpolc.lints.closed_name_service import closed_name_services  # noqa: PLC0415

        accepting = _accepting(meaning)
        clusters = (meaning.own_cluster, *(() if accepting is None else (accepting,)))
        yield from closed_name_services(meaning.program, meaning.own, clusters, meaning.inventory)
    if meaning.inventory.services:
        from netpolc.lints.lost_client_address import lost_client_addresses  # noqa: PLC0415

        yield from lost_client_addresses(meaning.whole, meaning.inventory)
    if meaning.inventory.workloads:
        yield from _workload_lints(meaning)
    if meaning.tiers:
        from netpolc.lints.tier_rules import tier_rules  # noqa: PLC0415

        yield from tier_rules(meaning.tiers, meaning.whole)
    yield from _namespace_objects(meaning)
    if meaning.own is not meaning.whole:
        from netpolc.lints.foreign_policy import foreign_policies  # noqa: PLC0415

        yield from foreign_policies(meaning.own, meaning.whole, meaning.readings)
    if meaning.written is not None and meaning.written.namespaces:
        yield from _manifest_lints(meaning, meaning.written)


def _assertion_lints(meaning: Meaning) -> Iterator[Diagnostic]:
    """The findings about assertions: those that do not hold, or are about nothing that is known."""
    from netpolc.analysis.assertion_report import unproved  # noqa: PLC0415
    from netpolc.lints.claim_about_unknown_pods import (  # noqa: PLC0415
        claims_about_unknown_pods,
    )

    program, whole, inventory = meaning.program, meaning.whole, meaning.inventory
    yield from claims_about_unknown_pods(program, whole, inventory, meaning.tiers, meaning.memory)
    indexes = meaning.memory.part("own" if meaning.own is whole else "whole")
    yield from unproved(program, whole, inventory, meaning.tiers, indexes)
    if any(assertion.enforced for assertion in program.assertions):
        from netpolc.analysis.contradicted_enforcement import (  # noqa: PLC0415
            contradicted_enforcements,
        )

        yield from contradicted_enforcements(program, meaning.own, inventory)


def _workload_lints(meaning: Meaning) -> Iterator[Diagnostic]:
    """The findings that need workloads."""
    from netpolc.lints.host_network import host_network_pods  # noqa: PLC0415
    from netpolc.lints.receiver_port import receiver_ports  # noqa: PLC0415
    from netpolc.lints.route_to_closed_pods import routes_to_closed_pods  # noqa: PLC0415
    from netpolc.lints.unmatched_selector import unmatched_selectors  # noqa: PLC0415

    whole, inventory = meaning.whole, meaning.inventory
    yield from unmatched_selectors(meaning.program, whole, inventory)
    yield from receiver_ports(meaning.program, whole, inventory)
    yield from host_network_pods(whole, inventory)
    yield from routes_to_closed_pods(whole, inventory, meaning.routes, meaning.tiers)


def _manifest_lints(meaning: Meaning, written: "Written") -> Iterator[Diagnostic]:
    """The findings in manifests that are given for themselves."""
    from netpolc.lints.manifests import manifest_lints  # noqa: PLC0415
    from netpolc.lints.missing_namespace_manifest import (  # noqa: PLC0415
        missing_namespace_manifests,
    )

    yield from missing_namespace_manifests(meaning.whole, meaning.inventory)
    yield from unprotected_workloads(meaning.whole, meaning.inventory, meaning.most)
    yield from manifest_lints(written, meaning.whole)
