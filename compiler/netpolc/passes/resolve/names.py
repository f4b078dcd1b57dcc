"""The meaning of bare names, seen from a namespace.

A name is looked up in the namespace's own declarations, then in those of the cluster
section. It is a group where one of that name is declared, else a service; a service
that nobody declares means `{LABEL=name}`, so no name is ever undefined.

Each namespace is resolved with `Names` of its own, which note the names that its
statements use; `name_uses` puts these together.
"""

from collections.abc import Iterable
from dataclasses import field

from netpolc.diagnostics import Diagnostic
from netpolc.kube.peers import Grant
from netpolc.kube.selectors import Selector
from netpolc.passes.resolve.declared_names import DeclaredNames, selector_of
from netpolc.passes.resolve.viewpoint import NamedPods, Viewpoint, named_pods
from netpolc.provenance import Origin
from netpolc.source import Span
from netpolc.syntax.parts import LabelTest, Name, PodPeer
from netpolc.syntax.tree import Connection, DnsSetting, GroupDeclaration
from netpolc.values import frozen, record


@record
class Mention:
    """The statements that name a service, and whether as a subject.

    `named` is how the first of them names it. It may be of another statement in the same words, so
    the place is looked up in the first one.
    """

    named: NamedPods
    first: Connection | DnsSetting
    selector: Selector
    origins: list[Origin] = field(default_factory=list)
    subject: bool = False

    def is_same(self, other: "Mention") -> bool:
        """Whether the same statements, of files that have not changed, name it in the same way."""
        return (
            self.selector is other.selector
            and self.subject is other.subject
            and len(self.origins) == len(other.origins)
            and all(a.span is b.span for a, b in zip(self.origins, other.origins, strict=True))
        )


def places_of_names(statement: Connection | DnsSetting) -> dict[NamedPods, Span]:
    """The place where a statement names each service first."""
    subject = [statement.subject] if isinstance(statement, Connection) else []
    places: dict[NamedPods, Span] = {}
    for peer in (*subject, *(written.peer for written in statement.peers)):
        if isinstance(peer, PodPeer) and isinstance(peer.pods, Name):
            (named,) = named_pods(peer)
            if named not in places:
                places[named] = peer.pods.span
    return places


@frozen
class Subject:
    """The pods that an arrow is about, its name for them, its text, and who names them so."""

    pods: Selector
    name: str
    text: str
    mention: Mention | None = None


class Names:
    """The meaning of names in the statements of one namespace, with a record of their use.

    `findings` are the findings made there, `mentions` the services named, by namespace and name,
    and `used` the declarations that were looked up, by scope and name. `subjects` are those of
    arrows, by their text; `written_subjects` has nodes of those texts for all
    namespaces. `has_groups` says whether any scope of the program declares a group.
    """

    def __init__(self, declared: DeclaredNames) -> None:
        """Begin with nothing used."""
        self.findings: list[Diagnostic] = []
        self.mentions: dict[str, dict[str, Mention]] = {}
        self.used: set[tuple[str, str]] = set()
        self.subjects: dict[str, Subject] = {}
        self.written_subjects = declared.written_subjects
        self.addresses = declared.addresses
        self.has_groups = declared.has_groups
        self._declared = declared

    def label(self, namespace: str) -> str:
        """The label key of bare names in the namespace."""
        return self._declared.label(namespace)

    def group(self, namespace: str, name: str) -> GroupDeclaration | None:
        """The group that a name means in a namespace, if it means one."""
        for declared in self._declared.scopes(namespace) if self.has_groups else ():
            if name in declared.groups:
                self.used.add((declared.scope, name))
                return declared.groups[name]
            if name in declared.services:
                return None
        return None

    def service(self, namespace: str, name: str) -> Selector:
        """The pods that a name means in a namespace."""
        return self._declared.service(namespace, name)[0]

    def viewpoint(self, namespace: str, *, egress: bool, dns: tuple[Grant, ...]) -> Viewpoint:
        """The viewpoint of a namespace's statements."""
        return self._declared.viewpoint(namespace, egress=egress, dns=dns)

    def note(
        self,
        several: Iterable[NamedPods],
        namespace: str,
        origin: Origin,
        statement: Connection | DnsSetting,
    ) -> None:
        """Note that a statement of a namespace names services."""
        for named in several:
            there = self.mentions.get(named.namespace or namespace)
            mention = None if there is None else there.get(named.name.text)
            (mention or self.mention(named, namespace, statement)).origins.append(origin)

    def mention(
        self, named: NamedPods, namespace: str, statement: Connection | DnsSetting
    ) -> Mention:
        """The mentions of a service; the first is this statement, if no other named it before."""
        home, name = named.namespace or namespace, named.name.text
        there = self.mentions.get(home)
        if there is None:
            there = self.mentions[home] = {}
        mention = there.get(name)
        if mention is None:
            selector, scope, _ = self._declared.service(home, name)
            mention = there[name] = Mention(named, statement, selector)
            if scope is not None:
                self.used.add((scope, name))
        return mention

    def selector(self, test: LabelTest) -> Selector:
        """A selector in braces, in canonical form."""
        return selector_of(test, self.findings)

    def take_over(self, earlier: "Names") -> None:
        """Have the mentions of an earlier state where they are the same, to be recognised by."""
        for namespace, mentions in self.mentions.items():
            before = earlier.mentions.get(namespace, {})
            if mentions.keys() == before.keys() and all(
                mention.is_same(before[name]) for name, mention in mentions.items()
            ):
                self.mentions[namespace] = before
