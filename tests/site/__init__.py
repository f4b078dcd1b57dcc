"""The site: its pages come from the repository and link to each other."""
