"""Egress that is closed with `dns: none`, and names that no longer resolve.

Where the setting opens nothing, arrows have to list the name service like any other peer: without it every
call by name fails. The rule is that of `lints.manifests.dns_egress`, and it asks what policies mean, so that
policies of others that open the name service count.
"""

from collections.abc import Iterator

from netpolc.analysis.namespace_partition import Facts
from netpolc.analysis.tiers import Tiers
from netpolc.diagnostics import Diagnostic, Label
from netpolc.ir.model import Allow, PolicySet
from netpolc.kube.display import pods_text
from netpolc.kube.peers import Direction
from netpolc.kube.ports import Protocol
from netpolc.kube.selector_index import SelectorIndex
from netpolc.kube.selectors import Selector
from netpolc.lints.accepting_rules import accepting_rules
from netpolc.lints.manifests.dns_egress import (
    DNS_FORGOTTEN,
    is_found_by_name,
    names_service,
    opens_name_service,
)
from netpolc.program.model import Namespace
from netpolc.provenance import Role

_ROLES = {Role.ARROW, Role.MIRROR}
_PROTOCOLS = (Protocol.UDP, Protocol.TCP)


def forgotten_name_services(
    namespace: Namespace, policies: PolicySet, tiers: Tiers
) -> Iterator[Diagnostic]:
    """Report the arrows that open egress to pods, where nothing opens it to the name service.

    Args:
        namespace: a namespace with `dns: none`.
        policies: what policies of this namespace mean, those beside the program among them.
        tiers: the cluster-wide policies, which may open the name service too.
    """
    allows = [allow for allow in policies.allows if allow.direction is Direction.EGRESS]
    accepting = accepting_rules(tiers, Direction.EGRESS, Facts.of_namespace(policies))
    open_for = SelectorIndex.of(
        [
            *(allow.subject for allow in allows if _opens(allow, namespace.name)),
            *(
                rule.subject.pods
                for rule in accepting
                if any(names_service(rule.traffic, protocol) for protocol in _PROTOCOLS)
            ),
        ]
    )
    reported: set[Selector] = set()
    for allow in allows:
        origin = next((o for o in allow.origins if o.role in _ROLES and o.span), None)
        if origin is None or origin.span is None or allow.subject in reported:
            continue
        if is_found_by_name(allow.peer, allow.subject) and not open_for.meets(allow.subject):
            reported.add(allow.subject)
            pods = origin.subject or pods_text(allow.subject)
            yield Diagnostic(
                rule=DNS_FORGOTTEN,
                message=f"the pods `{pods}` cannot resolve names",
                label=Label(origin.span, "they cannot look the other end up"),
                help=f"write `{pods} -> dns`",
            )


def _opens(allow: Allow, home: str) -> bool:
    """Whether the name service may be reached through an allow."""
    return any(
        opens_name_service(allow.peer, allow.traffic, home, protocol) for protocol in _PROTOCOLS
    )
