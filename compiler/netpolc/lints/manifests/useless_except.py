"""Exceptions of a block that do nothing.

`except` takes addresses out of its own block and denies nothing: another entry may still
open them (API reference, IPBlock). What looks like a wall is none then.
"""

from collections.abc import Iterator
from itertools import islice

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.cidr import Addresses, Block, Cidr, Nesting
from netpolc.kube.peers import Outside, Peer
from netpolc.lints.manifests.policy_source import Written, WrittenPolicy, WrittenRule, within
from netpolc.manifest import lenient_cidr
from netpolc.manifest.model import IPBlock

VOIDED_EXCEPTION = Rule(code="NP638", name="voided-exception", severity=Severity.WARNING)
USELESS_EXCEPTION = Rule(code="NP645", name="useless-exception", severity=Severity.NOTE)

_MOST = 100_000
"""A policy with more pairs of a peer and an exception is a list that a machine made; they are not looked at."""


def useless_excepts(written: Written) -> Iterator[Diagnostic]:
    """Report exceptions that exclude nothing, or that another entry permits again."""
    for policy in written.policies():
        for rule in policy.rules:
            for peer, meant, span, path in rule.entries():
                block = peer.ip_block
                if block is None or not block.excepts or not isinstance(meant, Outside):
                    continue
                at = f"{path}.ipBlock.except"
                for text in _nested(block):
                    message = f"`{text}` lies inside another exception"
                    label = Label(within(span, text), at)
                    yield Diagnostic(rule=USELESS_EXCEPTION, message=message, label=label)
                for text, other in islice(_voided(block, rule, policy), 1):
                    yield Diagnostic(
                        rule=VOIDED_EXCEPTION,
                        message=f"`{text}` is left out here and opened by another entry",
                        label=Label(within(span, text), at),
                        others=(Label(other.span, "opens it on the same ports"),),
                        help="an exception denies nothing: remove it, or what opens the addresses",
                    )


def _nested(block: IPBlock) -> Iterator[str]:
    holes = [(text, lenient_cidr.parsed(text)[0]) for text in block.excepts]
    nesting = Nesting({hole for _, hole in holes})
    seen: set[Cidr] = set()
    for text, hole in holes:
        if hole in seen or nesting.around(hole) is not None:
            yield text
        seen.add(hole)


def _voided(
    block: IPBlock, rule: WrittenRule, policy: WrittenPolicy
) -> Iterator[tuple[str, WrittenRule]]:
    if sum(len(other.meant) for other in policy.rules) * len(block.excepts) > _MOST:
        return
    for text in block.excepts:
        hole = Addresses.of([Block(lenient_cidr.parsed(text)[0])])
        for other in policy.of(rule.direction):
            opens = any(_opens(meant, hole) for meant in other.meant)
            if opens and rule.traffic <= other.traffic:
                yield text, other
                break


def _opens(meant: Peer, hole: Addresses) -> bool:
    """Whether a block holds the addresses; a rule for everybody makes all others redundant."""
    return isinstance(meant, Outside) and hole <= meant.addresses
