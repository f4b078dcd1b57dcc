"""`netpolc init`: manifests in, proposed intents out."""

from collections.abc import Iterable, Iterator

from netpolc.bootstrap.first_intents import FirstIntents, first_intents
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.project import Request, open_manifests
from netpolc.manifest.manifest_set import Manifests, duplicates, inventory
from netpolc.manifest.read import read
from netpolc.manifest.references import mentions
from netpolc.source import SourceFile

EXISTING_POLICIES = Rule(code="NP753", name="existing-policies", severity=Severity.NOTE)
NO_WORKLOADS = Rule(code="NP717", name="no-workloads", severity=Severity.ERROR)


def begin_project(request: Request, *, platform: bool = False) -> Outcome[FirstIntents | None]:
    """Read manifests and propose intents.

    Args:
        request: what was asked for; its sources are the manifests, its namespace is that of
            objects whose metadata have none.
        platform: whether namespaces of the platform, such as kube-system, are closed too.

    Returns:
        The proposal; None with an error among the findings.
    """
    opened = open_manifests(request)
    files, home = opened.value.files, opened.value.namespace
    found: list[Diagnostic] = [*opened.diagnostics]
    manifests = []
    for file in files:
        outcome = read(file, namespace=home)
        manifests.append(outcome.value)
        found += outcome.diagnostics
    found += duplicates(manifests)
    known = inventory(manifests)
    found += known.diagnostics
    found = list(dict.fromkeys(found))
    if not known.value.workloads and not has_errors(found):
        name = files[0].path if files else "<stdin>"
        found.append(_finding(NO_WORKLOADS, "the manifests contain no workload", name))
    if has_errors(found):
        return Outcome(None, tuple(found))
    found += existing_policies(manifests)
    texts = mentions(files, namespace=home)
    return Outcome(first_intents(known.value, texts, platform=platform), tuple(found))


def existing_policies(manifests: Iterable[Manifests]) -> Iterator[Diagnostic]:
    """Note the policies of the manifests: their intents are written by another command."""
    policies = [policy for some in manifests for policy in some.policies]
    if policies:
        number = len(policies)
        plural = number > 1
        what = f"{number:,} NetworkPolic{'ies are' if plural else 'y is'} in the manifests already"
        first = policies[0]
        yield Diagnostic(
            rule=EXISTING_POLICIES,
            message=what,
            label=Label(
                first.span or SourceFile("", "").whole(),
                "the first of them" if plural else "not part of the proposal",
            ),
            help="turn policies into intents with `netpolc import`; this proposal ignores them",
        )


def _finding(rule: Rule, message: str, name: str) -> Diagnostic:
    return Diagnostic(rule=rule, message=message, label=Label(SourceFile(name, "").whole()))
