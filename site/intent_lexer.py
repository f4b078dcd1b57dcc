"""Colours for intents in the pages of the site."""

from typing import ClassVar

from pygments.lexer import RegexLexer, bygroups
from pygments.token import (
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
)

_WORD = r"[A-Za-z0-9_](?:[A-Za-z0-9_./]|-(?!>))*"
_Rule = tuple[object, ...]


class IntentLexer(RegexLexer):  # type: ignore[misc]  # Pygments has no types
    """The intent language, as Pygments reads it: coarser than the parser, and never wrong to read."""

    name = "intent"
    aliases: ClassVar[list[str]] = ["intent"]
    filenames: ClassVar[list[str]] = ["*.intent"]
    tokens: ClassVar[dict[str, list[_Rule]]] = {
        "root": [
            (r"#.*", Comment.Single),
            (r"[ \t\r\n]+", Text),
            (r"(namespace)([ \t]+)(\S+)", bygroups(Keyword.Declaration, Text, Name.Namespace)),
            (
                r"(default|baseline|label|dns|mirror|pods|services|nodes|blocks)([ \t]*)(:)",
                bygroups(Keyword.Declaration, Text, Punctuation),
            ),
            (r"(?:cluster|service|group)\b(?![.-])", Keyword.Declaration),
            (r"(?:never|always|only|enforce)\b(?![.-])", Keyword),
            (r"<-|->", Operator.Word),
            (r"(ns)([ \t]+)([A-Za-z0-9-]+)", bygroups(Keyword, Text, Name.Namespace)),
            (r"(?:ns|in|notin|except|until|because)\b(?![.-])", Keyword),
            (r"(?:any|internet|none|deny|allow|ingress|egress|yes|no)\b(?![.-])", Keyword.Constant),
            (r"[0-9A-Fa-f.:]+/[0-9]+", Number),
            (rf"(:)(\*(?:/\w+)?|{_WORD})", bygroups(Punctuation, Number)),
            (r'"(?:[^"\\\n]|\\.)*"', String),
            (_WORD, Name),
            (r"[=!]+", Operator),
            (r".", Punctuation),
        ],
    }
