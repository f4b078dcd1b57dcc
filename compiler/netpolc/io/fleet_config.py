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
from netpolc.io.config import CONFIG_SYNTAX, OUTPUT, SOURCES, Config, TableReader, overlaps
from netpolc.io.config_values import CLUSTER_CHECKS, output_name_problem
from netpolc.io.output_ownership import OVERLAPPING_OUTPUTS
from netpolc.source import SourceFile

FLEET_FILE = "fleet.toml"
_CLUSTERS, _FOLDERS, _CLAIMS = "clusters", "folders", "claims"
_TEXT_KEYS = ("sources", "with", "output")
"""The keys whose values may say `{name}` and `{folder}`."""
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
        label = Label(file.whole(), str(error))
        message = f"{FLEET_FILE} is not TOML"
        return Outcome(config, (Diagnostic(rule=CONFIG_SYNTAX, message=message, label=label),))
    reader = _FleetReader(file)
    outputs = reader.clusters(table, config, folders)
    return Outcome(replace(config, outputs=outputs, outputs_file=FLEET_FILE), tuple(reader.found))


class _FleetReader(TableReader):
    """Checks the tables of fleet.toml."""

    def clusters(
        self, table: Mapping[str, Any], config: Config, folders: Callable[[str], Sequence[str]]
    ) -> dict[str, Config]:
        """Return the settings of each cluster by its name."""
        for key in table.keys() - {_CLUSTERS, _FOLDERS, _CLAIMS}:
            self.bad_value(
                f"`{key}` is not a table of {FLEET_FILE}: clusters, folders, claims", key
            )
        tables = self._cluster_tables(table, folders)
        claims = [*self._claims(self._list(table, _CLAIMS))]
        clusters = {
            name: replace(
                self._cluster(name, settings, config, claims), shares_sources=len(tables) > 1
            )
            for name, settings in tables.items()
        }
        if not self.found:
            self._check_claims(claims, clusters.values())
        self._check_folders(clusters)
        return clusters

    def _cluster_tables(
        self, table: Mapping[str, Any], folders: Callable[[str], Sequence[str]]
    ) -> dict[str, dict[str, Any]]:
        """Return the table of each cluster, written out or made for a folder, by its name."""
        tables = dict(self._tables(table.get(_CLUSTERS, {}), _CLUSTERS))
        for name, settings in self._found(self._list(table, _FOLDERS), folders):
            if problem := output_name_problem(name):
                self.bad_value(f"the folder `{visible(name)}` {problem}", _FOLDERS)
                continue
            if name in tables:
                self.bad_value(f"two clusters are called `{name}`", _FOLDERS)
            tables.setdefault(name, settings)
        return tables

    def _cluster(
        self, name: str, table: dict[str, Any], config: Config, claims: Iterable[_Claim]
    ) -> Config:
        """Return the settings of a cluster, with the sources of the claims about it."""
        own = self.values(table, CLUSTER_CHECKS, _CLUSTERS, name)
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

    def _check_claims(self, claims: Iterable[_Claim], clusters: Collection[Config]) -> None:
        """Report the claims that are about no cluster: a misspelt label must not leave them unproved."""
        for labels, _ in claims:
            if not any(labels.items() <= cluster.cluster.items() for cluster in clusters):
                wanted = ", ".join(f"{key}={value}" for key, value in labels.items())
                with_labels = f" with the labels {wanted}" if wanted else ""
                self.bad_value(f"a claim is about no cluster: there is none{with_labels}", _CLAIMS)

    def _check_folders(self, clusters: Mapping[str, Config]) -> None:
        """Report the clusters whose output folders overlap."""
        self.found += (
            Diagnostic(
                rule=OVERLAPPING_OUTPUTS,
                message=problem,
                label=Label(self.span(_CLUSTERS, name, "output")),
                help="give each cluster a folder of its own",
            )
            for name, problem in overlaps(clusters)
        )

    def _tables(self, value: object, above: str) -> Iterator[tuple[str, dict[str, Any]]]:
        if not isinstance(value, dict) or not all(
            isinstance(table, dict) for table in value.values()
        ):
            self.bad_value(f"`{above}` has a table for each cluster: `[clusters.eu-1]`", above)
            return
        for name, table in value.items():
            if problem := output_name_problem(name):
                self.bad_value(f"`{visible(name)}` {problem}", above)
            else:
                yield name, table

    def _list(self, table: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
        value = table.get(key, [])
        if isinstance(value, list) and all(isinstance(table, dict) for table in value):
            return value
        self.bad_value(f"`{key}` is a list of tables: `[[{key}]]`", key)
        return []

    def _found(
        self, tables: Sequence[dict[str, Any]], folders: Callable[[str], Sequence[str]]
    ) -> Iterator[tuple[str, dict[str, Any]]]:
        """Return a cluster for each folder that a pattern finds."""
        for table in tables:
            settings = dict(table)
            pattern = settings.pop("pattern", None)
            parent, _, last = pattern.rpartition("/") if isinstance(pattern, str) else ("", "", "")
            if last != "*" or "*" in parent:
                self.bad_value("`pattern` is a folder and `/*`, such as `clusters/*`", _FOLDERS)
                continue
            names = folders(parent)
            if not names:
                self.bad_value(f"there is no folder in `{parent}`", _FOLDERS)
            for name in names:
                yield (
                    name,
                    {
                        key: _filled(key, value, name, f"{parent}/{name}")
                        for key, value in settings.items()
                    },
                )

    def _claims(self, tables: Sequence[dict[str, Any]]) -> Iterator[_Claim]:
        """Return the labels of the clusters and the sources of each claim."""
        for table in tables:
            labels, sources = table.get("clusters", {}), table.get("sources")
            if (
                table.keys() - {"clusters", "sources"}
                or not isinstance(labels, dict)
                or sources is None
            ):
                self.bad_value(
                    "a claim has `sources`, and in `clusters` the labels of clusters", _CLAIMS
                )
                continue
            checked = self.values({"labels": labels, "sources": sources}, CLUSTER_CHECKS, _CLAIMS)
            if checked.keys() == {"labels", "sources"}:
                yield checked["labels"], checked["sources"]


def _filled(key: str, value: object, name: str, folder: str) -> object:
    """Return a value with the name and the folder of a cluster in place of their marks."""
    if key not in _TEXT_KEYS:
        return value
    if isinstance(value, list):
        return [_filled(key, item, name, folder) for item in value]
    if isinstance(value, str):
        return value.replace("{name}", name).replace("{folder}", folder)
    return value
