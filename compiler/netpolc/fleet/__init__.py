"""Many clusters at once: each is a task, and equal answers are told once."""
