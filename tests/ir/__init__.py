"""The intermediate representation: its constructors, checks and JSON form."""
