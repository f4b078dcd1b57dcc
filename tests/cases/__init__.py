"""Golden cases; each folder is one."""
