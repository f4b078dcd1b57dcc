"""Make an organisation's intents with everything that people write, in the shares that they write it.

`make_workload.py` makes what other tools can say as well: ingress of named services. Here are egress, defaults,
labels of their own, groups, callers that no line is about, mirrors that are off, dns, and assertions.
The shares come from 1,858 NetworkPolicy documents of 117 public repositories, every
repository counted once (`SHARES`); what such a count cannot tell is a guess and called so (`GUESSES`).

Equal arguments give equal bytes on every Python: only Random.random() is drawn.

    python make_mixed_workload.py --namespaces 50 --services 20 --out w
"""

import argparse
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from make_workload import bracketed, namespace_names, service_names

SHARES: Mapping[str, float] = MappingProxyType(
    {
        "ingress closed": 0.57,
        "egress closed": 0.50,
        "arrow about all pods": 0.65,
        "subject has labels": 0.10,
        "ingress and egress": 0.44,
        "egress only": 0.15,
        "label of another key": 0.20,
        "several rules": 0.17,
        "several peers": 0.14,
        "several ports": 0.28,
        "no ports": 0.16,
        "udp": 0.15,
        "namespace by label": 0.10,
        "half-open": 0.10,
        "dns opened for none": 0.28,
        "dns in one's own words": 0.40,
        "mirror is off": 0.17,
        "comment": 0.61,
    }
)
"""Of services and their lines; "arrow about all pods" is of namespaces: 27 % of the documents are about all pods, half
of these are what `default:` says, and a namespace has 4.8 documents. "half-open" is of connections
with both ends in the organisation, one of them closed without a line of its own."""
GUESSES: Mapping[str, float] = MappingProxyType(
    {"caller that no line is about": 0.2, "group": 0.1, "namespace of the platform": 0.8}
)
PEERS = {"own": 38, "namespace": 41, "remote": 15, "block": 6, "block with holes": 4, "any": 11}
"""The kinds of peers, by how many documents have them."""
PORTS = (53, 8080, 443, 6379, 5432, 80, 8443, 6443, 9090, 3000, 8000)
PLATFORM = ("kube-system", "ingress-nginx", "monitoring", "openshift-dns")
ASSERTIONS = 20


class Organisation:
    """Namespaces with services, and the lines about them as they are drawn."""

    def __init__(self, namespaces: int, services: int, seed: int) -> None:
        self.namespaces = namespace_names(namespaces)
        self.services = service_names(services)
        self._random = random.Random(seed).random
        self._headers = {name: self._header(name) for name in self.namespaces}
        self._lines: dict[tuple[str, str], list[str]] = {
            (namespace, service): [] for namespace in self.namespaces for service in self.services
        }
        for namespace, service in self._lines:
            self._draw(namespace, service)

    def has(self, what: str) -> bool:
        """Draw whether something is there, by its share."""
        return self._random() < (SHARES.get(what) or GUESSES[what])

    def one_of(self, some: Sequence[str]) -> str:
        """Draw one, the first far more often."""
        return some[int(len(some) * self._random() ** 2.5)]

    def header(self, name: str) -> str:
        """The settings of a namespace, and perhaps an arrow about all of its pods."""
        return "".join(f"{line}\n" for line in self._headers[name])

    def service(self, namespace: str, name: str) -> str:
        """The lines about a service."""
        return "".join(f"{line}\n" for line in self._lines[namespace, name])

    def _header(self, name: str) -> list[str]:
        closed = [word for word in ("ingress", "egress") if self.has(f"{word} closed")]
        if name in PLATFORM:
            closed = []
        lines = [f"namespace {name} {{team={name.split('-', maxsplit=1)[0]}}}"]
        if closed:
            lines.append(f"default: deny {' '.join(closed)}")
        if self.has("label of another key"):
            lines.append("label: app.kubernetes.io/name")
        if "egress" in closed:
            lines += self._egress_settings()
        if self.has("arrow about all pods"):
            where = f"ns {self.one_of(PLATFORM)}{self._ports(needed=True)}"
            lines.append(f"* {'->' if self.has('egress only') else '<-'} {where}")
        return lines

    def _egress_settings(self) -> list[str]:
        lines = ["mirror: no"] if self.has("mirror is off") else []
        if self.has("dns opened for none"):
            lines.append("dns: none")
        elif self.has("dns in one's own words"):
            lines.append("dns: ns kube-system:[53/udp, 53]")
        return lines

    def _draw(self, namespace: str, name: str) -> None:
        """Draw the lines about a service; most connections with other services have a line at both ends."""
        lines = self._lines[namespace, name]
        subject = f"{{app={name}, tier=backend}}" if self.has("subject has labels") else name
        arrows = ["->"] if self.has("egress only") else ["<-"]
        if self.has("ingress and egress"):
            arrows = ["<-", "->"]
        if self.has("comment"):
            lines.append(f"# Who talks to {name}.")
        for arrow in arrows:
            for _ in range(2 if self.has("several rules") else 1):
                peers = [
                    self._peer(namespace, name, arrow)
                    for _ in range(2 if self.has("several peers") else 1)
                ]
                lines.append(f"{subject} {arrow} {', '.join(dict.fromkeys(peers))}")

    def _peer(self, namespace: str, subject: str, arrow: str) -> str:
        if self.has("group"):
            return "platform"
        mirrors = "mirror: no" not in self._headers[namespace]
        # An arrow to a pod of one's own namespace is its `<-`, which opens both ends.
        some = [kind for kind in PEERS if kind != "own" or arrow == "<-" or not mirrors]
        kinds = [kind for kind in some for _ in range(PEERS[kind])]
        kind = kinds[int(len(kinds) * self._random())]
        ports = self._ports(needed=kind == "any")
        if kind == "remote":
            there, service = self.one_of(self.namespaces), self.one_of(self.services)
            self._other_end(there, service, arrow, f"{subject} in ns {namespace}{ports}")
            return f"{service} in ns {there}{ports}"
        if kind == "own" and not self.has("caller that no line is about"):
            service = self.one_of(self.services)
            if not mirrors:
                self._other_end(namespace, service, arrow, f"{subject}{ports}")
            return f"{service}{ports}"
        return self._words(kind, subject) + ports

    def _other_end(self, namespace: str, service: str, arrow: str, peer: str) -> None:
        """Add the line of the other end of a connection, which a few people forget."""
        if not self.has("half-open"):
            back = "<-" if arrow == "->" else "->"
            self._lines[namespace, service].append(f"{service} {back} {peer}")

    def _words(self, kind: str, subject: str) -> str:
        second = 16 + int(16 * self._random())
        match kind:
            case "own":
                return f"{subject}-job"
            case "namespace":
                if self.has("namespace by label"):
                    return f"ns {{team={self.one_of(self.namespaces).split('-', maxsplit=1)[0]}}}"
                is_platform = self.has("namespace of the platform")
                return f"ns {self.one_of(PLATFORM if is_platform else self.namespaces)}"
            case "block":
                return f"172.{second}.{int(256 * self._random())}.0/24"
            case "block with holes":
                return f"172.{second}.0.0/16 except 172.{second}.{int(256 * self._random())}.0/24"
            case _:
                return "any"

    def _ports(self, *, needed: bool) -> str:
        if not needed and self.has("no ports"):
            return ""
        several = 2 if self.has("several ports") else 1
        numbers = dict.fromkeys(
            PORTS[int(len(PORTS) * self._random() ** 2.5)] for _ in range(several)
        )
        protocol = "/udp" if self.has("udp") else ""
        return ":" + bracketed([f"{number}{protocol}" for number in sorted(numbers)])

    def assertions(self) -> str:
        """The assertions of a security team, each about one namespace, which closes ingress."""
        lines = []
        closed = [name for name in self.namespaces if " ingress" in "".join(self._headers[name])]
        for number in range(ASSERTIONS if closed else 0):
            namespace = closed[number % len(closed)]
            lines.append(
                f"never {self.services[0]} in ns {namespace} <- internet:{2000 + number}\n"
            )
        return "cluster\n" + "".join(lines)


def write(organisation: Organisation, out: Path) -> None:
    """Write a file for each service, one for each namespace, and those of the whole cluster."""
    out.mkdir(parents=True)
    group = "cluster\ngroup platform = ns monitoring:9090, ns ingress-nginx:8080\n"
    (out / "_cluster.intent").write_text(group)
    (out / "_assertions.intent").write_text(organisation.assertions())
    for namespace in organisation.namespaces:
        folder = out / namespace
        folder.mkdir()
        (folder / "_namespace.intent").write_text(organisation.header(namespace))
        for service in organisation.services:
            text = f"namespace {namespace}\n\n{organisation.service(namespace, service)}"
            (folder / f"{service}.intent").write_text(text)


def main() -> None:
    """Write an organisation into a new folder."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--namespaces", type=int, default=1)
    parser.add_argument("--services", type=int, default=10, help="in each namespace")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True, help="a folder that does not exist yet")
    given = parser.parse_args()
    if given.out.exists():
        parser.error(f"{given.out} exists: name a new folder")
    write(Organisation(given.namespaces, given.services, given.seed), given.out)


if __name__ == "__main__":
    main()
