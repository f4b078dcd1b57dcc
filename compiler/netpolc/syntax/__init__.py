"""Intent files as text: the tree, the parser and the formatter."""
