"""Sphinx's settings for the site; `assemble.py` writes the pages that it builds from."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from intent_lexer import IntentLexer
from sphinx.application import Sphinx

from netpolc.version import __version__

project = "netpolc"
release = version = __version__
copyright = "the netpolc authors, Apache-2.0"  # noqa: A001 - Sphinx's name
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "substitution"]
_PLAYGROUND = (Path(__file__).parent / "playground" / "dist" / "index.html").exists()
myst_substitutions = {
    "playground": '<a href="playground/index.html">Try it in the browser</a>'
    if _PLAYGROUND
    else "Try it in the browser (`make playground`)"
}
myst_heading_anchors = 4
nitpicky = True
highlight_language = "none"
# A language that Pygments does not know, or a log with quotes in it, costs only colours.
suppress_warnings = ["misc.highlighting_failure"]
html_theme = "furo"
html_title = "netpolc"
html_static_path = [str(Path(__file__).parent / "_static")]
html_css_files = ["site.css"]
html_show_sphinx = False
html_copy_source = False
html_theme_options: dict[str, object] = {"footer_icons": [], "top_of_page_buttons": []}


def setup(app: Sphinx) -> None:
    """Highlight the code blocks of intents."""
    app.add_lexer("intent", IntentLexer)
