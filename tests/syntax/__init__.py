"""Tests of the parser, the formatter and what they say about bad input."""
