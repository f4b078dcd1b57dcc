"""The Kubernetes words that all stages share: names, selectors, ports and address blocks."""
