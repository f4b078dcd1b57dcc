"""A small shop: its manifests, and a log of its traffic."""
