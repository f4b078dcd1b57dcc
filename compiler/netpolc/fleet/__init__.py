"""Many clusters at once: each is a task, and equal answers are given once."""
