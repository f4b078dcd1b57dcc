"""NetworkPolicies held against the code of the API server."""
