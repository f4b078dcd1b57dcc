"""What a bare name means, seen from a namespace.

A name is looked up in the namespace's own declarations, then in those of the cluster
section. It is a group where one of that name is declared, else a service; a service
that nobody declares means `{LABEL=name}`, so no name is ever undefined.

Each namespace is resolved with `Names` of its own, which note the names that its
statements use; `name_uses` puts these together.
"""

from dataclasses import dataclass, field

from netpolc.diagnostics import Diagnostic
from netpolc.kube.selectors import Selector
from netpolc.passes.resolve.declared_names import DeclaredNames, selector_of
from netpolc.provenance import Origin
from netpolc.syntax.tree import GroupDeclaration, LabelTest, Name


@dataclass(slots=True, eq=False, repr=False)
class Mention:
    """Who names a service: the statements, the first place, and whether as a subject."""

    first: Name
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


class Names:
    """What names mean in the statements of one namespace, and which were used.

    `found` are the findings made there, `mentions` the services named, by namespace and name,
    and `used` the declarations that were looked up, by scope and name. `has_groups` says whether
    any scope of the program declares one.
    """

    def __init__(self, declared: DeclaredNames) -> None:
        """Begin with nothing used."""
        self.found: list[Diagnostic] = []
        self.mentions: dict[str, dict[str, Mention]] = {}
        self.used: set[tuple[str, str]] = set()
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

    def service(
        self, namespace: str, name: Name, origin: Origin, *, subject: bool = False
    ) -> Selector:
        """The pods that a name means in a namespace; the use of it is noted."""
        there = self.mentions.get(namespace)
        if there is None:
            there = self.mentions[namespace] = {}
        mention = there.get(name.text)
        if mention is None:
            selector, scope, _ = self._declared.service(namespace, name.text)
            mention = there[name.text] = Mention(name, selector)
            if scope is not None:
                self.used.add((scope, name.text))
        mention.origins.append(origin)
        mention.subject = mention.subject or subject
        return mention.selector

    def selector(self, test: LabelTest) -> Selector:
        """A selector in braces, in canonical form."""
        return selector_of(test, self.found)

    def take_over(self, earlier: "Names") -> None:
        """Have the mentions of an earlier state where they are the same, to be recognised by."""
        for namespace, mentions in self.mentions.items():
            before = earlier.mentions.get(namespace, {})
            if mentions.keys() == before.keys() and all(
                mention.is_same(before[name]) for name, mention in mentions.items()
            ):
                self.mentions[namespace] = before
