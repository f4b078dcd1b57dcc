"""Make a synthetic organisation's network intents, and equivalents for its peers.

An organisation is N namespaces of M services. Every service has 3 to 8 inbound
rules (about 5.4) from a realistic mix: services of its own namespace (often one
of the few popular ones), services of other namespaces, whole namespaces, and
address blocks, half of them with exceptions; on one port, a few, a range, or all.

The same organisation is written in one of three forms:

  intents  one file per service, <out>/<namespace>/<service>.intent
  yaml     the equivalent NetworkPolicy manifests, one file per policy, with a
           kustomization.yaml in every namespace and one above them
  aerleon  definitions and one policy per namespace for Aerleon's k8s generator.
           That generator knows only address blocks and always selects every
           pod, so each service and namespace is given an address block and each
           rule becomes one NetworkPolicy. It is less than the other two say.

Equal arguments give equal bytes on every Python: only Random.random() is drawn.

    python make_workload.py --namespaces 50 --services 20 --format yaml --out w
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TextIO

TEAMS = (
    "payments checkout catalog search orders billing identity fraud ledger shipping inventory "
    "pricing reviews media mobile partner support risk growth email loyalty returns tax fleet "
    "maps profile consent audit reports warehouse"
).split()
STAGES = ("prod", "staging", "dev", "qa")
ROLES = (
    "api db cache web worker gateway queue auth scheduler indexer broker proxy store feed sync "
    "mailer resolver planner exporter stream"
).split()
SHARED = ("monitoring", "ingress-nginx", "logging", "service-mesh")
PORTS = (80, 443, 5432, 3306, 6379, 8080, 8443, 9090, 9092, 11211, 27017, 50051)
# Cumulative shares of each kind of peer.
KINDS = ((0.50, "service"), (0.70, "remote"), (0.82, "namespace"), (1.0, "cidr"))


class Port(NamedTuple):
    first: int
    last: int
    protocol: str  # "TCP" or "UDP"


class Rule(NamedTuple):
    """One inbound rule; service is "" for a whole namespace, both are "" for a block."""

    namespace: str
    service: str
    cidr: str
    excluded: tuple[str, ...]
    ports: tuple[Port, ...]


class Service(NamedTuple):
    namespace: str
    name: str
    rules: tuple[Rule, ...]


# --- the organisation ---------------------------------------------------------


def namespace_names(count: int) -> list[str]:
    """Shared namespaces first, then team-stage, then numbered ones."""
    names = list(SHARED[:count]) if count > len(SHARED) else []
    pairs = [f"{team}-{stage}" for stage in STAGES for team in TEAMS]
    names += pairs[: count - len(names)]
    names += [f"{pairs[i % len(pairs)]}-{i // len(pairs) + 1}" for i in range(count - len(names))]
    return names


def service_names(count: int) -> list[str]:
    """The bare roles, then numbered ones: api, db, ..., api-2, ..."""
    roles = len(ROLES)
    return [ROLES[i % roles] + (f"-{i // roles + 1}" if i >= roles else "") for i in range(count)]


class Organisation:
    def __init__(self, namespaces: int, services: int, seed: int) -> None:
        self.namespaces = namespace_names(namespaces)
        self.services = service_names(services)
        self._random = random.Random(seed).random

    def below(self, bound: int) -> int:
        return int(self._random() * bound)

    def popular(self, bound: int) -> int:
        """An index below bound, the low ones far more often."""
        return int(bound * self._random() ** 2.5)

    def walk(self) -> Iterator[tuple[str, list[Service]]]:
        """Every namespace with its services. Draws as it goes: walk it once."""
        for namespace in self.namespaces:
            yield (
                namespace,
                [Service(namespace, name, self._rules(namespace, name)) for name in self.services],
            )

    def _rules(self, namespace: str, service: str) -> tuple[Rule, ...]:
        wanted = 3 + self.below(4) + self.below(3)  # 3..8
        rules: dict[tuple[str, str, str], Rule] = {}
        for _ in range(4 * wanted):  # bounded: a tiny organisation runs out of peers
            rule = self._rule(namespace, service)
            if rule is not None:
                rules.setdefault(rule[:3], rule)
            if len(rules) == wanted:
                break
        return tuple(rules.values())

    def _rule(self, namespace: str, service: str) -> Rule | None:
        draw = self._random()
        kind = next(name for share, name in KINDS if draw < share)
        if kind == "cidr":
            cidr, excluded = self._block()
            return Rule("", "", cidr, excluded, self._ports())
        if kind == "service":
            name = self.services[self.popular(len(self.services))]
            return None if name == service else Rule(namespace, name, "", (), self._ports())
        other = self.namespaces[self.popular(len(self.namespaces))]
        if other == namespace:
            return None
        name = self.services[self.popular(len(self.services))] if kind == "remote" else ""
        return Rule(other, name, "", (), self._ports())

    def _block(self) -> tuple[str, tuple[str, ...]]:
        second = 16 + self.below(16)
        if self._random() < 0.5:  # one office or site
            return f"172.{second}.{self.below(256)}.0/24", ()
        holes = dict.fromkeys(
            f"172.{second}.{self.below(256)}.0/24" for _ in range(1 + self.below(3))
        )
        return f"172.{second}.0.0/16", tuple(holes)

    def _ports(self) -> tuple[Port, ...]:
        draw = self._random()
        protocol = "UDP" if self._random() < 0.08 else "TCP"
        if draw < 0.05:
            return ()
        if draw < 0.13:
            first = 8000 + 100 * self.below(20)
            return (Port(first, first + 99, protocol),)
        count = 1 if draw < 0.82 else 2 + self.below(2)
        numbers = dict.fromkeys(PORTS[self.popular(len(PORTS))] for _ in range(count))
        return tuple(Port(number, number, protocol) for number in sorted(numbers))


# --- as intents: the language's syntax is in these functions alone -------------


def bracketed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"[{', '.join(parts)}]"


def intent_ports(ports: tuple[Port, ...]) -> str:
    if not ports:
        return ""
    numbers = [str(p.first) if p.first == p.last else f"{p.first}-{p.last}" for p in ports]
    udp = "/udp" if ports[0].protocol == "UDP" else ""
    return ":" + bracketed([number + udp for number in numbers])


def intent_line(service: Service, rule: Rule) -> str:
    if rule.cidr:
        peer = rule.cidr
        if rule.excluded:
            peer += f" except {bracketed(list(rule.excluded))}"
    elif not rule.service:
        peer = f"ns {rule.namespace}"
    elif rule.namespace == service.namespace:
        peer = rule.service
    else:
        peer = f"{rule.service} in ns {rule.namespace}"
    return f"{service.name} <- {peer}{intent_ports(rule.ports)}\n"


def write_intents(org: Organisation, out: Path) -> None:
    for namespace, services in org.walk():
        folder = out / namespace
        folder.mkdir(parents=True)
        (folder / "_namespace.intent").write_text(f"namespace {namespace}\ndefault: deny\n")
        for service in services:
            head = f"# Who may reach {service.name} in {namespace}.\nnamespace {namespace}\n\n"
            lines = "".join(intent_line(service, rule) for rule in service.rules)
            (folder / f"{service.name}.intent").write_text(head + lines)


# --- as NetworkPolicy manifests -----------------------------------------------


def manifest(namespace: str, name: str, selector: str, ingress: str) -> str:
    return (
        "apiVersion: networking.k8s.io/v1\n"
        "kind: NetworkPolicy\n"
        f"metadata:\n  name: {name}\n  namespace: {namespace}\n"
        f"spec:\n  podSelector:{selector}\n  policyTypes:\n  - Ingress\n{ingress}"
    )


def ingress_rule(service: Service, rule: Rule) -> str:
    pods = f"podSelector:\n        matchLabels:\n          app: {rule.service}\n"
    nss = (
        "namespaceSelector:\n        matchLabels:\n"
        f"          kubernetes.io/metadata.name: {rule.namespace}\n"
    )
    if rule.cidr:
        peer = f"ipBlock:\n        cidr: {rule.cidr}\n"
        if rule.excluded:
            peer += "        except:\n" + "".join(f"        - {b}\n" for b in rule.excluded)
    elif not rule.service:
        peer = nss
    elif rule.namespace == service.namespace:
        peer = pods
    else:
        peer = nss + "      " + pods
    text = f"  - from:\n    - {peer}"
    if rule.ports:
        text += "    ports:\n"
    for port in rule.ports:
        text += f"    - protocol: {port.protocol}\n      port: {port.first}\n"
        if port.last != port.first:
            text += f"      endPort: {port.last}\n"
    return text


def kustomization(resources: list[str]) -> str:
    return (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n"
        + "".join(f"- {name}\n" for name in resources)
    )


def write_yaml(org: Organisation, out: Path) -> None:
    for namespace, services in org.walk():
        folder = out / namespace
        folder.mkdir(parents=True)
        deny = manifest(namespace, "default-deny", " {}", "")
        (folder / "default-deny.yaml").write_text(deny)
        for service in services:
            selector = f"\n    matchLabels:\n      app: {service.name}"
            rules = "".join(ingress_rule(service, rule) for rule in service.rules)
            text = manifest(namespace, service.name, selector, f"  ingress:\n{rules}")
            (folder / f"{service.name}.yaml").write_text(text)
        files = sorted(["default-deny.yaml"] + [f"{s.name}.yaml" for s in services])
        (folder / "kustomization.yaml").write_text(kustomization(files))
    (out / "kustomization.yaml").write_text(kustomization(sorted(org.namespaces)))


# --- for Aerleon --------------------------------------------------------------


def token(*parts: str) -> str:
    return "_".join(parts).upper().replace("-", "_")


class Addresses:
    """A block of 10.0.0.0/8 for every namespace, and within it one for every service."""

    def __init__(self, org: Organisation) -> None:
        self.bits = max(6, (len(org.services) - 1).bit_length() + 5)  # 32 addresses a service
        if len(org.namespaces) << self.bits > 1 << 24:
            raise SystemExit("too many services for 10.0.0.0/8: use fewer")
        self.namespaces = {name: i for i, name in enumerate(org.namespaces)}
        self.services = {name: i for i, name in enumerate(org.services)}

    def _cidr(self, offset: int, bits: int) -> str:
        return f"10.{offset >> 16}.{offset >> 8 & 255}.{offset & 255}/{32 - bits}"

    def namespace(self, name: str) -> str:
        return self._cidr(self.namespaces[name] << self.bits, self.bits)

    def service(self, namespace: str, name: str) -> str:
        return self._cidr((self.namespaces[namespace] << self.bits) + (self.services[name] << 5), 5)


def write_networks(out: TextIO, entries: Iterable[tuple[str, tuple[str, ...]]]) -> None:
    for name, cidrs in entries:
        out.write(f"  {name}:\n    values:\n")
        out.writelines(f"      - address: {cidr}\n" for cidr in cidrs)


def aerleon_term(
    service: Service, number: int, rule: Rule, blocks: dict[tuple[str, ...], str]
) -> str:
    if rule.cidr:
        source = blocks.setdefault((rule.cidr,), f"BLOCK_{len(blocks) + 1}")
    else:
        source = token(rule.namespace, rule.service) if rule.service else token(rule.namespace)
    text = f"      - name: {service.name}-{number}\n        source-address: {source}\n"
    if rule.excluded:
        holes = blocks.setdefault(rule.excluded, f"BLOCK_{len(blocks) + 1}")
        text += f"        source-exclude: {holes}\n"
    protocol = rule.ports[0].protocol.lower() if rule.ports else "tcp udp"
    text += f"        protocol: {protocol}\n"
    if rule.ports:
        names = " ".join(f"P{p.first}_{p.last}_{p.protocol}" for p in rule.ports)
        text += f"        destination-port: {names}\n"
    return text + "        action: accept\n"


def write_aerleon(org: Organisation, out: Path) -> None:
    (out / "def").mkdir(parents=True)
    (out / "pol").mkdir()
    (out / "acl").mkdir()
    blocks: dict[tuple[str, ...], str] = {}
    ports: dict[Port, None] = {}
    for namespace, services in org.walk():
        with (out / "pol" / f"{namespace}.yaml").open("w") as pol:
            pol.write(
                f"filters:\n  - header:\n      comment: {namespace}\n"
                "      targets:\n        k8s:\n    terms:\n"
            )
            for service in services:
                for number, rule in enumerate(service.rules, 1):
                    pol.write(aerleon_term(service, number, rule, blocks))
                    ports.update(dict.fromkeys(rule.ports))
            pol.write("      - name: default-deny\n        action: deny\n")
    plan = Addresses(org)
    with (out / "def" / "networks.yaml").open("w") as net:
        net.write("networks:\n")
        write_networks(net, ((name, cidrs) for cidrs, name in blocks.items()))
        for ns in org.namespaces:
            write_networks(net, [(token(ns), (plan.namespace(ns),))])
            write_networks(net, ((token(ns, s), (plan.service(ns, s),)) for s in org.services))
    with (out / "def" / "services.yaml").open("w") as svc:
        svc.write("services:\n")
        for port in sorted(ports):
            span = str(port.first) if port.first == port.last else f"{port.first}-{port.last}"
            svc.write(
                f"  P{port.first}_{port.last}_{port.protocol}:\n"
                f"    - protocol: {port.protocol.lower()}\n      port: {span}\n"
            )


WRITERS = {"intents": write_intents, "yaml": write_yaml, "aerleon": write_aerleon}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--namespaces", type=int, default=1)
    parser.add_argument("--services", type=int, default=10, help="in each namespace")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=sorted(WRITERS), default="intents")
    parser.add_argument("--out", type=Path, required=True, help="a folder that does not exist yet")
    args = parser.parse_args()
    if args.namespaces < 1 or args.services < 1:
        parser.error("--namespaces and --services must be positive")
    if args.out.exists():
        parser.error(f"{args.out} exists: name a new folder")
    args.out.mkdir(parents=True)
    WRITERS[args.format](Organisation(args.namespaces, args.services, args.seed), args.out)


if __name__ == "__main__":
    main()
