"""The grammar of the intent language, its schemas and its reference, as package data."""
