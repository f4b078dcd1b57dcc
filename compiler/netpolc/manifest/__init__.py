"""NetworkPolicy as the Kubernetes API has it, and its YAML."""
