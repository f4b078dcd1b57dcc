"""Two independent readings, of NetworkPolicy and of the language; nothing here imports netpolc."""
