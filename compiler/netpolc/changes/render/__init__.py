"""A difference for people and for programs."""
