"""`netpolc fn`: a ResourceList in, the same with NetworkPolicies out, and with ClusterNetworkPolicies.

The objects in the list are the facts: what others' policies permit beside the intents,
which namespaces and workloads there are. The function's own policies of an earlier run are
not counted, because they are replaced; they are known by an annotation with the name of the
function's configuration, so that two functions leave each other's policies alone. All that
is counted is in the list that comes out, so the proofs are about what will be applied.

After an error the objects come out as they went in, with results that say why, and the
exit code tells the caller not to go on (KRM Functions Specification, v1, "Exit Code").
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from netpolc.commands.fn_configuration import (
    ANNOTATIONS_OF_CALLERS,
    Configuration,
    configuration,
)
from netpolc.commands.fn_results import results
from netpolc.commands.pipeline import run
from netpolc.diagnostics import Diagnostic, Label, Outcome, Rule, Severity
from netpolc.diagnostics.diagnostic import has_errors
from netpolc.diagnostics.render.escape import visible
from netpolc.io.gather_sources import gather_inside
from netpolc.io.project import Options, Request
from netpolc.io.read_file import decode
from netpolc.io.sources import STDIN, Sources
from netpolc.manifest.krm_resource_list import (
    Changes,
    Item,
    ResourceList,
    bare,
    read_list,
    rewritten,
    says,
)
from netpolc.manifest.manifest_set import ObjectName
from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.policy_names import LOCAL_CONFIG, MANAGED_BY, MANAGER
from netpolc.manifest.read import read_values
from netpolc.manifest.tier_model import CLUSTER_NETWORK_POLICY, TIER_GROUP, TierPolicy
from netpolc.manifest.write import write
from netpolc.manifest.write_tier_policy import write_tier_policy
from netpolc.values import frozen

PATH_OUTSIDE = Rule(code="NP743", name="path-outside", severity=Severity.ERROR)
POLICY_NAME_TAKEN = Rule(code="NP744", name="policy-name-taken", severity=Severity.ERROR)

FUNCTION = "netpolc/function"
"""The annotation that says which function made a policy."""

_GROUPS = {"NetworkPolicy": "networking.k8s.io", CLUSTER_NETWORK_POLICY: TIER_GROUP}
"""The groups of the kinds that are made."""
_Identity: TypeAlias = tuple[str, str, str]
_Made: TypeAlias = NetworkPolicy | TierPolicy


@frozen(kw_only=True)
class Answer:
    """The output and findings of the function; it has failed if there is an error."""

    text: str
    diagnostics: tuple[Diagnostic, ...]

    @property
    def failed(self) -> bool:
        """Whether there is an error among the findings."""
        return has_errors(self.diagnostics)


def function(data: bytes, request: Request) -> Answer:
    """Answer a caller.

    Args:
        data: what came on standard input.
        request: the working folder, in which `spec.paths` are looked for, and the day by which
            arrows expire.

    Returns:
        The list to print, whatever came, and the findings that are also among its results.
    """
    file = decode(data, STDIN)
    if file.value is None:
        return Answer(text=bare(results(file.diagnostics)), diagnostics=file.diagnostics)
    read = read_list(file.value)
    resource_list, findings = read.value, read.diagnostics
    if resource_list is None:
        return Answer(text=bare(results(findings)), diagnostics=findings)
    outcome = _changes(resource_list, request)
    findings = outcome.diagnostics
    changes = Changes() if has_errors(findings) else outcome.value
    text = rewritten(resource_list, replace(changes, results=results(findings, resource_list)))
    return Answer(text=text, diagnostics=findings)


def _changes(resource_list: ResourceList, request: Request) -> Outcome[Changes]:
    """The changes that the configuration makes to the list."""
    configured = configuration(resource_list)
    config = configured.value
    if config is None:
        return Outcome(Changes(), configured.diagnostics)
    sources = _sources(config, resource_list, request)
    counted = [
        item.node for item in resource_list.items if not _is_own(item, config) and _applies(item)
    ]
    known = read_values(resource_list.file, counted, namespace=config.namespace)
    result = run(
        replace(sources.value, counted=(known.value,)),
        _options(config, request),
        before=(*sources.diagnostics, *known.diagnostics),
    )
    made: tuple[_Made, ...] = (*result.manifests, *result.cluster_policies)
    taken = tuple(_taken(made, known.value.objects, config, resource_list))
    changes = _exchanged(made, resource_list, config)
    return Outcome(changes, (*result.diagnostics, *taken))


def _options(config: Configuration, request: Request) -> Options:
    return Options(
        today=request.today,
        namespace=config.namespace,
        strict=config.strict,
        stage=config.stage,
        tiers=config.tiers,
        labels=config.labels,
        annotations={**config.annotations, FUNCTION: config.name},
    )


def _sources(
    config: Configuration, resource_list: ResourceList, request: Request
) -> Outcome[Sources]:
    """Return the intents: those in the configuration, and those in the files that it names."""
    if not config.paths:
        return Outcome(Sources(intents=config.intents))
    gathered, outside = gather_inside(config.paths, request.here)
    if outside is not None:
        return Outcome(Sources(), (_outside(outside, resource_list),))
    read = gathered.value
    return Outcome(replace(read, intents=(*config.intents, *read.intents)), gathered.diagnostics)


def _outside(path: str, resource_list: ResourceList) -> Diagnostic:
    node = resource_list.config.node if resource_list.config else resource_list.root
    return Diagnostic(
        rule=PATH_OUTSIDE,
        message=f"`{visible(path)}` leads out of the working folder",
        label=Label(resource_list.file.span(node.start, node.end)),
        help="keep the intents inside it, or hand them over in `spec.intents`",
    )


def _is_policy(item: Item) -> bool:
    group = _GROUPS.get(item.kind)
    return group is not None and item.version.startswith(f"{group}/")


def _is_own(item: Item, config: Configuration) -> bool:
    """Whether an earlier run of the same function made it."""
    return (
        _is_policy(item)
        and item.labels.get(MANAGED_BY) == MANAGER
        and item.annotations.get(FUNCTION) == config.name
    )


def _applies(item: Item) -> bool:
    """Whether an object goes to the cluster at all; those for tools alone do not."""
    return item.annotations.get(LOCAL_CONFIG) != "true"


def _identity(item: Item, config: Configuration) -> _Identity:
    namespace = item.namespace or config.namespace
    return item.kind, "" if item.kind == CLUSTER_NETWORK_POLICY else namespace, item.name


def _identity_of(policy: _Made, config: Configuration) -> _Identity:
    if isinstance(policy, TierPolicy):
        return policy.kind, "", policy.name
    return "NetworkPolicy", policy.namespace or config.namespace, policy.name


def _text(policy: _Made) -> str:
    return write_tier_policy(policy) if isinstance(policy, TierPolicy) else write(policy)


def _taken(
    made: Sequence[_Made],
    counted: Iterable[ObjectName],
    config: Configuration,
    resource_list: ResourceList,
) -> Iterator[Diagnostic]:
    """The policies of others, those in lists of objects too, that have the name of one that was made."""
    names = {_identity_of(policy, config) for policy in made}
    for other in counted:
        if (other.kind, other.namespace, other.name) in names:
            yield Diagnostic(
                rule=POLICY_NAME_TAKEN,
                message=f"another author's {other.kind} has the name `{visible(other.name)}`",
                label=Label(other.span or resource_list.file.whole()),
                help="take it out of the list, or give it another name",
            )


def _exchanged(
    made: Sequence[_Made], resource_list: ResourceList, config: Configuration
) -> Changes:
    """Own policies replaced by new ones of the same name, or removed; the rest added."""
    new = {_identity_of(policy, config): policy for policy in made}
    replaced: dict[int, str] = {}
    for number, item in enumerate(resource_list.items):
        if not _is_own(item, config):
            continue
        policy = new.pop(_identity(item, config), None)
        text = _text(_with_annotations(policy, item)) if policy else ""
        if not text or not says(item, text):
            replaced[number] = text
    return Changes(replaced=replaced, added=tuple(map(_text, new.values())))


def _with_annotations(policy: _Made, item: Item) -> _Made:
    """The policy with the annotations by which the caller knows the object."""
    kept = {
        key: text
        for key, text in item.annotations.items()
        if key.startswith(ANNOTATIONS_OF_CALLERS)
    }
    return replace(policy, annotations={**policy.annotations, **kept})
