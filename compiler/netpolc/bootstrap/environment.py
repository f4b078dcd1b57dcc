"""Substitute the environment of pods in the texts of manifests.

An address is often in parts: `DB_HOST` and `DB_PORT` are two variables, and `$(DB_HOST)` in
an argument is replaced when the container starts. Kubernetes also sets variables for the
Services of the pod's namespace (kubernetes.io, Discovering services).
"""

import re
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from netpolc.kube.inventory import KubeService
from netpolc.manifest.references import Mention, name_of_first_pod

_HOST_PART = re.compile(r"host(?:name)?|addr(?:ess)?|server|endpoint", re.IGNORECASE)
_PORT_TEXT = re.compile(r"0*[1-9][0-9]{0,4}")
_NAME = "[A-Za-z_][A-Za-z0-9_]{0,200}"
# $(A) of Kubernetes, $A and ${A:-default} of shells, ${A:default} of Spring, ${env:A} and {$A} of other programs.
_VARIABLE = re.compile(
    rf"\$\((?P<kube>{_NAME})\)|\$\{{(?:env:)?(?P<braces>{_NAME})(?::?[-=]|:)?(?P<default>(?<=[-=:])[^{{}}$]{{0,200}})?\}}"
    rf"|\$(?P<plain>{_NAME})|\{{\$(?P<caddy>{_NAME})\}}"
)
_OWN_NAMESPACE = "$(cat /var/run/secrets/kubernetes.io/serviceaccount/namespace)"
# A variable that a script, a file of settings or a configuration of NGINX sets itself.
_LOCAL = re.compile(
    rf"^[ \t]{{0,40}}(?:(?:export|local|readonly|declare)[ \t]{{1,4}})?(?P<name>{_NAME})=[\"']?(?P<value>[A-Za-z0-9$(){{}}_.:/@-]{{1,300}})[\"']?;?[ \t]{{0,40}}$"
    rf"|^[ \t]{{0,40}}set[ \t]{{1,9}}\$(?P<variable>{_NAME})[ \t]{{1,9}}[\"']?(?P<text>[A-Za-z0-9$(){{}}_.:/@-]{{1,300}})[\"']?;",
    re.MULTILINE,
)
_LINKED = re.compile(
    r"PORT(?:_(?P<port>[0-9]{1,5})_(?P<protocol>TCP|UDP|SCTP)(?:_(?P<part>ADDR|PORT|PROTO))?)?"
)
_DEEPEST = 3
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
        owner, own = _owner(mention), _locals(text)

        def value(match: re.Match[str]) -> str:
            name = match["kube"] or match["braces"] or match["plain"] or match["caddy"]
            known = self._value(owner, name) or own.get(name, "")
            return known or (match["default"] or "").strip("\"'") or match[0]

        text = text.replace(_OWN_NAMESPACE, owner[0])
        for _ in range(_DEEPEST):
            expanded = _VARIABLE.sub(value, text)
            if expanded == text or len(expanded) > 2 * _LONGEST_EXPANDED:
                break
            text = expanded
        return text

    def _only_text(self, owner: _Owner, name: tuple[str, str]) -> str:
        """The text of a name; empty if it is not known, or not one text."""
        texts = self._texts.get((owner, name), set())
        return next(iter(texts)) if len(texts) == 1 else ""

    def _value(self, owner: _Owner, name: str) -> str:
        """The value of an environment variable; empty if it is not known."""
        if (owner, ("", name)) in self._texts:
            return self._only_text(owner, ("", name))
        if name in {"HOSTNAME", "hostname"}:
            return name_of_first_pod(*owner[1:])
        # Kubernetes sets variables for the Services of a namespace (Discovering services).
        for (namespace, service), kube_service in self._services.items():
            prefix = service.upper().replace("-", "_")
            if namespace != owner[0] or not name.startswith(f"{prefix}_"):
                continue
            if (linked := _LINKED.fullmatch(name.removeprefix(f"{prefix}_"))) is not None:
                return _of_link(kube_service, linked)
            if name.startswith(f"{prefix}_SERVICE_"):
                field = name.removeprefix(f"{prefix}_SERVICE_")
                if field == "HOST":
                    return service
                for port in kube_service.ports:
                    named = f"PORT_{port.name.upper().replace('-', '_')}"
                    if field in {"PORT", named}:
                        return str(port.number)
        return ""


def _of_link(service: KubeService, match: re.Match[str]) -> str:
    """The value of a variable as links of Docker had it: `DB_PORT`, `DB_PORT_5432_TCP_ADDR`."""
    if not service.ports:
        return ""
    first = service.ports[0]
    port, protocol = match["port"] or str(first.number), match["protocol"] or first.protocol.name
    texts = {"ADDR": service.name, "PORT": port, "PROTO": protocol.lower()}
    whole = f"{protocol.lower()}://{service.name}:{port}"
    return texts.get(match["part"] or "", whole)


def _locals(text: str) -> dict[str, str]:
    """The variables that a text sets itself, each to one value."""
    values_by_name: dict[str, set[str]] = {}
    for match in _LOCAL.finditer(text):
        name, value = match["name"] or match["variable"], match["value"] or match["text"]
        values_by_name.setdefault(name, set()).add(value)
    return {name: next(iter(values)) for name, values in values_by_name.items() if len(values) == 1}


def _owner(mention: Mention) -> _Owner:
    return mention.namespace, mention.kind, mention.name
