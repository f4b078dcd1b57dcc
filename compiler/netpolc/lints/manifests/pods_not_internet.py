"""Pods where the internet was meant.

`namespaceSelector: {}` reads like "anywhere", and means every pod of the cluster: never an
address outside (API reference, NetworkPolicyPeer). A worker that is to call an API on the
internet is closed by it, and every pod that listens on that port is open to it.
"""

import re
from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.peers import Direction, Pods
from netpolc.kube.ports import Protocol, Traffic
from netpolc.lints.manifests.policy_source import Written, WrittenRule

PODS_NOT_INTERNET = Rule(code="NP622", name="pods-not-internet", severity=Severity.WARNING)

_WEB = Traffic.of([(Protocol.TCP, 80, 80), (Protocol.TCP, 443, 443)])
_OUTSIDE = re.compile(
    r"\b(?:extern\w*|internet|outside|outbound|public|third[- ]party|s3|aws|gcp|azure|cloud|saas|"
    r"stripe|github|openai|anthropic|smtp|rds|apis)\b"
)
_INSIDE = re.compile(r"\b(?:api[- ]?server|kubernetes api|kube-api\w*|k8s api|internal|in-cluster)")


def pods_not_internet(written: Written) -> Iterator[Diagnostic]:
    """Report the egress rules to every pod that seem to be meant for the internet."""
    for rule in written.rules():
        if rule.direction is Direction.EGRESS and rule.traffic <= _WEB and _is_meant_outside(rule):
            for _, meant, span, path in rule.entries():
                if _is_every_pod(meant):
                    yield Diagnostic(
                        rule=PODS_NOT_INTERNET,
                        message="`namespaceSelector: {}` never matches an address outside the cluster",
                        label=Label(span, f"{path}: every pod, and nobody else"),
                        help="for the internet write an `ipBlock` with `except` for private ranges",
                    )


def _is_meant_outside(rule: WrittenRule) -> bool:
    text = f"{rule.remarks()} {rule.policy.policy.name.replace('-', ' ')}"
    return _OUTSIDE.search(text) is not None and _INSIDE.search(text) is None


def _is_every_pod(meant: object) -> bool:
    return (
        isinstance(meant, Pods)
        and meant.namespaces is not None
        and meant.namespaces.is_everything
        and meant.pods.is_everything
    )
