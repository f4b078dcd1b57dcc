"""YAML text and nodes with their positions; nothing here knows Kubernetes."""
