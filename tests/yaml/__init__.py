"""Tests of `netpolc.yaml`."""
