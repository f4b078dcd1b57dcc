"""The proof, at every compile, that the manifests say what the intents mean.

A wrong manifest is a breach, so each compile checks itself: the manifests are lifted back to
the IR, and the two must be equal. If they are not, the compiler has a bug, whatever the
program, and nothing is written. Only values are compared; `yaml.quote_scalar` checks that the
text of each string reads back as this string.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from netpolc.analysis.tiers import NO_TIERS, Tiers
from netpolc.diagnostics import Diagnostic, Label, Rule, Severity
from netpolc.diagnostics.render.escape import visible
from netpolc.io.output_folder import OutputFolder
from netpolc.io.read_file import read_file
from netpolc.ir.model import Allow, Policies, PolicySet, Subject
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.output_layout import KUSTOMIZATION
from netpolc.manifest.tier_model import TierPolicy
from netpolc.memory import NO_MEMORY, Memory
from netpolc.passes.lift import Words, lift, manifests_match
from netpolc.passes.normalise import normalise
from netpolc.provenance import Origin
from netpolc.source import SourceFile, Span
from netpolc.yaml.quote_scalar import MiswrittenError

MISTRANSLATED = Rule(code="NP740", name="mistranslated", severity=Severity.ERROR)

_SHOWN = 3


def validate(
    policies: Policies, manifests: Iterable[NetworkPolicy], memory: Memory = NO_MEMORY
) -> tuple[Diagnostic, ...]:
    """Compare normalised policies with the manifests made from them; a finding for each difference."""
    made = tuple(manifests)
    if _are_said(policies, made, memory):
        return ()
    lifted = lift(made)
    # Advice about manifests is for those that people write.
    errors = (finding for finding in lifted.diagnostics if finding.severity is Severity.ERROR)
    return (*errors, *_mismatches(policies, normalise(lifted.value)))


def validate_tiers(tiers: Tiers, made: Iterable[TierPolicy]) -> tuple[Diagnostic, ...]:
    """Compare the rules of tiers with the policies made from them; a finding if they differ."""
    policies = tuple(made)
    if not policies and not tiers.rules:
        return ()
    from netpolc.analysis.lift_tiers import lift_tiers  # noqa: PLC0415 - few programs have tiers

    lifted = lift_tiers(policies)
    if lifted.rules == tiers.rules:
        return ()
    wrong = {*tiers.rules} ^ {*lifted.rules}
    spans = [o.span for rule in wrong for o in rule.origins if o.span is not None]
    names = ", ".join(sorted({rule.policy for rule in wrong})[:_SHOWN]) or "the order differs"
    return (
        Diagnostic(
            rule=MISTRANSLATED,
            message="the cluster-wide policies do not mean what the intents mean",
            label=Label(spans[0] if spans else SourceFile("", "").whole(), names),
            help="this is a bug in netpolc: please report it",
        ),
    )


def _are_said(policies: Policies, made: Sequence[NetworkPolicy], memory: Memory) -> bool:
    """Whether each namespace's policies are certainly those of its manifests, with none left over."""
    by_namespace: dict[str | None, list[NetworkPolicy]] = {}
    for policy in made:
        by_namespace.setdefault(policy.namespace, []).append(policy)
    words = Words()
    return by_namespace.keys() <= policies.namespaces.keys() and all(
        memory.once(
            "validated", name, (policy_set, tuple(some)), partial(_is_said, policy_set, some, words)
        )
        for name, policy_set in policies.namespaces.items()
        for some in (by_namespace.get(name, []),)
    )


def _is_said(policies: PolicySet, made: Sequence[NetworkPolicy], words: Words) -> bool:
    return manifests_match(made, Policies({policies.namespace: policies}), words)


def miswritten(error: MiswrittenError) -> Diagnostic:
    """Return the finding that a string's text does not read back as this string."""
    return Diagnostic(
        rule=MISTRANSLATED,
        message=f"the text of the manifests does not say `{visible(error.text)}`",
        label=Label(SourceFile("", "").whole(), f"it says {visible(error.written)}"),
        help="this is a bug in netpolc: please report it",
    )


def verify(
    output: OutputFolder, files: Iterable[str], policies: Policies, tiers: Tiers = NO_TIERS
) -> tuple[Diagnostic, ...]:
    """A finding for each difference between what written files mean and the policies.

    Args:
        output: the folder that was written.
        files: paths of the files in it, from the folder.
        policies: what they should mean, normalised.
        tiers: the rules that their cluster-wide policies should have.
    """
    from netpolc.manifest.read import read  # noqa: PLC0415 - with yaml, which a compile does without

    manifests: list[NetworkPolicy] = []
    cluster: list[TierPolicy] = []
    for path in files:
        if path.rpartition("/")[2] == KUSTOMIZATION:
            continue
        text = read_file(output.path / path, f"{output.name}/{path}")
        if text.value is None:
            return text.diagnostics
        outcome = read(text.value)
        if outcome.failed:
            return outcome.diagnostics
        manifests += outcome.value.policies
        cluster += outcome.value.tiers
    return (*validate(policies, manifests), *validate_tiers(tiers, cluster))


def meaning(manifests: Iterable[NetworkPolicy]) -> Policies:
    """The normalised meaning of validated manifests, for example of one half of a program."""
    return normalise(lift(tuple(manifests)).value)


def _mismatches(meant: Policies, made: Policies) -> Iterator[Diagnostic]:
    for name in sorted({*meant.namespaces, *made.namespaces}):
        intended = _parts(meant.namespaces, name)
        lifted = _parts(made.namespaces, name)
        if intended != lifted:
            yield _mismatch(name, intended, lifted)


def _parts(sets: Mapping[str, PolicySet], name: str) -> list[Subject | Allow]:
    """The meaning of a namespace's policies in small parts, without its facts, which are not part of manifests."""
    policies = sets.get(name)
    subjects = policies.subjects if policies else ()
    return [
        *(replace(subject, allows=()) for subject in subjects),
        *(policies.allows if policies else ()),
    ]


def _mismatch(name: str, meant: list[Subject | Allow], made: list[Subject | Allow]) -> Diagnostic:
    both = {*meant} & {*made}
    lost = [part for part in meant if part not in both]
    added = [part for part in made if part not in both]
    origins = [origin for part in (*lost, *meant) for origin in part.origins]
    words = [
        f"{what}: {'; '.join(map(_words, parts[:_SHOWN]))}"
        for what, parts in (("only in the intents", lost), ("only in the manifests", added))
        if parts
    ]
    return Diagnostic(
        rule=MISTRANSLATED,
        message=f"the manifests of namespace `{name}` do not mean what the intents mean",
        label=Label(_place(origins), " and ".join(words) or "the order differs"),
        help="this is a bug in netpolc: please report it",
    )


def _words(part: Subject | Allow) -> str:
    statements = ", ".join(sorted({origin.statement for origin in part.origins}))
    if isinstance(part, Allow):
        what = f"{part.direction.value} of {part.subject} with {part.peer} on {part.traffic}"
    else:
        what = f"{part.direction.value} of {part.selector}"
    return f"{what} ({statements})"


def _place(origins: Iterable[Origin]) -> Span:
    for origin in origins:
        if origin.span is not None:
            return origin.span
    return SourceFile("", "").whole()
