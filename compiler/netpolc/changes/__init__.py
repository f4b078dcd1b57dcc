"""What a change permits that was not permitted before, and what it no longer permits."""
