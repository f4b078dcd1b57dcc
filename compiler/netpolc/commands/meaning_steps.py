"""The steps of a run from texts to what they mean, manifests included."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import NamedTuple

from netpolc.commands.cluster_manifests import read_cluster_manifests
from netpolc.commands.left_out_of_ir import unread_policies
from netpolc.commands.pipeline_run import Run
from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.ir.model import Policies
from netpolc.kube.peers import BlockScope
from netpolc.memory import Memory
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.passes.resolve.name_uses import UNUSED_DECLARATION
from netpolc.program.model import ClusterAddresses
from netpolc.source import SourceFile
from netpolc.syntax.known_words import KnownWords
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import (
    ArrowStatement,
    AssertionStatement,
    DefaultSetting,
    IntentFile,
    NamespaceHeader,
    Section,
)

_MANIFESTS = SourceFile("manifests", "")
_WRITING = (ArrowStatement, DefaultSetting)
"""The statements that become policies; all others only say what they mean, or claim something."""


def parse_intents(this: Run) -> None:
    """Set the trees of the intent files."""
    files, numbers, words = this.sources.intents, count(), KnownWords()

    def parsed(file: SourceFile) -> Outcome[IntentFile]:
        this.progress("parsing", next(numbers), len(files))
        return parse(file, words)

    outcomes = this.memory.each("tree", files, parsed)
    this.trees = [outcome.value for outcome in outcomes]
    this.findings.add(finding for outcome in outcomes for finding in outcome.diagnostics)


def resolve_names(this: Run) -> None:
    """Set the program; if only some trees are needed, nobody knows which declarations are unused."""
    this.progress("resolving", 0, 1)
    chosen = this.trees
    if this.narrow is not None and not this.findings.failed:
        chosen = this.narrow(this.trees)
    resolved = resolve(chosen, namespace=this.options.namespace, memory=this.memory)
    part = chosen is not this.trees
    this.findings.add(
        finding
        for finding in resolved.diagnostics
        if not (part and finding.rule is UNUSED_DECLARATION)
    )
    # Of all that was read: what a question needs of it does not change which sources count.
    this.compiled = _compiled(this.trees, this.options.namespace, this.memory)
    this.trees, this.program = chosen, resolved.value


def _compiled(trees: Sequence[IntentFile], default: str, memory: Memory) -> frozenset[str]:
    """Return the namespaces that intents write policies for: not those about which they make claims alone.

    Where a cluster section closes or opens pods, it does so in every namespace that has a section.
    """
    by_tree = memory.each("compiled", trees, partial(_contents, default), default)
    contents = [content for of_tree in by_tree for content in of_tree]
    if not any(content.writes for content in contents):
        return frozenset()
    everywhere = any(content.writes and content.namespace is None for content in contents)
    return frozenset(
        content.namespace
        for content in contents
        if content.namespace is not None and (everywhere or content.writes or not content.claims)
    )


class _Content(NamedTuple):
    """Whether a section writes policies and makes claims; `namespace` is None for a cluster section."""

    namespace: str | None
    writes: bool
    claims: bool


def _contents(default: str, tree: IntentFile) -> tuple[_Content, ...]:
    """Return what is in each section of an intent file."""
    return tuple(
        _Content(
            namespace=_namespace_of(section, default),
            writes=any(isinstance(statement, _WRITING) for statement in section.statements),
            claims=any(
                isinstance(statement, AssertionStatement) for statement in section.statements
            ),
        )
        for section in tree.sections
        if section.header is not None or section.statements
    )


def _namespace_of(section: Section, default: str) -> str | None:
    """Return the namespace that a section is about; None for a cluster section."""
    match section.header:
        case NamespaceHeader(name=name):
            return name.text
        case None:
            return default
        case _:
            return None


def read_objects(this: Run) -> None:
    """Set the objects of each file of manifests."""
    if not this.sources.manifests:
        return
    from netpolc.manifest.read import read  # noqa: PLC0415 - loads yaml, and intents need none

    this.objects = this.memory.each("objects", this.sources.manifests, read)


def lower_program(this: Run) -> None:
    """Set what the intents permit."""
    labels = {
        namespace.name: namespace.labels
        for read in this.objects
        for namespace in read.value.namespaces
    }
    this.own = this.findings.take(lower(this.program, this.memory, labels))


def add_ir_files(this: Run) -> None:
    """Add the policies of IR files to those of intents."""
    if not this.sources.policies:
        return
    from netpolc.commands.merge_policies import unite  # noqa: PLC0415 - few have two sorts of sources
    from netpolc.ir.serialize import load  # noqa: PLC0415 - with json and all that checks a form

    # A file's policies count from the file on; what is wrong with any of them is found in one go.
    findings: list[Diagnostic] = []
    for file in this.sources.policies:
        loaded = load(file)
        united = unite(this.own, loaded.value, file)
        this.own = united.value
        findings += (*loaded.diagnostics, *united.diagnostics)
        this.compiled |= loaded.value.namespaces.keys()
        if loaded.value.left_out:
            this.left_out = {**this.left_out, file: loaded.value.left_out}
    this.findings.add(findings)


def normalise_policies(this: Run) -> None:
    """Set the normal form of the policies."""
    this.policies = normalise(this.own, this.memory)


def read_manifests(this: Run) -> None:
    """Set the manifests among the sources and beside them, and what they mean."""
    memory, options = this.memory, this.options
    objects = list(zip(this.sources.manifests, this.objects, strict=True))
    own, beside = (
        tuple(read for file, read in objects if (file.path in this.sources.beside) is is_beside)
        for is_beside in (False, True)
    )
    compiled = memory.same("compiled", "", this.compiled)
    replaced = memory.same("replaced", "", options.replaced)
    writes_tiers = bool(options.tiers and this.sources.intents)
    counted = this.sources.counted
    paths = frozenset(file.path for file in this.sources.intents)
    intents = memory.same("paths of intents", "", paths)
    claimed = memory.same("claimed", "", _claimed(this))
    inputs = (
        *(own, beside, options.namespace, compiled, claimed),
        *(replaced, writes_tiers, intents, counted),
    )
    work = partial(
        read_cluster_manifests,
        own,
        options.namespace,
        compiled=compiled,
        writes_tiers=writes_tiers,
        intents=intents,
        claimed=claimed,
        replaced=replaced,
        beside=beside,
        counted=counted,
    )
    this.manifests = this.findings.take(memory.once("manifests", "", inputs, work))
    if unread := unread_policies(this.left_out):
        tiers = this.manifests.tiers
        tiers = replace(tiers, unread=(*tiers.unread, *unread))
        this.manifests = replace(this.manifests, tiers=tiers)
    this.given = normalise(this.manifests.policies, this.memory.part("given"))


def _claimed(this: Run) -> frozenset[str]:
    """The namespaces of sections that only make claims; none where the sources write no policies at all."""
    if not this.compiled:
        return frozenset()
    return frozenset(this.program.namespaces) - this.compiled


def enforce_assertions(this: Run) -> None:
    """Add what the cluster sections enforce to the cluster-wide policies of the manifests."""
    program = this.program
    origins = (
        *(assertion.origin for assertion in program.assertions if assertion.enforced),
        *program.baseline.closed.values(),
    )
    if not origins:
        return
    from netpolc.analysis.enforced_tiers import enforced_tiers, no_tier_api  # noqa: PLC0415 - few programs enforce

    if not this.options.tiers:
        this.findings.add((no_tier_api(origins[0]),))
        return
    this.enforced = this.findings.take(enforced_tiers(program))
    tiers = this.manifests.tiers.with_rules(this.enforced.rules)
    this.manifests = replace(this.manifests, tiers=tiers)


def unite_with_manifests(this: Run) -> None:
    """Set what intents and manifests mean together; most namespaces are in one of the two alone."""
    own, given = this.own.namespaces, this.manifests.policies.namespaces
    this.everything, this.whole = this.own, this.policies
    if not given:
        return
    from netpolc.commands.merge_policies import unite  # noqa: PLC0415 - as in `add_ir_files`

    united = unite(this.own, this.manifests.policies, _MANIFESTS, this.memory)
    this.everything = this.findings.take(united)
    shared = own.keys() & given.keys()
    both = {
        name: policies for name, policies in this.everything.namespaces.items() if name in shared
    }
    normal = {
        **this.policies.namespaces,
        **this.given.namespaces,
        **normalise(Policies(both), this.memory.part("both")).namespaces,
    }
    this.whole = Policies({name: normal[name] for name in sorted(normal)})


def close_world(this: Run) -> None:
    """Take what nobody states for absent, where that is wanted."""
    tiers = this.manifests.tiers
    if this.options.assume_no_other_policies and tiers.unread:
        this.manifests = replace(this.manifests, tiers=replace(tiers, unread=()))
    if not this.options.closed_world:
        return
    from netpolc.commands.merge_policies import closed  # noqa: PLC0415 - as in `add_ir_files`

    inventory = this.manifests.inventory
    this.manifests = replace(
        this.manifests,
        inventory=inventory.on_pod_network(),
        tiers=replace(this.manifests.tiers, unread=(), meets_pods=False),
    )
    this.program = replace(this.program, addresses=ClusterAddresses(blocks=BlockScope.OUTSIDE))
    named = {workload.namespace for workload in inventory.workloads}
    same = this.everything is this.whole
    this.whole = closed(this.whole, named)
    this.everything = this.whole if same else closed(this.everything, named)
