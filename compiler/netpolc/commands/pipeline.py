"""From sources to the text of manifests: the steps of a run, and when to stop.

Passes report and go on; only here is decided what their findings mean for a run. All
errors that can be found are found. After an error warnings are kept back, because what
a broken line would have said is not known: a group would seem unused that it uses.
Nothing becomes text that has not been read back and compared with what was meant.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import field, replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.commands.assertion_findings import UNKNOWN_PODS, assertion_findings
from netpolc.commands.cluster_manifests import (
    ClusterManifests,
    own_namespaces,
    read_cluster_manifests,
)
from netpolc.commands.run_findings import RunFindings
from netpolc.commands.translation_validation import miswritten, validate, validate_tiers
from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir.model import Policies
from netpolc.ir.verifier import check as verify_policies
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import BlockScope
from netpolc.lints import Meaning, namespace_lints, policy_lints, program_lints
from netpolc.lints.expired_arrow import expired_arrows
from netpolc.manifest.manifest_set import Manifests
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.output_layout import arrange
from netpolc.manifest.rollout_stages import OtherHalf, Stage, annotated, half
from netpolc.manifest.tier_model import TierPolicy
from netpolc.memory import NO_MEMORY, Memory
from netpolc.passes.emit import Stamp, emit
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.passes.resolve.name_uses import UNUSED_DECLARATION
from netpolc.program.model import ClusterAddresses, Program
from netpolc.source import SourceFile, Span
from netpolc.syntax.known_words import KnownWords
from netpolc.syntax.parser import parse
from netpolc.syntax.tree import ArrowStatement, DefaultSetting, IntentFile, NamespaceHeader
from netpolc.values import frozen, record
from netpolc.yaml.quote_scalar import MiswrittenError

if TYPE_CHECKING:
    from netpolc.commands.parallel_translation import ParallelTranslation, Translated
    from netpolc.lints.manifests import Written

T = TypeVar("T")
Narrow: TypeAlias = Callable[[Sequence[IntentFile]], Sequence[IntentFile]]
"""Chooses the trees that have to be understood; returns the same object if all of them have to be."""
_MANIFESTS = SourceFile("manifests", "")
_WRITING = (ArrowStatement, DefaultSetting)
"""The statements that become policies; all others only say what they mean, or claim something."""
Progress: TypeAlias = Callable[[str, int, int], None]
"""Shows a step of a run: its name, how many things are done, and of how many."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Show no progress."""


@frozen(kw_only=True)
class Compilation:
    """The result of a run, as far as it came.

    `program` is what the intents say and `policies` what they and IR files mean,
    normalised. `given` is the meaning of the manifests among the sources or given with them, which
    are looked at and not compiled, `lifted` the same with a place for each of their rules, `tiers` the cluster-wide policies of both, and `inventory` their workloads. `whole` is all of it
    together: what will be in the cluster, and `written` the same as written, each allow with its
    own statement. `trees` are the intent files, kept where questions
    may use their names (`understand`). `manifests` and `files` (texts by path from the
    output folder) are empty after an error, the texts also where none are wanted
    (`Options.checking`). `policy_counts` has the number of manifests of each namespace, and `manifests` only
    those of this process where several have made them. With a `stage` they are one half; `rest` is the other, and `other`
    what of the output folder belongs to it. `proved` and `vain` count assertions: those that are
    proved, and those of them that are about pods that nothing speaks of, which `proved` leaves out.
    `against` are the findings without which others would be proved (`assertion_findings`).
    `unused_ignores` are findings only if no other output needs these comments
    (`commands.shared_findings`).
    """

    program: Program
    policies: Policies
    given: Policies
    whole: Policies
    written: Policies
    inventory: Inventory
    lifted: Policies = Policies({})
    tiers: Tiers = NO_TIERS
    trees: tuple[IntentFile, ...] = ()
    manifests: tuple[NetworkPolicy, ...] = ()
    policy_counts: Mapping[str, int] = field(default_factory=dict)
    cluster_policies: tuple[TierPolicy, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    stage: Stage | None = None
    rest: tuple[NetworkPolicy, ...] = ()
    closed_world: bool = False
    judged: bool = False
    proved: int = 0
    vain: int = 0
    against: Mapping[Span, Diagnostic] = field(default_factory=dict)
    other: OtherHalf | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    unused_ignores: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether there is an error among the findings."""
        return has_errors(self.diagnostics)


@record(kw_only=True)
class Run:
    """The results of the steps so far; each step reads fields of earlier steps and sets its own.

    `own` is the meaning of intents and IR files as written, each allow with its own statement, and
    `everything` the same together with the manifests. `policies` and `whole` are their normal
    forms. `compiled` are the namespaces that intents and IR files write policies for. With more
    `processes` than one, others translate while this one judges, and `translated` is what they have.
    """

    sources: Sources
    options: Options
    findings: RunFindings
    progress: Progress = silent
    memory: Memory = NO_MEMORY
    narrow: Narrow | None = None
    processes: int = 1

    trees: Sequence[IntentFile] = field(init=False)
    program: Program = field(init=False)
    own: Policies = field(init=False)
    policies: Policies = field(init=False)
    compiled: AbstractSet[str] = field(init=False)
    manifests: ClusterManifests = field(init=False)
    meaning: Meaning = field(init=False)
    given: Policies = field(init=False)
    enforced: Tiers = NO_TIERS
    everything: Policies = field(init=False)
    whole: Policies = field(init=False)
    proved: int = 0
    vain: int = 0
    against: Mapping[Span, Diagnostic] = field(default_factory=dict)
    judged: bool = False
    translation: "ParallelTranslation | None" = None
    translated: "Translated | None" = None
    emitted: tuple[NetworkPolicy, ...] = ()
    cluster_policies: tuple[TierPolicy, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    rest: tuple[NetworkPolicy, ...] = ()
    other: OtherHalf | None = None

    def result(self) -> Compilation:
        """Return the result, with all findings."""
        return Compilation(
            program=self.program,
            policies=self.policies,
            given=self.given,
            whole=self.whole,
            written=self.everything,
            lifted=self.manifests.policies,
            tiers=self.manifests.tiers,
            inventory=self.manifests.inventory,
            trees=tuple(self.trees),
            manifests=self.emitted,
            policy_counts=_policy_counts(self),
            cluster_policies=self.cluster_policies,
            files=self.files,
            stage=self.options.stage if self.emitted or self.rest else None,
            rest=self.rest,
            closed_world=self.options.closed_world,
            proved=self.proved,
            vain=self.vain,
            against=self.against,
            judged=self.judged,
            other=self.other,
            diagnostics=tuple(self.findings.all),
            unused_ignores=self.findings.unused_ignores,
        )


def run(
    sources: Sources,
    options: Options,
    *,
    before: Iterable[Diagnostic] = (),
    progress: Progress = silent,
    memory: Memory = NO_MEMORY,
    processes: int = 1,
) -> Compilation:
    """Compile sources in memory.

    Args:
        sources: what to compile.
        options: how.
        before: the findings made while the sources were read; they become part of the run.
        progress: shows the steps.
        memory: what is remembered of other sources, or of other states of these.
        processes: how many may work on it; one that remembers works by itself.

    Returns:
        The compilation with all findings; `strict` and `checking` have been applied.
    """
    *_, result = run_in_stages(
        sources, options, before=before, progress=progress, memory=memory, processes=processes
    )
    return result


def run_in_stages(
    sources: Sources,
    options: Options,
    *,
    before: Iterable[Diagnostic] = (),
    progress: Progress = silent,
    memory: Memory = NO_MEMORY,
    processes: int = 1,
) -> Iterator[Compilation]:
    """Compile sources in memory, and yield the result as far as it came, then the whole one.

    The first result has what is found in each file and namespace by itself: nearly all that an
    edit changes in its own file, in little time. Nothing of it is taken back. The second
    has what takes all namespaces together, assertions first of all, and the manifests.
    """
    this = Run(
        sources=sources,
        options=options,
        findings=RunFindings(options, before, sources, memory),
        progress=progress,
        memory=memory,
        processes=processes,
    )
    for step in READ:
        step(this)
    this.trees = ()  # Nobody looks at them again, and the steps to come need their memory.
    for step in UNDERSTAND:
        step(this)
    with _translating(this):
        for step in JUDGE_ALONE:
            step(this)
        yield this.result()
        for step in JUDGE_TOGETHER:
            step(this)
        for step in TRANSLATE:
            if not this.findings.failed:
                step(this)
    yield this.result()


def understand(
    sources: Sources,
    options: Options,
    *,
    before: Iterable[Diagnostic] = (),
    memory: Memory = NO_MEMORY,
    narrow: Narrow | None = None,
) -> Compilation:
    """Return what sources mean, for questions: no assertion is proved, nothing is emitted.

    Args:
        sources: what to understand.
        options: how.
        before: the findings made while the sources were read.
        memory: what is remembered of other sources, or of other states of these.
        narrow: chooses the trees that have to be understood, if all could be parsed; nothing is
            found out about the others.
    """
    this = Run(
        sources=sources,
        options=options,
        findings=RunFindings(options, before),
        memory=memory,
        narrow=narrow,
    )
    for step in (*READ, *UNDERSTAND):
        step(this)
    return this.result()


def written_namespaces(sources: Sources, options: Options, memory: Memory) -> frozenset[str]:
    """Return the namespaces that sources write policies for: intents, IR files, or an output."""
    this = Run(sources=sources, options=options, findings=RunFindings(options, ()), memory=memory)
    for step in (_parse, _resolve, _lower, _add_ir_files):
        step(this)
    own = (
        read.value
        for file, read in zip(sources.manifests, _objects(this), strict=True)
        if file.path not in sources.beside
    )
    return frozenset(this.compiled | own_namespaces(own, options.namespace))


def _parse(this: Run) -> None:
    files, numbers, words = this.sources.intents, count(), KnownWords()

    def parsed(file: SourceFile) -> Outcome[IntentFile]:
        this.progress("parsing", next(numbers), len(files))
        return parse(file, words)

    outcomes = this.memory.each("tree", files, parsed)
    this.trees = [outcome.value for outcome in outcomes]
    this.findings.add(found for outcome in outcomes for found in outcome.diagnostics)


def _resolve(this: Run) -> None:
    """Set the program; if only some trees are needed, nobody knows which declarations are unused."""
    this.progress("resolving", 0, 1)
    chosen = this.trees
    if this.narrow is not None and not this.findings.failed:
        chosen = this.narrow(this.trees)
    resolved = resolve(chosen, namespace=this.options.namespace, memory=this.memory)
    part = chosen is not this.trees
    this.findings.add(
        one for one in resolved.diagnostics if not (part and one.rule is UNUSED_DECLARATION)
    )
    # Of all that was read: what a question needs of it does not change which sources count.
    this.compiled = _compiled(this.trees, this.options.namespace, this.memory)
    this.trees, this.program = chosen, resolved.value


def _compiled(trees: Sequence[IntentFile], default: str, memory: Memory) -> frozenset[str]:
    """Return the namespaces that intents write policies for: none, where they only make claims."""
    found = memory.each("compiled", trees, partial(_compiled_in, default), default)
    if not any(writes for writes, _ in found):
        return frozenset()
    return frozenset().union(*(names for _, names in found))


def _compiled_in(default: str, tree: IntentFile) -> tuple[bool, frozenset[str]]:
    """Return whether an intent file writes a policy, and the namespaces that it has sections for."""
    writes = any(isinstance(one, _WRITING) for some in tree.sections for one in some.statements)
    headers = (section.header for section in tree.sections)
    named = {header.name.text for header in headers if isinstance(header, NamespaceHeader)}
    bare = any(section.header is None and section.statements for section in tree.sections)
    return writes, frozenset({*named, default} if bare else named)


def _lower(this: Run) -> None:
    this.own = this.findings.take(lower(this.program, this.memory))


def _add_ir_files(this: Run) -> None:
    if not this.sources.policies:
        return
    from netpolc.commands.merge_policies import unite  # noqa: PLC0415 - few have two sorts of sources
    from netpolc.ir.serialize import load  # noqa: PLC0415 - with json and all that checks a form

    # A file's policies count from the file on; what is wrong with any of them is found in one go.
    found: list[Diagnostic] = []
    for file in this.sources.policies:
        loaded = load(file)
        united = unite(this.own, loaded.value, file)
        this.own = united.value
        found += (*loaded.diagnostics, *united.diagnostics)
        this.compiled |= loaded.value.namespaces.keys()
    this.findings.add(found)


def _normalise(this: Run) -> None:
    this.policies = normalise(this.own, this.memory)


def _read_manifests(this: Run) -> None:
    memory, options = this.memory, this.options
    objects = list(zip(this.sources.manifests, _objects(this), strict=True))
    own, beside = (
        tuple(read for file, read in objects if (file.path in this.sources.beside) is is_beside)
        for is_beside in (False, True)
    )
    compiled = memory.same("compiled", "", this.compiled)
    replaced = memory.same("replaced", "", options.replaced)
    writes_tiers = bool(options.tiers and this.sources.intents)
    counted = this.sources.counted
    inputs = (own, beside, options.namespace, compiled, replaced, writes_tiers, counted)
    work = partial(
        read_cluster_manifests,
        own,
        options.namespace,
        compiled=compiled,
        writes_tiers=writes_tiers,
        replaced=replaced,
        beside=beside,
        counted=counted,
    )
    this.manifests = this.findings.take(memory.once("manifests", "", inputs, work))
    this.given = normalise(this.manifests.policies, this.memory.part("given"))


def _objects(this: Run) -> Sequence[Outcome[Manifests]]:
    if not this.sources.manifests:
        return ()
    from netpolc.manifest.read import read  # noqa: PLC0415 - loads yaml, and intents need none

    return this.memory.each("objects", this.sources.manifests, read)


def _enforce(this: Run) -> None:
    """Add what the cluster sections enforce to the cluster-wide policies of the manifests."""
    program = this.program
    origins = (
        *(one.origin for one in program.assertions if one.enforced),
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


def _unite(this: Run) -> None:
    """Set what intents and manifests mean together; most namespaces are in one of the two alone."""
    own, given = this.own.namespaces, this.manifests.policies.namespaces
    this.everything, this.whole = this.own, this.policies
    if not given:
        return
    from netpolc.commands.merge_policies import unite  # noqa: PLC0415 - as in `_add_ir_files`

    united = unite(this.own, this.manifests.policies, _MANIFESTS, this.memory)
    this.everything = this.findings.take(united)
    shared = own.keys() & given.keys()
    both = {name: one for name, one in this.everything.namespaces.items() if name in shared}
    normal = {
        **this.policies.namespaces,
        **this.given.namespaces,
        **normalise(Policies(both), this.memory.part("both")).namespaces,
    }
    this.whole = Policies({name: normal[name] for name in sorted(normal)})


def _close_world(this: Run) -> None:
    """Take what nobody states for absent, where that is wanted."""
    tiers = this.manifests.tiers
    if this.options.assume_no_other_policies and tiers.unread:
        this.manifests = replace(this.manifests, tiers=replace(tiers, unread=()))
    if not this.options.closed_world:
        return
    from netpolc.commands.merge_policies import closed  # noqa: PLC0415 - as in `_add_ir_files`

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


def _lint_program(this: Run) -> None:
    this.meaning = Meaning(
        program=this.program,
        own=this.own,
        whole=this.everything,
        tiers=this.manifests.tiers,
        inventory=this.manifests.inventory,
        memory=this.memory,
    )
    expired = expired_arrows(this.program, this.options.today, this.memory)
    this.findings.add((*program_lints(this.meaning), *expired))


def _verify_policies(this: Run) -> None:
    this.findings.add(verify_policies(this.policies, this.memory))


def _lint_namespaces(this: Run) -> None:
    if not this.findings.broken:
        this.findings.add(namespace_lints(this.meaning))


def _lint_policies(this: Run) -> None:
    this.judged = not this.findings.broken
    if this.judged:
        this.progress("proving", 0, 1)
        routes = (route for one in this.manifests.manifests for route in one.routes)
        this.meaning.written, this.meaning.routes = _written(this), tuple(routes)
        found = tuple(policy_lints(this.meaning))
        this.findings.add(found)
        this.findings.add_comment_problems()
        _count_assertions(this, found)


def _count_assertions(this: Run, found: Iterable[Diagnostic]) -> None:
    """Count the assertions, as written, that no finding says otherwise of."""
    assertions = this.program.assertions
    this.against = assertion_findings(assertions, found)
    this.vain = sum(one.rule.code in UNKNOWN_PODS for one in this.against.values())
    this.proved = len({one.origin.span for one in assertions}) - len(this.against)


@contextmanager
def _translating(this: Run) -> Iterator[None]:
    """Let other processes translate what this one judges, where there are any.

    One that remembers needs what passes make, and a stage both halves of it: they work by themselves.
    """
    alone = this.processes == 1 or this.memory is not NO_MEMORY or this.options.stage is not None
    if alone or this.findings.failed:
        yield
        return
    from netpolc.commands.parallel_translation import parallel_translation  # noqa: PLC0415 - few runs are so large

    with parallel_translation(
        this.policies, this.options, this.sources.folders, this.processes
    ) as this.translation:
        yield


def _finish_translation(this: Run) -> None:
    """Set what other processes have translated; the steps to come do what they have left."""
    if this.translation is not None:
        this.translated = this.translation.finish()


def _left(this: Run) -> Policies:
    """Return the policies that no other process has translated."""
    return this.policies if this.translated is None else this.translated.left


def _policy_counts(this: Run) -> Mapping[str, int]:
    others = {} if this.translated is None or this.findings.failed else this.translated.counts
    return {**others, **Counter(f"{one.namespace}" for one in this.emitted)}


def _emit(this: Run) -> None:
    this.progress("emitting", 0, 1)
    stamp = Stamp(labels=this.options.labels, annotations=this.options.annotations)
    this.emitted = this.findings.take(emit(_left(this), stamp=stamp, memory=this.memory))
    if this.enforced:
        from netpolc.analysis.emit_tiers import emit_tiers  # noqa: PLC0415 - as in `_enforce`

        this.cluster_policies = emit_tiers(
            this.enforced,
            this.options.tiers,
            labels=stamp.labels,
            annotations=stamp.annotations,
        )


def _validate(this: Run) -> None:
    this.progress("validating", 0, 1)
    this.findings.add(validate(_left(this), this.emitted, this.memory))
    this.findings.add(validate_tiers(this.enforced, this.cluster_policies))
    if this.findings.failed:
        this.emitted, this.cluster_policies = (), ()


def _write(this: Run) -> None:
    if this.options.checking:  # Nobody will look at the texts.
        return
    this.progress("writing", 0, 1)
    try:
        _write_files(this)
    except MiswrittenError as error:
        this.emitted = this.rest = this.cluster_policies = ()
        this.findings.add((miswritten(error),))


def _write_files(this: Run) -> None:
    stage = this.options.stage
    this.emitted = annotated(this.emitted, this.options.stages)
    cluster = annotated(this.cluster_policies, this.options.stages)
    if stage is not None:
        this.rest = half(this.emitted, stage.other)
        paths = _files(this, this.rest, half(cluster, stage.other), stage.other)
        this.other = OtherHalf(stage.other, frozenset(paths))
        this.emitted, cluster = half(this.emitted, stage), half(cluster, stage)
    this.cluster_policies = cluster
    this.files = _files(this, this.emitted, cluster, stage)


READ = (_parse, _resolve)
"""The steps that read the intents; all are taken, so that all errors are found."""
UNDERSTAND = (
    _lower,
    _add_ir_files,
    _normalise,
    _read_manifests,
    _enforce,
    _unite,
    _close_world,
)
"""The steps that work out what the sources mean; all are taken, so that all errors are found."""
JUDGE_ALONE = (_lint_program, _verify_policies, _lint_namespaces)
"""The steps that look for what is hardly meant in each namespace by itself."""
JUDGE_TOGETHER = (_lint_policies,)
"""The steps that prove assertions and look for what is hardly meant in all namespaces together."""
TRANSLATE = (_finish_translation, _emit, _validate, _write)
"""The steps to manifests, of which none is taken after an error."""


def _written(this: Run) -> "Written | None":
    """Return the manifests that are given for themselves; beside intents they are others' affair."""
    if this.program.namespaces or not this.manifests.manifests:
        return None
    from netpolc.lints.manifests import as_written  # noqa: PLC0415 - with all lints on manifests

    read, beside = this.manifests, this.sources.beside
    judged = (
        replace(
            one, policies=tuple(p for p in one.policies if p.span and p.span.path not in beside)
        )
        for one in read.manifests
    )
    return as_written(judged, read.inventory, namespace=this.options.namespace, tiers=read.tiers)


def _files(
    this: Run,
    manifests: tuple[NetworkPolicy, ...],
    cluster: tuple[TierPolicy, ...],
    stage: Stage | None,
) -> Mapping[str, str]:
    return arrange(
        manifests,
        this.options.layout,
        this.sources.folders,
        cluster=cluster,
        kustomization=this.options.kustomization,
        part=stage.value if stage else "",
        others=None if this.translated is None else this.translated.files,
    )
