"""Files of intents: the place of each statement, with its author's comments.

By service, each service has a file of its own in its namespace's folder, so that a team
owns what it writes; what is about all of the namespace is in `namespace.intent`. By
namespace, each has one file. What every namespace shares is in `cluster.intent`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from unicodedata import normalize

from netpolc.kube.dns import BUILT_IN_DNS
from netpolc.kube.label_conventions import DEFAULT_LABEL
from netpolc.kube.name_rules import METADATA_NAME
from netpolc.kube.peers import Direction, Grant
from netpolc.passes.decompile.build_nodes import Phrases, braces, word
from netpolc.passes.decompile.comment_lines import comment_lines, import_lines, lines_about_policy
from netpolc.passes.decompile.minimise import StatementPlan
from netpolc.passes.decompile.options import NO_NOTE, By, Note, Style
from netpolc.passes.decompile.policy_lines import Line, Policy, Rule
from netpolc.passes.decompile.vocabulary import Vocabulary
from netpolc.provenance import PolicyRef
from netpolc.source import NOWHERE
from netpolc.syntax import tree
from netpolc.syntax.formatter import WIDTH, statement_text

_SHOWN = 5
_BRIEF = 40
_IS_DNS = re.compile(r"\bdns\b|\bname (?:service|resolution)", re.IGNORECASE)
_LONGEST_REASON = 120


def files(
    program: Iterable[StatementPlan], vocabulary: Vocabulary, style: Style
) -> dict[str, tree.IntentFile]:
    """The files of a program by path, in the order in which one would read them."""
    listed = list(program)
    speaking = [statement_plan for statement_plan in listed if statement_plan.policies]
    silent = [
        statement_plan
        for statement_plan in listed
        if not statement_plan.policies and len(statement_plan.labels) > 1
    ]
    paths = _Paths()
    by_path: dict[str, tree.IntentFile] = {}
    cluster = _cluster(vocabulary)
    named = {
        statement_plan.namespace: paths.new(_namespace_path(statement_plan, style))
        for statement_plan in speaking
    }
    if cluster:
        cluster[0] = _apart(cluster[0])
        by_path[paths.new("cluster.intent")] = _file(tree.ClusterHeader(span=NOWHERE), cluster, ())
    if silent:
        sections = [
            tree.Section(header=_header(statement_plan), statements=()) for statement_plan in silent
        ]
        by_path[paths.new("namespaces.intent")] = tree.IntentFile(
            file=NOWHERE.file, sections=tuple(sections)
        )
    for plan in speaking:
        by_path |= _Writer(plan, vocabulary, style).files(named[plan.namespace], paths)
    return by_path


class _Paths:
    """Paths that no file system takes for one another."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def new(self, path: str) -> str:
        """The path, with a number where it is taken."""
        stem, number = path.removesuffix(".intent"), 1
        while (folded := normalize("NFC", path).casefold()) in self._taken:
            number += 1
            path = f"{stem}-{number}.intent"
        self._taken.add(folded)
        return path


def _namespace_path(plan: StatementPlan, style: Style) -> str:
    if style.by is By.NAMESPACE:
        return f"{plan.namespace}.intent"
    return f"{plan.namespace}/namespace.intent"


def _cluster(vocabulary: Vocabulary) -> list[tree.Statement]:
    """The statements of the cluster section."""
    phrases = Phrases(vocabulary, "")
    settings: list[tree.Statement] = []
    if vocabulary.label != DEFAULT_LABEL:
        settings.append(tree.LabelSetting(key=word(vocabulary.label), span=NOWHERE))
    if vocabulary.dns is not None:
        peers = tuple(phrases.peers(vocabulary.dns))
        settings.append(tree.DnsSetting(peers=peers, span=NOWHERE))
    settings += _groups(vocabulary, phrases, "")
    return settings


def _groups(vocabulary: Vocabulary, phrases: Phrases, home: str) -> Iterator[tree.GroupDeclaration]:
    for group in vocabulary.groups.get(home, ()):
        yield tree.GroupDeclaration(
            name=word(group.name), peers=phrases.members(group.members), span=NOWHERE
        )


def _header(plan: StatementPlan, *, stating: bool = True) -> tree.NamespaceHeader:
    facts = tuple(
        (word(key), word(value)) for key, value in plan.labels.items() if key != METADATA_NAME
    )
    return tree.NamespaceHeader(
        name=word(plan.namespace), facts=facts if stating else (), span=NOWHERE
    )


def _file(
    header: tree.Header, statements: Iterable[tree.Statement], above: Iterable[str]
) -> tree.IntentFile:
    comments = tree.Comments(before=tuple(above))
    section = tree.Section(header=replace(header, comments=comments), statements=tuple(statements))
    return tree.IntentFile(file=NOWHERE.file, sections=(section,))


@dataclass(slots=True)
class _Part:
    """The statements of one file, and the policies that they come from."""

    statements: list[tree.Statement] = field(default_factory=list)
    policies: dict[Policy, None] = field(default_factory=dict)


class _Writer:
    """Writes the files of one namespace."""

    def __init__(self, plan: StatementPlan, vocabulary: Vocabulary, style: Style) -> None:
        self._said, self._vocabulary, self._style = plan, vocabulary, style
        self._phrases = Phrases(vocabulary, plan.namespace, plan.dns)
        self._words = vocabulary.words(plan.namespace)
        self._places = {policy: number for number, policy in enumerate(plan.policies)}
        self._noted: set[Policy] = set()
        self._often: dict[Policy, int] = {}
        for line in plan.lines:
            self._often[line.policy] = self._often.get(line.policy, 0) + 1

    def files(self, path: str, paths: _Paths) -> dict[str, tree.IntentFile]:
        """The namespace's own file, and those of its services."""
        whole, parts = _Part(), dict[str, _Part]()
        self._settings(whole)
        services = self._declarations()
        for group in _groups(self._vocabulary, self._phrases, self._said.namespace):
            _append(whole.statements, [group], apart=not _is_group(whole.statements))
        for name, lines in self._by_subject():
            alone = name is not None and self._style.by is By.SERVICE
            part = parts.setdefault(name or "", _Part()) if alone else whole
            declared = services.pop(name, None) if name is not None else None
            if declared is not None:
                before = tuple(self._comments(lines[0].policy))
                declared = replace(declared, comments=tree.Comments(before=before))
                _append(part.statements, [declared], apart=True)
            for number, line in enumerate(lines):
                apart = not number and declared is None
                _append(part.statements, list(self._arrows(line)), apart=apart)
                part.policies[line.policy] = None
        first = len(whole.statements) - len(_arrows_of(whole.statements))
        rest = [
            _apart(service_declaration) if not number else service_declaration
            for number, service_declaration in enumerate(services.values())
        ]
        whole.statements[first:first] = rest
        left = self._leftovers(whole, parts)
        by_path = {}
        if left or whole.statements or len(self._said.labels) > 1 or not parts:
            by_path[path] = self._finished(whole, left, stating=True)
        folder = path.rpartition("/")[0]
        for name, part in sorted(parts.items()):
            by_path[paths.new(f"{folder}/{name}.intent")] = self._finished(part, (), stating=False)
        return by_path

    def _finished(self, part: _Part, more: tuple[str, ...], *, stating: bool) -> tree.IntentFile:
        policies = sorted(part.policies.keys() & self._places.keys(), key=self._places.__getitem__)
        above = (*import_lines(policies), *more)
        return _file(_header(self._said, stating=stating), part.statements, above)

    def _by_subject(self) -> list[tuple[str | None, list[Line]]]:
        """The lines of each subject, the wide ones first, with the name it goes by."""
        by_subject: dict[object, tuple[str | None, list[Line]]] = {}
        for line in self._said.lines:
            entry = by_subject.setdefault(line.subject, (self._words.name(line.subject), []))
            entry[1].append(line)
        for _, lines in by_subject.values():
            lines.sort(key=lambda line: line.direction is Direction.EGRESS)
        return sorted(by_subject.values(), key=lambda entry: not entry[1][0].subject.is_everything)

    def _settings(self, part: _Part) -> None:
        plan, statements = self._said, part.statements
        if plan.closed:
            part.policies |= {policy: None for some in plan.closed.values() for policy in some}
            statements.append(self._default())
        if self._words.label != self._vocabulary.label:
            statements.append(tree.LabelSetting(key=word(self._words.label), span=NOWHERE))
        usual = frozenset(self._vocabulary.dns or BUILT_IN_DNS)
        if plan.dns is not None and frozenset(plan.dns) != usual:
            peers = tuple(self._phrases.peers(plan.dns))
            statements.append(tree.DnsSetting(peers=peers, span=NOWHERE))
        if not plan.mirror:
            comments = tree.Comments(before=tuple(self._half_open()))
            statements.append(tree.MirrorSetting(mirror=False, span=NOWHERE, comments=comments))
        if statements:
            statements[0] = _apart(statements[0])

    def _default(self) -> tree.DefaultSetting:
        """The default, for both directions in one statement."""
        closed = self._said.closed
        egress = Direction.EGRESS in closed
        policies = dict.fromkeys(policy for some in closed.values() for policy in some)
        comments = [text for policy in policies for text in self._comments(policy)]
        return tree.DefaultSetting(
            deny=True,
            ingress=egress and Direction.INGRESS in closed,
            egress=egress,
            span=NOWHERE,
            comments=tree.Comments(before=tuple(comments)),
        )

    def _half_open(self) -> Iterator[str]:
        """The reason why nothing is mirrored."""
        plan = self._said
        if not plan.half_open:
            yield "# Nothing is left to mirroring here: each end is spelt out."
            return
        yield from comment_lines(
            "Nothing is mirrored: these arrows open the receiver's end, "
            "and some sender's egress is closed."
        )
        texts = dict.fromkeys(
            statement_text(
                self._phrases.arrow(
                    Line(
                        subject=allow.subject,
                        direction=allow.direction,
                        rules=(),
                        policy=Policy("", ""),
                    ),
                    [Rule(grants=(Grant(allow.peer, allow.traffic),), places=())],
                )
            )
            for allow in plan.half_open
        )
        for text in list(texts)[:_SHOWN]:
            yield f"#   {text}"
        if len(texts) > _SHOWN:
            yield f"#   and {len(texts) - _SHOWN} more"

    def _declarations(self) -> dict[str, tree.ServiceDeclaration]:
        return {
            name: tree.ServiceDeclaration(name=word(name), pods=braces(pods), span=NOWHERE)
            for pods, name in self._words.services.items()
        }

    def _arrows(self, line: Line) -> Iterator[tree.Statement]:
        """The arrows of a line: one, if it is short enough and its rules have no comments."""
        reason = self._note(line.policy).because if self._is_reason(line.policy) else ""
        above = list(self._comments(line.policy))
        rules = [(rule, list(self._rule_comments(rule))) for rule in line.rules]
        together = self._phrases.arrow(line, line.rules)
        later = any(plan for _, plan in rules[1:])
        if len(rules) <= 1 or line.whole or (not later and _fits(together)):
            plan = [*above, *(text for _, some in rules for text in some)]
            yield _commented(replace(together, because=reason or None), plan)
            return
        above += comment_lines(reason) if reason else ()
        for rule, comments in rules:
            yield _commented(self._phrases.arrow(line, [rule]), [*above, *comments])
            above = []

    def _note(self, policy: Policy) -> Note:
        place = self._said.policies.get(policy)
        return NO_NOTE if place is None else self._style.notes.get(place, NO_NOTE)

    def _comments(self, policy: Policy) -> Iterator[str]:
        """The comments on a policy, at the first call for it; later nothing."""
        if policy in self._noted:
            return
        self._noted.add(policy)
        note = self._note(policy)
        for text in note.comments:
            yield from comment_lines(text)
        if note.because and not self._is_reason(policy):
            yield from comment_lines(note.because)

    def _is_reason(self, policy: Policy) -> bool:
        """Whether the comment on a policy is the reason of one arrow."""
        because = self._note(policy).because
        return self._often.get(policy) == 1 and len(because) <= _LONGEST_REASON

    def _rule_comments(self, rule: Rule) -> tuple[str, ...]:
        implied = (place for own in rule.places for place in self._said.implied.get(own, ()))
        places = (*rule.places, *implied)
        notes = dict.fromkeys(self._style.notes.get(place, NO_NOTE) for place in places)
        return tuple(
            line for note in notes for text in note.comments for line in comment_lines(text)
        )

    def _leftovers(self, whole: _Part, parts: Mapping[str, _Part]) -> tuple[str, ...]:
        """Note the policies without a statement, and the comments on them."""
        plan = list(self._about_dns(whole))
        known = {*whole.policies, *(p for part in parts.values() for p in part.policies)}
        for policy in self._said.policies:
            if policy in known:
                continue
            whole.policies[policy] = None
            comments = tuple(self._comments(policy))
            if policy in self._said.resolving and _says_dns(whole.statements, comments):
                continue
            if comments:
                plan += lines_about_policy(policy.name, comments)
        return tuple(plan)

    def _about_dns(self, whole: _Part) -> Iterator[str]:
        """The comments on rules for name service without a statement.

        Comments that only say "DNS" are dropped; the rest goes to the setting, if there is one.
        """
        for place in self._said.implied_by_dns:
            texts = self._style.notes.get(place, NO_NOTE).comments
            telling = [text for text in texts if len(text) > _BRIEF or not _IS_DNS.search(text)]
            comments = tuple(line for text in telling for line in comment_lines(text))
            if comments and not _says_dns(whole.statements, comments):
                part = place[2]
                policy = part.name if isinstance(part, PolicyRef) else ""
                yield from lines_about_policy(policy, comments)


def _says_dns(statements: list[tree.Statement], comments: tuple[str, ...]) -> bool:
    """Put comments above the dns setting, if there is one."""
    for number, statement in enumerate(statements):
        if isinstance(statement, tree.DnsSetting):
            before = (*statement.comments.before, *comments)
            statements[number] = replace(statement, comments=tree.Comments(before=before))
            return True
    return False


def _commented(arrow: tree.ArrowStatement, comments: Iterable[str]) -> tree.ArrowStatement:
    return replace(arrow, comments=tree.Comments(before=tuple(dict.fromkeys(comments))))


def _append(statements: list[tree.Statement], more: list[tree.Statement], *, apart: bool) -> None:
    """Add statements, a blank line before them if they are a paragraph."""
    if more and apart:
        more[0] = _apart(more[0])
    statements += more


def _apart(statement: tree.Statement) -> tree.Statement:
    before = ("", *statement.comments.before)
    return replace(statement, comments=replace(statement.comments, before=before))


def _is_group(statements: list[tree.Statement]) -> bool:
    return bool(statements) and isinstance(statements[-1], tree.GroupDeclaration)


def _arrows_of(statements: list[tree.Statement]) -> list[tree.Statement]:
    first = next(
        (
            i
            for i, statement in enumerate(statements)
            if isinstance(statement, tree.ArrowStatement | tree.ServiceDeclaration)
        ),
        len(statements),
    )
    return statements[first:]


def _fits(arrow: tree.ArrowStatement) -> bool:
    return len(statement_text(arrow)) <= WIDTH
