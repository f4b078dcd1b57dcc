"""The rule about templates that nobody has rendered; it needs no parser, so that all steps may ask for it."""

from netpolc.diagnostics import Rule, Severity

UNRENDERED_TEMPLATE = Rule(code="NP403", name="unrendered-template", severity=Severity.ERROR)
RENDER_FIRST = "give the rendered manifests, such as the output of `helm template`"
"""The help for it."""
