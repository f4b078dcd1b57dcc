"""The state of a run: what its steps have worked out so far."""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import field
from typing import TYPE_CHECKING, TypeAlias

from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.commands.cluster_manifests import ClusterManifests
from netpolc.commands.run_findings import RunFindings
from netpolc.diagnostics import Diagnostic, Outcome
from netpolc.io.project import Options
from netpolc.io.sources import Sources
from netpolc.ir.model import LeftOut, Policies
from netpolc.lints import Meaning
from netpolc.manifest.manifest_set import Manifests
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.rollout_stages import OtherHalf
from netpolc.manifest.tier_model import TierPolicy
from netpolc.memory import NO_MEMORY, Memory
from netpolc.program.model import Program
from netpolc.source import SourceFile, Span
from netpolc.syntax.tree import IntentFile
from netpolc.values import record

if TYPE_CHECKING:
    from netpolc.commands.parallel_translation import ParallelTranslation, Translated

Narrow: TypeAlias = Callable[[Sequence[IntentFile]], Sequence[IntentFile]]
"""Chooses the trees that have to be understood; returns the same object if all of them have to be."""
Progress: TypeAlias = Callable[[str, int, int], None]
"""Shows a step of a run: its name, how many things are done, and of how many."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Show no progress."""


@record(kw_only=True)
class Run:
    """The results of the steps so far; each step reads fields of earlier steps and sets its own.

    `own` is the meaning of intents and IR files as written, each allow with its own statement, and
    `everything` the same together with the manifests. `policies` and `whole` are their normal
    forms. `left_out` is what each IR file does not hold of its sources. `compiled` are the namespaces that intents and IR files write policies for. With more
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
    objects: Sequence[Outcome[Manifests]] = ()
    own: Policies = field(init=False)
    left_out: Mapping[SourceFile, AbstractSet[LeftOut]] = field(default_factory=dict)
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
