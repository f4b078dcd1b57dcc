"""Comments in configuration files and scripts, whatever their language.

A program does not read them, so an address in a comment is not evidence of a connection.
The form of a ConfigMap's text is not known; so what begins like a comment in any of the
usual languages is one: `#`, `//`, `;` and `-- ` at the start of a line, `#` and `//` between
blanks, and the blocks of C, XML and Lua. Forms that mean something else in other files count
only where the name of the file says that they are comments. Nothing in a string begins a comment.
"""

import re

_STRING = r"""(?<!\\)"(?:[^"\\\n]|\\[^\n])*+"|(?<!\w)'[^'\n]*+'(?!\w)"""
_BLOCKS = {"<!--": "-->", "/*": "*/", "--[[": "]]"}
# After a letter or a path, `/*` is a pattern: `/api/*`.
_BLOCK = r"<!--|(?<![\w/*.-])/\*|--\[\["
_LINE = r"^[^\S\n]*+(?:#|//|;|-- )|(?<=[ \t])(?:#|//) "
_JSON_KEY = r'"(?://|[$_]{1,2}(?i:comments?)(?![A-Za-z]))[^"\\\n]*+"\s*+:\s*+'
"""A key of JSON whose value is a comment: `"//"`, `"_comment"`, `"$comment"`."""
_PART_OF_VALUE = re.compile(
    rf"(?P<string>{_STRING})|(?P<comment>//[^\n]*+)|(?P<open>[\[{{])|(?P<close>[\]}}])|,"
)


def _tokens(line: str = "(?!)", key: str = "(?!)") -> str:
    """A pattern of strings and comments, with further beginnings of comments up to the end of a line."""
    comments = rf"(?P<block>{_BLOCK})|(?P<line>(?:{_LINE}|{line})[^\n]*+)"
    return rf"(?m)(?P<key>{key})|(?P<string>{_STRING})|{comments}"


_OF_ANY_FILE = re.compile(_tokens())
_HASH = re.compile(_tokens(r"(?<=[ \t])#"))
_BATCH = re.compile(_tokens(r"^[ \t]*+(?i:@?rem\b|::)"))
_JSON = re.compile(
    _tokens(r"(?<!\w:)(?<!/)//", _JSON_KEY)
)  # Not in a URL without quotes, which other forms have.
_OF_FILES = {
    **dict.fromkeys(("env", "hcl", "py", "rb", "sh", "tf", "toml", "yaml", "yml"), _HASH),
    **dict.fromkeys(("bat", "cmd"), _BATCH),
    **dict.fromkeys(("json", "json5", "jsonc"), _JSON),
    "ini": re.compile(_tokens(r"(?<=[ \t]);")),
    "properties": re.compile(_tokens(r"^[ \t]*+!")),
}
"""Strings and comments by the ending of a file's name."""


def config_comments(text: str, name: str = "") -> list[tuple[int, int]]:
    """The comments in a text, each from its first character to the one after its last, in order.

    Args:
        text: the text of a file.
        name: the name of the file, where the text has one.
    """
    comments: list[tuple[int, int]] = []
    last = {first: text.rfind(end) for first, end in _BLOCKS.items()}
    place, tokens = 0, _tokens_of(text, name)
    while (token := tokens.search(text, place)) is not None:
        place = token.end()
        match token.lastgroup:
            case "string":
                continue
            case "block":
                if last[token[0]] < place:
                    continue
                end = _BLOCKS[token[0]]
                place = text.find(end, place) + len(end)
            case "key":
                place = _end_of_value(text, place)
        comments.append((token.start(), place))
    return comments


def _tokens_of(text: str, name: str) -> re.Pattern[str]:
    """The pattern for a file by its name; a text in braces without an ending in its name is JSON."""
    _, dot, ending = name.lower().rpartition(".")
    stripped = text.strip()
    if not dot and stripped[:1] + stripped[-1:] in {"{}", "[]"}:
        return _JSON
    return _OF_FILES.get(ending, _OF_ANY_FILE)


def _end_of_value(text: str, place: int) -> int:
    """The end of the value of JSON that begins at a place."""
    depth = 0
    for part in _PART_OF_VALUE.finditer(text, place):
        match part.lastgroup:
            case "open":
                depth += 1
            case "close" if depth == 0:
                return part.start()
            case "close":
                depth -= 1
                if depth == 0:
                    return part.end()
            case None if depth == 0:
                return part.start()
    return len(text)
