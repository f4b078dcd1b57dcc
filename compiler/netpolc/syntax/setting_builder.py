"""Settings: `default:`, `baseline:`, `label:`, `dns:`, `mirror:`, `blocks:` and lists of addresses.

The grammar accepts any word as the value of a setting. A word that the setting does not know is
refused here, and the finding lists the words that it knows.
"""

from collections.abc import Callable
from typing import TypeAlias

from netpolc.diagnostics import Fix
from netpolc.diagnostics.spelling import nearest
from netpolc.kube.peers import BlockScope
from netpolc.source import Span
from netpolc.syntax import literals, rules
from netpolc.syntax.keywords import OFF, SWITCHES, SYNONYMS, quoted
from netpolc.syntax.literals import refused
from netpolc.syntax.parts import Name, PeerPorts, PodPeer
from netpolc.syntax.peer_builder import PeerBuilder, in_turn, rule_in, rules_in, tokens_in
from netpolc.syntax.shape_table import Plan
from netpolc.syntax.tokens import Tokens
from netpolc.syntax.tree import (
    AddressSetting,
    BaselineSetting,
    BlocksSetting,
    Comments,
    DefaultSetting,
    DnsSetting,
    LabelSetting,
    MirrorSetting,
    Node,
    Setting,
)

Build: TypeAlias = Callable[[Tokens, Comments], Node]
"""Makes the node of every line of a shape; raises `Refused` where the line is wrong."""

_DIRECTIONS = ("ingress", "egress")
_BOTH = {"all", "any", "both", "everything"}


class SettingBuilder(PeerBuilder):
    """Makes the functions for settings, each rule of the grammar by the method of its name."""

    def _default(self, plan: Plan) -> Build:
        places = [2 * number + 1 for number in tokens_in(plan)]

        def build(tokens: Tokens, comments: Comments) -> Node:
            verb, *directions = [tokens.pieces[place] for place in places]
            spans = [tokens.span(place) for place in places]
            _check_word(verb, ("deny", "allow"), "default", spans[0])
            _check_directions("default", directions, spans[1:])
            if verb == "allow" and directions:
                raise refused(
                    rules.INVALID_SETTING,
                    spans[1],
                    "`default: allow` is about both directions",
                    "no direction can follow",
                    "write `default: allow`; to open one direction alone, an arrow: `* -> any`",
                )
            return DefaultSetting(
                deny=verb == "deny",
                ingress="ingress" in directions,
                egress="egress" in directions,
                span=tokens.place,
                comments=comments,
            )

        return build

    def _baseline(self, plan: Plan) -> Build:
        places = [2 * number + 1 for number in tokens_in(plan)]

        def build(tokens: Tokens, comments: Comments) -> Node:
            verb, *directions = [tokens.pieces[place] for place in places]
            spans = [tokens.span(place) for place in places]
            _check_word(verb, ("deny",), "baseline", spans[0])
            _check_directions("baseline", directions, spans[1:])
            return BaselineSetting(
                ingress="ingress" in directions,
                egress="egress" in directions,
                span=tokens.place,
                comments=comments,
            )

        return build

    def _label(self, plan: Plan) -> Build:
        key = self.name(tokens_in(plan)[0], literals.label_key)
        return lambda tokens, comments: LabelSetting(
            key=key(tokens), span=tokens.place, comments=comments
        )

    def _dns(self, plan: Plan) -> Build:
        make_peers = self.peers(rule_in(plan, 1))

        def build(tokens: Tokens, comments: Comments) -> Node:
            peers = make_peers(tokens)
            if len(peers) == 1:
                _check_is_peer(peers[0])
            return DnsSetting(peers=peers, span=tokens.place, comments=comments)

        return build

    def _mirror(self, plan: Plan) -> Build:
        place = 2 * plan[2] + 1

        def build(tokens: Tokens, comments: Comments) -> Node:
            word = tokens.pieces[place]
            _check_word(word, ("yes", "no"), "mirror", tokens.span(place))
            return MirrorSetting(mirror=word == "yes", span=tokens.place, comments=comments)

        return build

    def _blocks(self, plan: Plan) -> Build:
        place = 2 * plan[2] + 1
        scopes = {scope.value: scope for scope in BlockScope}

        def build(tokens: Tokens, comments: Comments) -> Node:
            word = tokens.pieces[place]
            _check_word(word, tuple(scopes), "blocks", tokens.span(place))
            return BlocksSetting(scope=scopes[word], span=tokens.place, comments=comments)

        return build

    def _addresses(self, plan: Plan) -> Build:
        setting = Setting(self.kinds[plan[1]])
        blocks = in_turn([self.block(part) for part in rules_in(plan)])
        return lambda tokens, comments: AddressSetting(
            setting=setting, blocks=blocks(tokens), span=tokens.place, comments=comments
        )


def _check_directions(setting: str, directions: list[str], spans: list[Span]) -> None:
    """Refuse words after a setting's verb that are not directions, or appear twice."""
    for index, word in enumerate(directions):
        if word.lower() in _BOTH and len(directions) == 1:
            raise refused(
                rules.INVALID_SETTING,
                spans[index],
                f"`{word}` is not a value of `{setting}`",
                "expected `ingress` or `egress`",
                "write `ingress egress` for both directions",
                (Fix(span=spans[index], replacement="ingress egress", safe=True),),
            )
        _check_word(word, _DIRECTIONS, setting, spans[index])
        if word in directions[:index]:
            raise refused(
                rules.INVALID_SETTING,
                spans[index],
                f"`{word}` appears twice",
                "the second one",
                "write it once",
            )


def _check_is_peer(written: PeerPorts) -> None:
    """Refuse a word for on or off as the only peer of `dns:`; in quotes or with ports it is a name."""
    peer = written.peer
    if not isinstance(peer, PodPeer) or not isinstance(peer.pods, Name):
        return
    if peer.namespaces is not None or written.ports is not None:
        return
    word = peer.pods.text
    if word not in SWITCHES or peer.pods.span.text != word:
        return
    is_off = SYNONYMS.get(word, word) in OFF
    advice = "write `none`" if is_off else "remove the line: `dns` is permitted unless it is `none`"
    raise refused(
        rules.INVALID_SETTING,
        peer.span,
        f"`{word}` is not a value of `dns`",
        "expected peers or `none`",
        f"{advice}; for a service or group of this name, write `{quoted(word)}`",
        (Fix(span=written.span, replacement="none"),) if is_off else (),
    )


def _check_word(word: str, allowed: tuple[str, ...], setting: str, span: Span) -> None:
    """Refuse a value that the setting does not allow."""
    if word in allowed:
        return
    meant = nearest(word, allowed) or SYNONYMS.get(word.lower())
    meant = meant if meant in allowed else None
    choice = " or ".join(f"`{value}`" for value in allowed)
    raise refused(
        rules.INVALID_SETTING,
        span,
        f"`{word}` is not a value of `{setting}`",
        f"expected {choice}",
        f"write `{meant}`" if meant else f"write {choice}",
        (Fix(span=span, replacement=meant),) if meant else (),
    )
