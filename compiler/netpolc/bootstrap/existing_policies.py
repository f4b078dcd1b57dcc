"""Policies among the manifests from which first intents are made.

They say what somebody decided to permit, and another command turns them into intents. A
proposal that ignored them in silence would undo that.
"""

from collections.abc import Iterable, Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.manifest.manifest_set import Manifests
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.tier_model import TierPolicy
from netpolc.source import SourceFile

EXISTING_POLICIES = Rule(code="NP753", name="existing-policies", severity=Severity.NOTE)


def existing_policies(manifests: Iterable[Manifests]) -> Iterator[Diagnostic]:
    """Note the policies of the manifests: their intents are written by another command."""
    sets = list(manifests)
    tiers = [policy for each in sets for policy in each.tiers]
    policies: list[NetworkPolicy | TierPolicy] = [
        *(policy for each in sets for policy in each.policies),
        *tiers,
    ]
    if policies:
        number = len(policies)
        plural = number > 1
        noun = "polic" if tiers else "NetworkPolic"
        message = f"{number:,} {noun}{'ies are' if plural else 'y is'} in the manifests already"
        first = policies[0]
        yield Diagnostic(
            rule=EXISTING_POLICIES,
            message=message,
            label=Label(
                first.span or SourceFile("", "").whole(),
                "the first of them" if plural else "not part of the proposal",
            ),
            help="turn policies into intents with `netpolc import`; this proposal ignores them",
        )
