"""Tests of `netpolc.flowlogs`."""
