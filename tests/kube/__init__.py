"""Tests of Kubernetes vocabulary."""
