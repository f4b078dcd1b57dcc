"""Tiers held against the evaluator of kube-network-policies."""
