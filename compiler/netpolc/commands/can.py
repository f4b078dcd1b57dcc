"""`netpolc can`: a question in the intent language, put to sources.

`db <- api:5432` as a question means: are these connections permitted? It is read by the
parser and resolved with the names of the sources, so it says exactly what the same words
say in an intent file; but it must not become part of what it asks about.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from netpolc.analysis.block_reading import means_pods
from netpolc.analysis.bounds import Bounds
from netpolc.analysis.explain_query import Reply, can
from netpolc.analysis.pods_of_block import can_pods_of_block
from netpolc.analysis.query import AddressEnd, PodEnd, Question, directed, ends
from netpolc.commands.namespaces_with_pods import namespaces_with_pods, pods_at_home
from netpolc.commands.pipeline import Compilation, understand
from netpolc.commands.question_words import question_words
from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.project import Request, open_project
from netpolc.io.sources import nothing_came
from netpolc.ir.model import Policies
from netpolc.kube.cidr import Addresses
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Outside
from netpolc.kube.selectors import Selector
from netpolc.lints.claim_about_unknown_pods import claims_about_unknown_pods
from netpolc.lints.unmatched_selector import unmatched_selectors
from netpolc.passes.resolve import resolve
from netpolc.program.model import Assertion, ClusterAddresses
from netpolc.source import SourceFile
from netpolc.syntax.formatter import statement_text
from netpolc.syntax.parse_question import parse_question
from netpolc.syntax.parts import Name, PodPeer
from netpolc.syntax.tree import (
    ArrowStatement,
    AssertionStatement,
    Claim,
    ClusterHeader,
    Connection,
    IntentFile,
    LabelSetting,
    NamespaceHeader,
    Section,
    ServiceDeclaration,
)
from netpolc.values import frozen

QUESTION = "<question>"


@frozen
class Asked:
    """A question's part for one peer, and the answer.

    `unknown` are findings about pods of this part that the sources do not name: the answer is
    then a plain reading of policies, and not what anybody asked.
    """

    text: str
    reply: Reply
    unknown: tuple[Diagnostic, ...] = ()


@frozen(kw_only=True)
class Answered:
    """The answers to a question, and the namespace in which its bare names were looked up.

    `foreign` are the namespaces of the question of which the sources have nothing.
    """

    home: str
    answers: tuple[Asked, ...] = ()
    foreign: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether there is an error among the findings."""
        return has_errors(self.diagnostics)


def answer(question: str, request: Request, home: str | None) -> Answered:
    """The answer to a question about the project, or the findings that prevent an answer.

    Args:
        question: one arrow.
        request: the sources.
        home: the namespace of the question's bare names; None for the only one there is.
    """
    in_language = question_words(question, Inventory())
    wrong = parse_question(SourceFile(QUESTION, in_language)).diagnostics
    if wrong:  # Standard input is not waited for then.
        findings = tuple(
            finding if in_language == question else _whole(finding, question) for finding in wrong
        )
        return Answered(home=home or "", diagnostics=findings)
    opened = open_project(request)
    sources, options = opened.value.sources, opened.value.options
    before = (*opened.diagnostics, *nothing_came(sources))
    if home is None:  # Which one it is, only the whole program says.
        known = understand(sources, options, before=before)
        names = list(known.whole.namespaces)
        home = names[0] if len(names) == 1 else options.namespace
    else:
        narrow = partial(narrowed, in_language, home=home, namespace=options.namespace)
        known = understand(sources, options, before=before, narrow=narrow)
    text = question_words(question, known.inventory)
    asked = ask(text, known, home=home, namespace=options.namespace)
    unknown = tuple(
        dict.fromkeys(finding for answered in asked.value for finding in answered.unknown)
    )
    if unknown:
        whole = understand(sources, options)
        assertions = _read(text, known.trees, home, options.namespace).value.assertions
        pods = pods_at_home(assertions, home)
        advised = [_with_namespaces(finding, pods, home, whole) for finding in unknown]
        # An unknown namespace of both ends is one slip: the same words with the same advice.
        by_words = {(finding.message, finding.help): finding for finding in reversed(advised)}
        unknown = tuple(reversed(by_words.values()))
    return Answered(
        home=home,
        answers=tuple(asked.value),
        foreign=() if known.failed else _foreign(text, known, home),
        diagnostics=(*known.diagnostics, *_without(asked.diagnostics, unknown), *unknown),
    )


def _foreign(text: str, known: Compilation, home: str) -> tuple[str, ...]:
    """The namespaces that a question names and of which nothing is known."""
    parsed = parse_question(SourceFile(QUESTION, text)).value
    named = set() if parsed is None else set(_namespaces(parsed.connection))
    running = {workload.namespace for workload in known.inventory.workloads}
    return tuple(sorted(named - {home, *known.whole.namespaces, *running}))


def _without(findings: Iterable[Diagnostic], unknown: Sequence[Diagnostic]) -> Iterator[Diagnostic]:
    """Return the findings about the words of a question that are not among the unknown ones."""
    told = {finding.label.span.start for finding in unknown}
    return (finding for finding in findings if finding.label.span.start not in told)


def _whole(finding: Diagnostic, question: str) -> Diagnostic:
    """Return a finding about the question as it was asked, not as the language writes it."""
    label = replace(finding.label, span=SourceFile(QUESTION, question).span(0, len(question)))
    return replace(finding, label=label, others=(), fixes=())


def _with_namespaces(
    finding: Diagnostic, pods: Mapping[int, Selector], home: str, known: Compilation
) -> Diagnostic:
    """Return a finding about unknown pods with advice to ask about namespaces that have them.

    Args:
        finding: what is reported about some of the pods.
        pods: the pods that the question looks up in its home, by their places.
        home: the namespace of its bare names.
        known: everything that is known.
    """
    places = namespaces_with_pods(pods.values(), home, known)
    written = finding.label.span
    searched = f"bare names are looked up in namespace {home}, but"
    if len(places) == 1:
        advice = f"{searched} namespace {places[0]} has it: `--namespace {places[0]}`"
    elif places:
        advice = f"{searched} namespaces {', '.join(places)} have it: choose with `--namespace`"
    elif written.start in pods:
        places = namespaces_with_pods((pods[written.start],), home, known)
        advice = (
            f"in namespaces {', '.join(places)} such pods are known: add `in ns` and one of them"
        )
        if len(places) == 1:
            advice = f"write `{written.text} in ns {places[0]}`"
    return replace(finding, help=advice) if places else finding


def ask(text: str, known: Compilation, *, home: str, namespace: str) -> Outcome[list[Asked]]:
    """Answer a question.

    Args:
        text: the question, one arrow.
        known: what the sources mean, with their trees, whose names the question may use.
        home: the namespace in which its bare names live.
        namespace: that of the sources' statements before any header.

    Returns:
        An answer for each peer of the question, and what is wrong with the question.
    """
    read = _read(text, known.trees, home, namespace)
    # In a closed world a name means its label, whether anything else has it or not.
    by_words = known.failed or known.closed_world
    bounds = Bounds.of(
        known.whole,
        known.program.addresses,
        _blocks_with_pods(read.value.assertions, known.program.addresses),
        known.tiers,
    )
    asked = [
        Asked(read.value.text, reply, unknown)
        for assertion in read.value.assertions
        for grant in assertion.grants
        for part in (replace(assertion, grants=(grant,)),)
        for unknown in (() if by_words else _unknown(part, known),)
        for question in _questions(part, home)
        for reply in _replies(bounds, question, known.inventory)
    ]
    return Outcome(asked, read.diagnostics)


def _blocks_with_pods(
    assertions: Iterable[Assertion], stated: ClusterAddresses
) -> Iterator[Addresses]:
    """The blocks of a question that are about pods too, where blocks match pods."""
    for assertion in assertions:
        for grant in assertion.grants:
            if isinstance(grant.peer, Outside) and means_pods(grant.peer.addresses, stated):
                yield grant.peer.addresses


def _replies(bounds: Bounds, question: Question, inventory: Inventory) -> Iterator[Reply]:
    """The answer, and that about the pods that a block of the question matches."""
    reply = can(bounds, question, inventory)
    yield reply
    yield from can_pods_of_block(bounds, reply, inventory)


def _unknown(part: Assertion, known: Compilation) -> tuple[Diagnostic, ...]:
    """Warnings that a part of a question is about pods that nothing names, or that do not run."""
    program = replace(known.program, assertions=(part,))
    return (
        *claims_about_unknown_pods(program, known.whole, known.inventory, known.tiers, exact=True),
        *unmatched_selectors(program, Policies({}), known.inventory),
    )


def narrowed(
    text: str, trees: Sequence[IntentFile], *, home: str, namespace: str
) -> Sequence[IntentFile]:
    """The trees that decide a question: all, unless it is only about known namespaces.

    A connection is decided by the policies of the two namespaces that it joins, and what a
    section says becomes policies of its own namespace, or of every one if it is the
    cluster's. So where each end lives in a namespace with a name, all other namespaces may say
    what they like (`passes.lower` looks at no two namespaces either).

    Args:
        text: the question; where something is wrong with it, all trees are left.
        trees: the intents of the program, without a finding.
        home: the namespace in which its bare names live.
        namespace: that of statements before any header.
    """
    read = _read(text, trees, home, namespace)
    if read.diagnostics or list(_blocks_with_pods(read.value.assertions, read.value.addresses)):
        return trees  # The pods that a block matches may be in any namespace.
    about = set(read.value.namespaces)
    for assertion in read.value.assertions:
        for question in _questions(assertion, home):
            for end in (question.sender, question.receiver):
                if isinstance(end, AddressEnd):
                    continue
                name = end.namespaces.namespace_name
                if name is None:
                    return trees
                about.add(name)
    return _about(trees, about, namespace)


@frozen
class _Read:
    """A question as it prints, with its names looked up, and the namespaces in which they were."""

    text: str = ""
    assertions: tuple[Assertion, ...] = ()
    namespaces: frozenset[str] = frozenset()
    addresses: ClusterAddresses = ClusterAddresses()
    """Those of the cluster that the intents state."""


def _read(text: str, trees: Sequence[IntentFile], home: str, namespace: str) -> Outcome[_Read]:
    parsed = parse_question(SourceFile(QUESTION, text))
    if parsed.value is None:
        return Outcome(_Read(), parsed.diagnostics)
    tree = _asserted(parsed.value, home)
    about = frozenset({home, *_namespaces(parsed.value.connection)})
    resolved = resolve([*_about(trees, about, namespace), tree], namespace=namespace)
    mine = tuple(a for a in resolved.value.assertions if a.origin.path == QUESTION)
    wrong = tuple(
        finding for finding in resolved.diagnostics if finding.label.span.path == QUESTION
    )
    addresses = resolved.value.addresses
    return Outcome(_Read(statement_text(parsed.value), mine, about, addresses), wrong)


def _asserted(arrow: ArrowStatement, home: str) -> IntentFile:
    """The arrow as an assertion in a namespace: names are looked up, and nothing is permitted."""
    file, span = arrow.span.file, arrow.span
    header = NamespaceHeader(name=Name(home, span), facts=(), span=span)
    claim = AssertionStatement(
        claim=Claim.ALWAYS, connection=arrow.connection, because=arrow.because, span=span
    )
    return IntentFile(file=file, sections=(Section(header=header, statements=(claim,)),))


def _namespaces(connection: Connection) -> Iterator[str]:
    """The namespaces that a question names."""
    for peer in (connection.subject, *(peer_ports.peer for peer_ports in connection.peers)):
        if isinstance(peer, PodPeer) and isinstance(peer.namespaces, Name):
            yield peer.namespaces.text


def _about(
    trees: Iterable[IntentFile], namespaces: Container[str], default: str
) -> list[IntentFile]:
    """Return the sections of some namespaces, and from all others what names mean there.

    An arrow that is kept may name a service of any namespace. So declarations of services and the
    `label:` setting stay, with the facts of their header; no policy comes from them.
    """
    intent_files = []
    for tree in trees:
        kept = (
            section if _is_about(section, namespaces, default) else _meanings(section)
            for section in tree.sections
        )
        sections = tuple(section for section in kept if section is not None)
        if sections:
            intent_files.append(replace(tree, sections=sections))
    return intent_files


def _meanings(section: Section) -> Section | None:
    """Return the statements of a section that give names a meaning; None without any."""
    statements = tuple(
        statement
        for statement in section.statements
        if isinstance(statement, LabelSetting | ServiceDeclaration)
    )
    return replace(section, statements=statements) if statements else None


def _is_about(section: Section, namespaces: Container[str], default: str) -> bool:
    match section.header:
        case NamespaceHeader(name=name):
            return name.text in namespaces
        case ClusterHeader():
            return True
        case None:
            return default in namespaces


def _questions(assertion: Assertion, home: str) -> Iterator[Question]:
    for subject in ends(assertion.subject, home):
        for grant in assertion.grants:
            for peer in ends(grant.peer, home):
                assert isinstance(subject, PodEnd)
                question = directed(assertion.direction, subject, peer, grant.traffic)
                if question is not None:
                    yield question
