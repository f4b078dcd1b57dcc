"""Pages in a real browser: no request, no error, every interaction, and nothing that axe-core finds."""
