"""A report for the auditor: what is permitted and why, as a page, Markdown, CSV or JSON."""
