"""Tests of beginning with intents."""
