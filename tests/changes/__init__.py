"""What a change permits: its data and its forms."""
