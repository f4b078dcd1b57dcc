"""Services that no policy protects, beside others that are.

NetworkPolicy protects only what it selects: `db <- api` closes db, and api stays open to
everyone. That is rarely meant in a namespace where somebody has begun to write arrows,
and nothing in the manifests shows it.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Kind, Label, Severity
from netpolc.kube.peers import Direction
from netpolc.kube.selectors import Selector
from netpolc.program.model import Namespace, Program, Service

UNPROTECTED_SERVICE = Kind(
    code="NP601",
    name="unprotected-service",
    severity=Severity.WARNING,
    explanation="""\
Policies protect only the pods they select. In a namespace without `default: deny` every pod
that is the subject of no `<-` arrow may be reached by everyone, on every port, also from
other namespaces.

    namespace shop
    db <- api:5432         # protects db alone; unprotected-service: api is open to all

Close the namespace, `default: deny`, and say who reaches each service; or say of this one
`api <- any` if it is meant to be open.
""",
)


def unprotected_services(program: Program) -> Iterator[Diagnostic]:
    """Name the services without a closed ingress in namespaces where others have one."""
    for namespace in program.namespaces.values():
        if Direction.INGRESS in namespace.closed:
            continue
        protected = {a.subject for a in namespace.arrows if a.direction is Direction.INGRESS}
        if protected:
            yield from _open_services(namespace, protected)


def _open_services(namespace: Namespace, protected: set[Selector]) -> Iterator[Diagnostic]:
    for service in namespace.services.values():
        if service.pods in protected or any(service.pods <= subject for subject in protected):
            continue
        place = _place(service, namespace)
        if place is not None:
            yield Diagnostic(
                kind=UNPROTECTED_SERVICE,
                message=f"everyone may reach `{service.name}` in namespace `{namespace.name}`",
                label=place,
                help=f"write `default: deny`, or say who may reach it: `{service.name} <- …`",
            )


def _place(service: Service, namespace: Namespace) -> Label | None:
    """Where a statement of the namespace itself names the service; others do not own it."""
    own = {arrow.origin.span for arrow in namespace.arrows}
    for origin in service.mentions:
        if origin.span in own and origin.span is not None:
            return Label(origin.span, f"no arrow closes `{service.name}`")
    return None
