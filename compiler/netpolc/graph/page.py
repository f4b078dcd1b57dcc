"""A page that is one file: style and script inside, by their digests, and no request to anywhere."""

import base64
import hashlib
from functools import cache
from html import escape
from importlib.resources import files


@cache
def package_text(package: str, name: str) -> str:
    """A style or script that is a file of a package."""
    return files(package).joinpath(name).read_text("utf-8")


def page(title: str, style: str, script: str, body: str) -> str:
    """The page; `body` is safe HTML, which may have blocks of data, and the title any text."""
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}';"
        " base-uri 'none'; form-action 'none'"
    )
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<style>{style}</style>
</head>
<body>
{body}
<script>{script}</script>
</body>
</html>
"""


def _digest(text: str) -> str:
    """The digest of an element's text by which a Content-Security-Policy permits it."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
