"""`netpolc import`: existing policies as intents, with the proof that nothing changed.

Manifests go in; texts of intent files come out, and are read again from these texts,
compiled as far as their meaning, and compared with the manifests. The comparison is that
of `analysis.compare`: over every pod, label, namespace, address and port that could
exist. What is stated of namespaces counts only as far as the language states it.

Nothing here writes. A namespace whose text does not mean the same is written again,
spelt out; if that does not help either, the policies that cannot be said are named, and
the rest is proved together with them.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import field, replace
from functools import partial

from netpolc.analysis.lift_tiers import lift_tiers
from netpolc.commands.import_proof import different_namespaces, united, with_stated_facts
from netpolc.commands.import_tiers import FILE, import_tiers
from netpolc.commands.own_text import own_text
from netpolc.commands.pipeline_run import Progress, silent
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.io.given_manifests import open_manifests
from netpolc.io.project import Request
from netpolc.ir.model import Policies
from netpolc.lints.manifests import as_written, manifest_lints
from netpolc.manifest.comments import remarks
from netpolc.manifest.foreign_files import set_aside_foreign_files
from netpolc.manifest.manifest_set import Manifests, duplicates, inventory
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.output_layout import cluster_file
from netpolc.manifest.read import read
from netpolc.manifest.tier_model import TierPolicy
from netpolc.passes.decompile import By, Note, Style, decompile
from netpolc.passes.lift import lift_manifests
from netpolc.passes.lower import lower
from netpolc.passes.normalise import normalise
from netpolc.passes.resolve import resolve
from netpolc.passes.resolve.name_uses import UNKNOWN_NAME
from netpolc.source import SourceFile
from netpolc.syntax.formatter import format_file
from netpolc.syntax.parser import parse
from netpolc.values import frozen

CANNOT_BE_SAID = Rule(code="NP725", name="policy-cannot-be-said", severity=Severity.ERROR)
NOTHING_TO_IMPORT = Rule(code="NP726", name="nothing-to-import", severity=Severity.ERROR)


@frozen(kw_only=True)
class Imported:
    """The result of an import.

    `files` are the texts of the intents by path, `kept` the policies that could not be said,
    as manifests by path. `policies` counts the policies that were proved to be the same, and
    `classes` the kinds of connections that they permit: a subject and a peer, in one
    direction. With an error among the findings nothing may be written. `doubtful` are the warnings and
    notes that `netpolc check` has about the manifests.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)
    policies: int = 0
    classes: int = 0
    manifest_lines: int = 0
    intent_lines: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()
    doubtful: tuple[Diagnostic, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether there is an error among the findings."""
        return has_errors(self.diagnostics)


def import_project(
    request: Request, *, by: By, keeping: bool, progress: Progress = silent
) -> Imported:
    """The manifests of the request as intents, none of them written yet, with their proof."""
    opened = open_manifests(request)
    if opened.failed:
        return Imported(diagnostics=opened.diagnostics)
    given = opened.value
    result = import_policies(
        given.files, by=by, namespace=given.namespace, keeping=keeping, progress=progress
    )
    return replace(result, diagnostics=(*opened.diagnostics, *result.diagnostics))


def import_policies(
    sources: Iterable[SourceFile],
    *,
    by: By = By.SERVICE,
    namespace: str = "default",
    keeping: bool = False,
    progress: Progress = silent,
) -> Imported:
    """Write policies as intents, in memory.

    Args:
        sources: manifests.
        by: what a file of intents is about.
        namespace: that of objects whose metadata names none.
        keeping: whether policies that cannot be said may be kept as manifests; else they
            are errors.
        progress: receives what is being done.

    Returns:
        The texts and the findings. What an API server refuses is an error, and then there
        are not texts.
    """
    findings: list[Diagnostic] = []
    manifests: list[Manifests] = []
    outcomes: list[Outcome[Manifests]] = []
    listed = list(sources)
    for number, source in enumerate(listed):
        progress("reading", number, len(listed))
        outcomes.append(read(source, namespace=namespace))
    for outcome in set_aside_foreign_files(outcomes):
        manifests.append(outcome.value)
        findings += outcome.diagnostics
    findings += duplicates(manifests)
    if not has_errors(findings) and not any(
        manifest.policies or manifest.tiers for manifest in manifests
    ):
        findings.append(_nothing(listed))
    if has_errors(findings):
        return Imported(diagnostics=tuple(findings))
    return _Import(manifests, by, namespace, keeping=keeping, progress=progress).result(findings)


@frozen(kw_only=True)
class _Attempt:
    """Texts, their meaning, and the namespaces whose meaning differs from the manifests'."""

    texts: Mapping[str, str]
    means: Policies
    wrong: frozenset[str]


class _Import:
    """One import: the manifests, and what is known beside their policies."""

    def __init__(
        self,
        manifests: list[Manifests],
        by: By,
        namespace: str,
        *,
        keeping: bool,
        progress: Progress,
    ) -> None:
        self._progress = progress
        self._manifests, self._namespace, self._keeping = manifests, namespace, keeping
        known = inventory(manifests)
        self._inventory = known.value
        notes = {
            place: Note(comments=remark.comments, because=remark.description)
            for place, remark in remarks(
                p for manifest in manifests for p in manifest.policies
            ).items()
        }
        self._style = Style(by=by, workloads=known.value.workloads, notes=notes)
        self._found = list(known.diagnostics)

    def result(self, before: list[Diagnostic]) -> Imported:
        """The import, proved."""
        lifted = lift_manifests(self._manifests, namespace=self._namespace)
        original = lifted.value
        findings = [*before, *lifted.diagnostics, *self._found]
        kept: list[NetworkPolicy] = []
        attempt = self._written(with_stated_facts(original))
        if attempt.wrong:
            kept = self._unsayable(attempt.wrong)
            attempt = self._written(with_stated_facts(self._lifted(without=kept)))
            if not self._keeping:
                findings += map(_unsaid, kept)
        if kept and not attempt.wrong:
            whole = united(attempt.means, normalise(self._lifted(only=kept)))
            attempt = replace(
                attempt, wrong=different_namespaces(normalise(with_stated_facts(original)), whole)
            )
        if attempt.wrong:
            findings += map(_unsaid, self._policies(attempt.wrong))
        policies = [p for manifests in self._manifests for p in manifests.policies]
        cluster = [p for manifests in self._manifests for p in manifests.tiers]
        tiers = import_tiers(cluster, normalise(attempt.means), self._inventory)
        refused = [policy for policy in cluster if str(policy) in tiers.refused]
        if not self._keeping:
            findings += (_unsaid_tier(policy, tiers.refused[str(policy)]) for policy in refused)
        self._progress("looking for doubtful policies", 0, 1)
        doubtful = () if has_errors(findings) else tuple(self._lints(original))
        texts = {**attempt.texts, FILE: tiers.text} if tiers.text else attempt.texts
        return Imported(
            files={} if has_errors(findings) else texts,
            kept={
                **{self._kept_path(policy): own_text(policy) for policy in kept},
                **{cluster_file(policy.name): own_text(policy) for policy in refused},
            },
            policies=len(policies) + len(cluster),
            classes=sum(
                len(namespace.allows) for namespace in normalise(original).namespaces.values()
            ),
            manifest_lines=sum(map(_lines_of, policies)) + sum(map(_lines_of, cluster)),
            intent_lines=sum(_lines(text, "#") for text in texts.values()),
            diagnostics=tuple(findings),
            doubtful=doubtful,
        )

    def _lints(self, original: Policies) -> Iterator[Diagnostic]:
        """The lints on the policies, as `netpolc check` reports them."""
        written = as_written(
            self._manifests,
            self._inventory,
            namespace=self._namespace,
            tiers=lift_tiers(tier for manifests in self._manifests for tier in manifests.tiers),
        )
        yield from manifest_lints(written, original)

    def _lifted(
        self,
        *,
        only: list[NetworkPolicy] | None = None,
        without: Iterable[NetworkPolicy] = (),
    ) -> Policies:
        """The meaning of some policies, with the known labels of namespaces."""
        left = {id(policy) for policy in without}
        some = None if only is None else {id(policy) for policy in only}
        chosen = [
            replace(
                manifests,
                policies=tuple(
                    p
                    for p in manifests.policies
                    if id(p) not in left and (some is None or id(p) in some)
                ),
            )
            for manifests in self._manifests
        ]
        return lift_manifests(chosen, namespace=self._namespace).value

    def _written(self, policies: Policies) -> _Attempt:
        """Policies written as well as they can be, and once more, spelt out, where that fails."""
        attempt = self._attempt(policies, self._style)
        if attempt.wrong:
            attempt = self._attempt(policies, replace(self._style, plain=attempt.wrong))
        return attempt

    def _attempt(self, policies: Policies, style: Style) -> _Attempt:
        trees = decompile(policies, style, partial(self._progress, "choosing statements"))
        texts, read_again = dict[str, str](), []
        for number, (path, tree) in enumerate(trees.items()):
            self._progress("writing", number, len(trees))
            texts[path] = format_file(tree)
        for number, (path, text) in enumerate(texts.items()):
            self._progress("reading again", number, len(texts))
            read_again.append(parse(SourceFile(path, text)))
        self._progress("proving", 0, 1)
        program = resolve([outcome.value for outcome in read_again], namespace=self._namespace)
        slips = {
            d.label.span.text.strip('"') for d in program.diagnostics if d.rule is UNKNOWN_NAME
        }
        if slips - style.declared:
            return self._attempt(policies, replace(style, declared=style.declared | slips))
        lowered = lower(program.value)
        findings = [d for outcome in read_again for d in outcome.diagnostics]
        findings += (*program.diagnostics, *lowered.diagnostics)
        means = lowered.value
        wrong = (
            frozenset(policies.namespaces)
            if has_errors(findings)
            else different_namespaces(policies, means)
        )
        return _Attempt(texts=texts, means=means, wrong=wrong)

    def _policies(self, namespaces: Collection[str]) -> list[NetworkPolicy]:
        """The policies of some namespaces."""
        return [
            policy
            for manifests in self._manifests
            for policy in manifests.policies
            if (policy.namespace or self._namespace) in namespaces
        ]

    def _unsayable(self, wrong: frozenset[str]) -> list[NetworkPolicy]:
        """The policies to keep of namespaces that cannot be said: as few as it takes."""
        kept = []
        for name in sorted(wrong):
            own = self._policies({name})
            alone = [
                p for p in own if self._written(with_stated_facts(self._lifted(only=[p]))).wrong
            ]
            rest = [p for p in own if p not in alone]
            together = self._written(with_stated_facts(self._lifted(only=rest)))
            kept += own if together.wrong or not alone else alone
        return kept

    def _kept_path(self, policy: NetworkPolicy) -> str:
        return f"{policy.namespace or self._namespace}/{policy.name}.yaml"


def _nothing(sources: Iterable[SourceFile]) -> Diagnostic:
    place = next(iter(sources), SourceFile("manifests", ""))
    return Diagnostic(
        rule=NOTHING_TO_IMPORT,
        message="there is no NetworkPolicy among the manifests",
        label=Label(place.whole()),
        help="give the manifests of the policies, or begin from workloads with `netpolc init`",
    )


def _unsaid(policy: NetworkPolicy) -> Diagnostic:
    return Diagnostic(
        rule=CANNOT_BE_SAID,
        message=f"`{policy.name}` cannot be expressed as intents",
        label=Label(policy.span or SourceFile("", "").whole(), "no intents compile to this policy"),
        help="keep it beside the intents with `--keep-unliftable DIR`",
    )


def _unsaid_tier(policy: TierPolicy, reason: str) -> Diagnostic:
    return Diagnostic(
        rule=CANNOT_BE_SAID,
        message=f"no intents were found that mean what `{policy.name}` means",
        label=Label(policy.span or SourceFile("", "").whole(), reason),
        help="keep it beside the intents with `--keep-unliftable DIR`",
    )


def _lines_of(policy: NetworkPolicy | TierPolicy) -> int:
    return 0 if policy.span is None else _lines(policy.span.text, "#")


def _lines(text: str, comment: str) -> int:
    """The lines that say something."""
    lines = (line.strip() for line in text.splitlines())
    return sum(bool(line) and line != "---" and not line.startswith(comment) for line in lines)
