"""What is wrong, where, and what to write instead: findings as plain values."""

from netpolc.diagnostics.kind import Kind, Severity, kinds
from netpolc.diagnostics.model import Diagnostic, Fix, Label, Outcome

__all__ = ["Diagnostic", "Fix", "Kind", "Label", "Outcome", "Severity", "kinds"]
