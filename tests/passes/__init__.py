"""Tests of the single passes."""
