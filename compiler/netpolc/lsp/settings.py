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


def read_settings(value: Any) -> tuple[Settings, list[str]]:
    """Return the settings in a JSON value, and what is wrong with it; what is wrong is left out.

    The value has the keys `with`, `closedWorld` and `assumeNoOtherPolicies`, perhaps inside
    `netpolc`.
    """
    if isinstance(value, dict) and isinstance(value.get("netpolc"), dict):
        value = value["netpolc"]
    if not isinstance(value, dict):
        return Settings(), [] if value is None else ["settings are an object"]
    wrong = list(_problems(value))
    return (
        Settings(
            beside=tuple(value.get("with", ())) if "with" not in wrong else (),
            closed_world=value.get("closedWorld") is True,
            assume_no_other_policies=value.get("assumeNoOtherPolicies") is True,
        ),
        [_FORMS[key] for key in wrong],
    )


_FORMS = {
    "with": "`with` is a list of paths",
    "closedWorld": "`closedWorld` is true or false",
    "assumeNoOtherPolicies": "`assumeNoOtherPolicies` is true or false",
}


def _problems(value: dict[str, Any]) -> Iterator[str]:
    paths = value.get("with", [])
    if not isinstance(paths, list) or not all(isinstance(one, str) and one for one in paths):
        yield "with"
    for key in ("closedWorld", "assumeNoOtherPolicies"):
        if not isinstance(value.get(key, False), bool):
            yield key
