"""Tests of the language server; they need the extra `netpolc[lsp]`, and a client for it."""
