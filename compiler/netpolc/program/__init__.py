"""Programs: intents with every name resolved and every default made explicit."""
