"""The width of text. Names use a monospaced font, whose characters are all 0.6 em wide."""

from netpolc.diagnostics.render.escape import width

NAME_SIZE, PORT_SIZE = 12.0, 10.5
LINE = 16.0
_EM = 0.605


def name_width(text: str) -> float:
    """The width of a name."""
    return width(text) * NAME_SIZE * _EM


def port_width(text: str) -> float:
    """The width of ports on an edge."""
    return width(text) * PORT_SIZE * _EM
