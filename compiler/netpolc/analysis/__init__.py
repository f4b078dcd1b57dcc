"""Questions about policies, answered exactly, over everything that could exist."""
