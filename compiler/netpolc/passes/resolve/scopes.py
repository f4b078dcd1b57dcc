"""Which statements are about which namespace, and what its settings are.

A namespace may have sections in many files, and the cluster section speaks for all of
them. Facts and settings may be repeated but not contradicted: two values for one of
them is an error that shows both places, because either could be the one meant.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from functools import partial
from itertools import chain, groupby
from typing import TypeAlias, TypeVar

from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.kube.cidr import Addresses
from netpolc.kube.name_rules import METADATA_NAME, namespace_problem
from netpolc.kube.peers import Direction
from netpolc.memory import Memory
from netpolc.program.model import ClusterAddresses
from netpolc.source import Span
from netpolc.syntax.tree import (
    AddressSetting,
    AssertionStatement,
    BaselineSetting,
    BlocksSetting,
    ClusterHeader,
    DefaultSetting,
    IntentFile,
    NamespaceHeader,
    Section,
    Setting,
    Statement,
)
from netpolc.values import record

T = TypeVar("T", bound=Statement)

CONTRADICTING_FACT = Rule(code="NP211", name="contradicting-fact", severity=Severity.ERROR)
CONTRADICTING_SETTING = Rule(code="NP212", name="contradicting-setting", severity=Severity.ERROR)
MISPLACED_SETTING = Rule(code="NP213", name="misplaced-setting", severity=Severity.ERROR)
MISPLACED_ENFORCEMENT = Rule(code="NP233", name="misplaced-enforcement", severity=Severity.ERROR)
INVALID_NAMESPACE = Rule(code="NP214", name="invalid-namespace", severity=Severity.ERROR)


@record
class Scope:
    """The merged sections of one namespace, with findings; the cluster's has no name.

    The assertions of the cluster are not in its scope: nothing else depends on them.
    """

    namespace: str
    facts: dict[str, tuple[str, Span]] = field(default_factory=dict)
    statements: list[Statement] = field(default_factory=list)
    findings: list[Diagnostic] = field(default_factory=list)
    _by_type: dict[type, list[Statement]] = field(default_factory=dict)

    def add(self, statements: Iterable[Statement]) -> None:
        """Add the statements of a section."""
        self.statements += statements
        for kind, several in groupby(statements, type):
            self._by_type.setdefault(kind, []).extend(several)

    def of_type(self, kind: type[T]) -> tuple[T, ...]:
        """The statements of one kind."""
        return tuple(self._by_type.get(kind, ()))  # type: ignore[arg-type]


@record
class Scopes:
    """All scopes of the program, what the cluster states and asserts, and what is wrong with it."""

    cluster: Scope
    namespaces: dict[str, Scope]
    assertions: tuple[AssertionStatement, ...]
    addresses: ClusterAddresses
    findings: list[Diagnostic]


def gather(files: Sequence[IntentFile], default: str, memory: Memory) -> Scopes:
    """The sections of all files, merged by namespace."""
    findings: list[Diagnostic] = []
    sections: dict[str, list[Section]] = {"": []}
    placed = memory.each("sections", files, partial(_placed, default), default)
    for start in range(0, len(placed), _TOGETHER):
        some = tuple(placed[start : start + _TOGETHER])
        merged, wrong = memory.once("merged sections", start, (some,), partial(_merged, some))
        findings += wrong
        for namespace, there in merged.items():
            sections.setdefault(namespace, []).extend(there)
    scopes = {
        name: memory.once("scope", name, (tuple(some),), partial(_scope, name, some))
        for name, some in sections.items()
    }
    whole = scopes.pop("")
    rules = tuple(
        statement for statement in whole.statements if not isinstance(statement, AssertionStatement)
    )
    cluster = memory.once("cluster", "", (rules,), partial(_cluster, rules))
    addresses, wrong = memory.once("addresses", "", (cluster,), partial(_addresses, cluster))
    findings += wrong
    findings += chain.from_iterable(scope.findings for scope in scopes.values())
    return Scopes(cluster, scopes, whole.of_type(AssertionStatement), addresses, findings)


_TOGETHER = 100
"""So many files are merged at once, so that an edit of one merges few again."""


def _merged(files: Iterable["_Placed"]) -> tuple[dict[str, list[Section]], list[Diagnostic]]:
    """The sections of some files by namespace."""
    sections: dict[str, list[Section]] = {}
    findings: list[Diagnostic] = []
    for placed, wrong in files:
        findings += wrong
        for namespace, section in placed:
            sections.setdefault(namespace, []).append(section)
    return sections, findings


_Placed = tuple[list[tuple[str, Section]], list[Diagnostic]]


def _placed(default: str, file: IntentFile) -> _Placed:
    """The sections of a file, each with its namespace, empty for the cluster; and what has none."""
    placed: list[tuple[str, Section]] = []
    findings: list[Diagnostic] = []
    for section in file.sections:
        if section.broken:
            continue
        match section.header:
            case ClusterHeader():
                placed.append(("", section))
            case NamespaceHeader(name=name):
                if problem := namespace_problem(name.text):
                    findings.append(_invalid(name.text, problem, name.span))
                else:
                    placed.append((name.text, section))
            case None:
                if section.statements:
                    placed.append((default, section))
    return placed, findings


def _scope(namespace: str, sections: Iterable[Section]) -> Scope:
    scope = Scope(namespace)
    for section in sections:
        if isinstance(section.header, NamespaceHeader):
            _state(scope, section.header, scope.findings)
        scope.add(section.statements)
    if namespace:
        scope.findings += _misplaced(scope)
    return scope


def _cluster(rules: Iterable[Statement]) -> Scope:
    """The merged cluster sections, without their assertions."""
    scope = Scope("")
    scope.add(rules)
    return scope


def _state(scope: Scope, header: NamespaceHeader, findings: list[Diagnostic]) -> None:
    """Add the header's facts to the scope."""
    for key, value in header.facts:
        span = key.span.to(value.span)
        if key.text == METADATA_NAME and value.text != scope.namespace:
            findings.append(
                Diagnostic(
                    rule=CONTRADICTING_FACT,
                    message=f"the label `{METADATA_NAME}` of `{scope.namespace}` is its name",
                    label=Label(span, "cannot have this value"),
                    help="leave it out: every namespace has it without saying so",
                )
            )
            continue
        first, place = scope.facts.setdefault(key.text, (value.text, span))
        if first != value.text:
            findings.append(
                Diagnostic(
                    rule=CONTRADICTING_FACT,
                    message=f"namespace `{scope.namespace}` cannot have two values of `{key.text}`",
                    label=Label(span, f"`{value.text}` here"),
                    others=(Label(place, f"`{first}` first stated here"),),
                    help="state the label once, or the same everywhere",
                )
            )


def _invalid(name: str, problem: str, span: Span) -> Diagnostic:
    return Diagnostic(
        rule=INVALID_NAMESPACE,
        message=f"`{name}` {problem}",
        label=Label(span, "cannot be a namespace"),
        help="write the name as `kubectl get namespaces` shows it",
    )


def one_value(
    statements: Iterable[T], findings: list[Diagnostic], what: str, where: str
) -> T | None:
    """The one value of a setting in a scope: the first, the others being equal to it.

    `what` is the setting as it is written, `where` the namespace or the cluster in words.
    """
    ordered = sorted(statements, key=lambda s: (s.span.path, s.span.start))
    findings.extend(
        contradiction(what, where, ordered[0].span, other.span)
        for other in ordered[1:]
        if other != ordered[0]
    )
    return ordered[0] if ordered else None


def contradiction(what: str, where: str, first: Span, second: Span) -> Diagnostic:
    """The finding that a setting has two values."""
    return Diagnostic(
        rule=CONTRADICTING_SETTING,
        message=f"`{what}` has two values in {where}",
        label=Label(second, "another value here"),
        others=(Label(first, "first set here"),),
        help="keep one of them: the order of statements has no meaning",
    )


def defaults(scope: Scope, findings: list[Diagnostic]) -> dict[Direction, DefaultSetting]:
    """The setting that decides each direction in which the scope's default speaks."""
    chosen: dict[Direction, DefaultSetting] = {}
    for setting in sorted(scope.of_type(DefaultSetting), key=lambda s: (s.span.path, s.span.start)):
        for direction in _directions(setting):
            first = chosen.setdefault(direction, setting)
            if first.deny is not setting.deny:
                findings.append(contradiction("default", words(scope), first.span, setting.span))
                break
    return chosen


def _directions(setting: DefaultSetting) -> tuple[Direction, ...]:
    """Of which directions a default speaks: `deny` alone of ingress, `allow` of both."""
    if not (setting.ingress or setting.egress):
        both = (Direction.INGRESS, Direction.EGRESS)
        return both[:1] if setting.deny else both
    named = ((Direction.INGRESS, setting.ingress), (Direction.EGRESS, setting.egress))
    return tuple(direction for direction, is_named in named if is_named)


def words(scope: Scope) -> str:
    """The scope in words."""
    return f"namespace `{scope.namespace}`" if scope.namespace else "the cluster section"


def _misplaced(scope: Scope) -> Iterator[Diagnostic]:
    """The settings of the whole cluster, and the enforced assertions, in a namespace's section."""
    for statement in scope.of_type(AssertionStatement):
        if statement.enforced:
            yield Diagnostic(
                rule=MISPLACED_ENFORCEMENT,
                message="only a cluster section can enforce an assertion",
                label=Label(statement.span, "is in a namespace's section"),
                help="move it below a `cluster` header, or leave out `enforce` to prove it only",
            )
    for setting in _facts(scope):
        yield Diagnostic(
            rule=MISPLACED_SETTING,
            message=f"`{_fact(setting)}:` is about the whole cluster",
            label=Label(setting.span, "is in a namespace's section"),
            help="move it below a `cluster` header",
        )


def _addresses(cluster: Scope) -> tuple[ClusterAddresses, list[Diagnostic]]:
    """The addresses of the cluster that its sections state."""
    findings: list[Diagnostic] = []
    values: dict[Setting, Addresses] = {}
    for kind in Setting:
        stated = (s for s in cluster.of_type(AddressSetting) if s.setting is kind)
        chosen = one_value(stated, findings, kind.value, "the cluster section")
        values[kind] = Addresses.of(peer.block for peer in chosen.blocks) if chosen else Addresses()
    blocks = one_value(cluster.of_type(BlocksSetting), findings, "blocks", "the cluster section")
    addresses = ClusterAddresses(
        pods=values[Setting.PODS],
        services=values[Setting.SERVICES],
        nodes=values[Setting.NODES],
        blocks=None if blocks is None else blocks.scope,
    )
    return addresses, findings


_ClusterSetting: TypeAlias = AddressSetting | BlocksSetting | BaselineSetting


def _facts(scope: Scope) -> Iterator[_ClusterSetting]:
    """The settings of a scope that are about the whole cluster."""
    yield from scope.of_type(BaselineSetting)
    yield from scope.of_type(AddressSetting)
    yield from scope.of_type(BlocksSetting)


def _fact(setting: _ClusterSetting) -> str:
    """The name of a setting that is about the whole cluster."""
    if isinstance(setting, AddressSetting):
        return setting.setting.value
    return "blocks" if isinstance(setting, BlocksSetting) else "baseline"
