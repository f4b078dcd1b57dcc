"""Text for people, on a machine that takes commands from what it logs.

A GitHub runner obeys a line that begins with `::` after any blanks (a carriage return ends a
line too), and `##[…]` anywhere
in a line (its documentation, "Workflow commands for GitHub Actions"; the older form is
Azure's too, and TeamCity's). An excerpt of a file or a line of a diff could hold either, so there they get
a backslash. Elsewhere they are text like any other, and stay.
"""

import re
from collections.abc import Mapping

_RUNNERS = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
_AT_THE_BEGINNING = r"(?m)((?:^|\r)[^\S\r\n]*+)(?=::)"
_ANYWHERE = r"##(?=\w*\[)"


def inert(text: str, environment: Mapping[str, str]) -> str:
    """A text of many lines, none a command where the environment is that of a runner."""
    if not any(map(environment.get, _RUNNERS)):
        return text
    return re.sub(_ANYWHERE, r"##\\", re.sub(_AT_THE_BEGINNING, r"\1\\", text))
