"""Everything that shows netpolc to be right."""
