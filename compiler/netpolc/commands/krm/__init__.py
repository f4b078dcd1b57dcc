"""The compiler as a KRM function, for kustomize and kpt."""
