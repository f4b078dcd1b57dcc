"""The settings of the editor for all projects; netpolc.toml has the settings of a team."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from netpolc.io.project import Request
from netpolc.values import frozen


@frozen(kw_only=True)
class Settings:
    """Arguments of `netpolc check` that an editor can give.

    `beside` are manifests that are in the cluster, as `--with` gives them, by paths from the
    project's folder.
    """

    beside: tuple[str, ...] = ()
    closed_world: bool = False
    assume_no_other_policies: bool = False

    def request(self, folder: Path, today: date) -> Request:
        """Return the request to check the project of a folder."""
        return Request(
            here=folder,
            today=today,
            beside=self.beside,
            checking=True,
            closed_world=self.closed_world,
            assume_no_other_policies=self.assume_no_other_policies,
        )


def read_settings(*values: Any) -> tuple[Settings, list[str]]:
    """Return the settings in JSON values, and what is wrong with them; what is wrong is left out.

    Args:
        values: each has the keys `with`, `closedWorld` and `assumeNoOtherPolicies`, perhaps inside
            `netpolc`. A later value replaces the keys that it has and no others: some clients send
            an empty one after the initialization options.
    """
    merged: dict[str, Any] = {}
    problems = []
    for value in values:
        inside = value.get("netpolc", value) if isinstance(value, dict) else value
        if isinstance(inside, dict):
            merged |= inside
        elif inside is not None:
            problems.append("settings are an object")
    wrong = list(_problems(merged))
    return (
        Settings(
            beside=tuple(merged.get("with", ())) if "with" not in wrong else (),
            closed_world=merged.get("closedWorld") is True,
            assume_no_other_policies=merged.get("assumeNoOtherPolicies") is True,
        ),
        [*problems, *(_FORMS[key] for key in wrong)],
    )


_FORMS = {
    "with": "`with` is a list of paths",
    "closedWorld": "`closedWorld` is true or false",
    "assumeNoOtherPolicies": "`assumeNoOtherPolicies` is true or false",
}


def _problems(value: dict[str, Any]) -> Iterator[str]:
    paths = value.get("with", [])
    if not isinstance(paths, list) or not all(isinstance(path, str) and path for path in paths):
        yield "with"
    for key in ("closedWorld", "assumeNoOtherPolicies"):
        if not isinstance(value.get(key, False), bool):
            yield key
