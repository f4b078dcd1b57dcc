"""Input that nobody would write, in large numbers."""
