"""Sources, layouts, the output folder, netpolc.toml and the pipeline, on real folders."""
