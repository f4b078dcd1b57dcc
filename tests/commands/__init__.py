"""Tests of `netpolc.commands`: what the commands do, without their output."""
