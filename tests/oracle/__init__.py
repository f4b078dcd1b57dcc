"""Cases whose expectations nobody on this project wrote."""
