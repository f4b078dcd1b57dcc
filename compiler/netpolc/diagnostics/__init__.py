"""What is wrong, where, and what to write instead: findings as plain values."""

from netpolc.diagnostics.diagnostic import Diagnostic, Fix, Label, Outcome
from netpolc.diagnostics.rule import Rule, Severity, rules

__all__ = ["Diagnostic", "Fix", "Label", "Outcome", "Rule", "Severity", "rules"]
