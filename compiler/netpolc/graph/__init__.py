"""A picture of who may reach whom: nodes and edges, folded, and written in several formats."""
