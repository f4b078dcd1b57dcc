"""Findings as plain values: the problem, its place and advice."""

from netpolc.diagnostics.diagnostic import Diagnostic, Fix, Label, Outcome
from netpolc.diagnostics.rule import Rule, Severity, rules

__all__ = ["Diagnostic", "Fix", "Label", "Outcome", "Rule", "Severity", "rules"]
