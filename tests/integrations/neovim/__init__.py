"""Neovim with the settings in `integrations/neovim`: `make test-editor`."""
