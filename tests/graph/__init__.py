"""Tests of graphs: what they show, what they fold, and that names stay text in every format."""
