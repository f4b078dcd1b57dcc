"""Organisations with one thing in an unusual number: what `odd_shapes.py` measures.

Each shape is a function of a size to the files of an organisation, with a command about them.
"""

from shapes import arrows, flows, manifests, namespaces, questions
from shapes.shape import SHAPES, Shape

__all__ = ["SHAPES", "Shape", "arrows", "flows", "manifests", "namespaces", "questions"]
