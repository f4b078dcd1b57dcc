"""The language server: features of `ide` in the terms of the protocol, and nothing else."""
