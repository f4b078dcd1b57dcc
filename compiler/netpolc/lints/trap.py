"""A mistake that lints on manifests find as well, in an arrow or a setting.

The rules are those of the lints on manifests, because an author makes the mistakes in either form. In intents
the advice is better: the language has a word for what was meant.
"""

from collections.abc import Mapping

from netpolc.diagnostics import Diagnostic, Label, Rule
from netpolc.source import Span
from netpolc.values import frozen


@frozen(kw_only=True)
class Trap:
    """A mistake, by the code of the rule that finds it in manifests as well."""

    rule: str
    message: str
    label: str
    help: str

    def finding(self, span: Span) -> Diagnostic:
        """The finding at the peer, subject or setting."""
        return Diagnostic(
            rule=_rules()[self.rule],
            message=self.message,
            label=Label(span, self.label),
            help=self.help,
        )


def _rules() -> Mapping[str, Rule]:
    """The rules of the lints on manifests, which are loaded only when one of them is broken."""
    from netpolc.lints.manifests.api_server import API_SERVER_AS_PODS  # noqa: PLC0415
    from netpolc.lints.manifests.dns_egress import (  # noqa: PLC0415
        DNS_OF_ANYONE,
        DNS_OVER_TCP_ONLY,
        DNS_OVER_UDP_ONLY,
    )
    from netpolc.lints.manifests.mesh_and_dns_ports import OPENSHIFT_DNS  # noqa: PLC0415
    from netpolc.lints.manifests.metadata_service import (  # noqa: PLC0415
        METADATA_SERVICE_OPEN,
        WHOLE_WORLD,
    )
    from netpolc.lints.manifests.namespace_label import (  # noqa: PLC0415
        NAMESPACE_BY_NAME_LABEL,
        NAMESPACE_LABEL_ON_PODS,
        UNSET_NAMESPACE_LABEL,
    )
    from netpolc.lints.manifests.platform_pods_elsewhere import FOREIGN_PODS  # noqa: PLC0415
    from netpolc.lints.manifests.service_address import SERVICE_ADDRESS  # noqa: PLC0415

    return {
        rule.code: rule
        for rule in (
            API_SERVER_AS_PODS,
            DNS_OF_ANYONE,
            DNS_OVER_TCP_ONLY,
            DNS_OVER_UDP_ONLY,
            OPENSHIFT_DNS,
            METADATA_SERVICE_OPEN,
            WHOLE_WORLD,
            NAMESPACE_BY_NAME_LABEL,
            NAMESPACE_LABEL_ON_PODS,
            UNSET_NAMESPACE_LABEL,
            FOREIGN_PODS,
            SERVICE_ADDRESS,
        )
    }
