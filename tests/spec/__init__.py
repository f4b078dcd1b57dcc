"""The specification of the language, as pages that are run."""
