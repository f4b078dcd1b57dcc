"""The steps between the representations, one module each; none imports another."""
