"""A comment that promises a source which the rule does not have.

A rule without `from` admits everybody. Where the comment at it says from whom it admits,
the two contradict each other, and readers believe the comment: it is what they can read.
Comments are prose, so only one shape of sentence is believed, "allow … from …", and not
where the source is one that no selector can name, for then `from` was left out on purpose.
"""

import re
from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.peers import Direction
from netpolc.lints.manifests.policy_source import Written, WrittenPolicy
from netpolc.manifest.comments import Remarks, remarks
from netpolc.provenance import PolicyRef

PROMISED_SOURCE = Rule(code="NP647", name="promised-source", severity=Severity.NOTE)

_LONGEST = 60
_READ = 2000
"""Characters of a comment that are read; who writes more writes no sentence about a source."""

_PROMISE = re.compile(
    r"\b(?:allow|accept|admit|permit|receive|reach|ingress|traffic|access|connections?|quer(?:y|ies)"
    r"|requests?|scrap(?:e|ing)|only)\w*\b(?P<between>[^.;:!?]*?)\bfrom\s+(?P<source>[^.;:!?()]+)"
)
_TAKEN_BACK = re.compile(
    r"\b(?:not?|never|nothing|den(?:y|ies|ied)|block\w*|drop\w*|reject\w*|refus\w*|prevent\w*"
    r"|isolat\w*|protect\w*|except|unless|todo|should|tighten|adjust|restrict\w*|apart|aside|away)\b|n't\b"
)
_UNSAYABLE = re.compile(
    r"\b(?:any\w*|all|every\w*|arbitrary|unrestricted|world|public\w*|internet|extern\w*|outside|out"
    r"|users?|browsers?|load.?balancers?|[an]?lbs?|kubelets?|nodes?|hosts?|host-?network\w*"
    r"|probes?|health\w*|api.?servers?|kube-?api\w*|control.?plane|masters?|webhooks?|vpn|here|there)\b"
)


def comment_contradicts_rule(written: Written) -> Iterator[Diagnostic]:
    """Report the rules that admit everybody and whose comment says from whom."""
    for policy in written.policies():
        rules = policy.of(Direction.INGRESS)
        for rule in rules:
            if rule.rule.peers:
                continue
            comment = rule.remarks() or (_above(policy) if len(rules) == 1 else "")
            source = _promised(comment[:_READ])
            if source:
                yield Diagnostic(
                    rule=PROMISED_SOURCE,
                    message=f"the comment says `from {source}`, the rule admits everybody",
                    label=Label(rule.span, f"{rule.path}: no `from`"),
                    help="name the source in `from`; if every peer is meant, say so in the comment",
                )


def _promised(comment: str) -> str:
    """The source that a comment promises; empty where it promises none."""
    for matched in _PROMISE.finditer(comment):
        sentence = comment[_beginning(comment, matched.start()) : matched.end()]
        if not _TAKEN_BACK.search(sentence) and not _UNSAYABLE.search(matched["source"]):
            source = matched["source"].split(",")[0].strip()
            return source if len(source) <= _LONGEST else f"{source[:_LONGEST]}…"
    return ""


def _beginning(comment: str, at: int) -> int:
    """Find the beginning of the sentence around a place."""
    return max(comment.rfind(mark, 0, at) for mark in ".;:!?") + 1


def _above(policy: WrittenPolicy) -> str:
    """The comments on the policy as a whole, in lower case."""
    place = policy.span.path, policy.span.line, PolicyRef(policy.policy.name)
    comment = remarks([policy.policy]).get(place, Remarks())
    return " ".join((*comment.comments, comment.description)).lower()
