"""The API server, looked for among pods.

The API server runs on the host network of the control plane, or with the cloud provider. A
selector does not match it (Kubernetes documentation: policies for hostNetwork pods are
undefined), neither as the receiver of calls nor as the caller of a webhook.
"""

import re
from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.platform import API_SERVER_PORT, API_SERVER_PORTS, is_api_server
from netpolc.lints.manifests.policy_source import Written, WrittenRule

API_SERVER_AS_PODS = Rule(code="NP637", name="api-server-as-pods", severity=Severity.WARNING)

_API_SERVER = re.compile(
    r"\b(?:api[- ]?server|kube-?api\w*|kubernetes[- ]api|k8s[- ]api|control[- ]?plane)\b"
)


def api_servers(written: Written) -> Iterator[Diagnostic]:
    """Report the rules that mean the API server and name pods."""
    for rule in written.rules():
        peers = [meant for meant in rule.meant if isinstance(meant, Pods)]
        if len(peers) != len(rule.meant):
            continue
        by_label = bool(peers) and all(is_api_server(peer, rule.traffic) for peer in peers)
        if not by_label and not _means_api_server(rule):
            continue
        if by_label or all(
            meant.namespaces is not None and meant.pods.is_everything for meant in peers
        ):
            yield Diagnostic(
                rule=API_SERVER_AS_PODS,
                message="the API server is not a pod, so no selector matches it",
                label=Label(rule.span, f"{rule.path}: pods, and nobody else"),
                help="name its addresses in an `ipBlock`, or open the port without peers",
            )


def _means_api_server(rule: WrittenRule) -> bool:
    if rule.direction is Direction.EGRESS and rule.traffic <= API_SERVER_PORT:
        return True
    if rule.direction is Direction.EGRESS and not rule.traffic <= API_SERVER_PORTS:
        return False
    text = rule.remarks() or rule.policy.policy.name.replace("-", " ")
    return _API_SERVER.search(text) is not None
