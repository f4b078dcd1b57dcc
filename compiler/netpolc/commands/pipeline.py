"""From sources to the text of manifests: the steps of a run, and when to stop.

Passes report and go on; only here is decided what their findings mean for a run. All
errors that can be found are found. After an error warnings are kept back, because what
a broken line would have said is not known: a group would seem unused that it uses.
Nothing becomes text that has not been read back and compared with what was meant.
"""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import field

from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.commands.cluster_manifests import own_namespaces
from netpolc.commands.lint_steps import (
    lint_namespaces,
    lint_policies,
    lint_program,
    report_incomplete_ir,
    verify_policies,
)
from netpolc.commands.manifest_steps import (
    emit_manifests,
    finish_translation,
    policy_counts,
    translating,
    validate_manifests,
    write_manifests,
)
from netpolc.commands.meaning_steps import (
    add_ir_files,
    close_world,
    enforce_assertions,
    lower_program,
    normalise_policies,
    parse_intents,
    read_manifests,
    read_objects,
    resolve_names,
    unite_with_manifests,
)
from netpolc.commands.pipeline_run import Narrow, Progress, Run, silent
from netpolc.commands.run_findings import RunFindings
from netpolc.diagnostics import Diagnostic
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir.model import LeftOut, Policies
from netpolc.kube.inventory import Inventory
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.rollout_stages import OtherHalf, Stage
from netpolc.manifest.tier_model import TierPolicy
from netpolc.memory import NO_MEMORY, Memory
from netpolc.program.model import Program
from netpolc.source import Span
from netpolc.syntax.tree import IntentFile
from netpolc.values import frozen

READ = (parse_intents, resolve_names)
"""The steps that read the intents; all are taken, so that all errors are found."""
UNDERSTAND = (
    read_objects,
    lower_program,
    add_ir_files,
    normalise_policies,
    read_manifests,
    enforce_assertions,
    unite_with_manifests,
    close_world,
)
"""The steps that work out what the sources mean; all are taken, so that all errors are found."""
JUDGE_ALONE = (report_incomplete_ir, lint_program, verify_policies, lint_namespaces)
"""The steps that look for what is hardly meant in each namespace by itself."""
JUDGE_TOGETHER = (lint_policies,)
"""The steps that prove assertions and look for what is hardly meant in all namespaces together."""
TRANSLATE = (finish_translation, emit_manifests, validate_manifests, write_manifests)
"""The steps to manifests, of which none is taken after an error."""


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
    `left_out` is what IR files do not hold of their sources. `against` are the findings without which others would be proved (`assertion_findings`).
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
    left_out: AbstractSet[LeftOut] = frozenset()
    other: OtherHalf | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    unused_ignores: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether there is an error among the findings."""
        return has_errors(self.diagnostics)


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
    with translating(this):
        for step in JUDGE_ALONE:
            step(this)
        yield _result(this)
        for step in JUDGE_TOGETHER:
            step(this)
        for step in TRANSLATE:
            if not this.findings.failed:
                step(this)
    yield _result(this)


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
    return _result(this)


def written_namespaces(sources: Sources, options: Options, memory: Memory) -> frozenset[str]:
    """Return the namespaces that sources write policies for: intents, IR files, or an output."""
    this = Run(sources=sources, options=options, findings=RunFindings(options, ()), memory=memory)
    for step in (parse_intents, resolve_names, read_objects, lower_program, add_ir_files):
        step(this)
    own = (
        read.value
        for file, read in zip(sources.manifests, this.objects, strict=True)
        if file.path not in sources.beside
    )
    return frozenset(this.compiled | own_namespaces(own, options.namespace))


def _result(this: Run) -> Compilation:
    """Return the result, with all findings."""
    return Compilation(
        program=this.program,
        policies=this.policies,
        given=this.given,
        whole=this.whole,
        written=this.everything,
        lifted=this.manifests.policies,
        tiers=this.manifests.tiers,
        inventory=this.manifests.inventory,
        trees=tuple(this.trees),
        manifests=this.emitted,
        policy_counts=policy_counts(this),
        cluster_policies=this.cluster_policies,
        files=this.files,
        stage=this.options.stage if this.emitted or this.rest else None,
        rest=this.rest,
        closed_world=this.options.closed_world,
        proved=this.proved,
        vain=this.vain,
        against=this.against,
        left_out=frozenset().union(*this.left_out.values()),
        judged=this.judged,
        other=this.other,
        diagnostics=tuple(this.findings.all),
        unused_ignores=this.findings.unused_ignores,
    )
