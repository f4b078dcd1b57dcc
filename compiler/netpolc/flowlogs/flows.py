"""One flow of a log, whatever wrote it: who reached whom, on what, and what became of it.

A log says more and less than a policy. More: addresses, ports of the sender, packets of
an answer. Less: a pod's labels are those its log knows. What is kept here is what a
policy could be about, and with it how far the log can be believed.

A line of a log becomes a `Flow`; or `Left`, where it says nothing a policy is about; or
a `Misread`, where it is not a line of such a log.
"""

from datetime import UTC, datetime
from enum import Enum
from functools import lru_cache
from ipaddress import ip_address
from typing import TypeAlias

from netpolc.kube.cidr import Address
from netpolc.kube.name_rules import label_key_problem, label_value_problem, namespace_problem
from netpolc.kube.ports import MAX_PORT, Protocol
from netpolc.values import Keyed, frozen

Labels: TypeAlias = tuple[tuple[str, str], ...]

EPHEMERAL = 32768
"""The first port that Linux gives to senders (ip_local_port_range)."""

WIDENED = 10_000
"""A usual first port where administrators widen that range; few services have more ports above it."""


class Verdict(Enum):
    """The verdict on a connection."""

    FORWARDED = "forwarded"
    DROPPED = "dropped"
    AUDITED = "audited"
    """Forwarded, though a policy in audit mode would have dropped it."""


@frozen(kw_only=True, interned=True)
class PodParty(Keyed):
    """Pods by their labels, and the labels of their namespace as far as the log has them.

    `complete` says that the pods have no other labels; else they are those of `ns/{…}`.
    """

    namespace: str
    labels: Labels
    namespace_labels: Labels = ()
    complete: bool = False


@frozen(interned=True)
class ServiceParty(Keyed):
    """Pods by a namespace and the bare name of their service."""

    namespace: str
    service: str


@frozen(interned=True)
class AddressParty(Keyed):
    """An address outside the cluster."""

    address: Address


@frozen(interned=True)
class Entity(Keyed):
    """An end that is neither a pod nor an outside address: a node, the API server, a Service's address."""

    name: str


Party: TypeAlias = PodParty | ServiceParty | AddressParty | Entity


@frozen(kw_only=True)
class Flow:
    """A line of a log. `certain` says that the log knows which end began the connection.

    `source_port` is the sender's where the log does not say so outright; otherwise 0. `presumed` says
    that the log has neither, so that the line alone says who began.
    """

    sender: Party
    receiver: Party
    protocol: Protocol
    port: int
    verdict: Verdict
    certain: bool = True
    source_port: int = 0
    presumed: bool = False
    count: int = 1
    first: datetime | None = None
    last: datetime | None = None


@frozen
class Left:
    """A line that is understood and left out, and why."""

    why: str


@frozen
class Misread:
    """A line that is not understood, and why."""

    why: str


Read: TypeAlias = Flow | Left | Misread


class MisreadError(ValueError):
    """A part of a line is not what it should be; the message ends a sentence."""


def valid_namespace(name: str) -> str:
    """A valid name of a namespace; MisreadError otherwise."""
    if problem := namespace_problem(name):
        message = f"the namespace {name[:80]!r} {problem}"
        raise MisreadError(message)
    return name


def outside_address(text: str) -> AddressParty | None:
    """The end with an address, an IPv4 one also where it is written as IPv4-mapped; None for another text."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if getattr(address, "scope_id", None):
        message = f"the address {text[:80]!r} has a zone"
        raise MisreadError(message)
    return AddressParty(getattr(address, "ipv4_mapped", None) or address)


def valid_port(port: object) -> int:
    """A port from 1 to 65535; MisreadError for anything else."""
    if not isinstance(port, int) or isinstance(port, bool) or not 1 <= port <= MAX_PORT:
        message = f"{str(port)[:80]!r} is not a port from 1 to {MAX_PORT}"
        raise MisreadError(message)
    return port


@lru_cache(maxsize=1024)
def valid_label(key: str, value: str) -> tuple[str, str]:
    """A label; MisreadError where an API server would refuse it."""
    if problem := label_key_problem(key):
        message = f"the label key {key[:80]!r} {problem}"
        raise MisreadError(message)
    if problem := label_value_problem(value):
        message = f"the label value {value[:80]!r} {problem}"
        raise MisreadError(message)
    return key, value


def moment(text: str) -> datetime:
    """A time as RFC 3339 writes it, UTC if it names no zone; MisreadError if it is not a time."""
    try:
        time = datetime.fromisoformat(text)
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError):
        message = f"{text[:80]!r} is not a time such as 2026-03-01T08:00:00Z"
        raise MisreadError(message) from None
