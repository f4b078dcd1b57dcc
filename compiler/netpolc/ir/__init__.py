"""The intermediate representation: what policies mean, wherever they came from."""
