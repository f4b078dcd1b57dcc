"""Everyday words where the language has a word of its own.

`web <- all:80` compiles, and selects pods labelled `app=all`, which nobody has. The word that
was meant is `any`, so an undeclared service of such a name is reported.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Fix, Label, Rule, Severity
from netpolc.lints.written_peer import pods_span
from netpolc.program.model import Namespace

EVERYDAY_WORD = Rule(code="NP651", name="everyday-word", severity=Severity.WARNING)

_WORDS = frozenset(
    {"all", "anybody", "anyone", "anything", "anywhere"}
    | {"everybody", "everyone", "everything", "everywhere", "world"}
)


def everyday_words(namespace: Namespace) -> Iterator[Diagnostic]:
    """Report the undeclared services of a namespace that have such a name and are the subject of no arrow."""
    subjects = {arrow.origin.subject for arrow in namespace.arrows}
    for name in sorted(_WORDS & namespace.services.keys() - subjects):
        service = namespace.services[name]
        origin = next(iter(service.mentions), None)
        if service.declared is not None or origin is None:
            continue
        span = pods_span(origin, service.pods, namespace.services)
        if span is not None:
            yield Diagnostic(
                rule=EVERYDAY_WORD,
                message=f"`{name}` is treated as a service, not as everybody",
                label=Label(span, f"selects pods labelled {namespace.label}={name}"),
                help="write `any` for everybody, `internet` for public addresses, or declare the service",
                fixes=(Fix(span=span, replacement="any"),),
            )
