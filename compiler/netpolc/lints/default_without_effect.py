"""`default: allow` in a namespace all of whose pods some arrow closes.

An arrow closes its subject; the default is only for pods that no arrow names. So `* <- x`
closes a whole namespace, whatever its default says. In a `cluster` section such a line
reads like "x may go anywhere else", and it closes every namespace of the program, those
that say `default: allow` too: the author of either line is surprised by an outage.
"""

from collections.abc import Iterator

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.peers import Anyone, Direction
from netpolc.kube.ports import EVERY_PORT
from netpolc.program.model import Arrow, Namespace, Program
from netpolc.provenance import StatementKind
from netpolc.source import Span

DEFAULT_WITHOUT_EFFECT = Rule(
    code="NP612", name="default-without-effect", severity=Severity.WARNING
)

_ALLOW = "default: allow"
_SIGNS = {Direction.INGRESS: "<-", Direction.EGRESS: "->"}


def defaults_without_effect(program: Program) -> Iterator[Diagnostic]:
    """Report the settings `default: allow` that some arrow leaves without effect in a direction.

    A setting that several namespaces share is reported once for each arrow.
    """
    settings = {
        declaration.namespace: declaration.origin.span
        for declaration in program.declarations
        if declaration.kind is StatementKind.DEFAULT and declaration.value == "allow"
    }
    reported: set[tuple[Span, Span]] = set()
    for namespace in program.namespaces.values():
        place = settings.get(namespace.name, settings.get(""))
        for arrow in _closing(namespace) if place is not None else ():
            closing = arrow.origin.span
            assert place is not None
            if closing is not None and (place, closing) not in reported:
                reported.add((place, closing))
                yield _finding(namespace, arrow, place, closing)


def _closing(namespace: Namespace) -> Iterator[Arrow]:
    """The arrows that close every pod in a direction in which the namespace does not deny."""
    wide = [arrow for arrow in namespace.arrows if arrow.subject.is_everything]
    for direction in Direction:
        own = [arrow for arrow in wide if arrow.direction is direction]
        if direction not in namespace.closed and not any(map(_opens_all, own)):
            yield from own[:1]


def _opens_all(arrow: Arrow) -> bool:
    return any(
        isinstance(named.grant.peer, Anyone) and named.grant.traffic == EVERY_PORT
        for named in arrow.grants
    )


def _finding(namespace: Namespace, arrow: Arrow, place: Span, closing: Span) -> Diagnostic:
    direction = arrow.direction.value
    return Diagnostic(
        rule=DEFAULT_WITHOUT_EFFECT,
        message=f"`{_ALLOW}` opens no {direction} of namespace `{namespace.name}`",
        label=Label(place, f"of no effect on {direction}"),
        others=(Label(closing, f"closes the {direction} of every pod"),),
        help=f"to keep it open add `* {_SIGNS[arrow.direction]} any` to the namespace; "
        "to keep it closed leave the setting out",
    )
