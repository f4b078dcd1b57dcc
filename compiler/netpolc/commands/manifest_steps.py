"""The steps of a run from normalised policies to the texts of manifests, which are proved first."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from netpolc.commands.pipeline_run import Run
from netpolc.commands.translation_validation import miswritten, validate, validate_tiers
from netpolc.ir.model import Policies
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.output_layout import arrange
from netpolc.manifest.rollout_stages import OtherHalf, Stage, annotated, half
from netpolc.manifest.tier_model import TierPolicy
from netpolc.memory import NO_MEMORY
from netpolc.passes.emit import Stamp, emit
from netpolc.yaml.quote_scalar import MiswrittenError


@contextmanager
def translating(this: Run) -> Iterator[None]:
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


def finish_translation(this: Run) -> None:
    """Set what other processes have translated; the steps to come do what they have left."""
    if this.translation is not None:
        this.translated = this.translation.finish()


def _left(this: Run) -> Policies:
    """Return the policies that no other process has translated."""
    return this.policies if this.translated is None else this.translated.left


def policy_counts(this: Run) -> Mapping[str, int]:
    """Return the number of manifests of each namespace, whichever process made them."""
    others = {} if this.translated is None or this.findings.failed else this.translated.counts
    return {**others, **Counter(f"{policy.namespace}" for policy in this.emitted)}


def emit_manifests(this: Run) -> None:
    """Set the policies, and the cluster-wide ones, that mean what the sources mean."""
    this.progress("emitting", 0, 1)
    stamp = Stamp(labels=this.options.labels, annotations=this.options.annotations)
    this.emitted = this.findings.take(emit(_left(this), stamp=stamp, memory=this.memory))
    if this.enforced:
        from netpolc.analysis.emit_tiers import emit_tiers  # noqa: PLC0415 - as in `enforce_assertions`

        this.cluster_policies = emit_tiers(
            this.enforced,
            this.options.tiers,
            labels=stamp.labels,
            annotations=stamp.annotations,
        )


def validate_manifests(this: Run) -> None:
    """Prove that the policies mean what the sources mean; without a proof there are none."""
    this.progress("validating", 0, 1)
    this.findings.add(validate(_left(this), this.emitted, this.memory))
    this.findings.add(validate_tiers(this.enforced, this.cluster_policies))
    if this.findings.failed:
        this.emitted, this.cluster_policies = (), ()


def write_manifests(this: Run) -> None:
    """Set the texts of the policies by path, unless nobody looks at them."""
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
