"""The command line: arguments in, findings and a summary out. One command a file."""
