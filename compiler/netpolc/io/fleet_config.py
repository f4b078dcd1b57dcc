"""The clusters of fleet.toml, each an output with labels of its own.

The file is beside netpolc.toml and adds to what that says. A cluster is written out, or comes from
each folder that a pattern finds; claims go to the clusters with some labels.

    [clusters.eu-1]
    labels = { tier = "prod", region = "eu" }
    sources = ["intents", "env/prod.intent"]
    with = ["clusters/eu-1"]

    [[folders]]
    pattern = "clusters/*"
    labels = { tier = "dev" }
    sources = ["intents", "{folder}/intents"]

    [[claims]]
    clusters = { tier = "prod" }
    sources = ["security/prod.intent"]

Without fleet.toml the clusters are the outputs of netpolc.toml.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from netpolc.diagnostics import Diagnostic, Label, Outcome
from netpolc.diagnostics.render.escape import visible
from netpolc.io.config import OUTPUT, SOURCES, Config, TableReader, not_toml, overlaps
from netpolc.io.config_values import CLUSTER_CHECKS, output_name_problem
from netpolc.io.output_ownership import OVERLAPPING_OUTPUTS
from netpolc.source import SourceFile

FLEET_FILE = "fleet.toml"
_CLUSTERS, _FOLDERS, _CLAIMS = "clusters", "folders", "claims"
_PATTERN = "pattern"
_Claim = tuple[Mapping[str, str], tuple[str, ...]]
"""The labels of the clusters that a claim is about, and its sources."""


def fleet_config(
    config: Config, file: SourceFile, folders: Callable[[str], Sequence[str]]
) -> Outcome[Config]:
    """Return the settings of netpolc.toml with the clusters of fleet.toml as its outputs.

    Args:
        config: what netpolc.toml says.
        file: fleet.toml.
        folders: returns the names of the folders in a folder, given by its path from the project.
    """
    import tomllib  # noqa: PLC0415 - few runs have a fleet.toml

    try:
        table = tomllib.loads(file.text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Outcome(config, (not_toml(file, str(error)),))
    reader = _FleetReader(file)
    outputs = reader.clusters(table, config, folders)
    return Outcome(
        replace(config, outputs=outputs, outputs_file=FLEET_FILE), tuple(reader.findings)
    )


class _FleetReader(TableReader):
    """Checks the tables of fleet.toml."""

    def __init__(self, file: SourceFile) -> None:
        """Read fleet.toml."""
        super().__init__(file)
        self._places: dict[str, tuple[str | int, ...]] = {}

    def clusters(
        self, table: Mapping[str, Any], config: Config, folders: Callable[[str], Sequence[str]]
    ) -> dict[str, Config]:
        """Return the settings of each cluster by its name."""
        for key in table.keys() - {_CLUSTERS, _FOLDERS, _CLAIMS}:
            self.bad_value(
                f"`{key}` is not a table of {FLEET_FILE}: clusters, folders, claims", key
            )
        settings = self._settings(table, folders)
        claims = [*self._claims(self._list(table, _CLAIMS))]
        clusters = {
            name: replace(_cluster(name, own, config, claims), shares_sources=len(settings) > 1)
            for name, own in settings.items()
        }
        if not self.findings:
            self._check_claims(claims, clusters.values())
        self._check_folders(clusters)
        return clusters

    def _settings(
        self, table: Mapping[str, Any], folders: Callable[[str], Sequence[str]]
    ) -> dict[str, dict[str, Any]]:
        """Return the checked settings of each cluster, written out or made for a folder, by its name."""
        settings = dict(self._tables(table.get(_CLUSTERS, {})))
        self._places.update((name, (_CLUSTERS, name)) for name in settings)
        for number, name, own in self._found(self._list(table, _FOLDERS), folders):
            place = (_FOLDERS, number)
            if problem := output_name_problem(name):
                self.bad_value(f"the folder `{visible(name)}` {problem}", *place, _PATTERN)
                continue
            if name in settings:
                self.bad_value(f"two clusters are called `{name}`", *place, _PATTERN)
            settings.setdefault(name, own)
            self._places.setdefault(name, place)
        return settings

    def _check_claims(self, claims: Iterable[_Claim], clusters: Collection[Config]) -> None:
        """Report the claims that are about no cluster: a misspelt label must not leave them unproved."""
        for number, (labels, _) in enumerate(claims):
            if not any(labels.items() <= cluster.cluster.items() for cluster in clusters):
                wanted = ", ".join(f"{key}={value}" for key, value in labels.items())
                with_labels = f" with the labels {wanted}" if wanted else ""
                message = f"there is no cluster{with_labels} for this claim"
                self.bad_value(message, _CLAIMS, number, "clusters")

    def _check_folders(self, clusters: Mapping[str, Config]) -> None:
        """Report the clusters whose output folders overlap."""
        self.findings += (
            Diagnostic(
                rule=OVERLAPPING_OUTPUTS,
                message=problem,
                label=Label(self.span(*self._places[name], "output")),
                help="give each cluster a folder of its own",
            )
            for name, problem in overlaps(clusters)
        )

    def _tables(self, value: object) -> Iterator[tuple[str, dict[str, Any]]]:
        """Return the checked settings of each cluster that is written out."""
        if not isinstance(value, dict) or not all(
            isinstance(table, dict) for table in value.values()
        ):
            message = f"`{_CLUSTERS}` has a table for each cluster: `[clusters.eu-1]`"
            self.bad_value(message, _CLUSTERS)
            return
        for name, table in value.items():
            if problem := output_name_problem(name):
                self.bad_value(f"`{visible(name)}` {problem}", _CLUSTERS, name)
            else:
                yield name, self.values(table, CLUSTER_CHECKS, _CLUSTERS, name)

    def _list(self, table: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        value = table.get(key, [])
        if isinstance(value, list) and all(isinstance(table, dict) for table in value):
            return value
        self.bad_value(f"`{key}` is a list of tables: `[[{key}]]`", key)
        return []

    def _found(
        self, tables: Sequence[dict[str, Any]], folders: Callable[[str], Sequence[str]]
    ) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Return the name and the checked settings of a cluster for each folder that a pattern finds.

        The number is that of the pattern's table, which is checked once for all its folders.
        """
        for number, table in enumerate(tables):
            settings = dict(table)
            pattern = settings.pop(_PATTERN, None)
            own = self.values(settings, CLUSTER_CHECKS, _FOLDERS, number)
            parent, _, last = pattern.rpartition("/") if isinstance(pattern, str) else ("", "", "")
            if last != "*" or "*" in parent:
                message = "`pattern` is a folder and `/*`, such as `clusters/*`"
                self.bad_value(message, _FOLDERS, number, _PATTERN)
                continue
            names = folders(parent)
            if not names:
                self.bad_value(f"there is no folder in `{parent}`", _FOLDERS, number, _PATTERN)
            for name in names:
                filled = {
                    key: _filled(value, name, f"{parent}/{name}") for key, value in own.items()
                }
                yield number, name, filled

    def _claims(self, tables: Sequence[dict[str, Any]]) -> Iterator[_Claim]:
        """Return the labels of the clusters and the sources of each claim."""
        for number, table in enumerate(tables):
            labels, sources = table.get("clusters", {}), table.get("sources")
            unknown = [key for key in table if key not in {"clusters", "sources"}]
            if unknown or not isinstance(labels, dict) or sources is None:
                message = "a claim has `sources`, and in `clusters` the labels of clusters"
                self.bad_value(message, _CLAIMS, number, *unknown[:1])
                continue
            asked = {"labels": labels, "sources": sources}
            checked = self.values(asked, CLUSTER_CHECKS, _CLAIMS, number)
            if checked.keys() == asked.keys():
                yield checked["labels"], checked["sources"]


def _cluster(
    name: str, settings: Mapping[str, Any], config: Config, claims: Iterable[_Claim]
) -> Config:
    """Return the settings of a cluster, with the sources of the claims about it."""
    own = dict(settings)
    labels = own.pop("labels", {})
    sources = own.pop("sources", config.sources or (SOURCES,))
    claimed = [
        path for wanted, paths in claims if wanted.items() <= labels.items() for path in paths
    ]
    return replace(
        config,
        **{"output": f"{config.output or OUTPUT}/{name}", **own},
        sources=(*sources, *(path for path in claimed if path not in sources)),
        name=name,
        cluster=labels,
        outputs={},
    )


def _filled(value: Any, name: str, folder: str) -> Any:
    """Return paths with the name and the folder of a cluster in place of their marks."""
    if isinstance(value, tuple):
        return tuple(_filled(item, name, folder) for item in value)
    if isinstance(value, str):
        return value.replace("{name}", name).replace("{folder}", folder)
    return value
