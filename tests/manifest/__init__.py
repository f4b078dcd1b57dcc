"""NetworkPolicy and its YAML."""
