"""One module per command, with the command's name: what it does, without printing it."""
