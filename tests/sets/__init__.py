"""Tests of the value algebra."""
