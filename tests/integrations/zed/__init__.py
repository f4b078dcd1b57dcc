"""The extension for Zed in `integrations/zed`, built and called as Zed does: `make test-editor`."""
