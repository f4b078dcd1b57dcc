"""The compiler as a KRM function: ResourceLists in and out."""
