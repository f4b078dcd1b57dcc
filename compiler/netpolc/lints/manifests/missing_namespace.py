"""Policies that do not say where they hold.

A policy holds in one namespace, and one whose metadata names none in whatever `kubectl`
happens to be set to. Where all others of a file say theirs, it was forgotten. A file in
which none does is left to kustomize or Helm.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.lints.manifests.policy_source import Written, WrittenPolicy, within

UNSAID_NAMESPACE = Rule(code="NP646", name="unsaid-namespace", severity=Severity.NOTE)


def missing_namespaces(written: Written) -> Iterator[Diagnostic]:
    """Report the policies without a namespace in files where others have one."""
    by_file: dict[str, list[WrittenPolicy]] = {}
    for policy in written.policies():
        by_file.setdefault(policy.span.path, []).append(policy)
    for policies in by_file.values():
        named = [policy for policy in policies if policy.policy.namespace is not None]
        for policy in policies if named else ():
            if policy.policy.namespace is None:
                yield Diagnostic(
                    rule=UNSAID_NAMESPACE,
                    message=f"`{policy.policy.name}` does not say in which namespace it holds",
                    label=Label(within(policy.span, "metadata"), f"read as `{policy.namespace}`"),
                    help="write `namespace:` under `metadata`, as the others of the file do",
                )
