"""Everyday words where the language has a word of its own.

`web <- all:80` compiles, and selects pods labelled `app=all`, which nobody has. The word that
was meant is `any`, so an undeclared service of such a name is reported. So are the names of protocols, and those of
ports in the place of a peer: in `web <- api:http,https` the second peer is pods. Namespaces have everyday
names too: `ns all`. A name that a workload or namespace really has is never reported.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace

from netpolc.diagnostics import Diagnostic, Fix, Label, Rule, Severity
from netpolc.kube.inventory import Inventory
from netpolc.kube.peers import Pods
from netpolc.lints.written_peer import placed, written_connection
from netpolc.program.model import Namespace, Service
from netpolc.provenance import CLAIMS, Origin
from netpolc.source import Span
from netpolc.syntax.formatter import peers_text, pod_peer_text, port_text
from netpolc.syntax.parts import Name, PodPeer, Star, Word, WordPeer
from netpolc.syntax.tree import Arrow, Connection
from netpolc.values import frozen

EVERYDAY_WORD = Rule(code="NP651", name="everyday-word", severity=Severity.WARNING)


@frozen(kw_only=True)
class _Meaning:
    """What people mean by a word, and the advice where the language has no word in its place."""

    what: str
    advice: str


_EVERYBODY = _Meaning(what="everybody", advice="write `any`")
_NOBODY = _Meaning(what="nobody", advice="remove it: what no arrow permits is refused")
_PUBLIC = _Meaning(what="public addresses", advice="write `internet`")
_NODES = _Meaning(what="the nodes", advice="write the addresses of the nodes")
_PROTOCOL = _Meaning(what="a protocol", advice="a protocol comes after a port, as in `api:53/udp`")
_PORT = _Meaning(what="a port", advice="several ports of one peer go in brackets")

_MEANINGS: Mapping[str, _Meaning] = {
    **dict.fromkeys(("all", "anybody", "anyone", "anything", "anywhere", "outside"), _EVERYBODY),
    **dict.fromkeys(("everybody", "everyone", "everything", "everywhere", "world"), _EVERYBODY),
    **dict.fromkeys(("accept", "allow", "permit"), _EVERYBODY),
    **dict.fromkeys(("nobody", "noone", "nothing", "nowhere"), _NOBODY),
    **dict.fromkeys(("deny", "drop", "reject"), _NOBODY),
    **dict.fromkeys(("host", "hostnetwork", "host-network", "remote-node"), _NODES),
    **dict.fromkeys(("icmp", "sctp", "tcp", "udp"), _PROTOCOL),
    **dict.fromkeys(("grpc", "h2", "h2c", "health", "healthz", "http", "http2", "https"), _PORT),
    **dict.fromkeys(("http-metrics", "https-metrics", "metrics", "ssh", "ssl", "tls"), _PORT),
}
_RESERVED: Mapping[str, _Meaning] = {
    "any": _EVERYBODY,
    "dns": _Meaning(what="the name service", advice="write `dns`"),
    "internet": _PUBLIC,
    "none": _NOBODY,
}
"""Words of the language, which are everyday words only in capitals, such as `Any`."""

_ELSEWHERE = frozenset({"outside", "world"})
"""Words that mean everybody as a peer; statements about them cannot be meant for all pods of a namespace."""
_OF_EACH = ("always ", "never ")
"""The beginnings of assertions about each connection that is written."""
_EVERY_NAMESPACE = frozenset({"all", "any", "every", "everywhere"})


def everyday_words(
    namespace: Namespace, known: Container[str], inventory: Inventory
) -> Iterator[Diagnostic]:
    """Report the everyday words that name the services of a namespace, and peers in unknown namespaces.

    Args:
        namespace: the namespace, with its services and arrows.
        known: the names of all namespaces with a section or manifests.
        inventory: the known workloads.
    """
    for name, service in sorted(namespace.services.items()):
        meaning = _meaning(name)
        if meaning is not None and not _is_really_called(service, meaning, namespace, inventory):
            for origin in service.mentions:
                yield from _service_words(namespace, service, meaning, origin)
    for arrow in namespace.arrows:
        for granted in arrow.grants:
            peer = granted.grant.peer
            if isinstance(peer, Pods) and peer.namespaces is not None:
                home = peer.home(namespace.name)
                if home is not None and home not in known:
                    yield from _words_elsewhere(arrow.origin, granted.index)


def _meaning(name: str) -> _Meaning | None:
    """What people mean by a word, in lower case or in capitals."""
    word = name.lower()
    return _MEANINGS.get(word) or (_RESERVED.get(word) if word != name else None)


def _is_really_called(
    service: Service, meaning: _Meaning, namespace: Namespace, inventory: Inventory
) -> bool:
    """Whether a service surely has the name: by its declaration, its pods, or arrows that are about it.

    Arrows about `all` or `deny` may be meant for all pods; `world <- web:80` is about a service.
    """
    if service.declared is not None or inventory.matching(namespace.name, service.pods):
        return True
    is_subject = any(arrow.origin.subject == service.name for arrow in namespace.arrows)
    may_be_all = meaning in (_EVERYBODY, _NOBODY) and service.name.lower() not in _ELSEWHERE
    return is_subject and not may_be_all


def _service_words(
    namespace: Namespace, service: Service, meaning: _Meaning, origin: Origin
) -> Iterator[Diagnostic]:
    """The places where a statement names a service of a namespace by an everyday word."""
    label = f"selects pods labelled {namespace.label}={service.name}"
    connection = written_connection(origin)
    places = {} if connection is None else _places(connection, service.name, namespace.name)
    if connection is not None and meaning is _PORT:
        for index in places:
            yield from _port_after_comma(connection, index, service.name, origin, label)
    elif connection is not None and places:
        is_claim = origin.source.kind in CLAIMS
        if is_claim and service.name.lower() in _ELSEWHERE:
            meaning = _PUBLIC
        for index, end in places.items():
            instead = _instead(meaning, connection, index, end)
            finding = _finding(service.name, meaning, placed(end.span, origin), label, instead)
            yield _of_claim(finding, meaning, connection, index, origin) if is_claim else finding
    elif meaning is not _PORT and origin.span is not None:  # A group or a setting names it.
        yield _finding(service.name, meaning, origin.span, label, "")


def _places(connection: Connection, word: str, home: str) -> dict[int, PodPeer]:
    """The ends of a connection that are a service by name, by the number of the peer; -1 is the subject.

    A statement of another namespace names the service with its own namespace, `home`.
    """
    named = {
        index: end
        for index, end in enumerate((connection.subject, *(p.peer for p in connection.peers)), -1)
        if isinstance(end, PodPeer) and isinstance(end.pods, Name) and end.pods.text == word
    }
    there = {
        index: end
        for index, end in named.items()
        if isinstance(end.namespaces, Name) and end.namespaces.text == home
    }
    return there or {
        index: end for index, end in named.items() if not isinstance(end.namespaces, Name)
    }


def _instead(meaning: _Meaning, connection: Connection, index: int, end: PodPeer) -> str:
    """The word of the language for an everyday word; empty if it has none."""
    if meaning is _EVERYBODY:
        if end.namespaces is not None:
            return pod_peer_text(replace(end, pods=None))
        return "*" if index < 0 else "any"
    if meaning is _PUBLIC and index >= 0 and end.namespaces is None:
        return "internet"
    is_alone = index == 0 and len(connection.peers) == 1 and connection.peers[0].ports is None
    return "none" if meaning is _NOBODY and is_alone else ""


def _of_claim(
    finding: Diagnostic, meaning: _Meaning, connection: Connection, index: int, origin: Origin
) -> Diagnostic:
    """The finding about a word in an assertion, where a word of the language alone does not mend the line."""
    verb = origin.statement.partition(pod_peer_text(connection.subject))[0]
    is_subject = index < 0 and connection.subject.namespaces is None
    if meaning is _NOBODY and finding.fixes and verb in _OF_EACH:
        subject, sign = pod_peer_text(connection.subject), connection.arrow.value
        advice = f"write `only {subject} {sign} none`"
    elif meaning in (_EVERYBODY, _PUBLIC) and is_subject:
        advice = "put pods on the left"
        if verb in _OF_EACH and (turned := _turned_round(connection)):
            advice = f"{advice}: write `{verb}{turned}`"
    else:
        return finding
    return replace(finding, help=f"{advice}, or declare the service", fixes=())


def _turned_round(connection: Connection) -> str:
    """The connection with public addresses in place of its subject, on the right; empty if the peer is not its pods."""
    peers = connection.peers
    pods = peers[0].peer if len(peers) == 1 else None
    if not isinstance(pods, PodPeer) or pods.namespaces is not None:
        return ""
    outside = peers_text((replace(peers[0], peer=WordPeer(Word.INTERNET)),))
    turned = Arrow.IN if connection.arrow is Arrow.OUT else Arrow.OUT
    return f"{pod_peer_text(pods)} {turned.value} {outside}"


def _finding(word: str, meaning: _Meaning, span: Span, label: str, instead: str) -> Diagnostic:
    advice = f"write `{instead}`" if instead else meaning.advice
    if instead == "any":
        advice = "write `any` for everybody, `internet` for public addresses"
    return Diagnostic(
        rule=EVERYDAY_WORD,
        message=f"`{word}` is treated as a service, not as {meaning.what}",
        label=Label(span, label),
        help=f"{advice}, or declare the service",
        fixes=(Fix(span=span, replacement=instead),) if instead else (),
    )


def word_for_every(message: str, label: Label, instead: str, note: str = "") -> Diagnostic:
    """The finding about a word that is meant for every namespace or port, which the language writes with `*`."""
    return Diagnostic(
        rule=EVERYDAY_WORD,
        message=message,
        label=label,
        help=f"write `{instead}`{note}",
        fixes=(Fix(span=label.span, replacement=instead),),
    )


def _port_after_comma(
    connection: Connection, index: int, word: str, origin: Origin, label: str
) -> Iterator[Diagnostic]:
    """The finding that a peer without ports, after one with ports, is a port by its name."""
    written = connection.peers[index] if index > 0 else None
    if written is None or written.ports is not None:
        return
    before = connection.peers[index - 1]
    if before.ports is None or written.peer.span.text != word:
        return
    ports = f":[{', '.join((*map(port_text, before.ports), word))}]"
    first, last = placed(before.peer.span, origin), placed(written.span, origin)
    yield Diagnostic(
        rule=EVERYDAY_WORD,
        message=f"`{word}` is treated as a service, not as {_PORT.what}",
        label=Label(last, label),
        help=f"{_PORT.advice}: write `{ports}`; or declare the service",
        fixes=(Fix(span=first.file.span(first.end, last.end), replacement=ports),),
    )


def _words_elsewhere(origin: Origin, index: int) -> Iterator[Diagnostic]:
    """The everyday word in a peer of a namespace of which nothing else is known."""
    connection = written_connection(origin)
    peer = (
        connection.peers[index].peer if connection and 0 <= index < len(connection.peers) else None
    )
    if not isinstance(peer, PodPeer) or not isinstance(peer.namespaces, Name):
        return
    name, place = peer.namespaces.text, placed(peer.span, origin)
    if name in _EVERY_NAMESPACE:
        yield word_for_every(
            f"`{name}` is treated as the name of a namespace, not as every namespace",
            Label(place, f"selects pods of a namespace called `{name}`"),
            pod_peer_text(replace(peer, namespaces=Star())),
        )
    elif isinstance(peer.pods, Name) and _meaning(peer.pods.text) is _EVERYBODY:
        instead, label = pod_peer_text(replace(peer, pods=None)), f"a service of namespace `{name}`"
        yield _finding(peer.pods.text, _EVERYBODY, place, label, instead)
