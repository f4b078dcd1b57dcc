"""The only IO: sources, git, netpolc.toml and the output folder."""
