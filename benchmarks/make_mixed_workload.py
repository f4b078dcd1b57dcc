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
        "subject is all pods": 0.27,
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
        "dns opened for none": 0.28,
        "dns in one's own words": 0.40,
        "mirror is off": 0.17,
        "comment": 0.61,
    }
)
GUESSES: Mapping[str, float] = MappingProxyType({"caller that no line is about": 0.2, "group": 0.1})
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

    def has(self, what: str) -> bool:
        """Draw whether something is there, by its share."""
        return self._random() < (SHARES.get(what) or GUESSES[what])

    def one_of(self, some: Sequence[str]) -> str:
        """Draw one, the first far more often."""
        return some[int(len(some) * self._random() ** 2.5)]

    def header(self, name: str) -> str:
        """The settings of a namespace."""
        closed = [one for one in ("ingress", "egress") if self.has(f"{one} closed")]
        lines = [f"namespace {name} {{team={name.split('-', maxsplit=1)[0]}}}"]
        if closed:
            lines.append(f"default: deny {' '.join(closed)}")
        if self.has("label of another key"):
            lines.append("label: app.kubernetes.io/name")
        if "egress" in closed:
            lines += self._egress_settings()
        return "".join(f"{line}\n" for line in lines)

    def _egress_settings(self) -> list[str]:
        lines = ["mirror: no"] if self.has("mirror is off") else []
        if self.has("dns opened for none"):
            lines.append("dns: none")
        elif self.has("dns in one's own words"):
            lines.append("dns: ns kube-system:[53/udp, 53]")
        return lines

    def service(self, name: str) -> str:
        """The lines about a service."""
        subject = "*" if self.has("subject is all pods") else name
        if subject == name and self.has("subject has labels"):
            subject = f"{{app={name}, tier=backend}}"
        arrows = ["->"] if self.has("egress only") else ["<-"]
        if self.has("ingress and egress"):
            arrows = ["<-", "->"]
        lines = [f"# Who talks to {name}.\n"] if self.has("comment") else []
        for arrow in arrows:
            for _ in range(2 if self.has("several rules") else 1):
                peers = [self._peer(name) for _ in range(2 if self.has("several peers") else 1)]
                lines.append(f"{subject} {arrow} {', '.join(dict.fromkeys(peers))}\n")
        return "".join(lines)

    def _peer(self, subject: str) -> str:
        if self.has("group"):
            return "platform"
        kinds = [kind for kind, weight in PEERS.items() for _ in range(weight)]
        kind = kinds[int(len(kinds) * self._random())]
        return self._words(kind, subject) + self._ports(needed=kind == "any")

    def _words(self, kind: str, subject: str) -> str:
        second = 16 + int(16 * self._random())
        match kind:
            case "own":
                if self.has("caller that no line is about"):
                    return f"{subject}-job"
                return self.one_of(self.services)
            case "namespace":
                if self.has("namespace by label"):
                    return f"ns {{team={self.one_of(self.namespaces).split('-', maxsplit=1)[0]}}}"
                return f"ns {self.one_of((*PLATFORM, *self.namespaces))}"
            case "remote":
                return f"{self.one_of(self.services)} in ns {self.one_of(self.namespaces)}"
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
        """The assertions of a security team, each about one namespace."""
        lines = []
        for number in range(ASSERTIONS):
            namespace = self.namespaces[number % len(self.namespaces)]
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
            text = f"namespace {namespace}\n\n{organisation.service(service)}"
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
