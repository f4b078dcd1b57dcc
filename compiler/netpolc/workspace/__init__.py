"""The only part that touches the world: files in, files out, and the order of the passes."""
