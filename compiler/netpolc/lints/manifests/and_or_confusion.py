"""Two entries in a list of peers where one was meant.

A `namespaceSelector` and a `podSelector` in one entry are both asked for; in two entries
either is enough. The difference is one dash (traps 1), and the API takes both. That two
were meant is common: so the form alone is a note, and a warning is left to the case in
which the second entry says nothing that the first does not.
"""

from collections.abc import Iterator
from itertools import pairwise

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.display import namespaces_text, selector_text
from netpolc.kube.peers import Pods
from netpolc.lints.manifests.platform_pods_elsewhere import platform_owner
from netpolc.lints.manifests.policy_source import Written, WrittenRule

SWALLOWED_PEER = Rule(code="NP620", name="swallowed-peer", severity=Severity.WARNING)
DOUBTFUL_OR = Rule(code="NP621", name="doubtful-or", severity=Severity.NOTE)


def and_or_confusions(written: Written) -> Iterator[Diagnostic]:
    """Report entries of pods after entries of namespaces that were perhaps meant as one entry."""
    for rule in written.rules():
        if len(rule.rule.peers or ()) > 1:
            swallowed = list(_swallowed(rule))
            yield from swallowed or _adjacent(rule, written)


def _swallowed(rule: WrittenRule) -> Iterator[Diagnostic]:
    wide = next((span for _, meant, span, _ in rule.entries() if _is_every_pod(meant)), None)
    if wide is None:
        return
    for peer, meant, span, path in rule.entries():
        if isinstance(meant, Pods) and not _is_every_pod(meant) and peer.pod_selector is not None:
            yield Diagnostic(
                rule=SWALLOWED_PEER,
                message=f"`{_text(meant)}` says nothing beside an entry for every pod",
                label=Label(span, f"{path}: these pods are peers already"),
                others=(Label(wide, "every pod of every namespace"),),
                help="if both must hold, make one entry of them: leave out the second dash",
            )


def _adjacent(rule: WrittenRule, written: Written) -> Iterator[Diagnostic]:
    for (first, wide, above, _), (second, narrow, span, path) in pairwise(rule.entries()):
        if first.pod_selector is not None or not isinstance(wide, Pods) or wide.namespaces is None:
            continue
        if second.namespace_selector is not None or not isinstance(narrow, Pods):
            continue
        if narrow.pods.is_everything or _is_commented(above.end, span.start, rule):
            continue
        if written.is_home(rule.policy.namespace, narrow.pods):
            continue
        if platform_owner(rule, narrow, written) is not None:
            continue  # That lint reports it, as a warning.
        namespaces = namespaces_text(wide.namespaces)
        yield Diagnostic(
            rule=DOUBTFUL_OR,
            message=f"every pod of `ns {namespaces}`, or `{_text(narrow)}` of the own namespace",
            label=Label(span, f"{path}: an entry of its own, so either is enough"),
            others=(Label(above, "every pod of these namespaces"),),
            help="if both must hold, make one entry of them: leave out the second dash",
        )


def _is_every_pod(meant: object) -> bool:
    return (
        isinstance(meant, Pods)
        and meant.namespaces is not None
        and meant.namespaces.is_everything
        and meant.pods.is_everything
    )


def _is_commented(start: int, end: int, rule: WrittenRule) -> bool:
    """Whether a comment parts two entries: its author saw that they are two."""
    return "#" in rule.span.file.text[start:end]


def _text(meant: Pods) -> str:
    return selector_text(meant.pods)
