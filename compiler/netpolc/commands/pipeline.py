"""From sources to the text of manifests: the order of the passes, and when to stop.

Passes report and go on; only here is decided what their findings mean for a run. All
errors that can be found are found. After an error warnings are kept back, because what
a broken line would have said is not known: a group would seem unused that it uses.
Nothing becomes text that has not been read back and compared with what was meant.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from netpolc.commands.cluster_manifests import read_given
from netpolc.commands.merge_policies import unite
from netpolc.commands.output_layout import Layout, arrange
from netpolc.commands.pass_cache import Shared
from netpolc.commands.rollout_stages import Stage, annotated, half
from netpolc.commands.translation_validation import validate
from netpolc.diagnostics import Diagnostic, Outcome, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.frozen import frozen
from netpolc.io.sources import Sources
from netpolc.ir.model import Policies
from netpolc.ir.verifier import check as check_policies
from netpolc.kube.inventory import Inventory
from netpolc.lints import Meaning, policy_lints, program_lints
from netpolc.lints.expired_arrow import EXPIRED_ARROW, expired_arrows
from netpolc.manifest.manifest_set import Manifests
from netpolc.manifest.model import NetworkPolicy
from netpolc.passes.emit import Stamp, emit
from netpolc.passes.resolve import resolve
from netpolc.passes.resolve.names import UNUSED_DECLARATION
from netpolc.program.model import Program
from netpolc.source import SourceFile
from netpolc.syntax.tree import IntentFile

if TYPE_CHECKING:
    from netpolc.lints.manifests import Written

T = TypeVar("T")
Narrow: TypeAlias = Callable[[Sequence[IntentFile]], Sequence[IntentFile]]
"""Chooses what of some trees has to be understood; all of them stay the same object."""
Progress: TypeAlias = Callable[[str, int, int], None]
"""Is told what is being done, how many are done, and of how many."""


@frozen(kw_only=True)
class Options:
    """What a run is asked for beside its sources.

    `namespace` is that of statements before any header, `labels` and `annotations` are
    put on every manifest, `today` decides which arrows have expired. `strict` makes
    warnings errors; `checking` is `netpolc check`, which looks at assertions and for
    which an expired arrow is an error. `stage` leaves only one half of the policies; `stages` has
    the annotations of either.
    """

    today: date
    namespace: str = "default"
    layout: Layout = Layout.POLICY
    kustomization: bool = False
    stage: Stage | None = None
    strict: bool = False
    checking: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[Stage, Mapping[str, str]] = field(default_factory=dict)


@frozen(kw_only=True)
class Compilation:
    """What came out of a run, as far as it came.

    `program` is what the intents say and `policies` what they and IR files mean,
    normalised; `given` is what manifests among the sources or beside them mean, which are
    looked at and not compiled, and `inventory` the workloads in them. `whole` is all of it
    together: what will be in the cluster. `trees` are the intent files as read, kept where
    questions may use their names (`understand`). `manifests` and `files` (texts by path from the
    output folder) are empty where there is an error, the texts also where none are wanted
    (`Options.checking`). Of a `stage` they are one half; `rest` is the other, and `spared` has
    the paths of its files.
    """

    program: Program
    policies: Policies
    given: Policies
    whole: Policies
    inventory: Inventory
    trees: tuple[IntentFile, ...] = ()
    manifests: tuple[NetworkPolicy, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    stage: Stage | None = None
    rest: tuple[NetworkPolicy, ...] = ()
    spared: frozenset[str] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether there is an error among the findings."""
        return has_errors(self.diagnostics)


def _all_of_it(trees: Sequence[IntentFile]) -> Sequence[IntentFile]:
    return trees


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody of the progress."""


def run(
    sources: Sources,
    options: Options,
    *,
    before: Iterable[Diagnostic] = (),
    progress: Progress = silent,
) -> Compilation:
    """Compile sources in memory.

    Args:
        sources: what to compile.
        options: how.
        before: what was found while the sources were read; they become part of the run.
        progress: is told what is being done.

    Returns:
        The compilation with all findings; `strict` and `checking` have been applied.
    """
    findings = _Findings(options)
    findings.add(before)
    result = _understood(sources, options, findings, progress)
    if not findings.failed:
        result = _with_manifests(result, sources, options, findings, progress)
    return replace(result, diagnostics=tuple(findings.all))


def understand(
    sources: Sources,
    options: Options,
    *,
    before: Iterable[Diagnostic] = (),
    shared: Shared | None = None,
    narrow: Narrow = _all_of_it,
) -> Compilation:
    """What sources mean, for questions about them: no assertion is proved, nothing emitted.

    What `shared` remembers of other sources is not worked out again. `narrow` chooses what of
    the trees has to be understood, if all could be read; nothing is found out about the rest.
    """
    findings = _Findings(options)
    findings.add(before)
    result = _meant(sources, options, findings, silent, shared or Shared(), narrow)[0]
    return replace(result, diagnostics=tuple(findings.all))


def _understood(
    sources: Sources, options: Options, findings: "_Findings", progress: Progress
) -> Compilation:
    """What the sources mean; assertions are proved, and lints look at it."""
    result, meaning, manifests = _meant(sources, options, findings, progress, Shared())
    meaning = replace(meaning, written=_written(manifests, result.inventory, options.namespace))
    result = replace(result, trees=())  # Nobody looks at them again; they are a third of it all.
    findings.add((*program_lints(meaning), *expired_arrows(result.program, options.today)))
    findings.add(check_policies(result.policies))
    if not findings.broken:
        progress("proving", 0, 1)
        findings.add(tuple(policy_lints(meaning)))
    return result


def _meant(
    sources: Sources,
    options: Options,
    findings: "_Findings",
    progress: Progress,
    shared: Shared,
    narrow: Narrow = _all_of_it,
) -> tuple[Compilation, Meaning, tuple[Manifests, ...]]:
    """What the sources mean, normalised and as written, and manifests given for themselves.

    Beside intents manifests are what others applied: their form is not the user's affair.
    """
    trees = findings.take(_parse(sources.intents, progress, shared))
    chosen = trees if findings.failed else narrow(trees)
    progress("resolving", 0, 1)
    program = findings.take(_resolve(chosen, options.namespace, whole=chosen is trees))
    own = findings.take(_with_files(findings.take(shared.lower(program)), sources.policies))
    policies = shared.normalise(own)
    beside = bool(program.namespaces) or chosen is not trees
    read = findings.take(
        read_given(
            map(shared.read, sources.manifests),
            options.namespace,
            beside=beside,
            counted=sources.counted,
        )
    )
    given, known = read.policies, read.inventory
    normal = shared.normalise(given)
    whole, everything = own, policies
    if given.namespaces:
        whole = findings.take(unite(own, given, SourceFile("manifests", "")))
        everything = shared.normalise(whole) if own.namespaces else normal
    result = Compilation(
        program=program,
        trees=tuple(chosen),
        policies=policies,
        given=normal,
        whole=everything,
        inventory=known,
    )
    meaning = Meaning(program=program, own=own, whole=whole, inventory=known)
    return result, meaning, () if beside else read.manifests


def _with_manifests(
    result: Compilation,
    sources: Sources,
    options: Options,
    findings: "_Findings",
    progress: Progress,
) -> Compilation:
    progress("emitting", 0, 1)
    stamp = Stamp(labels=options.labels, annotations=options.annotations)
    manifests = findings.take(emit(result.policies, stamp=stamp))
    progress("validating", 0, 1)
    findings.add(validate(result.policies, manifests))
    if findings.failed:
        return result
    if options.checking:  # Nobody will look at the texts.
        return replace(result, manifests=manifests)
    progress("writing", 0, 1)
    manifests = annotated(manifests, options.stages)
    if options.stage is None:
        return replace(result, manifests=manifests, files=_files(manifests, sources, options))
    other = replace(options, stage=options.stage.other)
    own, rest = half(manifests, options.stage), half(manifests, other.stage)
    return replace(
        result,
        manifests=own,
        files=_files(own, sources, options),
        stage=options.stage,
        rest=rest,
        spared=frozenset(_files(rest, sources, other)),
    )


def _files(
    manifests: tuple[NetworkPolicy, ...], sources: Sources, options: Options
) -> Mapping[str, str]:
    return arrange(
        manifests,
        options.layout,
        sources.folders,
        kustomization=options.kustomization,
        part=options.stage.value if options.stage else "",
    )


class _Findings:
    """The findings of a run so far."""

    def __init__(self, options: Options) -> None:
        self.all: list[Diagnostic] = []
        self._options = options

    @property
    def broken(self) -> bool:
        """Whether something could not be understood: a raised warning is no such error."""
        return has_errors(found for found in self.all if not found.raised)

    @property
    def failed(self) -> bool:
        """Whether there is an error among them."""
        return has_errors(self.all)

    def take(self, outcome: Outcome[T]) -> T:
        """Keep the findings of a pass and hand on its value."""
        self.add(outcome.diagnostics)
        return outcome.value

    def add(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep findings; after an error of an earlier pass only errors."""
        earlier = self.broken
        for found in diagnostics:
            if not earlier or found.severity is Severity.ERROR:
                self.all.append(replace(found, raised=self._raises(found)))

    def _raises(self, found: Diagnostic) -> bool:
        expired = self._options.checking and found.rule is EXPIRED_ARROW
        return found.raised or self._options.strict or expired


def _parse(
    files: tuple[SourceFile, ...], progress: Progress, shared: Shared
) -> Outcome[Sequence[IntentFile]]:
    trees: list[IntentFile] = []
    found: list[Diagnostic] = []
    for number, file in enumerate(files):
        progress("parsing", number, len(files))
        outcome = shared.parse(file)
        trees.append(outcome.value)
        found += outcome.diagnostics
    return Outcome(trees, tuple(found))


def _resolve(trees: Sequence[IntentFile], namespace: str, *, whole: bool) -> Outcome[Program]:
    """The program that trees say; of a part nobody knows what the rest uses."""
    resolved = resolve(trees, namespace=namespace)
    if whole:
        return resolved
    found = tuple(one for one in resolved.diagnostics if one.rule is not UNUSED_DECLARATION)
    return Outcome(resolved.value, found)


def _written(files: tuple[Manifests, ...], known: Inventory, namespace: str) -> "Written | None":
    """What lints on manifests look at, if there are any."""
    if not files:
        return None
    from netpolc.lints.manifests import as_written  # noqa: PLC0415 - with all lints on manifests

    return as_written(files, known, namespace=namespace)


def _with_files(policies: Policies, files: tuple[SourceFile, ...]) -> Outcome[Policies]:
    """The policies and those of IR files."""
    if not files:
        return Outcome(policies)
    from netpolc.ir.serialize import load  # noqa: PLC0415 - with json and all that checks a form

    found: list[Diagnostic] = []
    for file in files:
        loaded = load(file)
        united = unite(policies, loaded.value, file)
        policies = united.value
        found += (*loaded.diagnostics, *united.diagnostics)
    return Outcome(policies, tuple(found))
