"""The difference between two states: connections newly permitted, and no longer permitted."""
