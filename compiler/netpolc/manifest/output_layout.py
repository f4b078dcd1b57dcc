"""Which file of the output holds which policy.

Teams cut the ownership of manifests differently: a folder for each namespace, one file
for each, or beside the structure of the intents, so that an application's folder holds
its own. The text of a policy is the same everywhere; only the place differs.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from itertools import takewhile

from netpolc.manifest.model import NetworkPolicy
from netpolc.manifest.rollout_stages import Stage
from netpolc.manifest.tier_model import TierPolicy
from netpolc.manifest.write import Fragments, header, write
from netpolc.values import frozen
from netpolc.yaml.quote_scalar import scalar

KUSTOMIZATION = "kustomization.yaml"
_CLUSTER = "_cluster"
"""The folder of cluster-wide policies; no namespace can have this name."""

_LONGEST = 240
_SEPARATOR = "---\n"


class Layout(Enum):
    """The rule by which manifests are divided into files."""

    POLICY = "policy"
    """`<namespace>/<policy>.yaml`"""
    NAMESPACE = "namespace"
    """`<namespace>.yaml`"""
    SOURCE = "source"
    """`<folder of the intents>/<namespace>.<policy>.yaml`"""


def arrange(  # noqa: PLR0913 - what an output is made of
    policies: Iterable[NetworkPolicy],
    layout: Layout,
    folders: Mapping[str, str],
    *,
    cluster: Iterable[TierPolicy] = (),
    kustomization: bool = False,
    part: str = "",
    others: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The files of the output.

    Args:
        policies: manifests, each with its namespace.
        layout: how to cut them into files.
        folders: for each intent file the folder below its source, for `Layout.SOURCE`.
        cluster: cluster-wide policies; every layout gives each a file of its own.
        kustomization: whether each folder gets a kustomization.yaml.
        part: which part of the policies these are; goes into the name of a file that would
            otherwise hold policies of other parts too.
        others: files of further namespaces, texts by path.

    Returns:
        Texts by path from the output folder, with forward slashes, in order.
    """
    ordered = _ordered(policies)
    tops = _tops(ordered, folders) if layout is Layout.SOURCE else {}
    by_path: dict[str, list[NetworkPolicy]] = {}
    for policy in ordered:
        folder = folders.get(policy.home, tops.get(policy.namespace, ""))
        by_path.setdefault(_path(policy, layout, folder, part), []).append(policy)
    fragments = Fragments()
    files = {path: _stream(some, fragments) for path, some in by_path.items()}
    files |= others or {}
    files |= {
        cluster_file(tier_policy.name): header(tier_policy.sources) + _tier_text(tier_policy)
        for tier_policy in cluster
    }
    if kustomization:
        files |= _kustomizations(files)
    return dict(sorted(files.items()))


@frozen
class Paths:
    """The paths that the layouts give the file with some policies.

    `in_folder` are whole paths from the output folder. `beside_sources` are the names of files
    whose folder the intents decide.
    """

    in_folder: frozenset[str] = frozenset()
    beside_sources: frozenset[str] = frozenset()


def paths(policies: Sequence[tuple[str, str]]) -> Paths:
    """Return where the layouts put a file with the given policies, each a namespace and a name."""
    namespaces = {namespace for namespace, _ in policies}
    if len(namespaces) != 1:
        return Paths()
    (namespace,) = namespaces
    parts = ("", *(stage.value for stage in Stage))
    files = {_namespace_file(namespace, part) for part in parts}
    if len(policies) > 1:
        return Paths(frozenset(files))
    name = policies[0][1]
    return Paths(
        frozenset({*files, f"{namespace}/{_file_name(name)}"}),
        frozenset({_file_name(f"{namespace}.{name}")}),
    )


def cluster_file(name: str) -> str:
    """The path of the file with a cluster-wide policy, from the output folder."""
    return f"{_CLUSTER}/{_file_name(name)}"


def stream(policies: Iterable[NetworkPolicy], *, cluster: Iterable[TierPolicy] = ()) -> str:
    """Manifests as the documents of one YAML stream, below one header, cluster-wide ones last."""
    return _stream(_ordered(policies), Fragments(), tuple(cluster))


def _stream(
    policies: Sequence[NetworkPolicy], known: Fragments, last: Sequence[TierPolicy] = ()
) -> str:
    documents = [*(write(policy, known) for policy in policies), *map(_tier_text, last)]
    if not documents:
        return ""
    sources = {source for policy in policies for source in policy.sources}
    sources.update(source for policy in last for source in policy.sources)
    return header(sorted(sources)) + _SEPARATOR.join(documents)


def _ordered(policies: Iterable[NetworkPolicy]) -> Sequence[NetworkPolicy]:
    return sorted(policies, key=lambda policy: (policy.namespace or "", policy.name))


def _tops(policies: Iterable[NetworkPolicy], folders: Mapping[str, str]) -> dict[str | None, str]:
    """For each namespace the folder that holds all its policies of some intent file.

    The built-in dns comes from no file; its policy belongs where its namespace is at home.
    """
    tops: dict[str | None, str] = {}
    for policy in policies:
        if policy.home in folders:
            folder = folders[policy.home]
            tops[policy.namespace] = _common(tops.get(policy.namespace, folder), folder)
    return tops


def _common(path: str, other: str) -> str:
    """The deepest folder that holds both."""
    if path == other:
        return path
    parts = zip(path.split("/"), other.split("/"), strict=False)
    return "/".join(part for part, _ in takewhile(lambda pair: pair[0] == pair[1], parts))


def _path(policy: NetworkPolicy, layout: Layout, folder: str, part: str) -> str:
    match layout:
        case Layout.POLICY:
            return f"{policy.namespace}/{_file_name(policy.name)}"
        case Layout.NAMESPACE:
            return _namespace_file(f"{policy.namespace}", part)
        case Layout.SOURCE:
            name = _file_name(f"{policy.namespace}.{policy.name}")
            return f"{folder}/{name}" if folder else name


def _namespace_file(namespace: str, part: str) -> str:
    if part:
        return _file_name(f"{namespace}.{part}")
    # kustomize would take the file of a namespace of this name for its own.
    is_taken = f"{namespace}.yaml" == KUSTOMIZATION
    return _file_name(f"namespace.{namespace}" if is_taken else namespace)


def _file_name(name: str) -> str:
    """A file's name; a policy's name may be longer than file systems take (255 bytes)."""
    if len(name) > _LONGEST:
        from hashlib import sha256  # noqa: PLC0415 - loads OpenSSL, and few names are so long

        name = f"{name[: _LONGEST - 17]}-{sha256(name.encode()).hexdigest()[:16]}"
    return f"{name}.yaml"


def _kustomizations(files: Iterable[str]) -> dict[str, str]:
    """A kustomization for each folder with manifests below it: its files and its folders."""
    inside: dict[str, set[str]] = {}
    for path in files:
        child = path
        while child:
            folder, _, name = child.rpartition("/")
            inside.setdefault(folder, set()).add(name)
            child = folder
    return {
        f"{folder}/{KUSTOMIZATION}".lstrip("/"): _kustomization(names)
        for folder, names in inside.items()
    }


def _kustomization(names: Iterable[str]) -> str:
    resources = "".join(f"- {scalar(name)}\n" for name in sorted(names))
    return (
        f"{header(())}apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        f"resources:\n{resources}"
    )


def _tier_text(policy: TierPolicy) -> str:
    from netpolc.manifest.write_tier_policy import write_tier_policy  # noqa: PLC0415 - few have tiers

    return write_tier_policy(policy)
