"""Helix with the settings in `integrations/helix`: `make test-editor`."""
