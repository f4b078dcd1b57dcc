"""Reports: what they say, and that names stay text in them."""
