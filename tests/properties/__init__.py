"""Laws that hold for every program, tried on random ones."""
