"""What people are shown: one page for each kind of finding."""
