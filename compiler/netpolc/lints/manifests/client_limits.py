"""Policies that the API takes, and that some client or network plugin does not.

An annotation of a client-side `kubectl apply` holds the whole object, and the annotations of an
object have 256 KiB (`TotalAnnotationSizeLimitB` of `k8s.io/apimachinery`). The same limits hold for the policies of a compile (`passes.emit`).
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label
from netpolc.lints.manifests.policy_source import Written, within
from netpolc.manifest.write import write
from netpolc.passes.emit import APPLIED_BYTES, LABEL_CHARACTERS, LARGE_POLICY, LONG_NAME


def client_limits(written: Written) -> Iterator[Diagnostic]:
    """Report the policies with a long name, or with too many bytes for a client-side apply."""
    for policy in written.policies():
        name = policy.policy.name
        if len(name) > LABEL_CHARACTERS:
            yield Diagnostic(
                rule=LONG_NAME,
                message=f"policy name `{name}` has {len(name)} characters",
                label=Label(
                    within(policy.span, name),
                    f"some network plugins ignore names of more than {LABEL_CHARACTERS}",
                ),
                help="give the policy a shorter name",
            )
        # Blanks, comments and short forms of YAML are not copied.
        is_large = len(policy.span.text) > APPLIED_BYTES // 2
        size = len(write(policy.policy).encode(errors="replace")) if is_large else 0
        if size > APPLIED_BYTES:
            yield Diagnostic(
                rule=LARGE_POLICY,
                message=f"policy `{name}` is too large for a client-side `kubectl apply`",
                label=Label(
                    policy.span, f"has {size // 1024} KiB; the annotation it makes holds 256"
                ),
                help="apply it with `kubectl apply --server-side`",
            )
