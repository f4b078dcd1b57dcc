"""What stands in integrations/, run as its users would run it."""
