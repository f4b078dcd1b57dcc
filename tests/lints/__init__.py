"""Tests of the lints, one table a lint."""
