"""Manifests and the intents that they become."""
