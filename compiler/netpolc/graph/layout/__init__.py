"""A layered layout: columns of nodes from sender to receiver, namespaces as boxes."""

from netpolc.graph.layout.drawing import Drawing, Frame, Loop, Route, Spot, Tag
from netpolc.graph.layout.layout import LONGEST_TITLE, layout

__all__ = ["LONGEST_TITLE", "Drawing", "Frame", "Loop", "Route", "Spot", "Tag", "layout"]
