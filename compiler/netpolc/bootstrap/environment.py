"""Substitute the environment of pods in the texts of manifests.

An address is often in parts: `DB_HOST` and `DB_PORT` are two variables, and `$(DB_HOST)` in
an argument is replaced when the container starts. Kubernetes also sets variables for the
Services of the pod's namespace (kubernetes.io, Discovering services).
"""

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from netpolc.kube.inventory import KubeService
from netpolc.manifest.references import Mention

_HOST_PART = re.compile(r"host(?:name)?|addr(?:ess)?|server|endpoint", re.IGNORECASE)
_PORT_TEXT = re.compile(r"0*[1-9][0-9]{0,4}")
_VARIABLE = re.compile(r"\$[({]?([A-Z][A-Z0-9_]{0,200})[)}]?")
_LONGEST_EXPANDED = 10_000
_Owner: TypeAlias = tuple[str, str, str]
"""The namespace, kind and name of a workload."""


class Environment:
    """The texts that the pods of all workloads are given, by workload and name."""

    def __init__(
        self, mentions: Iterable[Mention], services: Mapping[tuple[str, str], KubeService]
    ) -> None:
        self._services = services
        self._texts: dict[tuple[_Owner, tuple[str, str]], set[str]] = {}
        for mention in mentions:
            for name in mention.field.names():
                self._texts.setdefault((_owner(mention), name), set()).add(mention.text.strip())

    def port_for(self, mention: Mention) -> tuple[str, int | None]:
        """The name of the text with a host's port, and the port; none unless all containers agree."""
        for config, name in mention.field.names():
            for match in _HOST_PART.finditer(name):
                word = "PORT" if match[0].isupper() else "Port" if match[0][0].isupper() else "port"
                other = f"{name[: match.start()]}{word}{name[match.end() :]}"
                text = self._only_text(_owner(mention), (config, other))
                if _PORT_TEXT.fullmatch(text) and int(text) < 1 << 16:
                    return other, int(text)
        return "", None

    def expand(self, text: str, mention: Mention) -> str:
        """The text with its variables replaced, as far as the manifests show their values."""
        if "$" not in text or len(text) > _LONGEST_EXPANDED:
            return text
        owner = _owner(mention)
        return _VARIABLE.sub(lambda match: self._value(owner, match[1]) or match[0], text)

    def _only_text(self, owner: _Owner, name: tuple[str, str]) -> str:
        """The text of a name; empty if it is not known, or not one text."""
        texts = self._texts.get((owner, name), set())
        return next(iter(texts)) if len(texts) == 1 else ""

    def _value(self, owner: _Owner, name: str) -> str:
        """The value of an environment variable; empty if it is not known."""
        if (owner, ("", name)) in self._texts:
            return self._only_text(owner, ("", name))
        # Kubernetes sets variables for the Services of a namespace (Discovering services).
        for (namespace, service), kube_service in self._services.items():
            prefix = service.upper().replace("-", "_")
            if namespace == owner[0] and name.startswith(f"{prefix}_SERVICE_"):
                field = name.removeprefix(f"{prefix}_SERVICE_")
                if field == "HOST":
                    return service
                for port in kube_service.ports:
                    named = f"PORT_{port.name.upper().replace('-', '_')}"
                    if field in {"PORT", named}:
                        return str(port.number)
        return ""


def _owner(mention: Mention) -> _Owner:
    return mention.namespace, mention.kind, mention.name
