"""What texts of manifests get from the environment of their pods.

An address is often in parts: `DB_HOST` and `DB_PORT` are two variables, and `$(DB_HOST)` in
an argument is replaced when the container starts. Kubernetes also sets variables for the
Services of the pod's namespace (kubernetes.io, Discovering services).
"""

import re
from collections.abc import Iterable, Mapping

from netpolc.kube.inventory import KubeService
from netpolc.manifest.references import Mention

_HOST_PART = re.compile(r"host(?:name)?|addr(?:ess)?|server|endpoint", re.IGNORECASE)
_PORT_TEXT = re.compile(r"0*[1-9][0-9]{0,4}")
_VARIABLE = re.compile(r"\$[({]?([A-Z][A-Z0-9_]{0,200})[)}]?")
_LONGEST_EXPANDED = 10_000


class Environment:
    """The fields and variables of all workloads, by workload and name."""

    def __init__(
        self, mentions: Iterable[Mention], services: Mapping[tuple[str, str], KubeService]
    ) -> None:
        self._services = services
        self._texts: dict[tuple[str, str, str, str], set[str]] = {}
        self._variables: dict[tuple[str, str, str, str], set[str]] = {}
        for one in mentions:
            text = one.text.strip()
            self._texts.setdefault(_place(one, one.where), set()).add(text)
            if one.where.startswith("env "):
                self._variables.setdefault(_place(one, _variable(one)), set()).add(text)

    def port_for(self, mention: Mention) -> tuple[str, int | None]:
        """The field that has a host's port, and the port; none unless all containers agree."""
        before, space, field = mention.where.rpartition(" ")
        for found in _HOST_PART.finditer(field):
            word = "PORT" if found[0].isupper() else "Port" if found[0][0].isupper() else "port"
            where = f"{before}{space}{field[: found.start()]}{word}{field[found.end() :]}"
            texts = self._texts.get(_place(mention, where), set())
            text = next(iter(texts)) if len(texts) == 1 else ""
            if _PORT_TEXT.fullmatch(text) and int(text) < 1 << 16:
                return where, int(text)
        return "", None

    def expand(self, text: str, mention: Mention) -> str:
        """The text with its variables replaced, as far as the manifests show their values."""
        if "$" not in text or len(text) > _LONGEST_EXPANDED:
            return text
        owner = mention.namespace, mention.kind, mention.name
        return _VARIABLE.sub(lambda match: self._value(owner, match[1]) or match[0], text)

    def _value(self, owner: tuple[str, str, str], name: str) -> str:
        """The value of an environment variable; empty if it is not known, or not one value."""
        values = self._variables.get((*owner, name), set())
        if len(values) == 1:
            return next(iter(values))
        # Kubernetes sets variables for the Services of a namespace (Discovering services).
        for (namespace, service), one in self._services.items():
            prefix = service.upper().replace("-", "_")
            if namespace == owner[0] and name.startswith(f"{prefix}_SERVICE_"):
                field = name.removeprefix(f"{prefix}_SERVICE_")
                if field == "HOST":
                    return service
                for port in one.ports:
                    named = f"PORT_{port.name.upper().replace('-', '_')}"
                    if field in {"PORT", named}:
                        return str(port.number)
        return ""


def _place(mention: Mention, where: str) -> tuple[str, str, str, str]:
    return mention.namespace, mention.kind, mention.name, where


def _variable(mention: Mention) -> str:
    """The name of the variable of an `env` field: `X` of `env X from …` and of `env from …, key X`."""
    name = mention.where.split(" ")[1]
    return mention.where.rpartition(" ")[2] if name == "from" else name
