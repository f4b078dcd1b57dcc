"""Policies that do not say where they hold.

A policy holds in one namespace, and one whose metadata names none in whatever `kubectl`
happens to be set to. Where all others of a file say theirs, it was forgotten. A file in
which none does is left to kustomize or Helm.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Kind, Label, Severity
from netpolc.lints.manifests.written import Written, WrittenPolicy, within

UNSAID_NAMESPACE = Kind(
    code="NP646",
    name="unsaid-namespace",
    severity=Severity.NOTE,
    explanation="""\
A policy names no namespace, while others of the same file do. It is applied in whatever namespace
happens to be current, and the pods it is meant for stay open.

    metadata: {name: db, namespace: shop}
    ---
    metadata: {name: api}         # unsaid-namespace

Say it:

    metadata: {name: api, namespace: shop}
""",
)


def unsaid_namespaces(written: Written) -> Iterator[Diagnostic]:
    """Name the policies without a namespace in files where others have one."""
    by_file: dict[str, list[WrittenPolicy]] = {}
    for policy in written.policies():
        by_file.setdefault(policy.span.path, []).append(policy)
    for policies in by_file.values():
        said = [policy for policy in policies if policy.policy.namespace is not None]
        for policy in policies if said else ():
            if policy.policy.namespace is None:
                yield Diagnostic(
                    kind=UNSAID_NAMESPACE,
                    message=f"`{policy.policy.name}` does not say in which namespace it holds",
                    label=Label(within(policy.span, "metadata"), f"read as `{policy.namespace}`"),
                    help="write `namespace:` under `metadata`, as the others of the file do",
                )
